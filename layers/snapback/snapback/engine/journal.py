"""The journal: one DynamoDB table that decides whether a fix may be made and remembers what was.

Kinds of rows (the key `pk` says which), and where each is read and written:

    FIX#<id>                          one resource of one event: evidence before, calls, outcome. `id` stands in the alert and is what `undo` takes (`fixes`)
    RESOURCE#<remediation>#<resource> who is working on the resource right now (a lease), when it was last fixed (tug-of-war), and until when
                                      what was just made settles
    BREAKER#<remediation>             when the remediation last fixed anything (circuit breaker; past a few at once, a storm)
    CONTAINED#<remediation>#<what>    the latest fix that contains it, for whoever hears that it is taken off
    EXPIRY#<remediation>              fixes that are taken back by themselves, and when
    EXEMPT#<remediation>              the exemptions, in one row, and the modes that people have chosen (`decisions`)
    COUNT#…, ALERTS#…                 how often something happened (`counts`)
    NOTICE#…, EXEMPTED#…, STACK#…, ALERT#…    what people were told, what waits for one of them, what is still to be told (`notices`)
    MEMORY#…, MEMORIES#…              the good state, for fixes that put back what was deleted (`memory`)

A FIX row is CLAIMED from the claim until its outcome was **told**; only then the outcome is written down. So whoever comes next for an event that was cut
off, whenever that is, finds CLAIMED, finishes what is half made, and tells. A notice is pending until its alert was sent, for the same reason.

All questions are asked in **one** transaction, `claim`, which either writes the evidence down and lets the fix begin, or changes nothing and says why not.
If the table cannot be reached that raises, and nothing is fixed: no record, no fix.
"""

import json
from collections.abc import Mapping, Sequence
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import ClientError

from snapback.engine import clock, counts, decisions, modes, refusals, rows, settings
from snapback.engine.clients import platform
from snapback.engine.errors import JournalError, ResourceBusy
from snapback.engine.exemptions import Exemption, UnreadableExemptions, exempting, parse
from snapback.engine.fixes import CLAIMED, UNDOING, Evidence, Fix, fix_id, from_row, outcome_of, resource_key, to_row
from snapback.engine.outcomes import Outcome

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

_STANDING = (Outcome.FIXED, Outcome.PARTIAL, Outcome.UNVERIFIED)
"""Statuses of a FIX row of which an undo would take back something."""
_CLOCK_SKEW = 2.0
"""Seconds by which the clocks of two Lambda environments may differ, generously."""


class Standing(Enum):
    """Where this event's work on the resource stands, after a claim."""

    FREE = auto()
    """Nothing is known of the event: there is nothing to continue."""
    CLAIMED = auto()
    """The work is ours: fix."""
    BUSY = auto()
    """Another invocation is at it, or has just been: look again."""
    HANDLED = auto()
    """The event's outcome stands in the journal."""
    REFUSED = auto()
    """The fix may not be made; the outcome says why."""
    OTHER_MODE = auto()
    """A person has chosen another mode than the claim was made for: ask again, with what was decided."""


class Claim(NamedTuple):
    """The journal's answer."""

    standing: Standing
    fix: Fix
    outcome: Outcome | None = None
    reason: str = ""
    is_continued: bool = False
    """An earlier attempt was cut off after it had, perhaps, written a part."""
    overtaken_by: str = ""
    """The fix that came between the earlier attempt and this one, if another did."""
    decided: Mapping[str, Any] | None = None
    """The row with what people have decided: with the standing OTHER_MODE."""


def claim(  # noqa: C901, PLR0911, PLR0912 - one question after the other, each with its answer
    fix: Fix, *, looked_at: float, lease: float, enforced: str = "", decided: Mapping[str, Any] | None = None
) -> Claim:
    """Ask for the right to fix; write the evidence down if it is given.

    `looked_at` is when the evidence was read (seconds since 1970), `lease` for how many seconds the work may take. Refuses, writing nothing, if the event
    was handled, the resource is exempt, the remediation or the resource has had its fixes for this hour, or somebody else is at work on the resource.
    `enforced` is, in preview, the id under which the event's fix would be: if one was begun before the mode was switched, it is to be finished.
    `decided` is the row by which `fix.chosen` is the mode: nothing in it keeps the fix from being made unless that is found here, and it has to stand still.
    """
    now = rows.now()
    fix.claimed_at, fix.status = now, CLAIMED
    exemptions_seen, earlier = "none", None
    if decided:
        fix.ended = _ended_silences(decided, now)
        if not exemption_in(fix, decided):  # else it is asked once more: what was begun before is to be told first
            exemptions_seen = decided["version"]["S"]
    while True:
        questions = _questions(fix, now, looked_at, lease, exemptions_seen, enforced=enforced, earlier=earlier)
        reasons = rows.ask([question for _, question in questions])
        refused = _refused(questions, reasons)
        if not refused:
            return Claim(Standing.CLAIMED, fix)
        if (row := _decided_otherwise(fix, questions, reasons)) is not None:  # before all else: what was handled in another mode is not handled in this
            return Claim(Standing.OTHER_MODE, fix, decided=row)
        why, row = refused
        if why == "conflict":
            return Claim(Standing.BUSY, fix)
        if why == "handled":
            found = from_row(row)
            if found.is_final:
                return Claim(Standing.HANDLED, found)
            if earlier or not is_untouched(found, fix.evidence):
                return Claim(Standing.BUSY, found) if earlier else take_over(found, request=fix.request, lease=lease)
            earlier, fix.in_storm = row, found.in_storm  # cut off before it wrote anything: every question is asked again
            fix.claimed_at = found.claimed_at if found.claimed_at > now - clock.HOUR else now
        elif why == "enforced":
            found = from_row(row)
            if not is_untouched(found, fix.evidence):
                return take_over(found, request=fix.request, lease=lease)
            if not withdraw(found, request=fix.request):
                return Claim(Standing.BUSY, fix)
        elif why == "exempt":
            fix.ended = _ended_silences(row, now)
            if refusal := _exemption(fix, row, now):
                return _withdrawn(earlier, refusal)
            exemptions_seen = row["version"]["S"]  # none of them is for this resource: ask again, as long as they stay as they are
        elif why == "resource":
            return _withdrawn(earlier, _resource_verdict(fix, row, now, looked_at))
        elif why == "contested":
            return _withdrawn(earlier, Claim(Standing.REFUSED, fix, Outcome.CONTESTED, "since its first attempt, people were told that it is contested"))
        elif why == "held":
            return _withdrawn(earlier, Claim(Standing.REFUSED, fix, Outcome.HELD, f"since its first attempt, people were told that {fix.remediation} is held"))
        else:
            limit = settings.number("MAX_FIXES_PER_HOUR")
            if not fix.in_storm and (fix.is_report or rows.number(row, f"fix{limit}") < now - clock.HOUR):  # it may, but is not told alone: ask again
                fix.in_storm = True
                continue
            done = f"has shown {limit} problems" if fix.preview else f"has made {limit} fixes"
            return _withdrawn(earlier, Claim(Standing.REFUSED, fix, Outcome.HELD, f"{fix.remediation} {done} within an hour, the most that it may"))


def _decided_otherwise(fix: Fix, questions: "Sequence[tuple[str, TransactWriteItemTypeDef]]", reasons: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Return the row that says that a person has chosen another mode than the fix was claimed for; None if it does not."""
    if fix.is_report or fix.applies:
        return None
    for (name, _), reason in zip(questions, reasons, strict=False):
        if name == "exempt" and reason.get("Code") == "ConditionalCheckFailed":
            row: Mapping[str, Any] = reason.get("Item", {})
            return row if modes.chosen_in(row, fix.remediation).mode != fix.chosen else None
    return None


def is_untouched(earlier: Fix, live: Evidence) -> bool:
    """Tell whether the earlier attempt has surely written nothing: all that it saw wrong is wrong still."""
    return earlier.writes and not earlier.calls and all(item in live for item in earlier.evidence)


def _withdrawn(earlier: "Mapping[str, Any] | None", refusal: Claim) -> Claim:
    """Take the claim of the cut-off attempt back, which was refused now: else it would stand there for ever."""
    if earlier is not None and refusal.standing is Standing.REFUSED:
        withdraw(from_row(earlier), request=refusal.fix.request)
    return refusal


def _refused(questions: "Sequence[tuple[str, TransactWriteItemTypeDef]]", reasons: Sequence[Mapping[str, Any]]) -> tuple[str, Mapping[str, Any]] | None:
    """Return which question was answered with no, and the row that says so; nothing if none was."""
    if any(reason.get("Code") in rows.PASSING for reason in reasons):
        return "conflict", {}
    for (name, _), reason in zip(questions, reasons, strict=False):
        if reason.get("Code") == "ConditionalCheckFailed":
            return name, reason.get("Item", {})
    if reasons:
        raise JournalError(f"the journal refused the claim for a reason that Snapback does not know: {reasons}")
    return None


def exempted(fix: Fix) -> Claim | None:
    """Return the refusal if the resource is exempt, or if the exemptions cannot be read; for what is told without a claim."""
    return exemption_in(fix, decided(fix))


def decided(fix: Fix) -> Mapping[str, Any] | None:
    """Return the row with what people have decided of the fix's problem: exemptions and modes."""
    return decisions.row_of(fix.problem or fix.remediation)


def exemption_in(fix: Fix, row: Mapping[str, Any] | None) -> Claim | None:
    """Return the refusal if by that row the resource is exempt or the remediation is off, or if the exemptions cannot be read."""
    return _exemption(fix, row, rows.now()) if row else None


def _ended_silences(row: Mapping[str, Any], now: float) -> list[Exemption]:
    """Return the silences that have ended: they stay in the row until that is told."""
    try:
        return [one for one in parse(row["exemptions"]["S"]) if one.is_silence and one.ends <= now]
    except (UnreadableExemptions, KeyError):
        return []


def _exemption(fix: Fix, row: Mapping[str, Any], now: float) -> Claim | None:
    """Return the refusal if the remediation is off, if one of its exemptions covers the resource, or if they cannot be read."""
    choice = modes.chosen_in(row, fix.remediation)
    if choice.mode == modes.OFF and not fix.applies:
        return Claim(Standing.REFUSED, fix, Outcome.OFF, f"{fix.remediation} is {choice}")
    try:
        granted = parse(row["exemptions"]["S"])
        exemption = next((found for name in fix.names if (found := exempting(name, granted, now))), None)
        _ = row["version"]["S"]
    except (UnreadableExemptions, KeyError) as error:
        where = f"EXEMPT#{fix.problem or fix.remediation}"  # some share a problem, and its row
        return Claim(Standing.REFUSED, fix, Outcome.HELD, f"the exemptions of {fix.remediation} ({where}) cannot be read ({error}), so nothing is changed")
    return Claim(Standing.REFUSED, fix, Outcome.EXEMPT, str(exemption)) if exemption else None


def _resource_verdict(fix: Fix, row: Mapping[str, Any], now: float, looked_at: float) -> Claim:
    """Say whether somebody is at work on the resource, or it has had its fixes for this hour."""
    is_retry = row.get("request_id", {}).get("S") == fix.request and rows.number(row, "taken") < round(now - rows.SOONEST_RETRY, 3)
    if (rows.number(row, "lease") >= now and not is_retry) or rows.number(row, "released") >= round(looked_at - _CLOCK_SKEW, 3):
        return Claim(Standing.BUSY, fix)
    if fix.waits and rows.number(row, "settles") > now:
        return Claim(Standing.REFUSED, fix, Outcome.DEFERRED, "it was just made, and is looked at once it has settled")
    limit = settings.number("MAX_FIXES_PER_RESOURCE")
    return Claim(Standing.REFUSED, fix, Outcome.CONTESTED, f"it has been fixed or tried {limit} times within an hour and is broken again")


def take_over(earlier: Fix, *, request: str, lease: float) -> Claim:
    """Go on with what an earlier attempt began, once its lease has run out or if it was of the same request, whose retries come one after the other."""
    if earlier.is_final:
        return Claim(Standing.HANDLED, earlier)
    now, overtaken_by = rows.now(), ""
    while True:
        reasons = rows.ask(_taking_over(earlier, request, now, lease, overtaken_by))
        if not reasons:
            return Claim(Standing.CLAIMED, earlier, is_continued=True, overtaken_by=overtaken_by)
        of_fix, of_resource = (reason.get("Item") or {} for reason in (*reasons, {})[:2])
        if reasons[0].get("Code") == "ConditionalCheckFailed":
            found = from_row(of_fix) if of_fix else earlier
            return Claim(Standing.HANDLED if found.is_final else Standing.BUSY, found)
        holder = str(of_resource.get("holder", {}).get("S", ""))
        if holder in ("", earlier.id, overtaken_by):
            return Claim(Standing.BUSY, earlier)
        overtaken_by = holder  # another fix came between: ask again, as long as it is that one


def _taking_over(earlier: Fix, request: str, now: float, lease: float, overtaken_by: str) -> "list[TransactWriteItemTypeDef]":
    """Return the transaction that takes hold of a fix that was begun, and of its resource."""
    free = "(attribute_not_exists(lease) OR lease < :now OR (request_id = :request AND taken < :retry))"
    values = {
        ":lease": rows.as_number(now + lease),
        ":now": rows.as_number(now),
        ":request": {"S": request},
        ":retry": rows.as_number(now - rows.SOONEST_RETRY),
    }
    one_row: dict[str, Any] = {
        "TableName": rows.table(),
        "Key": rows.key(f"FIX#{earlier.id}"),
        "UpdateExpression": "SET request_id = :request",
        "ConditionExpression": "#status = :claimed",
        "ExpressionAttributeNames": {"#status": "status"},
        "ExpressionAttributeValues": {":claimed": {"S": CLAIMED}, ":request": {"S": request}},
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    if not earlier.writes:
        one_row["UpdateExpression"] += ", lease = :lease, taken = :now"
        one_row["ConditionExpression"] += f" AND {free}"
        one_row["ExpressionAttributeValues"] |= values
        return [{"Update": one_row}]  # type: ignore[typeddict-item]  # an update, put together
    resource: dict[str, Any] = {
        "TableName": rows.table(),
        "Key": rows.key(resource_key(earlier)),
        "UpdateExpression": "SET lease = :lease, taken = :now, request_id = :request, holder = :id, expires = if_not_exists(expires, :expires)",
        "ConditionExpression": f"{free} AND (attribute_not_exists(holder) OR holder = :holder)",
        "ExpressionAttributeValues": {
            **values,
            ":id": {"S": earlier.id},
            ":holder": {"S": overtaken_by or earlier.id},
            ":expires": rows.as_number(int(now + 2 * clock.DAY)),
        },
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    return [{"Update": one_row}, {"Update": resource}]  # type: ignore[typeddict-item]  # updates, put together


def record(fix: Fix, outcome: Outcome) -> None:
    """Write down the outcome, of which people have been told, and let go of the resource."""
    fix.status, fix.finished_at = outcome.value, rows.now()
    rows.write(lambda: _ending(fix))


def _ending(fix: Fix) -> "list[TransactWriteItemTypeDef]":
    """Return all that is written down of a fix that has ended: its outcome, and by what others find it."""
    written: Any = _outcome_update(fix)
    if fix.expires_at:  # what is to be taken back then is read then
        written["Update"]["UpdateExpression"] = written["Update"]["UpdateExpression"].replace(" REMOVE", ", expires = :kept REMOVE")
        written["Update"]["ExpressionAttributeValues"][":kept"] = rows.as_number(
            int(max(fix.expires_at, fix.claimed_at) + settings.number("JOURNAL_DAYS") * clock.DAY)
        )
    expiry: TransactWriteItemTypeDef = {
        "Update": {
            "TableName": rows.table(),
            "Key": rows.key(f"EXPIRY#{fix.remediation}"),
            "UpdateExpression": "ADD fixes :fix",
            "ExpressionAttributeValues": {":fix": {"SS": [f"{int(fix.expires_at):012} {fix.id}"]}},
        }
    }
    return [
        written,
        *([_letting_go(fix)] if fix.writes else []),
        *([expiry] if fix.expires_at else []),
        *([_containing(fix)] if fix.contained else []),
        *_applied(fix),
    ]


def _containing(fix: Fix) -> "TransactWriteItemTypeDef":
    """Return what notes that the fix contains something, for as long as the fix itself is kept."""
    kept = rows.as_number(int(max(fix.expires_at, fix.claimed_at) + settings.number("JOURNAL_DAYS") * clock.DAY))
    return {"Put": {"TableName": rows.table(), "Item": {**rows.key(f"CONTAINED#{fix.remediation}#{fix.contained}"), "fix": {"S": fix.id}, "expires": kept}}}


def containing(remediation: str, what: str) -> Fix | None:
    """Return the fix that contains it still, as it was not taken back; None if there is none."""
    row = rows.row(f"CONTAINED#{remediation}#{what}")
    fix = read(row["fix"]["S"]) if row else None
    return fix if fix and fix.status in _STANDING and fix.changed else None


def unexpired(remediation: str) -> list[str]:
    """Return the resources of the remediation's fixes whose time is not over yet."""
    row = rows.row(f"EXPIRY#{remediation}")
    fixes = [read(entry.split()[1]) for entry in sorted(row.get("fixes", {}).get("SS", [])) if int(entry.split()[0]) > rows.now()]
    return list(dict.fromkeys(fix.resource for fix in fixes if fix))


def _applied(fix: Fix) -> "list[TransactWriteItemTypeDef]":
    """Return what notes at the preview that it was applied, if this fix is one of a preview that is still kept: what it showed is news if it is seen again."""
    if not fix.applies or not rows.row(f"FIX#{fix.applies}"):
        return []
    return [
        {
            "Update": {
                "TableName": rows.table(),
                "Key": rows.key(f"FIX#{fix.applies}"),
                "UpdateExpression": "SET applied = :id",
                "ConditionExpression": "#status = :shown",
                "ExpressionAttributeNames": {"#status": "status"},
                "ExpressionAttributeValues": {":id": {"S": fix.id}, ":shown": {"S": Outcome.WOULD_FIX.value}},
            }
        }
    ]


def note(fix: Fix, outcome: Outcome) -> None:
    """Write down how an attempt ended that claimed nothing, so that its id leads to it; an earlier one under the same id is replaced."""
    fix.status, fix.finished_at = outcome.value, rows.now()
    platform("dynamodb").put_item(TableName=rows.table(), Item={**to_row(fix, fix.finished_at), "outcome": outcome_of(fix)})


def show(fix: Fix) -> None:
    """Write down what a survey has shown, as a preview is written down; what stands there under its id already is left, with what has become of it since."""
    fix.status = Outcome.WOULD_FIX.value
    fix.claimed_at = fix.finished_at = rows.now()
    item = {**to_row(fix, fix.finished_at), "outcome": outcome_of(fix)}
    try:
        platform("dynamodb").put_item(TableName=rows.table(), Item=item, ConditionExpression="attribute_not_exists(pk)")
    except ClientError as error:
        if refusals.code_of(error) != "ConditionalCheckFailedException":
            raise


def shown_as(first: str, remediation: str, resource: str, *, each_day: bool = False) -> tuple[str, Fix | None]:
    """Return under which id it is written down that a survey has shown this, and what is written there: None if it is still to be shown.

    `first` is its id for the first time. What was put right or taken back since, and is there again, is shown again, under an id that follows from that.
    `each_day`: so is what was shown a day ago or more. It may have been put right by hand, of which nothing is written here, and be wrong again.
    """
    found = read(first)
    holder = read(last_holder(remediation, resource)) if found else None
    while found:
        after = found.applied or (holder.id if holder and holder.is_final and holder.finished_at > found.finished_at else "")
        days = int((rows.now() - found.finished_at) // clock.DAY) if each_day else 0
        after = after or (f"day {days}" if days >= 1 else "")
        if not after:
            break
        first = fix_id(first, after)
        found = read(first)
    return first, found


def note_retried(fix: Fix) -> None:
    """Note that what the attempt left to do is done, unless it was taken back because it had written nothing: then nothing stands there."""
    try:
        platform("dynamodb").update_item(
            TableName=rows.table(),
            Key=rows.key(f"FIX#{fix.id}"),
            UpdateExpression="SET retried = :now",
            ConditionExpression="attribute_exists(pk)",
            ExpressionAttributeValues={":now": rows.as_number(rows.now())},
        )
    except ClientError as error:
        if refusals.code_of(error) != "ConditionalCheckFailedException":
            raise


def let_go(fix: Fix) -> None:
    """Let go of work that could not be finished or told now, and write down what it did so far: the next attempt goes on at once.

    What has ended and was told, and could not be written down, is written down whole or not at all: nobody completes what stands there as ended.
    """
    fix.finished_at = rows.now()
    rows.write(lambda: _ending(fix) if fix.is_final else [_outcome_update(fix), *([_letting_go(fix)] if fix.writes else [])])


def withdraw(fix: Fix, *, request: str) -> bool:
    """Take back a claim under which nothing was written: the event counts as never seen. Not while somebody is at work under it; tell whether it was done."""
    now = rows.now()
    nobody = rows.check(
        resource_key(fix),
        "attribute_not_exists(lease) OR lease < :now OR holder <> :id OR (request_id = :request AND taken < :retry)",
        now=rows.as_number(now),
        id={"S": fix.id},
        request={"S": request},
        retry=rows.as_number(now - rows.SOONEST_RETRY),
    )
    gone: TransactWriteItemTypeDef = {
        "Delete": {
            "TableName": rows.table(),
            "Key": rows.key(f"FIX#{fix.id}"),
            "ConditionExpression": "attribute_not_exists(pk) OR #status = :claimed",
            "ExpressionAttributeNames": {"#status": "status"},
            "ExpressionAttributeValues": {":claimed": {"S": CLAIMED}},
        }
    }
    try:
        rows.write(lambda: [gone, nobody])
    except JournalError:
        return False
    return True


def _outcome_update(fix: Fix) -> "TransactWriteItemTypeDef":
    return {
        "Update": {
            "TableName": rows.table(),
            "Key": rows.key(f"FIX#{fix.id}"),
            "UpdateExpression": "SET #status = :status, outcome = :outcome, request_id = :request REMOVE lease",
            "ExpressionAttributeNames": {"#status": "status"},
            "ExpressionAttributeValues": {":status": {"S": fix.status}, ":outcome": outcome_of(fix), ":request": {"S": fix.request}},
        }
    }


def _letting_go(fix: Fix) -> "TransactWriteItemTypeDef":
    update: dict[str, Any] = {
        "TableName": rows.table(),
        "Key": rows.key(resource_key(fix)),
        "UpdateExpression": "SET released = :now REMOVE lease",
        "ExpressionAttributeValues": {":now": rows.as_number(fix.finished_at)},
    }
    if fix.expires_at:  # who held it last is asked when the end date comes
        update["UpdateExpression"] = "SET released = :now, expires = :kept REMOVE lease"
        update["ExpressionAttributeValues"][":kept"] = rows.as_number(int(fix.expires_at + 2 * clock.DAY))
    return {"Update": update}  # type: ignore[typeddict-item]  # an update, put together


def last_holder(remediation: str, resource: str) -> str:
    """Return the id of the fix that had the resource last; nothing if that is not known any more."""
    row = rows.row(f"RESOURCE#{remediation}#{resource}")
    return str(row.get("holder", {}).get("S", ""))


def settle(remediation: str, resource: str, until: float) -> None:
    """Write down until when the resource settles, which was just made: a look is due then, so what happens to it meanwhile is left to that."""
    platform("dynamodb").update_item(
        TableName=rows.table(),
        Key=rows.key(f"RESOURCE#{remediation}#{resource}"),
        UpdateExpression="SET settles = :until, expires = if_not_exists(expires, :expires)",
        ExpressionAttributeValues={":until": rows.as_number(until), ":expires": rows.as_number(int(until + 2 * clock.DAY))},
    )


def is_being_finished(half_made: Fix) -> bool:
    """Tell whether somebody goes on with this work just now, or has ended it since it was read."""
    row = rows.row(resource_key(half_made))
    is_at_work = row.get("holder", {}).get("S") == half_made.id and rows.number(row, "lease") >= rows.now()
    latest = read(half_made.id)  # asked last: who is not at work any more has written down how it ended
    return is_at_work or (latest is not None and latest.status != half_made.status)


def has_put_right(wrong: Evidence, known_as: Sequence[tuple[str, str]], *, since: float, apart_from: str) -> bool:
    """Tell whether a fix has put all of that right since then, or is at it: a fix tells what it found wrong, whoever's event showed it.

    `known_as` are names of remediations, each with its name of the resource. Each item of `wrong` may be a part of what the fix's evidence says. The fix
    with the id `apart_from`, which asks, does not count.
    """
    for remediation, resource in known_as:
        row = rows.row(f"RESOURCE#{remediation}#{resource}")
        if row.get("holder", {"S": apart_from})["S"] == apart_from or (rows.number(row, "released") < since and rows.number(row, "lease") < rows.now()):
            continue
        fix = read(row["holder"]["S"])
        if fix and fix.status != Outcome.ALREADY_OK and all(any(_is_part(item, one) for one in fix.evidence) for item in wrong):
            return True
    return False


def _is_part(item: Mapping[str, Any], whole: Mapping[str, Any]) -> bool:
    """Tell whether the whole says all that the item says, of a list at least what is in the item's. Where it speaks of something else it says no other."""
    return item.keys().isdisjoint(whole) or all(
        key in whole and (all(one in whole[key] for one in said) if isinstance(said, list) and isinstance(whole[key], list) else whole[key] == said)
        for key, said in item.items()
    )


def expired(remediation: str) -> list[str]:
    """Return the ids of the remediation's fixes whose time is over, the oldest first."""
    row = rows.row(f"EXPIRY#{remediation}")
    return [entry.split()[1] for entry in sorted(row.get("fixes", {}).get("SS", [])) if int(entry.split()[0]) <= rows.now()]


def forget_expiry(remediation: str, fix: Fix) -> None:
    """Note that the fix has been taken back, or need not be any more."""
    platform("dynamodb").update_item(
        TableName=rows.table(),
        Key=rows.key(f"EXPIRY#{remediation}"),
        UpdateExpression="DELETE fixes :fix",
        ExpressionAttributeValues={":fix": {"SS": [f"{int(fix.expires_at):012} {fix.id}"]}},
    )


def read(fix_id: str) -> Fix | None:
    """Return what is written down under the id that stands in an alert, or None."""
    row = rows.row(f"FIX#{fix_id}")
    return from_row(row) if row else None


def begin_undo(fix: Fix, *, request: str, lease: float) -> None:
    """Write down that the fix is being taken back, and take hold of the resource; raise `ResourceBusy` if somebody is at work on it."""
    now = rows.now()
    undoing: TransactWriteItemTypeDef = {
        "Update": {
            "TableName": rows.table(),
            "Key": rows.key(f"FIX#{fix.id}"),
            "UpdateExpression": f"SET #status = :undoing, undoing = :now{', untold = :now' * (fix.status == CLAIMED)}",
            "ConditionExpression": "#status = :status",
            "ExpressionAttributeNames": {"#status": "status"},
            "ExpressionAttributeValues": {":undoing": {"S": UNDOING}, ":status": {"S": fix.status}, ":now": rows.as_number(now)},
        }
    }
    holding: TransactWriteItemTypeDef = {
        "Update": {
            "TableName": rows.table(),
            "Key": rows.key(resource_key(fix)),
            "UpdateExpression": "SET holder = :id, lease = :lease, taken = :now, request_id = :request, expires = if_not_exists(expires, :expires)",
            "ConditionExpression": "attribute_not_exists(lease) OR lease < :now OR (holder = :id AND taken < :retry)",
            "ExpressionAttributeValues": {
                ":id": {"S": fix.id},
                ":lease": rows.as_number(now + lease),
                ":now": rows.as_number(now),
                ":request": {"S": request},
                ":retry": rows.as_number(now + 1 if fix.status == UNDOING else 0.0),  # an undo that was cut off may be given again at once
                ":expires": rows.as_number(int(now + 2 * clock.DAY)),
            },
        }
    }
    if rows.ask([undoing, holding]):
        raise ResourceBusy(f"somebody is at work on {fix.resource} just now: give this command again in a minute")
    fix.status = UNDOING


def end_undo(fix: Fix, reason: str, exemption: Exemption | None) -> None:
    """Write down that the fix was taken back and, in the same transaction, the exemption that keeps it from being made again; let go of the resource."""
    fix.finished_at = rows.now()
    undone: TransactWriteItemTypeDef = {
        "Update": {
            "TableName": rows.table(),
            "Key": rows.key(f"FIX#{fix.id}"),
            "UpdateExpression": "SET #status = :undone, undone = :why",
            "ExpressionAttributeNames": {"#status": "status"},
            "ExpressionAttributeValues": {":undone": {"S": Outcome.UNDONE.value}, ":why": {"S": json.dumps({"at": fix.finished_at, "reason": reason})}},
        }
    }

    def all_together() -> "list[TransactWriteItemTypeDef]":
        granted: list[TransactWriteItemTypeDef] = []
        if exemption:  # read anew at each attempt: others may have changed theirs
            kept_as = fix.problem or fix.remediation
            granted = [{"Put": decisions.put_of(kept_as, decisions.row_of(kept_as), exemption)}]
        return [undone, *granted, _letting_go(fix)]

    rows.write(all_together, reads_anew=True)


def stop_undo(fix: Fix) -> None:
    """Write down how far an undo came that could not be finished, and let go of the resource."""
    fix.finished_at = rows.now()
    rows.write(lambda: [_outcome_update(fix), _letting_go(fix)])


def _questions(  # noqa: PLR0913 - all that a claim depends on
    fix: Fix,
    now: float,
    looked_at: float,
    lease: float,
    exemptions_seen: str,
    *,
    enforced: str,
    earlier: Mapping[str, Any] | None,
) -> "list[tuple[str, TransactWriteItemTypeDef]]":
    """Return the transaction, each part with its name: begun before preview? handled? exempt? breaker? resource? in this order.

    `earlier` is the row of an attempt that was cut off before it wrote anything. Its claim still counts among those of the hour, so it needs no room for
    another, but nobody may have been told meanwhile that it is held or contested.
    """
    has_room = earlier is not None and fix.claimed_at < now
    one_row: dict[str, Any] = {
        "TableName": rows.table(),
        "Item": to_row(fix, now),
        "ConditionExpression": "attribute_not_exists(pk)",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    if not fix.writes:
        one_row["Item"] |= {"lease": rows.as_number(now + lease), "taken": rows.as_number(now)}
    if earlier is not None:
        one_row["ConditionExpression"] = "#status = :claimed AND about = :about"
        one_row |= {"ExpressionAttributeNames": {"#status": "status"}, "ExpressionAttributeValues": {":claimed": {"S": CLAIMED}, ":about": earlier["about"]}}
    questions: list[tuple[str, Any]] = [
        ("handled", {"Put": one_row}),
        (
            "exempt",
            rows.check(
                f"EXEMPT#{fix.problem or fix.remediation}",
                # A chosen mode has to stand as it was read; where the class's holds, there is nothing to read.
                "version = :seen" if fix.chosen else "attribute_not_exists(pk) OR latest_end < :now OR version = :seen",
                seen={"S": exemptions_seen},
                **({} if fix.chosen else {"now": rows.as_number(now)}),
            ),
        ),
    ]
    if has_room:
        calm = "(attribute_not_exists(noticed) OR noticed < :claimed) AND (attribute_not_exists(pending) OR pending < :now)"
        questions += [
            ("held", rows.check(f"NOTICE#{fix.remediation}#HELD", calm, claimed=rows.as_number(fix.claimed_at), now=rows.as_number(now))),
            (
                "contested",
                rows.check(f"NOTICE#{fix.remediation}#CONTESTED#{fix.resource}", calm, claimed=rows.as_number(fix.claimed_at), now=rows.as_number(now)),
            ),
        ]
    else:
        questions.append(("breaker", {"Update": _breaker(fix, now)}))
    if enforced:
        missing_or_ended = "attribute_not_exists(pk) OR #status <> :claimed"
        check = rows.check(f"FIX#{enforced}", missing_or_ended, claimed={"S": CLAIMED})
        check["ConditionCheck"]["ExpressionAttributeNames"] = {"#status": "status"}
        questions.insert(0, ("enforced", check))  # before what was shown: another event may have shown what this one has begun
    if fix.writes:
        questions.append(("resource", {"Update": _resource(fix, now, looked_at, lease, has_room=has_room)}))
    return questions


def _breaker(fix: Fix, now: float) -> dict[str, Any]:
    # In preview nothing is fixed, so only the number of alerts is limited, apart from what is enforced.
    scope = f"{fix.remediation}#preview" if fix.preview else fix.remediation
    limit, alone = settings.number("MAX_FIXES_PER_HOUR"), settings.number("STORM_AFTER")
    breaker = rows.one_more(limit, now)
    if fix.is_report:  # there is always room; only how they are told depends on their number
        breaker = rows.one_more(alone, now, within=counts.STORM if not fix.in_storm else -clock.HOUR)
    elif not fix.in_storm and alone < limit:
        breaker["ConditionExpression"] += f" AND (attribute_not_exists(fix{alone}) OR fix{alone} < :calm)"
        breaker["ExpressionAttributeValues"] |= {":calm": rows.as_number(now - counts.STORM)}
    return {"TableName": rows.table(), "Key": rows.key(f"BREAKER#{scope}"), **breaker, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}


def _resource(fix: Fix, now: float, looked_at: float, lease: float, *, has_room: bool) -> dict[str, Any]:
    one_more: dict[str, Any] = {"UpdateExpression": "SET ", "ConditionExpression": "", "ExpressionAttributeValues": {":now": rows.as_number(now)}}
    if not has_room:
        one_more = rows.one_more(settings.number("MAX_FIXES_PER_RESOURCE"), now)
        one_more["UpdateExpression"] += ", "
        one_more["ConditionExpression"] += " AND "
    one_more["UpdateExpression"] += "holder = :id, lease = :lease, request_id = :request, taken = :now"
    one_more["ConditionExpression"] += (
        "(attribute_not_exists(lease) OR lease < :now OR (request_id = :request AND taken < :retry)) "
        "AND (attribute_not_exists(released) OR released < :looked_at)"
    )
    if fix.waits:
        one_more["ConditionExpression"] += " AND (attribute_not_exists(settles) OR settles <= :now)"
    one_more["ExpressionAttributeValues"] |= {
        ":id": {"S": fix.id},
        ":lease": rows.as_number(now + lease),
        ":request": {"S": fix.request},
        ":retry": rows.as_number(now - rows.SOONEST_RETRY),
        ":looked_at": rows.as_number(looked_at - _CLOCK_SKEW),
    }
    return {"TableName": rows.table(), "Key": rows.key(resource_key(fix)), **one_more, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
