"""What people were told, what waits for one of them, and what is still to be told.

    NOTICE#<what>                     when people were last told, for alerts that are given once an hour, and what it was about
    EXEMPTED#<remediation>            what exemptions kept from being fixed; beyond a thousand, each in a row of its own, and so for what is held
    STACK#<remediation>#<resource>    that a stack has taken the resource away, and people were asked
    ALERT#<id>                        an alert of a storm, for as long as the queue may hold its id (digests)

A notice is pending until its alert was sent: who comes after one that was cut off tells it.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from snapback.engine import clock, refusals, rows, settings
from snapback.engine.clients import platform
from snapback.engine.errors import ResourceBusy
from snapback.engine.fixes import Fix, fix_id
from snapback.engine.outcomes import Outcome

_MOST_HELD = 1000
"""Resources that one row remembers as held back; beyond that each has a row of its own."""
_HELD_FOR = 14 * clock.DAY
"""Seconds for which it is remembered what waits for a person: as long as dead letters are kept."""
_ASKED_FOR = 400 * clock.DAY
"""Seconds for which it is remembered that a stack took something away; each day on which people are told of it begins them anew."""
_CONTESTED_FOR = 2 * clock.DAY
"""Seconds after the latest refusal in which a contested resource can be released."""
_LONGEST_IN_QUEUE = 14 * clock.DAY
"""Seconds for which a message stays in the queue (template.yaml)."""
_MOST_AT_ONCE = 100
"""Rows that BatchGetItem gives (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html)."""


def put_off(alert: Mapping[str, Any]) -> str:
    """Keep an alert that is to be told with others; return the id under which `put_off_until_now` finds it. The same alert has the same id.

    Kept is what the digest is made of. The queue holds the id alone, so whoever puts messages there cannot make Snapback say anything.
    """
    waiting = fix_id("put off", alert["remediation"], alert["id"], alert["outcome"], alert["resource"]["name"])
    commands = {name: alert["commands"][name] for name in ("release", "undo", "apply") if name in alert["commands"]}
    kept = {**alert, "before": [], "left": [], "calls": [], "after": None, "actor": None, "commands": commands}
    item = {**rows.key(f"ALERT#{waiting}"), "alert": {"S": json.dumps(kept)}, "expires": rows.as_number(int(rows.now() + _LONGEST_IN_QUEUE + 2 * clock.DAY))}
    platform("dynamodb").put_item(TableName=rows.table(), Item=item)
    return waiting


def put_off_until_now(waiting: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """Return the alerts kept under those ids; what is under none of them is missing."""
    found: dict[str, Mapping[str, Any]] = {}
    for start in range(0, len(waiting), _MOST_AT_ONCE):
        asked: Any = {rows.table(): {"Keys": [rows.key(f"ALERT#{one}") for one in waiting[start : start + _MOST_AT_ONCE]], "ConsistentRead": True}}
        for wait in rows.COUNTING:
            clock.pause(wait)
            answer = platform("dynamodb").batch_get_item(RequestItems=asked)
            found |= {row["pk"]["S"].removeprefix("ALERT#"): json.loads(row["alert"]["S"]) for row in answer["Responses"].get(rows.table(), [])}
            if not (asked := answer.get("UnprocessedKeys")):
                break
        else:
            raise ResourceBusy("the journal gives only a part of the alerts that were put off")
    return found


def first_notice(what: str, request: str, resource: str, *, hours: float = 1, lease: float = 60) -> bool:
    """Tell whether people should hear of this now, from the caller: at most once in so many hours. Then `notice_sent` must follow, or `notice_failed`.

    Until then the notice is pending, for at most `lease` seconds: who comes meanwhile leaves it to the caller, and who comes later tells it.
    `resource` is kept with the notice, so that `release` knows what was held back meanwhile.
    """
    now = rows.now()
    notice: dict[str, Any] = {"TableName": rows.table(), "Key": rows.key(f"NOTICE#{what}")}
    mark = rows.mark()
    try:
        platform("dynamodb").update_item(
            **notice,
            UpdateExpression="SET pending = :lease, taken = :now, request_id = :request, mark = :mark, expires = :expires ADD resources :resource",
            ConditionExpression="(attribute_not_exists(noticed) OR noticed < :before) AND "
            "(attribute_not_exists(pending) OR pending < :now OR (request_id = :request AND taken < :retry))",
            ExpressionAttributeValues={
                ":now": rows.as_number(now),
                ":lease": rows.as_number(now + lease),
                ":mark": mark,
                ":request": {"S": request},
                ":before": rows.as_number(now - hours * clock.HOUR),
                ":retry": rows.as_number(now - rows.SOONEST_RETRY),
                ":expires": rows.as_number(int(now + max(_HELD_FOR, hours * clock.HOUR))),
                ":resource": {"SS": [resource]},
            },
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    except ClientError as error:
        if refusals.code_of(error) != "ConditionalCheckFailedException":
            raise
        if rows.is_own(error, mark):
            return True
    else:
        return True
    _add(f"NOTICE#{what}", resource, seconds=max(_HELD_FOR, hours * clock.HOUR))
    return False


def _add(pk: str, resource: str, *, seconds: float) -> None:
    """Add the resource to those that the row names, for so many seconds, and note when that was; one for which there is no room gets a row of its own."""
    values = {":now": rows.as_number(rows.now()), ":expires": rows.as_number(int(rows.now() + seconds))}
    try:
        platform("dynamodb").update_item(
            TableName=rows.table(),
            Key=rows.key(pk),
            UpdateExpression="SET latest = :now, expires = :expires ADD resources :resource",
            ConditionExpression="attribute_not_exists(resources) OR size(resources) < :most",
            ExpressionAttributeValues={**values, ":resource": {"SS": [resource]}, ":most": rows.as_number(_MOST_HELD)},
        )
    except ClientError as error:
        if refusals.code_of(error) != "ConditionalCheckFailedException":
            raise
        platform("dynamodb").update_item(
            TableName=rows.table(), Key=rows.key(f"{pk}#{resource}"), UpdateExpression="SET latest = :now, expires = :expires", ExpressionAttributeValues=values
        )


def left_to_people(fix: Fix) -> str:
    """Say so if people were told, since the fix was begun, that its resource is held or contested; return nothing if they were not."""
    for outcome in (Outcome.CONTESTED, Outcome.HELD):
        if rows.number(rows.row(f"NOTICE#{fix.remediation}#{outcome}#{fix.resource}"), "noticed") >= fix.claimed_at:
            return f"since its first attempt, people were told that it is {outcome.value.lower()}"
    return ""


def notice_sent(what: str) -> None:
    """Note that people were told."""
    platform("dynamodb").update_item(
        TableName=rows.table(),
        Key=rows.key(f"NOTICE#{what}"),
        UpdateExpression="SET noticed = :now REMOVE pending",
        ExpressionAttributeValues={":now": rows.as_number(rows.now())},
    )


def notice_failed(what: str) -> None:
    """Note that people could not be told: whoever comes next is to tell them."""
    platform("dynamodb").update_item(TableName=rows.table(), Key=rows.key(f"NOTICE#{what}"), UpdateExpression="REMOVE pending")


def held(remediation: str) -> list[str]:
    """Return the resources that were held back, and are not handled yet."""
    row = rows.row(f"NOTICE#{remediation}#HELD")
    return sorted(row.get("resources", {}).get("SS", []))


def is_held(remediation: str, resource: str) -> bool:
    """Tell whether the resource was held back, and is not handled yet."""
    return resource in held(remediation) or bool(rows.row(f"NOTICE#{remediation}#HELD#{resource}"))


def is_contested(remediation: str, resource: str) -> bool:
    """Tell whether the resource was lately refused as contested, and nothing was done to it since."""
    notice = rows.row(f"NOTICE#{remediation}#CONTESTED#{resource}")
    seen = max(rows.number(notice, "taken"), rows.number(notice, "latest"))
    return seen > rows.now() - _CONTESTED_FOR and seen > rows.number(rows.row(f"RESOURCE#{remediation}#{resource}"), "released")


def let_through(remediation: str, resource: str) -> None:
    """Note that an exemption kept a problem from being put right: whoever finds the exemption wrong can have it handled."""
    _add(f"EXEMPTED#{remediation}", resource, seconds=settings.number("JOURNAL_DAYS") * clock.DAY)


def was_let_through(remediation: str, resource: str) -> bool:
    """Tell whether an exemption kept a problem of this resource from being put right, and it was not handled since."""
    return resource in all_let_through(remediation) or bool(rows.row(f"EXEMPTED#{remediation}#{resource}"))


def all_let_through(remediation: str) -> list[str]:
    """Return what exemptions kept from being put right, and was not handled since: a thousand at most."""
    return list(rows.row(f"EXEMPTED#{remediation}").get("resources", {}).get("SS", []))


def release(remediation: str, resource: str) -> None:
    """Forget how often the remediation and the resource were fixed this hour: a person has decided that it may go on. What was held is not forgotten."""
    for key in (f"BREAKER#{remediation}", f"BREAKER#{remediation}#preview", f"NOTICE#{remediation}#CONTESTED#{resource}"):
        platform("dynamodb").delete_item(TableName=rows.table(), Key=rows.key(key))
    platform("dynamodb").update_item(
        TableName=rows.table(),
        Key=rows.key(f"NOTICE#{remediation}#HELD"),
        UpdateExpression="SET expires = :expires REMOVE noticed, pending",
        ExpressionAttributeValues={":expires": rows.as_number(int(rows.now() + _HELD_FOR))},
    )
    registers = [f"fix{n}" for n in range(1, settings.number("MAX_FIXES_PER_RESOURCE") + 1)]
    platform("dynamodb").update_item(
        TableName=rows.table(), Key=rows.key(f"RESOURCE#{remediation}#{resource}"), UpdateExpression=f"REMOVE {', '.join(registers)}"
    )


def released(remediation: str, resource: str) -> None:
    """Note that what was held back is handled."""
    _forget(f"NOTICE#{remediation}#HELD", resource)


def handled_after_exemption(remediation: str, resource: str) -> None:
    """Note that what was let through is handled."""
    _forget(f"EXEMPTED#{remediation}", resource)


def _forget(pk: str, resource: str) -> None:
    platform("dynamodb").update_item(
        TableName=rows.table(), Key=rows.key(pk), UpdateExpression="DELETE resources :resource", ExpressionAttributeValues={":resource": {"SS": [resource]}}
    )
    platform("dynamodb").delete_item(TableName=rows.table(), Key=rows.key(f"{pk}#{resource}"))


def hold(remediation: str, resource: str) -> None:
    """Remember that the resource waits for a person's `release`."""
    platform("dynamodb").update_item(
        TableName=rows.table(),
        Key=rows.key(f"NOTICE#{remediation}#HELD"),
        UpdateExpression="SET expires = :expires ADD resources :resource",
        ExpressionAttributeValues={":expires": rows.as_number(int(rows.now() + _HELD_FOR)), ":resource": {"SS": [resource]}},
    )


def taken_by_stack(remediation: str, resource: str) -> None:
    """Remember that a stack has taken the resource away, and that people were asked: a sweep that finds it gone must not bring it back unasked."""
    item = {**rows.key(f"STACK#{remediation}#{resource}"), "expires": rows.as_number(int(rows.now() + _ASKED_FOR))}
    platform("dynamodb").put_item(TableName=rows.table(), Item=item)


def was_taken_by_stack(remediation: str, resource: str) -> bool:
    """Tell whether people were asked about a stack that had taken the resource away."""
    return bool(rows.row(f"STACK#{remediation}#{resource}"))
