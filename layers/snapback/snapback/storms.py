"""Telling a storm: the alerts of a remediation that were put off, as one.

They wait in a queue from which Lambda takes them some minutes later, up to ten thousand at once, so nothing of Snapback's runs while there is no storm.
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from snapback import alerts, clock
from snapback.names import shown
from snapback.outcomes import SEVERITY, Outcome

Alert = Mapping[str, Any]
"""An alert's JSON for programs (docs/alert.schema.json)."""

_MOST_LINES = 100
_LONGEST_NAME = 100
"""Alerts that are spelled out, and characters of a name: three forms of the digest go into one message, which may have 256 KB. The log has all of it."""


def tell(waiting: Iterable[Alert]) -> None:
    """Publish one alert for each remediation that these are of. Raises what SNS raises: then the queue keeps them all."""
    by_remediation: dict[tuple[str, str], list[Alert]] = {}
    for alert in waiting:
        by_remediation.setdefault((alert["remediation"], alert["region"]), []).append(alert)
    for together in by_remediation.values():
        _tell(list({(alert["id"], alert["outcome"], alert["resource"]["name"]): alert for alert in together}.values()))


def _tell(told: Sequence[Alert]) -> None:
    first = told[0]
    urgent_first = sorted(told, key=lambda alert: (alert["severity"] != "high", alert["outcome"], alert["told_at"]))
    counts = ", ".join(f"{number} {outcome}" for outcome, number in Counter(alert["outcome"] for alert in urgent_first).items())
    lines = [
        {"outcome": alert["outcome"], "resource": shown(alert["resource"]["name"], _LONGEST_NAME), "id": alert["id"], "at": alert["told_at"]}
        for alert in urgent_first[:_MOST_LINES]
    ]
    undo = next((alert for alert in urgent_first if "undo" in alert["commands"]), None)
    times = sorted(alert["told_at"] for alert in told)
    facts = {
        **first,
        "id": "",
        "outcome": Outcome.DIGEST.value,
        "severity": "high" if any(alert["severity"] == "high" for alert in told) else SEVERITY[Outcome.FIXED],
        "resource": {"type": first["resource"]["type"], "name": f"{len({alert['resource']['name'] for alert in told})} resources"},
        "heard": {"from": f"{len(told)} events", "event": "", "at": ""},
        "told_at": alerts.utc(clock.now()),
        "actor": None,
        "stack": None,
        "reason": f"{counts}; from {times[0]} to {times[-1]}",
        "before": lines,
        "before_count": len(told),
        "left": [],
        "after": None,
        "calls": [],
        "calls_count": 0,
        "commands": {"undo": undo["commands"]["undo"].replace(undo["id"], "AN ID FROM ABOVE")} if undo else {},
    }
    where = f"{first['account']} {first['region']}".strip()
    alerts.publish(f"[Snapback] DIGEST {first['remediation']} {counts} in {where}"[: alerts.LONGEST_SUBJECT], _text(facts), facts)


def _text(facts: Alert) -> str:
    where = f" in account {facts['account']}, {facts['region']}" if facts["account"] else ""
    rows = [f"  {line['outcome']:<11} {line['id'] or '-':<19} {line['at'][11:]}  {line['resource']}" for line in facts["before"]]
    more = facts["before_count"] - len(rows)
    parts = [
        f"So much happened at once that it is told together.\n{facts['resource']['name']}{where}\n{facts['remediation']}: {facts['summary']}",
        f"HOW IT ENDED\n  {facts['reason']}",
        "ONE BY ONE, WHAT NEEDS A PERSON FIRST\n" + "\n".join([*rows, *([f"  ... and {more} more; the log has them all"] if more else [])]),
        *([f"TAKE ONE BACK\n  {facts['commands']['undo']}"] if facts["commands"] else []),
        f"LOOK THEM UP\n  their ids in the journal table; told at {facts['told_at']}",
    ]
    return "\n\n".join(parts) + "\n"
