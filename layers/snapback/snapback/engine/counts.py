"""How often something happened: what is told only if it happens often, what somebody did besides, and whether there is a storm.

COUNT#<what>            the latest of what is counted, and the burst that people know of
ALERTS#<remediation>    when people were last told of what the remediation did not fix: past a few at once, a storm
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from snapback.engine import clock, refusals, rows, settings
from snapback.engine.clients import platform
from snapback.engine.errors import ResourceBusy

STORM = 600
"""Seconds. STORM_AFTER alerts of a remediation within them are a storm: what is more is told together (docs/adr/0006-storms.md)."""
_MOST_DEEDS = 20
"""Of what an identity did, so many are kept: what comes after them says enough."""


def is_burst(what: str, event: str, *, number: int, seconds: float) -> bool:
    """Count one more event; tell whether with it there were so many within so many seconds, and people do not know of the burst yet.

    A burst is over when for so many seconds there were not so many. The same event is counted once, and gives the same answer however often it comes.
    Only the latest `number` are kept, so nothing grows.
    """
    for wait in rows.COUNTING:
        clock.pause(wait)
        row = rows.row(f"COUNT#{what}")
        kept: dict[str, Any] = json.loads(row["count"]["S"]) if row else {"latest": [], "told": "", "over": 0}
        known = bool(event == kept["told"])
        if known or event in [one for one, _ in kept["latest"]]:
            return known
        now = rows.now()
        kept["latest"] = [*kept["latest"], [event, now]][-number:]
        often = len(kept["latest"]) == number and kept["latest"][0][1] > now - seconds
        told = often and kept["over"] <= now
        kept |= {"told": event if told else kept["told"], "over": now + seconds if often else kept["over"]}
        if _count(what, row, kept, seconds):
            return told
    raise ResourceBusy(f"too many events at once to count {what}")


def deeds(who: str, event: str, what: str, *, seconds: float) -> list[str]:
    """Note what somebody did, and return what they did besides within so many seconds, the oldest first: of that which was noted the latest.

    The same event is noted once, however often it comes.
    """
    name = f"deeds {hashlib.sha256(who.encode()).hexdigest()[:32]}"
    for wait in rows.COUNTING:
        clock.pause(wait)
        row = rows.row(f"COUNT#{name}")
        kept: list[list[Any]] = json.loads(row["count"]["S"])["deeds"] if row else []
        recent = [one for one in kept if one[1] > rows.now() - seconds]
        others = list(dict.fromkeys(said for of, _, said in recent if of != event))
        if any(of == event for of, _, _ in kept) or _count(name, row, {"deeds": [*recent, [event, rows.now(), what]][-_MOST_DEEDS:]}, seconds):
            return others
    raise ResourceBusy("too many events at once to note what the same identity did")


def _count(what: str, row: Mapping[str, Any], kept: Mapping[str, Any], seconds: float) -> bool:
    """Write the count down, unless another invocation has counted since the row was read."""
    unchanged: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(pk)"}
    if row:
        names, values = {"#count": "count"}, {":seen": row["count"]}
        unchanged = {"ConditionExpression": "#count = :seen", "ExpressionAttributeNames": names, "ExpressionAttributeValues": values}
    item = {**rows.key(f"COUNT#{what}"), "count": {"S": json.dumps(kept)}, "expires": rows.as_number(int(rows.now() + seconds + 2 * clock.DAY))}
    try:
        platform("dynamodb").put_item(TableName=rows.table(), Item=item, **unchanged)
    except ClientError as error:
        if refusals.code_of(error) != "ConditionalCheckFailedException":
            raise
        return False
    return True


def is_storm(remediation: str) -> bool:
    """Count one more alert that no claim has counted; tell whether it is to be told together with others."""
    now = rows.now()
    one_more = rows.one_more(settings.number("STORM_AFTER"), now, within=STORM)
    mark = rows.mark()
    one_more["UpdateExpression"] += ", mark = :mark"
    one_more["ExpressionAttributeValues"][":mark"] = mark
    try:
        platform("dynamodb").update_item(
            TableName=rows.table(), Key=rows.key(f"ALERTS#{remediation}"), ReturnValuesOnConditionCheckFailure="ALL_OLD", **one_more
        )
    except ClientError as error:
        if refusals.code_of(error) != "ConditionalCheckFailedException":
            raise
        return not rows.is_own(error, mark)
    return False
