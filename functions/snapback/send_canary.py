"""Try in earnest, twice a day, whether Snapback hears and is heard.

Problem: Snapback does not hear, or is not heard. Severity: high.

Why it matters: a trail that is off, a disabled rule, a role that was cut or a topic that is gone makes no sound. Snapback would be silent, and look content.

Opens an administration port on a security group of Snapback's own that nothing uses (in the VPC of the parameter CanaryVpc; none, no canary), waits until it is
closed again and the alert of it has arrived at the topic, and closes it itself if not. Then people are told at once, and because no canary was heard the alarm
`deaf` rings, which also reaches AlarmActions. If Snapback has heard it and told that it is HELD, say, they are told that instead. In preview mode, that the
port would be closed has to be told. A topic of another account cannot be listened to from here: there only the closing counts. `make selftest` does the same.
Nothing here is a fix, so there is nothing to undo.
"""

from typing import Any

from snapback.engine import canary
from snapback.engine.invocation import LambdaContext


def handler(_: object, context: LambdaContext) -> dict[str, Any]:
    """Send it, and return how it went: `{"outcome": "HEARD" or "UNHEARD", "missing": [...], "seconds": 42, "answer": ""}`."""
    return canary.fly(seconds=context.get_remaining_time_in_millis() / 1000)._asdict()
