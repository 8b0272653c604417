"""The journal: one DynamoDB table that decides whether a fix may be made and remembers what was.

Kinds of rows (the key `pk` says which):

    FIX#<id>                          one resource of one event: evidence before, calls, outcome. `id` stands in the alert and is what `undo` takes.
    RESOURCE#<remediation>#<resource> who is working on the resource right now (a lease), when it was last fixed (tug-of-war), and until when
                                      what was just made settles
    BREAKER#<remediation>             when the remediation last fixed anything (circuit breaker; past a few at once, a storm)
    ALERTS#<remediation>              when people were last told of what it did not fix (the same storm)
    EXEMPT#<remediation>              the exemptions, in one row, and the modes that people have chosen (modes)
    CONTAINED#<remediation>#<what>    the latest fix that contains it, for whoever hears that it is taken off
    EXPIRY#<remediation>              fixes that are taken back by themselves, and when
    MEMORY#…, MEMORIES#…              the good state, for fixes that put back what was deleted (`memory`)
    COUNT#<what>                      the latest of what is told only if it happens often, and the burst that people know of
    ALERT#<id>                        an alert of a storm, for as long as the queue may hold its id (digests)
    NOTICE#<what>                     when people were last told, for alerts that are given once an hour, and what it was about
    EXEMPTED#<remediation>            what exemptions kept from being fixed; beyond a thousand, each in a row of its own, and so for what is held

A FIX row is CLAIMED from the claim until its outcome was **told**; only then the outcome is written down. So whoever comes next for an event that was cut
off, whenever that is, finds CLAIMED, finishes what is half made, and tells. A notice is pending until its alert was sent, for the same reason.

All questions are asked in **one** transaction, `claim`, which either writes the evidence down and lets the fix begin, or changes nothing and says why not.
If the table cannot be reached that raises, and nothing is fixed: no record, no fix.

"At most N in an hour" is kept as a shift register: `fix1` is the time of the latest fix, `fixN` that of the N-th latest. There is room for one more if
`fixN` is more than an hour ago. DynamoDB evaluates all right-hand sides of a SET against the row before the update, so one update shifts the register.
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
"""

import hashlib
import itertools
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from botocore.exceptions import BotoCoreError, ClientError

from snapback.engine import clock, modes, refusals, settings
from snapback.engine.clients import platform
from snapback.engine.errors import EvidenceTooLarge, JournalError, ResourceBusy
from snapback.engine.exemptions import Exemption, UnreadableExemptions, exempting, parse
from snapback.engine.outcomes import Outcome

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

Evidence = Sequence[Mapping[str, Any]]
"""What is wrong, one JSON object per wrong thing; empty when all is well. The verdict, the before-state and the undo's input in one."""

CLAIMED = "CLAIMED"
"""Status of a FIX row between the claim and its outcome."""
_STANDING = (Outcome.FIXED, Outcome.PARTIAL, Outcome.UNVERIFIED)
"""Statuses of a FIX row of which an undo would take back something."""
UNDOING = "UNDOING"
"""Status of a FIX row while it is taken back."""

HOUR = 3600
DAY = 24 * HOUR
STORM = 600
"""Seconds. STORM_AFTER alerts of a remediation within them are a storm: what is more is told together (docs/adr/0006-storms.md)."""
_CLOCK_SKEW = 2.0
"""Seconds by which the clocks of two Lambda environments may differ, generously."""
_SOONEST_RETRY = 55.0
"""Seconds after which the same request comes again as a retry; sooner it is the same event delivered twice.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html says one minute.
"""
_MOST_HELD = 1000
"""Resources that one row remembers as held back; beyond that each has a row of its own."""
_HELD_FOR = 14 * DAY
"""Seconds for which it is remembered what waits for a person: as long as dead letters are kept."""
_ASKED_FOR = 400 * DAY
"""Seconds for which it is remembered that a stack took something away; each day on which people are told of it begins them anew."""
_CONTESTED_FOR = 2 * DAY
"""Seconds after the latest refusal in which a contested resource can be released."""
_CONFLICTS = (0.0, 0.1, 0.3, 0.7, 1.5)
"""Seconds to wait before each attempt to write while other transactions are at the same rows."""
_COUNTING = (0.0, 0.1, 0.3, 0.7, 1.5, 3.0)
"""Seconds to wait before each attempt to count while other invocations count, too."""
_MOST_DEEDS = 20
"""Of what an identity did, so many are kept: what comes after them says enough."""
_LONGEST_IN_QUEUE = 14 * DAY
"""Seconds for which a message stays in the queue (template.yaml)."""
_MOST_AT_ONCE = 100
"""Rows that BatchGetItem gives (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html)."""
_LARGEST_EVIDENCE = 300_000
"""Bytes; a DynamoDB item holds 400 KB."""
_ROOM = 25_000
"""Bytes of each part of an outcome beside it: what was called, what is left, the setting after the fix."""
_LONGEST_TEXT = 2_000
_NEVER = 99_999_999_999
"""Seconds since 1970."""


@dataclass(eq=False, repr=False)
class Fix:
    """One FIX row: a resource of an event on its way through the algorithm."""

    id: str
    remediation: str
    resource: str
    event_id: str
    request: str
    """Lambda's request id: the same for an invocation and its retries."""
    source: str = ""
    actor: Mapping[str, Any] = field(default_factory=dict)
    event_time: str = ""
    preview: bool = False
    writes: bool = True
    """The resource is changed, so the work on it must be alone and its number is limited. False in preview and for reports."""
    in_storm: bool = False
    """The remediation has so much to tell just now that this is told together with the rest."""
    evidence: Evidence = ()
    status: str = ""
    reason: str = ""
    calls: Sequence[Mapping[str, Any]] = ()
    left: Evidence = ()
    """What was still wrong after the fix."""
    after: Any = None
    """The changed setting as it was after the fix, for remediations whose right state is not unique."""
    expires_at: float = 0
    """When the fix is to be taken back by itself; 0 for never."""
    undoing: float = 0
    """When it was last begun to take the fix back."""
    untold: float = 0
    """When it was begun to take it back before it had ended: what it was for was told to nobody."""
    retried: float = 0
    """When a person's `retry` of it ended well."""
    claimed_at: float = 0
    finished_at: float = 0
    contained: str = ""
    """What it contains, as a call knows it that takes that off. Written in a row of its own."""
    notes: Mapping[str, Any] = field(default_factory=dict)
    chosen: str = ""
    """The mode that a person has chosen, by which this is shown or made; empty where the class's holds. Not written down."""
    applies: str = ""
    """The id of the preview that a person has applied: such a fix is made whatever the mode is."""
    is_of_threat: bool = False
    """It answers a threat, which after a day may be none any more."""
    applied: str = ""
    """Of a preview: the id of the fix by which a person has applied it, once that has ended."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """The remediation's own settings by which the evidence is wrong: an undo is judged by these, whatever an operator sets meanwhile."""
    problem: str = ""
    """Under which name exemptions from the fix are kept, if not the remediation's own. Not written down."""
    also_named: Sequence[str] = ()
    """Under which further names the resource may be exempt. Not written down."""
    waits: bool = False
    """It is left for the look that is due, if the resource was just made and settles. Not written down."""
    ended: Sequence[Exemption] = ()
    """Silences that were found to have ended, and people do not know it yet. Not written down."""

    @property
    def names(self) -> Sequence[str]:
        """Return the names by which an exemption may know it."""
        return self.also_named if self.is_report else (self.resource, *self.also_named)

    @property
    def is_report(self) -> bool:
        """Tell whether people are told and nothing else is done: nothing can be exempt from that or come too often."""
        return not self.writes and not self.preview

    @property
    def changed(self) -> Evidence:
        """Return the part of the evidence that the fix put right: what an undo has to bring back."""
        return [item for item in self.evidence if item not in self.left]

    @property
    def is_final(self) -> bool:
        """Tell whether the outcome stands."""
        return self.status not in ("", CLAIMED)


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


def fix_id(*parts: str) -> str:
    """Return the id under which the work on one resource of one event is written down: the same parts always give the same id."""
    return "sb-" + hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def claim(  # noqa: C901, PLR0911, PLR0912 - one question after the other, each with its answer
    fix: Fix, *, looked_at: float, lease: float, enforced: str = "", decided: Mapping[str, Any] | None = None
) -> Claim:
    """Ask for the right to fix; write the evidence down if it is given.

    `looked_at` is when the evidence was read (seconds since 1970), `lease` for how many seconds the work may take. Refuses, writing nothing, if the event
    was handled, the resource is exempt, the remediation or the resource has had its fixes for this hour, or somebody else is at work on the resource.
    `enforced` is, in preview, the id under which the event's fix would be: if one was begun before the mode was switched, it is to be finished.
    `decided` is the row by which `fix.chosen` is the mode: nothing in it keeps the fix from being made unless that is found here, and it has to stand still.
    """
    now = _now()
    fix.claimed_at, fix.status = now, CLAIMED
    exemptions_seen, earlier = "none", None
    if decided:
        fix.ended = _ended_silences(decided, now)
        if not exemption_in(fix, decided):  # else it is asked once more: what was begun before is to be told first
            exemptions_seen = decided["version"]["S"]
    while True:
        questions = _questions(fix, now, looked_at, lease, exemptions_seen, enforced=enforced, earlier=earlier)
        reasons = _ask([question for _, question in questions])
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
            fix.claimed_at = found.claimed_at if found.claimed_at > now - HOUR else now
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
            if not fix.in_storm and (fix.is_report or _number(row, f"fix{limit}") < now - HOUR):  # it may, but is not told alone: ask again
                fix.in_storm = True
                continue
            refusal = Claim(Standing.REFUSED, fix, Outcome.HELD, f"{fix.remediation} has made {limit} fixes within an hour, the most that it may")
            return _withdrawn(earlier, refusal)


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
    if any(reason.get("Code") == "TransactionConflict" for reason in reasons):
        return "conflict", {}
    for (name, _), reason in zip(questions, reasons, strict=False):
        if reason.get("Code") == "ConditionalCheckFailed":
            return name, reason.get("Item", {})
    if reasons:
        raise JournalError(f"the journal refused the claim for a reason that Snapback does not know: {reasons}")
    return None


def _ask(questions: "list[TransactWriteItemTypeDef]") -> "Sequence[Mapping[str, Any]]":
    """Send the transaction; return nothing if it went through, else the reason for each question."""
    try:
        platform("dynamodb").transact_write_items(TransactItems=questions)
    except ClientError as error:
        if refusals.code_of(error) != "TransactionCanceledException":
            raise
        return cast("Sequence[Mapping[str, Any]]", error.response.get("CancellationReasons", [{}]))
    return []


def exempted(fix: Fix) -> Claim | None:
    """Return the refusal if the resource is exempt, or if the exemptions cannot be read; for what is told without a claim."""
    return exemption_in(fix, decided(fix))


def decided(fix: Fix) -> Mapping[str, Any] | None:
    """Return the row with what people have decided of the fix's problem: exemptions and modes."""
    return _exemptions_row(fix.problem or fix.remediation)


def exemption_in(fix: Fix, row: Mapping[str, Any] | None) -> Claim | None:
    """Return the refusal if by that row the resource is exempt or the remediation is off, or if the exemptions cannot be read."""
    return _exemption(fix, row, _now()) if row else None


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
        return Claim(Standing.REFUSED, fix, Outcome.HELD, f"the exemptions of {fix.remediation} cannot be read ({error}), so nothing is changed")
    return Claim(Standing.REFUSED, fix, Outcome.EXEMPT, str(exemption)) if exemption else None


def _resource_verdict(fix: Fix, row: Mapping[str, Any], now: float, looked_at: float) -> Claim:
    """Say whether somebody is at work on the resource, or it has had its fixes for this hour."""
    is_retry = row.get("request_id", {}).get("S") == fix.request and _number(row, "taken") < round(now - _SOONEST_RETRY, 3)
    if (_number(row, "lease") >= now and not is_retry) or _number(row, "released") >= round(looked_at - _CLOCK_SKEW, 3):
        return Claim(Standing.BUSY, fix)
    if fix.waits and _number(row, "settles") > now:
        return Claim(Standing.REFUSED, fix, Outcome.DEFERRED, "it was just made, and is looked at once it has settled")
    limit = settings.number("MAX_FIXES_PER_RESOURCE")
    return Claim(Standing.REFUSED, fix, Outcome.CONTESTED, f"it has been fixed or tried {limit} times within an hour and is broken again")


def take_over(earlier: Fix, *, request: str, lease: float) -> Claim:
    """Go on with what an earlier attempt began, once its lease has run out or if it was of the same request, whose retries come one after the other."""
    if earlier.is_final:
        return Claim(Standing.HANDLED, earlier)
    now, overtaken_by = _now(), ""
    while True:
        reasons = _ask(_taking_over(earlier, request, now, lease, overtaken_by))
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
    values = {":lease": _n(now + lease), ":now": _n(now), ":request": {"S": request}, ":retry": _n(now - _SOONEST_RETRY)}
    one_row: dict[str, Any] = {
        "TableName": _table(),
        "Key": _key(f"FIX#{earlier.id}"),
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
        "TableName": _table(),
        "Key": _key(_resource_key(earlier)),
        "UpdateExpression": "SET lease = :lease, taken = :now, request_id = :request, holder = :id, expires = if_not_exists(expires, :expires)",
        "ConditionExpression": f"{free} AND (attribute_not_exists(holder) OR holder = :holder)",
        "ExpressionAttributeValues": {
            **values,
            ":id": {"S": earlier.id},
            ":holder": {"S": overtaken_by or earlier.id},
            ":expires": _n(int(now + 2 * DAY)),
        },
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    return [{"Update": one_row}, {"Update": resource}]  # type: ignore[typeddict-item]  # updates, put together


def _mark() -> dict[str, str]:
    """Return what makes a conditional write known again as one's own."""
    return {"S": secrets.token_hex(8)}


def _is_own(error: ClientError, mark: Mapping[str, str]) -> bool:
    """Tell whether a conditional write failed because it had taken effect: its answer was lost, and the SDK sent it again (`clients`).

    Transactions need no such care: the SDK gives each a token by which DynamoDB knows it again.
    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html#DDB-TransactWriteItems-request-ClientRequestToken
    """
    row: Mapping[str, Any] = error.response.get("Item", {})  # type: ignore[assignment]  # as ReturnValuesOnConditionCheckFailure has it
    return row.get("mark") == mark


def record(fix: Fix, outcome: Outcome) -> None:
    """Write down the outcome, of which people have been told, and let go of the resource."""
    fix.status, fix.finished_at = outcome.value, _now()
    written: Any = _outcome_update(fix)
    if fix.expires_at:  # what is to be taken back then is read then
        written["Update"]["UpdateExpression"] = written["Update"]["UpdateExpression"].replace(" REMOVE", ", expires = :kept REMOVE")
        written["Update"]["ExpressionAttributeValues"][":kept"] = _n(int(max(fix.expires_at, fix.claimed_at) + settings.number("JOURNAL_DAYS") * DAY))
    expiry: TransactWriteItemTypeDef = {
        "Update": {
            "TableName": _table(),
            "Key": _key(f"EXPIRY#{fix.remediation}"),
            "UpdateExpression": "ADD fixes :fix",
            "ExpressionAttributeValues": {":fix": {"SS": [f"{int(fix.expires_at):012} {fix.id}"]}},
        }
    }
    _write(
        lambda: [
            written,
            *([_letting_go(fix)] if fix.writes else []),
            *([expiry] if fix.expires_at else []),
            *([_containing(fix)] if fix.contained else []),
            *_applied(fix),
        ]
    )


def _containing(fix: Fix) -> "TransactWriteItemTypeDef":
    """Return what notes that the fix contains something, for as long as the fix itself is kept."""
    kept = _n(int(max(fix.expires_at, fix.claimed_at) + settings.number("JOURNAL_DAYS") * DAY))
    return {"Put": {"TableName": _table(), "Item": {**_key(f"CONTAINED#{fix.remediation}#{fix.contained}"), "fix": {"S": fix.id}, "expires": kept}}}


def containing(remediation: str, what: str) -> Fix | None:
    """Return the fix that contains it still, as it was not taken back; None if there is none."""
    row = _row(f"CONTAINED#{remediation}#{what}")
    fix = read(row["fix"]["S"]) if row else None
    return fix if fix and fix.status in _STANDING and fix.changed else None


def unexpired(remediation: str) -> list[str]:
    """Return the resources of the remediation's fixes whose time is not over yet."""
    row = _row(f"EXPIRY#{remediation}")
    fixes = [read(entry.split()[1]) for entry in sorted(row.get("fixes", {}).get("SS", [])) if int(entry.split()[0]) > _now()]
    return list(dict.fromkeys(fix.resource for fix in fixes if fix))


def _applied(fix: Fix) -> "list[TransactWriteItemTypeDef]":
    """Return what notes at the preview that it was applied, if this fix is one of a preview that is still kept: what it showed is news if it is seen again."""
    if not fix.applies or not _row(f"FIX#{fix.applies}"):
        return []
    return [
        {
            "Update": {
                "TableName": _table(),
                "Key": _key(f"FIX#{fix.applies}"),
                "UpdateExpression": "SET applied = :id",
                "ConditionExpression": "#status = :shown",
                "ExpressionAttributeNames": {"#status": "status"},
                "ExpressionAttributeValues": {":id": {"S": fix.id}, ":shown": {"S": Outcome.WOULD_FIX.value}},
            }
        }
    ]


def note(fix: Fix, outcome: Outcome) -> None:
    """Write down how an attempt ended that claimed nothing, so that its id leads to it; an earlier one under the same id is replaced."""
    fix.status, fix.finished_at = outcome.value, _now()
    platform("dynamodb").put_item(TableName=_table(), Item={**_to_row(fix, fix.finished_at), "outcome": _outcome_of(fix)})


def show(fix: Fix) -> None:
    """Write down what a survey has shown, as a preview is written down; what stands there under its id already is left, with what has become of it since."""
    fix.status = Outcome.WOULD_FIX.value
    fix.claimed_at = fix.finished_at = _now()
    item = {**_to_row(fix, fix.finished_at), "outcome": _outcome_of(fix)}
    try:
        platform("dynamodb").put_item(TableName=_table(), Item=item, ConditionExpression="attribute_not_exists(pk)")
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
        days = int((_now() - found.finished_at) // DAY) if each_day else 0
        after = after or (f"day {days}" if days >= 1 else "")
        if not after:
            break
        first = fix_id(first, after)
        found = read(first)
    return first, found


def note_retried(fix: Fix) -> None:
    """Note that what the attempt left to do is done."""
    platform("dynamodb").update_item(
        TableName=_table(), Key=_key(f"FIX#{fix.id}"), UpdateExpression="SET retried = :now", ExpressionAttributeValues={":now": _n(_now())}
    )


def let_go(fix: Fix) -> None:
    """Let go of work that could not be finished or told now, and write down what it did so far: the next attempt goes on at once."""
    fix.finished_at = _now()
    _write(lambda: [_outcome_update(fix), *([_letting_go(fix)] if fix.writes else [])])


def withdraw(fix: Fix, *, request: str) -> bool:
    """Take back a claim under which nothing was written: the event counts as never seen. Not while somebody is at work under it; tell whether it was done."""
    now = _now()
    nobody = _check(
        _resource_key(fix),
        "attribute_not_exists(lease) OR lease < :now OR holder <> :id OR (request_id = :request AND taken < :retry)",
        now=_n(now),
        id={"S": fix.id},
        request={"S": request},
        retry=_n(now - _SOONEST_RETRY),
    )
    gone: TransactWriteItemTypeDef = {
        "Delete": {
            "TableName": _table(),
            "Key": _key(f"FIX#{fix.id}"),
            "ConditionExpression": "attribute_not_exists(pk) OR #status = :claimed",
            "ExpressionAttributeNames": {"#status": "status"},
            "ExpressionAttributeValues": {":claimed": {"S": CLAIMED}},
        }
    }
    try:
        _write(lambda: [gone, nobody])
    except JournalError:
        return False
    return True


def _outcome_update(fix: Fix) -> "TransactWriteItemTypeDef":
    return {
        "Update": {
            "TableName": _table(),
            "Key": _key(f"FIX#{fix.id}"),
            "UpdateExpression": "SET #status = :status, outcome = :outcome, request_id = :request REMOVE lease",
            "ExpressionAttributeNames": {"#status": "status"},
            "ExpressionAttributeValues": {":status": {"S": fix.status}, ":outcome": _outcome_of(fix), ":request": {"S": fix.request}},
        }
    }


def _letting_go(fix: Fix) -> "TransactWriteItemTypeDef":
    update: dict[str, Any] = {
        "TableName": _table(),
        "Key": _key(_resource_key(fix)),
        "UpdateExpression": "SET released = :now REMOVE lease",
        "ExpressionAttributeValues": {":now": _n(fix.finished_at)},
    }
    if fix.expires_at:  # who held it last is asked when the end date comes
        update["UpdateExpression"] = "SET released = :now, expires = :kept REMOVE lease"
        update["ExpressionAttributeValues"][":kept"] = _n(int(fix.expires_at + 2 * DAY))
    return {"Update": update}  # type: ignore[typeddict-item]  # an update, put together


def _write(items: "Callable[[], list[TransactWriteItemTypeDef]]") -> None:
    """Send the transaction until it is taken: nothing is decided by it, and it may be sent as often as is needed.

    People have been told of what it writes down, so to give it up means to tell them a second time.
    """
    failure: Exception = ResourceBusy("others write to the same rows of the journal all the time")
    for wait in clock.waits(_CONFLICTS, clock.left, keep=0):
        clock.pause(wait)
        try:
            reasons = _ask(items())
        except (ClientError, BotoCoreError) as error:
            failure = error
            continue
        if not reasons:
            return
        if not any(reason.get("Code") == "TransactionConflict" for reason in reasons):
            raise JournalError(f"the journal refused to write: {reasons}")
    raise failure


def last_holder(remediation: str, resource: str) -> str:
    """Return the id of the fix that had the resource last; nothing if that is not known any more."""
    row = _row(f"RESOURCE#{remediation}#{resource}")
    return str(row.get("holder", {}).get("S", ""))


def settle(remediation: str, resource: str, until: float) -> None:
    """Write down until when the resource settles, which was just made: a look is due then, so what happens to it meanwhile is left to that."""
    platform("dynamodb").update_item(
        TableName=_table(),
        Key=_key(f"RESOURCE#{remediation}#{resource}"),
        UpdateExpression="SET settles = :until, expires = if_not_exists(expires, :expires)",
        ExpressionAttributeValues={":until": _n(until), ":expires": _n(int(until + 2 * DAY))},
    )


def is_being_finished(half_made: Fix) -> bool:
    """Tell whether somebody goes on with this work just now, or has ended it since it was read."""
    row = _row(_resource_key(half_made))
    is_at_work = row.get("holder", {}).get("S") == half_made.id and _number(row, "lease") >= _now()
    latest = read(half_made.id)  # asked last: who is not at work any more has written down how it ended
    return is_at_work or (latest is not None and latest.status != half_made.status)


def has_put_right(wrong: Evidence, known_as: Sequence[tuple[str, str]], *, since: float, apart_from: str) -> bool:
    """Tell whether a fix has put all of that right since then, or is at it: a fix tells what it found wrong, whoever's event showed it.

    `known_as` are names of remediations, each with its name of the resource. Each item of `wrong` may be a part of what the fix's evidence says. The fix
    with the id `apart_from`, which asks, does not count.
    """
    for remediation, resource in known_as:
        row = _row(f"RESOURCE#{remediation}#{resource}")
        if row.get("holder", {"S": apart_from})["S"] == apart_from or (_number(row, "released") < since and _number(row, "lease") < _now()):
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
    row = _row(f"EXPIRY#{remediation}")
    return [entry.split()[1] for entry in sorted(row.get("fixes", {}).get("SS", [])) if int(entry.split()[0]) <= _now()]


def forget_expiry(remediation: str, fix: Fix) -> None:
    """Note that the fix has been taken back, or need not be any more."""
    platform("dynamodb").update_item(
        TableName=_table(),
        Key=_key(f"EXPIRY#{remediation}"),
        UpdateExpression="DELETE fixes :fix",
        ExpressionAttributeValues={":fix": {"SS": [f"{int(fix.expires_at):012} {fix.id}"]}},
    )


def is_burst(what: str, event: str, *, number: int, seconds: float) -> bool:
    """Count one more event; tell whether with it there were so many within so many seconds, and people do not know of the burst yet.

    A burst is over when for so many seconds there were not so many. The same event is counted once, and gives the same answer however often it comes.
    Only the latest `number` are kept, so nothing grows.
    """
    for wait in _COUNTING:
        clock.pause(wait)
        row = _row(f"COUNT#{what}")
        kept: dict[str, Any] = json.loads(row["count"]["S"]) if row else {"latest": [], "told": "", "over": 0}
        known = bool(event == kept["told"])
        if known or event in [one for one, _ in kept["latest"]]:
            return known
        now = _now()
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
    for wait in _COUNTING:
        clock.pause(wait)
        row = _row(f"COUNT#{name}")
        kept: list[list[Any]] = json.loads(row["count"]["S"])["deeds"] if row else []
        recent = [one for one in kept if one[1] > _now() - seconds]
        others = list(dict.fromkeys(said for of, _, said in recent if of != event))
        if any(of == event for of, _, _ in kept) or _count(name, row, {"deeds": [*recent, [event, _now(), what]][-_MOST_DEEDS:]}, seconds):
            return others
    raise ResourceBusy("too many events at once to note what the same identity did")


def _count(what: str, row: Mapping[str, Any], kept: Mapping[str, Any], seconds: float) -> bool:
    """Write the count down, unless another invocation has counted since the row was read."""
    unchanged: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(pk)"}
    if row:
        names, values = {"#count": "count"}, {":seen": row["count"]}
        unchanged = {"ConditionExpression": "#count = :seen", "ExpressionAttributeNames": names, "ExpressionAttributeValues": values}
    item = {**_key(f"COUNT#{what}"), "count": {"S": json.dumps(kept)}, "expires": _n(int(_now() + seconds + 2 * DAY))}
    try:
        platform("dynamodb").put_item(TableName=_table(), Item=item, **unchanged)
    except ClientError as error:
        if refusals.code_of(error) != "ConditionalCheckFailedException":
            raise
        return False
    return True


def is_storm(remediation: str) -> bool:
    """Count one more alert that no claim has counted; tell whether it is to be told together with others."""
    now = _now()
    one_more = _one_more(settings.number("STORM_AFTER"), now, within=STORM)
    mark = _mark()
    one_more["UpdateExpression"] += ", mark = :mark"
    one_more["ExpressionAttributeValues"][":mark"] = mark
    try:
        platform("dynamodb").update_item(TableName=_table(), Key=_key(f"ALERTS#{remediation}"), ReturnValuesOnConditionCheckFailure="ALL_OLD", **one_more)
    except ClientError as error:
        if refusals.code_of(error) != "ConditionalCheckFailedException":
            raise
        return not _is_own(error, mark)
    return False


def put_off(alert: Mapping[str, Any]) -> str:
    """Keep an alert that is to be told with others; return the id under which `put_off_until_now` finds it. The same alert has the same id.

    Kept is what the digest is made of. The queue holds the id alone, so whoever puts messages there cannot make Snapback say anything.
    """
    waiting = fix_id("put off", alert["remediation"], alert["id"], alert["outcome"], alert["resource"]["name"])
    commands = {name: alert["commands"][name] for name in ("release", "undo", "apply") if name in alert["commands"]}
    kept = {**alert, "before": [], "left": [], "calls": [], "after": None, "actor": None, "commands": commands}
    item = {**_key(f"ALERT#{waiting}"), "alert": {"S": json.dumps(kept)}, "expires": _n(int(_now() + _LONGEST_IN_QUEUE + 2 * DAY))}
    platform("dynamodb").put_item(TableName=_table(), Item=item)
    return waiting


def put_off_until_now(waiting: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """Return the alerts kept under those ids; what is under none of them is missing."""
    found: dict[str, Mapping[str, Any]] = {}
    for start in range(0, len(waiting), _MOST_AT_ONCE):
        asked: Any = {_table(): {"Keys": [_key(f"ALERT#{one}") for one in waiting[start : start + _MOST_AT_ONCE]], "ConsistentRead": True}}
        for wait in _COUNTING:
            clock.pause(wait)
            answer = platform("dynamodb").batch_get_item(RequestItems=asked)
            found |= {row["pk"]["S"].removeprefix("ALERT#"): json.loads(row["alert"]["S"]) for row in answer["Responses"].get(_table(), [])}
            if not (asked := answer.get("UnprocessedKeys")):
                break
        else:
            raise ResourceBusy("the journal gives only a part of the alerts that were put off")
    return found


def read(fix_id: str) -> Fix | None:
    """Return what is written down under the id that stands in an alert, or None."""
    row = _row(f"FIX#{fix_id}")
    return from_row(row) if row else None


def first_notice(what: str, request: str, resource: str, *, hours: float = 1, lease: float = 60) -> bool:
    """Tell whether people should hear of this now, from the caller: at most once in so many hours. Then `notice_sent` must follow, or `notice_failed`.

    Until then the notice is pending, for at most `lease` seconds: who comes meanwhile leaves it to the caller, and who comes later tells it.
    `resource` is kept with the notice, so that `release` knows what was held back meanwhile.
    """
    now = _now()
    notice: dict[str, Any] = {"TableName": _table(), "Key": _key(f"NOTICE#{what}")}
    mark = _mark()
    try:
        platform("dynamodb").update_item(
            **notice,
            UpdateExpression="SET pending = :lease, taken = :now, request_id = :request, mark = :mark, expires = :expires ADD resources :resource",
            ConditionExpression="(attribute_not_exists(noticed) OR noticed < :before) AND "
            "(attribute_not_exists(pending) OR pending < :now OR (request_id = :request AND taken < :retry))",
            ExpressionAttributeValues={
                ":now": _n(now),
                ":lease": _n(now + lease),
                ":mark": mark,
                ":request": {"S": request},
                ":before": _n(now - hours * HOUR),
                ":retry": _n(now - _SOONEST_RETRY),
                ":expires": _n(int(now + max(_HELD_FOR, hours * HOUR))),
                ":resource": {"SS": [resource]},
            },
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    except ClientError as error:
        if refusals.code_of(error) != "ConditionalCheckFailedException":
            raise
        if _is_own(error, mark):
            return True
    else:
        return True
    _add(f"NOTICE#{what}", resource, seconds=max(_HELD_FOR, hours * HOUR))
    return False


def _add(pk: str, resource: str, *, seconds: float) -> None:
    """Add the resource to those that the row names, for so many seconds, and note when that was; one for which there is no room gets a row of its own."""
    values = {":now": _n(_now()), ":expires": _n(int(_now() + seconds))}
    try:
        platform("dynamodb").update_item(
            TableName=_table(),
            Key=_key(pk),
            UpdateExpression="SET latest = :now, expires = :expires ADD resources :resource",
            ConditionExpression="attribute_not_exists(resources) OR size(resources) < :most",
            ExpressionAttributeValues={**values, ":resource": {"SS": [resource]}, ":most": _n(_MOST_HELD)},
        )
    except ClientError as error:
        if refusals.code_of(error) != "ConditionalCheckFailedException":
            raise
        platform("dynamodb").update_item(
            TableName=_table(), Key=_key(f"{pk}#{resource}"), UpdateExpression="SET latest = :now, expires = :expires", ExpressionAttributeValues=values
        )


def left_to_people(fix: Fix) -> str:
    """Say so if people were told, since the fix was begun, that its resource is held or contested; return nothing if they were not."""
    for outcome in (Outcome.CONTESTED, Outcome.HELD):
        if _number(_row(f"NOTICE#{fix.remediation}#{outcome}#{fix.resource}"), "noticed") >= fix.claimed_at:
            return f"since its first attempt, people were told that it is {outcome.value.lower()}"
    return ""


def notice_sent(what: str) -> None:
    """Note that people were told."""
    platform("dynamodb").update_item(
        TableName=_table(),
        Key=_key(f"NOTICE#{what}"),
        UpdateExpression="SET noticed = :now REMOVE pending",
        ExpressionAttributeValues={":now": _n(_now())},
    )


def notice_failed(what: str) -> None:
    """Note that people could not be told: whoever comes next is to tell them."""
    platform("dynamodb").update_item(TableName=_table(), Key=_key(f"NOTICE#{what}"), UpdateExpression="REMOVE pending")


def held(remediation: str) -> list[str]:
    """Return the resources that were held back, and are not handled yet."""
    row = _row(f"NOTICE#{remediation}#HELD")
    return sorted(row.get("resources", {}).get("SS", []))


def is_held(remediation: str, resource: str) -> bool:
    """Tell whether the resource was held back, and is not handled yet."""
    return resource in held(remediation) or bool(_row(f"NOTICE#{remediation}#HELD#{resource}"))


def is_contested(remediation: str, resource: str) -> bool:
    """Tell whether the resource was lately refused as contested, and nothing was done to it since."""
    notice = _row(f"NOTICE#{remediation}#CONTESTED#{resource}")
    seen = max(_number(notice, "taken"), _number(notice, "latest"))
    return seen > _now() - _CONTESTED_FOR and seen > _number(_row(f"RESOURCE#{remediation}#{resource}"), "released")


def let_through(remediation: str, resource: str) -> None:
    """Note that an exemption kept a problem from being put right: whoever finds the exemption wrong can have it handled."""
    _add(f"EXEMPTED#{remediation}", resource, seconds=settings.number("JOURNAL_DAYS") * DAY)


def was_let_through(remediation: str, resource: str) -> bool:
    """Tell whether an exemption kept a problem of this resource from being put right, and it was not handled since."""
    return resource in all_let_through(remediation) or bool(_row(f"EXEMPTED#{remediation}#{resource}"))


def all_let_through(remediation: str) -> list[str]:
    """Return what exemptions kept from being put right, and was not handled since: a thousand at most."""
    return list(_row(f"EXEMPTED#{remediation}").get("resources", {}).get("SS", []))


def release(remediation: str, resource: str) -> None:
    """Forget how often the remediation and the resource were fixed this hour: a person has decided that it may go on. What was held is not forgotten."""
    for key in (f"BREAKER#{remediation}", f"BREAKER#{remediation}#preview", f"NOTICE#{remediation}#CONTESTED#{resource}"):
        platform("dynamodb").delete_item(TableName=_table(), Key=_key(key))
    platform("dynamodb").update_item(
        TableName=_table(),
        Key=_key(f"NOTICE#{remediation}#HELD"),
        UpdateExpression="SET expires = :expires REMOVE noticed, pending",
        ExpressionAttributeValues={":expires": _n(int(_now() + _HELD_FOR))},
    )
    registers = [f"fix{n}" for n in range(1, settings.number("MAX_FIXES_PER_RESOURCE") + 1)]
    platform("dynamodb").update_item(TableName=_table(), Key=_key(f"RESOURCE#{remediation}#{resource}"), UpdateExpression=f"REMOVE {', '.join(registers)}")


def released(remediation: str, resource: str) -> None:
    """Note that what was held back is handled."""
    _forget(f"NOTICE#{remediation}#HELD", resource)


def handled_after_exemption(remediation: str, resource: str) -> None:
    """Note that what was let through is handled."""
    _forget(f"EXEMPTED#{remediation}", resource)


def _forget(pk: str, resource: str) -> None:
    platform("dynamodb").update_item(
        TableName=_table(), Key=_key(pk), UpdateExpression="DELETE resources :resource", ExpressionAttributeValues={":resource": {"SS": [resource]}}
    )
    platform("dynamodb").delete_item(TableName=_table(), Key=_key(f"{pk}#{resource}"))


def begin_undo(fix: Fix, *, request: str, lease: float) -> None:
    """Write down that the fix is being taken back, and take hold of the resource; raise `ResourceBusy` if somebody is at work on it."""
    now = _now()
    undoing: TransactWriteItemTypeDef = {
        "Update": {
            "TableName": _table(),
            "Key": _key(f"FIX#{fix.id}"),
            "UpdateExpression": f"SET #status = :undoing, undoing = :now{', untold = :now' * (fix.status == CLAIMED)}",
            "ConditionExpression": "#status = :status",
            "ExpressionAttributeNames": {"#status": "status"},
            "ExpressionAttributeValues": {":undoing": {"S": UNDOING}, ":status": {"S": fix.status}, ":now": _n(now)},
        }
    }
    holding: TransactWriteItemTypeDef = {
        "Update": {
            "TableName": _table(),
            "Key": _key(_resource_key(fix)),
            "UpdateExpression": "SET holder = :id, lease = :lease, taken = :now, request_id = :request, expires = if_not_exists(expires, :expires)",
            "ConditionExpression": "attribute_not_exists(lease) OR lease < :now OR (holder = :id AND taken < :retry)",
            "ExpressionAttributeValues": {
                ":id": {"S": fix.id},
                ":lease": _n(now + lease),
                ":now": _n(now),
                ":request": {"S": request},
                ":retry": _n(now + 1 if fix.status == UNDOING else 0.0),  # an undo that was cut off may be given again at once
                ":expires": _n(int(now + 2 * DAY)),
            },
        }
    }
    if _ask([undoing, holding]):
        raise ResourceBusy(f"somebody is at work on {fix.resource} just now: give this command again in a minute")
    fix.status = UNDOING


def end_undo(fix: Fix, reason: str, exemption: Exemption | None) -> None:
    """Write down that the fix was taken back and, in the same transaction, the exemption that keeps it from being made again; let go of the resource."""
    fix.finished_at = _now()
    undone: TransactWriteItemTypeDef = {
        "Update": {
            "TableName": _table(),
            "Key": _key(f"FIX#{fix.id}"),
            "UpdateExpression": "SET #status = :undone, undone = :why",
            "ExpressionAttributeNames": {"#status": "status"},
            "ExpressionAttributeValues": {":undone": {"S": Outcome.UNDONE.value}, ":why": {"S": json.dumps({"at": fix.finished_at, "reason": reason})}},
        }
    }

    def all_together() -> "list[TransactWriteItemTypeDef]":
        granted: list[TransactWriteItemTypeDef] = []
        if exemption:  # read anew at each attempt: others may have changed theirs
            kept_as = fix.problem or fix.remediation
            granted = [{"Put": _exemptions_put(kept_as, _exemptions_row(kept_as), exemption)}]
        return [undone, *granted, _letting_go(fix)]

    _write(all_together)


def stop_undo(fix: Fix) -> None:
    """Write down how far an undo came that could not be finished, and let go of the resource."""
    fix.finished_at = _now()
    _write(lambda: [_outcome_update(fix), _letting_go(fix)])


def hold(remediation: str, resource: str) -> None:
    """Remember that the resource waits for a person's `release`."""
    platform("dynamodb").update_item(
        TableName=_table(),
        Key=_key(f"NOTICE#{remediation}#HELD"),
        UpdateExpression="SET expires = :expires ADD resources :resource",
        ExpressionAttributeValues={":expires": _n(int(_now() + _HELD_FOR)), ":resource": {"SS": [resource]}},
    )


def taken_by_stack(remediation: str, resource: str) -> None:
    """Remember that a stack has taken the resource away, and that people were asked: a sweep that finds it gone must not bring it back unasked."""
    item = {**_key(f"STACK#{remediation}#{resource}"), "expires": _n(int(_now() + _ASKED_FOR))}
    platform("dynamodb").put_item(TableName=_table(), Item=item)


def was_taken_by_stack(remediation: str, resource: str) -> bool:
    """Tell whether people were asked about a stack that had taken the resource away."""
    return bool(_row(f"STACK#{remediation}#{resource}"))


def exempt(remediation: str, exemption: Exemption) -> None:
    """Grant the exemption; one for the same resource is replaced, and what has expired is dropped."""
    _put_decided(_exemptions_put(remediation, _exemptions_row(remediation), exemption))


def choose(problem: str, remediation: str, choice: modes.Choice) -> None:
    """Write down which mode a person has chosen for the remediation."""
    row = _exemptions_row(problem)
    _put_decided(_exemptions_put(problem, row, None, modes.with_choice(row, remediation, choice)))


def _put_decided(put: Mapping[str, Any]) -> None:
    """Write down what people have decided; that it stands there already means that the answer to the first attempt was lost."""
    try:
        platform("dynamodb").put_item(**put, ReturnValuesOnConditionCheckFailure="ALL_OLD")
    except ClientError as error:
        row: Mapping[str, Any] = error.response.get("Item", {})  # type: ignore[assignment]  # as ReturnValuesOnConditionCheckFailure has it
        if refusals.code_of(error) != "ConditionalCheckFailedException" or row.get("version") != put["Item"]["version"]:
            raise


def exemptions_of(remediation: str) -> list[Exemption]:
    """Return the exemptions that are in force; raise `UnreadableExemptions` if they cannot be read."""
    row = _exemptions_row(remediation)
    return [one for one in parse(row["exemptions"]["S"]) if one.ends > _now()] if row else []


def _row(pk: str) -> Mapping[str, Any]:
    """Return the row as it is now, or nothing."""
    return platform("dynamodb").get_item(TableName=_table(), Key=_key(pk), ConsistentRead=True).get("Item", {})


def _exemptions_row(remediation: str) -> Mapping[str, Any] | None:
    return _row(f"EXEMPT#{remediation}")


def _exemptions_put(remediation: str, row: Mapping[str, Any] | None, added: Exemption | None, chosen: str = "") -> Any:  # noqa: ANN401 - a Put, typed where it is used
    """Return what writes an exemption down, or the modes, beside what else people have decided."""
    now = _now()
    replaced = added.resource if added else ""
    kept = [one for one in (parse(row["exemptions"]["S"]) if row else []) if one.resource != replaced and (one.ends > now or one.is_silence)]
    kept += [added] if added and added.ends > now else []
    text = json.dumps([one.as_json() for one in kept])
    chosen = chosen or (row["modes"]["S"] if row and "modes" in row else "{}")
    version = hashlib.sha256(f"{text}{chosen}{now}".encode()).hexdigest()[:16]
    latest = max((one.ends for one in kept), default=0.0)
    if chosen != "{}" or any(one.is_silence for one in kept):  # each claim has to see the modes, and that a silence has ended
        latest = _NEVER
    put: dict[str, Any] = {
        "TableName": _table(),
        "Item": {**_key(f"EXEMPT#{remediation}"), "exemptions": {"S": text}, "version": {"S": version}, "latest_end": _n(latest), "modes": {"S": chosen}},
        "ConditionExpression": "attribute_not_exists(pk)",
    }
    if row:
        put |= {"ConditionExpression": "version = :version", "ExpressionAttributeValues": {":version": row["version"]}}
    return put


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
        "TableName": _table(),
        "Item": _to_row(fix, now),
        "ConditionExpression": "attribute_not_exists(pk)",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    if not fix.writes:
        one_row["Item"] |= {"lease": _n(now + lease), "taken": _n(now)}
    if earlier is not None:
        one_row["ConditionExpression"] = "#status = :claimed AND about = :about"
        one_row |= {"ExpressionAttributeNames": {"#status": "status"}, "ExpressionAttributeValues": {":claimed": {"S": CLAIMED}, ":about": earlier["about"]}}
    questions: list[tuple[str, Any]] = [
        ("handled", {"Put": one_row}),
        (
            "exempt",
            _check(
                f"EXEMPT#{fix.problem or fix.remediation}",
                # A chosen mode has to stand as it was read; where the class's holds, there is nothing to read.
                "version = :seen" if fix.chosen else "attribute_not_exists(pk) OR latest_end < :now OR version = :seen",
                seen={"S": exemptions_seen},
                **({} if fix.chosen else {"now": _n(now)}),
            ),
        ),
    ]
    if has_room:
        calm = "(attribute_not_exists(noticed) OR noticed < :claimed) AND (attribute_not_exists(pending) OR pending < :now)"
        questions += [
            ("held", _check(f"NOTICE#{fix.remediation}#HELD", calm, claimed=_n(fix.claimed_at), now=_n(now))),
            ("contested", _check(f"NOTICE#{fix.remediation}#CONTESTED#{fix.resource}", calm, claimed=_n(fix.claimed_at), now=_n(now))),
        ]
    else:
        questions.append(("breaker", {"Update": _breaker(fix, now)}))
    if enforced:
        missing_or_ended = "attribute_not_exists(pk) OR #status <> :claimed"
        check = _check(f"FIX#{enforced}", missing_or_ended, claimed={"S": CLAIMED})
        check["ConditionCheck"]["ExpressionAttributeNames"] = {"#status": "status"}
        questions.insert(0, ("enforced", check))  # before what was shown: another event may have shown what this one has begun
    if fix.writes:
        questions.append(("resource", {"Update": _resource(fix, now, looked_at, lease, has_room=has_room)}))
    return questions


def _check(pk: str, condition: str, **values: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a ConditionCheck, put together
    return {
        "ConditionCheck": {
            "TableName": _table(),
            "Key": _key(pk),
            "ConditionExpression": condition,
            "ExpressionAttributeValues": {f":{name}": value for name, value in values.items()},
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
    }


def _breaker(fix: Fix, now: float) -> dict[str, Any]:
    # In preview nothing is fixed, so only the number of alerts is limited, apart from what is enforced.
    scope = f"{fix.remediation}#preview" if fix.preview else fix.remediation
    limit, alone = settings.number("MAX_FIXES_PER_HOUR"), settings.number("STORM_AFTER")
    breaker = _one_more(limit, now)
    if fix.is_report:  # there is always room; only how they are told depends on their number
        breaker = _one_more(alone, now, within=STORM if not fix.in_storm else -HOUR)
    elif not fix.in_storm and alone < limit:
        breaker["ConditionExpression"] += f" AND (attribute_not_exists(fix{alone}) OR fix{alone} < :calm)"
        breaker["ExpressionAttributeValues"] |= {":calm": _n(now - STORM)}
    return {"TableName": _table(), "Key": _key(f"BREAKER#{scope}"), **breaker, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}


def _resource(fix: Fix, now: float, looked_at: float, lease: float, *, has_room: bool) -> dict[str, Any]:
    one_more: dict[str, Any] = {"UpdateExpression": "SET ", "ConditionExpression": "", "ExpressionAttributeValues": {":now": _n(now)}}
    if not has_room:
        one_more = _one_more(settings.number("MAX_FIXES_PER_RESOURCE"), now)
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
        ":lease": _n(now + lease),
        ":request": {"S": fix.request},
        ":retry": _n(now - _SOONEST_RETRY),
        ":looked_at": _n(looked_at - _CLOCK_SKEW),
    }
    return {"TableName": _table(), "Key": _key(_resource_key(fix)), **one_more, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}


def _one_more(limit: int, now: float, *, within: float = HOUR) -> dict[str, Any]:
    """Return an update that shifts a register of `limit` times, on condition that there is room for one more within so many seconds."""
    shifts = [f"fix{n} = if_not_exists(fix{n - 1}, :never)" for n in range(limit, 1, -1)]
    return {
        "UpdateExpression": f"SET {', '.join([*shifts, 'fix1 = :now', 'expires = :expires'])}",
        "ConditionExpression": f"(attribute_not_exists(fix{limit}) OR fix{limit} < :before)",
        "ExpressionAttributeValues": {
            ":now": _n(now),
            ":before": _n(now - within),
            ":expires": _n(int(now + 2 * DAY)),
            **({":never": _n(0)} if shifts else {}),
        },
    }


def _to_row(fix: Fix, now: float) -> dict[str, Any]:
    evidence = refuse_too_large(fix)
    about = {
        "resource": fix.resource,
        "event_id": fix.event_id[:_LONGEST_TEXT],
        "event_time": fix.event_time[:_LONGEST_TEXT],
        "source": fix.source,
        "actor": {part: text[:_LONGEST_TEXT] for part, text in fix.actor.items()},
        "preview": fix.preview,
        "writes": fix.writes,
        "claimed_at": fix.claimed_at,
        "notes": fix.notes,
        **({"settings": fix.settings} if fix.settings else {}),
        **({"applies": fix.applies} if fix.applies else {}),
        **({"is_of_threat": True} if fix.is_of_threat else {}),
        **({"in_storm": True} if fix.in_storm else {}),
    }
    return {
        **_key(f"FIX#{fix.id}"),
        "remediation": {"S": fix.remediation},
        "about": {"S": json.dumps(about)},
        "evidence": {"S": evidence},
        "request_id": {"S": fix.request},
        "status": {"S": fix.status},
        "expires": _n(int(now + settings.number("JOURNAL_DAYS") * DAY)),
    }


def refuse_too_large(fix: Fix) -> str:
    """Return the evidence as it is written down; raise `EvidenceTooLarge` if no journal entry holds it."""
    evidence = json.dumps(list(fix.evidence), sort_keys=True)
    if len(evidence.encode()) > _LARGEST_EVIDENCE:
        raise EvidenceTooLarge(f"the state of {fix.resource} takes {len(evidence)} bytes, more than a journal entry holds; nothing was changed")
    return evidence


def _outcome_of(fix: Fix) -> dict[str, Any]:
    """Return the outcome as it is written down, short enough to have room beside the evidence."""
    return {
        "S": json.dumps(
            {
                "reason": fix.reason[:_LONGEST_TEXT],
                "calls": with_room(fix.calls),
                "left": with_room([fix.evidence.index(item) if item in fix.evidence else item for item in fix.left]),
                "after": comparable(fix.after),
                "finished_at": fix.finished_at,
                "expires_at": fix.expires_at,
            },
            sort_keys=True,
        )
    }


def comparable(setting: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return the setting as the journal keeps it, to be compared with what it is later: a long one as its hash."""
    text = json.dumps(setting, sort_keys=True)
    return setting if len(text) <= _ROOM else {"sha256": hashlib.sha256(text.encode()).hexdigest()}


def with_room(items: Sequence[Any]) -> list[Any]:
    """Return as many of the items, from the first, as an outcome has room for."""
    room = itertools.accumulate(len(json.dumps(item)) for item in items)
    return [item for item, used in zip(items, room, strict=True) if used <= _ROOM]


def from_row(row: Mapping[str, Any]) -> Fix:
    """Read a FIX row as DynamoDB gives it. What a later version has written besides, which was rolled back, is passed over."""
    evidence, outcome = json.loads(row["evidence"]["S"]), _known(row["outcome"]["S"] if "outcome" in row else "{}")
    outcome["left"] = [evidence[item] if isinstance(item, int) else item for item in outcome.get("left", [])]
    return Fix(
        id=row["pk"]["S"].removeprefix("FIX#"),
        remediation=row["remediation"]["S"],
        request=row["request_id"]["S"],
        evidence=evidence,
        status=row["status"]["S"],
        undoing=_number(row, "undoing"),
        untold=_number(row, "untold"),
        retried=_number(row, "retried"),
        applied=row.get("applied", {}).get("S", ""),
        **_known(row["about"]["S"]),
        **outcome,
    )


def _known(written: str) -> dict[str, Any]:
    return {part: value for part, value in json.loads(written).items() if part in Fix.__dataclass_fields__}


def _resource_key(fix: Fix) -> str:
    return f"RESOURCE#{fix.remediation}#{fix.resource}"


def _table() -> str:
    return settings.text("JOURNAL_TABLE")


def _key(pk: str) -> dict[str, Any]:
    return {"pk": {"S": pk}}


def _now() -> float:
    """Return the time as the journal has it: to the millisecond, so that it compares the same here and in DynamoDB."""
    return round(clock.now(), 3)


def _number(row: Mapping[str, Any], name: str) -> float:
    return float(row[name]["N"]) if name in row else 0.0


def _n(value: float) -> dict[str, str]:
    return {"N": f"{value:.3f}" if isinstance(value, float) else str(value)}
