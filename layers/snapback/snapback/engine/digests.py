"""Digests: the alerts of a remediation that were put off in a storm, told as one. Which ones are put off, `storms` decides.

They wait in the journal, and their ids in a queue from which Lambda takes them some minutes later, up to ten thousand at once, so nothing of Snapback's runs
while there is no storm. https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
The queue is trusted with nothing: a message that does not name an alert in the journal is logged, counted (an alarm tells of it) and taken off, and what cannot
be told at this moment stays in the queue by itself.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from snapback.engine import alerts, controls, links, notices, severities, wording
from snapback.engine.names import shown
from snapback.engine.outcomes import NEEDS_PERSON, Outcome

logger = Logger(service="snapback")

Alert = Mapping[str, Any]
"""An alert's JSON for programs (docs/alert.schema.json), as far as `notices.put_off` keeps it."""

FORGED = "FORGED"
"""What stands in the log for each message that is not of Snapback's making; template.yaml counts it."""

_OF_ALL = {"release": "RELEASE, once you have looked: handles all that is held"}
_OF_ONE = {
    "undo": "UNDO ONE",
    "apply": "APPLY ONE (makes exactly the calls that were shown, if the resource is still as shown)",
}
_TITLES = {**_OF_ALL, **_OF_ONE}
"""Commands of a digest. What is for all stands before the list, which may be long; what takes an id of the list stands after it."""

_MOST_LINES = 100
_LONGEST_NAME = 100
_LONGEST_REASON = 200
"""Alerts that are spelled out, and characters of a name and of what stays.

Three forms of the digest go into one message, which may have 256 KB. The log has all of it.
"""


def notify(messages: Iterable[Mapping[str, Any]]) -> list[str]:
    """Publish one alert for each remediation that the messages are of; return the ids of the messages that are to stay in the queue.

    `messages` are SQS's records. Raises what DynamoDB raises: then the queue keeps them all.
    """
    named = {message["messageId"]: _alert_named_in(message.get("body")) for message in messages}
    found = notices.put_off_until_now(sorted({waiting for waiting in named.values() if waiting}))
    by_remediation: dict[tuple[str, str], dict[str, Alert]] = {}
    for message, waiting in named.items():
        if waiting in found:
            alert = found[waiting]
            by_remediation.setdefault((alert["remediation"], alert["region"]), {})[message] = alert
        else:
            logger.error(FORGED, message_id=message, alert=waiting)
    untold: list[str] = []
    for together in by_remediation.values():
        try:
            _notify(list({(alert["id"], alert["outcome"], alert["resource"]["name"]): alert for alert in together.values()}.values()))
        except (BotoCoreError, ClientError):  # not hidden: they are tried again, and an alarm tells if that lasts
            logger.exception("digest not told")
            untold += together
    return untold


def _alert_named_in(body: object) -> str:
    """Return the id in a message as `alerts.notify` sends it; empty for any other."""
    found = re.fullmatch(r'\{"alert": "(sb-[0-9a-f]{16})"}', body) if isinstance(body, str) else None
    return found[1] if found else ""


def _as_now(alert: Alert) -> Alert:
    """Return an alert that was put off before the update that brought version 2.0, as far as a digest needs it."""
    if "severity_score" in alert:
        return alert
    return {
        **alert,
        "severity_score": severities.SCORES[alert["severity"]],
        "needs_person": alert["outcome"] in NEEDS_PERSON,
        "problem": alert["summary"].removesuffix("."),
        "threat": False,
        "disruptive": alert["disruptive"] == "true",
        **controls.of(alert["remediation"]),
    }


def _notify(put_off: Sequence[Alert]) -> None:
    told = [_as_now(alert) for alert in put_off]
    first = told[0]
    urgent_first = sorted(told, key=lambda alert: (not alert["needs_person"], -alert["severity_score"], alert["outcome"], alert["told_at"]))
    counts = ", ".join(f"{number} {outcome}" for outcome, number in Counter(alert["outcome"] for alert in urgent_first).items())
    lines = [
        {
            "outcome": alert["outcome"],
            "resource": shown(alert["resource"]["name"], _LONGEST_NAME),
            "id": alert["id"],
            "at": alert["told_at"],
            **({"reason": shown(alert["reason"], _LONGEST_REASON)} if wording.something_stays([alert]) else {}),
        }
        for alert in urgent_first[:_MOST_LINES]
    ]
    times = sorted(alert["told_at"] for alert in told)
    score = max(alert["severity_score"] for alert in told)
    facts = alerts.facts_of(
        **{part: first[part] for part in ("remediation", "summary", "service", "disruptive", "account", "region", "controls", "frameworks")},
        outcome=Outcome.DIGEST.value,
        headline=f"{counts} at once{wording.something_stays(told)}",
        problem=first["problem"] if len({alert["problem"] for alert in told}) == 1 else "Several threats were seen",
        severity=severities.word_of(score),
        severity_score=score,
        needs_person=any(alert["needs_person"] for alert in told),
        threat=any(alert["threat"] for alert in told),
        dedup_key=f"{first['account']}/{first['region']}/{first['remediation']}/digest",
        resource={"type": first["resource"]["type"], "name": f"{len({alert['resource']['name'] for alert in told})} resources", "arn": None},
        trigger={"from": f"{len(told)} events", "event": "", "at": None, "cloudtrail_event_id": None, "finding_arn": None},
        reason=". ".join([f"{counts}; from {_utc(times[0])} to {_utc(times[-1])}", *wording.meanings(told)]),
        before=lines,
        before_count=len(told),
        links={"runbook": links.of_runbook(Outcome.DIGEST.value, runbook=alerts.Telling.read().runbook)},
        commands={name: command for name in _TITLES if (command := _command_for_any(name, urgent_first))},
    )
    alerts.publish(facts, wording.subject(facts), _text(facts))


def _command_for_any(name: str, told: Sequence[Alert]) -> str:
    """Return the command of the first alert that offers it, with room for the id of any other if it is for one; nothing if none does."""
    if name == "release":  # whatever it is given for, all that the remediation holds is handled
        return next((alert["commands"][name] for alert in told if name in alert["commands"]), "")
    one = next((alert for alert in told if f'"{alert["id"]}"' in alert["commands"].get(name, "")), None)
    return one["commands"][name].replace(one["id"], wording.ANY_ID) if one else ""


def _utc(moment: str) -> str:
    return alerts.utc(alerts.seconds(moment))


def _text(facts: Alert) -> str:
    account = f"{facts['account_alias']} {facts['account']}".strip()
    where = f"\nin account {account}, {facts['region']}" if account else ""
    needs = "yes" if facts["needs_person"] else "no"
    rows = [
        f"  {line['outcome']} {line['resource']}\n    {line['id'] or '-'} at {line['at'][11:19]}" + (f"\n    {line['reason']}" if "reason" in line else "")
        for line in facts["before"]
    ]
    more = facts["before_count"] - len(rows)
    titled = {name: f"{title}\n  {wording.short(name, facts)}" for name, title in _TITLES.items() if name in facts["commands"]}
    parts = [
        (
            f"{facts['headline']}, told together:\n{facts['problem']}.\n\nSeverity: {facts['severity']}. Needs you: {needs}.\n"
            f"{facts['resource']['name']}{where}\n{facts['remediation']}: {facts['summary']}"
        ),
        f"OUTCOMES\n  {facts['reason']}",
        *([f"DO FIRST\n  {steps}"] if (steps := wording.first_steps(facts)) else []),
        *(titled[name] for name in _OF_ALL if name in titled),
        "EACH RESOURCE (what needs a person first)\n" + "\n".join([*rows, *([f"  ... and {more} more; the log has them all"] if more else [])]),
        *(titled[name] for name in _OF_ONE if name in titled),
        *wording.pages(facts),
        *wording.commands({name: title.capitalize() for name, title in _TITLES.items()}, facts),
        f"REFERENCE\n  their ids in the log, and in the journal what was changed or shown; sent at {_utc(facts['told_at'])}",
    ]
    return "\n\n".join(parts) + "\n"
