"""What it would have cost at most, by list prices of us-east-1, and by what docs/performance.md has measured of an event and of a fix.

https://aws.amazon.com/lambda/pricing/, https://aws.amazon.com/dynamodb/pricing/on-demand/, https://aws.amazon.com/sns/pricing/. EventBridge asks nothing for
events of AWS's own services. Not counted: what is free, logs (0.50 USD per GB, about 1 KB an event), what SNS asks for e-mail (2 USD per 100,000), and the
trail itself.
"""

from typing import Final

A_MILLION: Final = 1_000_000

REQUEST: Final = 0.20 / A_MILLION
"""USD for an invocation."""
GB_SECOND: Final = 0.0000166667
WRITE_UNIT: Final = 0.625 / A_MILLION
READ_UNIT: Final = 0.125 / A_MILLION
PUBLISH: Final = 0.50 / A_MILLION

GB_SECONDS_AT_MOST: Final = 0.41
"""Of an invocation that begins cold and makes a fix (docs/performance.md): most are warm, and make none."""
WRITE_UNITS_OF_A_CHANGE: Final = 18
READ_UNITS_OF_A_LOOK: Final = 1


def at_most(*, invocations: int, ends: int, messages: int) -> float:
    """Return USD. `ends`: of a resource each, put right, told, held or contested: each of them is written down in the journal, a change most often."""
    each = REQUEST + GB_SECONDS_AT_MOST * GB_SECOND + READ_UNITS_OF_A_LOOK * READ_UNIT
    return invocations * each + ends * WRITE_UNITS_OF_A_CHANGE * WRITE_UNIT + messages * PUBLISH
