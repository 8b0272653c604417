"""The journal: one DynamoDB table that decides whether a fix may be made and remembers what was.

Kinds of rows (the key `pk` says which):

    FIX#<id>                          one resource of one event: evidence before, calls, outcome. `id` stands in the alert and is what `undo` takes.
    RESOURCE#<remediation>#<resource> who is working on the resource right now (a lease), and when it was last fixed (tug-of-war)
    BREAKER#<remediation>             when the remediation last fixed anything (circuit breaker; past a few at once, a storm)
    ALERTS#<remediation>              when people were last told of what it did not fix (the same storm)
    EXEMPT#<remediation>              the exemptions, in one row
    EXPIRY#<remediation>              fixes that are taken back by themselves, and when
    MEMORY#…, MEMORIES#…              the good state, for fixes that put back what was deleted (`memory`)
    COUNT#<what>                      the latest of what is told only if it happens often, and the burst that people know of
    ALERT#<id>                        an alert of a storm, for as long as the queue may hold its id (storms)
    NOTICE#<what>                     when people were last told, for alerts that are given once an hour

All questions are asked in **one** transaction, `claim`, which either writes the evidence down and lets the fix begin, or changes nothing and says why not.
If the table cannot be reached that raises, and nothing is fixed: no record, no fix.

"At most N in an hour" is kept as a shift register: `fix1` is the time of the latest fix, `fixN` that of the N-th latest. There is room for one more if
`fixN` is more than an hour ago. DynamoDB evaluates all right-hand sides of a SET against the row before the update, so one update shifts the register.
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
"""

import hashlib
import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from botocore.exceptions import ClientError

from snapback import clients, clock, settings
from snapback.clients import platform
from snapback.errors import EvidenceTooLarge, JournalError, ResourceBusy
from snapback.exemptions import Exemption, UnreadableExemptions, exempting, parse
from snapback.outcomes import Outcome

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

Evidence = Sequence[Mapping[str, Any]]
"""What is wrong, one JSON object per wrong thing; empty when all is well. The verdict, the before-state and the undo's input in one."""

CLAIMED = "CLAIMED"
"""Status of a FIX row between the claim and its outcome."""

HOUR = 3600
DAY = 24 * HOUR
STORM = 600
"""Seconds. STORM_AFTER alerts of a remediation within them are a storm: what is more is told together (docs/adr/0006-storms.md)."""
_CLOCK_SKEW = 2.0
"""Seconds by which the clocks of two Lambda environments may differ, generously."""
_SOONEST_RETRY = 30.0
"""Seconds; https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html says one minute."""
_MOST_HELD = 1000
"""Resources that are remembered as held back; beyond that the log has them."""
_COUNTING = (0.0, 0.1, 0.3, 0.7, 1.5, 3.0)
"""Seconds to wait before each attempt to count while other invocations count, too."""
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
    told: bool | None = None
    """True: the alert is known to be sent. False: known not to be. None: the invocation that recorded the outcome sent it."""
    expires_at: float = 0
    """When the fix is to be taken back by itself; 0 for never."""
    claimed_at: float = 0
    finished_at: float = 0
    notes: Mapping[str, Any] = field(default_factory=dict)
    problem: str = ""
    """Under which name exemptions from the fix are kept, if not the remediation's own. Not written down."""
    also_named: Sequence[str] = ()
    """Under which further names the resource may be exempt. Not written down."""
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

    def is_untold(self, request: str) -> bool:
        """Tell whether the outcome stands but its alert may not have gone out.

        Sending failed; or this is Lambda's retry of the invocation that recorded the outcome and should have sent it. Lambda waits a minute before it tries
        again, so the same request sooner than that is only the same event delivered twice.
        """
        is_retry = request == self.request and clock.now() - self.finished_at > _SOONEST_RETRY
        return self.is_final and not self.told and (self.told is False or is_retry)


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


class Claim(NamedTuple):
    """The journal's answer."""

    standing: Standing
    fix: Fix
    outcome: Outcome | None = None
    reason: str = ""


def fix_id(*parts: str) -> str:
    """Return the id under which the work on one resource of one event is written down: the same parts always give the same id."""
    return "sb-" + hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def claim(fix: Fix, *, looked_at: float, lease: float) -> Claim:
    """Ask for the right to fix; write the evidence down if it is given.

    `looked_at` is when the evidence was read (seconds since 1970), `lease` for how many seconds the work may take. Refuses, writing nothing, if the event
    was handled, the resource is exempt, the remediation or the resource has had its fixes for this hour, or somebody else is at work on the resource.
    """
    now = clock.now()
    fix.claimed_at, fix.status = now, CLAIMED
    exemptions_seen = "none"
    while True:
        reasons = _ask(_questions(fix, now, looked_at, lease, exemptions_seen))
        if not reasons:
            return Claim(Standing.CLAIMED, fix)
        if any(reason.get("Code") == "TransactionConflict" for reason in reasons):
            return Claim(Standing.BUSY, fix)
        handled, exempt, breaker, resource = (reason.get("Item") if reason.get("Code") == "ConditionalCheckFailed" else None for reason in (*reasons, {})[:4])
        if handled is not None:
            return _continue(from_row(handled), now, lease)
        if exempt is not None:
            fix.ended = _ended_silences(exempt, now)
            if refusal := _exemption(fix, exempt, now):
                return refusal
            exemptions_seen = exempt["version"]["S"]  # none of them is for this resource: ask again, as long as they stay as they are
        elif resource is not None:
            return _resource_verdict(fix, resource, now, looked_at)
        elif breaker is not None:
            limit = settings.number("MAX_FIXES_PER_HOUR")
            if not fix.in_storm and (fix.is_report or _number(breaker, f"fix{limit}") < now - HOUR):  # it may, but is not told alone: ask again
                fix.in_storm = True
                continue
            return Claim(Standing.REFUSED, fix, Outcome.HELD, f"{fix.remediation} has made {limit} fixes within an hour, the most that it may")
        else:
            raise JournalError(f"the journal refused the claim for a reason that Snapback does not know: {reasons}")


def _ask(questions: "list[TransactWriteItemTypeDef]") -> "Sequence[Mapping[str, Any]]":
    """Send the transaction; return nothing if it went through, else the reason for each question."""
    try:
        platform("dynamodb").transact_write_items(TransactItems=questions)
    except ClientError as error:
        if clients.code_of(error) != "TransactionCanceledException":
            raise
        return cast("Sequence[Mapping[str, Any]]", error.response.get("CancellationReasons", [{}]))
    return []


def exempted(fix: Fix) -> Claim | None:
    """Return the refusal if the resource is exempt, or if the exemptions cannot be read; for what is told without a claim."""
    row = _exemptions_row(fix.problem or fix.remediation)
    return _exemption(fix, row, clock.now()) if row else None


def _ended_silences(row: Mapping[str, Any], now: float) -> list[Exemption]:
    """Return the silences that have ended: they stay in the row until that is told."""
    try:
        return [one for one in parse(row["exemptions"]["S"]) if one.is_silence and one.ends <= now]
    except (UnreadableExemptions, KeyError):
        return []


def _exemption(fix: Fix, row: Mapping[str, Any], now: float) -> Claim | None:
    """Return the refusal if one of the remediation's exemptions covers the resource, or if they cannot be read."""
    try:
        granted = parse(row["exemptions"]["S"])
        exemption = next((found for name in fix.names if (found := exempting(name, granted, now))), None)
        _ = row["version"]["S"]
    except (UnreadableExemptions, KeyError) as error:
        return Claim(Standing.REFUSED, fix, Outcome.HELD, f"the exemptions of {fix.remediation} cannot be read ({error}), so nothing is changed")
    return Claim(Standing.REFUSED, fix, Outcome.EXEMPT, str(exemption)) if exemption else None


def _resource_verdict(fix: Fix, row: Mapping[str, Any], now: float, looked_at: float) -> Claim:
    """Say whether somebody is at work on the resource, or it has had its fixes for this hour."""
    if _number(row, "lease") >= now or _number(row, "released") >= looked_at - _CLOCK_SKEW:
        return Claim(Standing.BUSY, fix)
    limit = settings.number("MAX_FIXES_PER_RESOURCE")
    return Claim(Standing.REFUSED, fix, Outcome.CONTESTED, f"it has been fixed or tried {limit} times within an hour and is broken again")


def standing(fix: Fix, *, lease: float) -> Claim:
    """Say where the event's work stands when the resource shows no problem: perhaps an earlier attempt fixed it and was cut off before it could say so."""
    row = platform("dynamodb").get_item(TableName=_table(), Key=_key(f"FIX#{fix.id}"), ConsistentRead=True).get("Item")
    return _continue(from_row(row), clock.now(), lease) if row else Claim(Standing.FREE, fix)


def _continue(earlier: Fix, now: float, lease: float) -> Claim:
    """Go on with what an earlier attempt began, once its lease has run out."""
    if earlier.is_final:
        return Claim(Standing.HANDLED, earlier)
    if not earlier.writes:
        return Claim(Standing.CLAIMED, earlier)
    try:
        taken = platform("dynamodb").update_item(
            TableName=_table(),
            Key=_key(_resource_key(earlier)),
            UpdateExpression="SET holder = :id, lease = :lease",
            ConditionExpression="attribute_not_exists(lease) OR lease < :now",
            ExpressionAttributeValues={":id": {"S": earlier.id}, ":lease": _n(now + lease), ":now": _n(now)},
            ReturnValues="ALL_OLD",
        )
    except ClientError as error:
        if clients.code_of(error) != "ConditionalCheckFailedException":
            raise
        return Claim(Standing.BUSY, earlier)
    overtaken = taken.get("Attributes", {}).get("holder", {}).get("S") != earlier.id
    return Claim(Standing.CLAIMED, earlier, reason="overtaken" if overtaken else "continued")


def record(fix: Fix, outcome: Outcome) -> None:
    """Write the outcome down and let go of the resource."""
    fix.status, fix.finished_at = outcome.value, clock.now()
    written: TransactWriteItemTypeDef = {
        "Update": {
            "TableName": _table(),
            "Key": _key(f"FIX#{fix.id}"),
            "UpdateExpression": "SET #status = :status, outcome = :outcome, request_id = :request",
            "ExpressionAttributeNames": {"#status": "status"},
            "ExpressionAttributeValues": {":status": {"S": fix.status}, ":outcome": _outcome_of(fix), ":request": {"S": fix.request}},
        }
    }
    let_go: TransactWriteItemTypeDef = {
        "Update": {
            "TableName": _table(),
            "Key": _key(_resource_key(fix)),
            "UpdateExpression": "SET released = :now REMOVE lease",
            "ExpressionAttributeValues": {":now": _n(fix.finished_at)},
        }
    }
    expiry: TransactWriteItemTypeDef = {
        "Update": {
            "TableName": _table(),
            "Key": _key(f"EXPIRY#{fix.remediation}"),
            "UpdateExpression": "ADD fixes :fix",
            "ExpressionAttributeValues": {":fix": {"SS": [f"{int(fix.expires_at):012} {fix.id}"]}},
        }
    }
    items = [written, *([let_go] if fix.writes else []), *([expiry] if fix.expires_at else [])]
    platform("dynamodb").transact_write_items(TransactItems=items)


def expired(remediation: str) -> list[str]:
    """Return the ids of the remediation's fixes whose time is over, the oldest first."""
    row = platform("dynamodb").get_item(TableName=_table(), Key=_key(f"EXPIRY#{remediation}"), ConsistentRead=True).get("Item", {})
    return [entry.split()[1] for entry in sorted(row.get("fixes", {}).get("SS", [])) if int(entry.split()[0]) <= clock.now()]


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
        row = platform("dynamodb").get_item(TableName=_table(), Key=_key(f"COUNT#{what}"), ConsistentRead=True).get("Item", {})
        kept: dict[str, Any] = json.loads(row["count"]["S"]) if row else {"latest": [], "told": "", "over": 0}
        known = bool(event == kept["told"])
        if known or event in [one for one, _ in kept["latest"]]:
            return known
        now = clock.now()
        kept["latest"] = [*kept["latest"], [event, now]][-number:]
        often = len(kept["latest"]) == number and kept["latest"][0][1] > now - seconds
        told = often and kept["over"] <= now
        kept |= {"told": event if told else kept["told"], "over": now + seconds if often else kept["over"]}
        if _count(what, row, kept, seconds):
            return told
    raise ResourceBusy(f"too many events at once to count {what}")


def _count(what: str, row: Mapping[str, Any], kept: Mapping[str, Any], seconds: float) -> bool:
    """Write the count down, unless another invocation has counted since the row was read."""
    unchanged: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(pk)"}
    if row:
        names, values = {"#count": "count"}, {":seen": row["count"]}
        unchanged = {"ConditionExpression": "#count = :seen", "ExpressionAttributeNames": names, "ExpressionAttributeValues": values}
    item = {**_key(f"COUNT#{what}"), "count": {"S": json.dumps(kept)}, "expires": _n(int(clock.now() + seconds + 2 * DAY))}
    try:
        platform("dynamodb").put_item(TableName=_table(), Item=item, **unchanged)
    except ClientError as error:
        if clients.code_of(error) != "ConditionalCheckFailedException":
            raise
        return False
    return True


def is_storm(remediation: str) -> bool:
    """Count one more alert that no claim has counted; tell whether it is to be told together with others."""
    try:
        platform("dynamodb").update_item(
            TableName=_table(), Key=_key(f"ALERTS#{remediation}"), **_one_more(settings.number("STORM_AFTER"), clock.now(), within=STORM)
        )
    except ClientError as error:
        if clients.code_of(error) != "ConditionalCheckFailedException":
            raise
        return True
    return False


def put_off(alert: Mapping[str, Any]) -> str:
    """Keep an alert that is to be told with others; return the id under which `put_off_until_now` finds it. The same alert has the same id.

    Kept is what the digest is made of. The queue holds the id alone, so whoever puts messages there cannot make Snapback say anything.
    """
    waiting = fix_id("put off", alert["remediation"], alert["id"], alert["outcome"], alert["resource"]["name"])
    undo = {"undo": alert["commands"]["undo"]} if "undo" in alert["commands"] else {}
    kept = {**alert, "before": [], "left": [], "calls": [], "after": None, "actor": None, "commands": undo}
    item = {**_key(f"ALERT#{waiting}"), "alert": {"S": json.dumps(kept)}, "expires": _n(int(clock.now() + _LONGEST_IN_QUEUE + 2 * DAY))}
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


def note_told(fix: Fix, *, told: bool) -> None:
    """Note whether the alert went out, where the end of the invocation does not say it (it failed, or other resources are still to come)."""
    platform("dynamodb").update_item(
        TableName=_table(),
        Key=_key(f"FIX#{fix.id}"),
        UpdateExpression="SET told = :told",
        ExpressionAttributeValues={":told": {"BOOL": told}},
    )


def read(fix_id: str) -> Fix | None:
    """Return what is written down under the id that stands in an alert, or None."""
    row = platform("dynamodb").get_item(TableName=_table(), Key=_key(f"FIX#{fix_id}"), ConsistentRead=True).get("Item")
    return from_row(row) if row else None


def first_notice(what: str, request: str, resource: str, *, hours: float = 1) -> bool:
    """Tell whether people should hear of this now: True at most once in so many hours, and again for a retry of the invocation that was to tell them.

    `resource` is kept with the notice, so that `release` knows what was held back meanwhile.
    """
    now = clock.now()
    notice: dict[str, Any] = {"TableName": _table(), "Key": _key(f"NOTICE#{what}")}
    values: dict[str, Any] = {
        ":now": _n(now),
        ":request": {"S": request},
        ":before": _n(now - hours * HOUR),
        ":retry": _n(now - _SOONEST_RETRY),
        ":expires": _n(int(now + max(2 * DAY, hours * HOUR))),
        ":resource": {"SS": [resource]},
    }
    try:
        platform("dynamodb").update_item(
            **notice,
            UpdateExpression="SET noticed = :now, request_id = :request, expires = :expires ADD resources :resource",
            ConditionExpression="attribute_not_exists(noticed) OR noticed < :before OR (request_id = :request AND noticed < :retry)",
            ExpressionAttributeValues=values,
        )
    except ClientError as error:
        if clients.code_of(error) != "ConditionalCheckFailedException":
            raise
    else:
        return True
    try:
        platform("dynamodb").update_item(
            **notice,
            UpdateExpression="ADD resources :resource",
            ConditionExpression="size(resources) < :most",
            ExpressionAttributeValues={":resource": {"SS": [resource]}, ":most": _n(_MOST_HELD)},
        )
    except ClientError as error:
        if clients.code_of(error) != "ConditionalCheckFailedException":
            raise
    return False


def release(remediation: str, resource: str) -> list[str]:
    """Forget how often the remediation and the resource were fixed this hour: a person has decided that it may go on.

    Returns the resources that were held back.
    """
    held = platform("dynamodb").get_item(TableName=_table(), Key=_key(f"NOTICE#{remediation}#HELD"), ConsistentRead=True).get("Item", {})
    for key in (f"BREAKER#{remediation}", f"NOTICE#{remediation}#HELD", f"NOTICE#{remediation}#CONTESTED#{resource}"):
        platform("dynamodb").delete_item(TableName=_table(), Key=_key(key))
    platform("dynamodb").update_item(
        TableName=_table(),
        Key=_key(f"RESOURCE#{remediation}#{resource}"),
        UpdateExpression=f"REMOVE {', '.join(f'fix{n}' for n in range(1, settings.number('MAX_FIXES_PER_RESOURCE') + 1))}",
    )
    return sorted(held.get("resources", {}).get("SS", []))


def begin_undo(fix: Fix, exemption: Exemption | None) -> None:
    """Write down that the fix is being taken back and, in the same transaction, the exemption that keeps it from being made again."""
    undoing: TransactWriteItemTypeDef = {
        "Update": {
            "TableName": _table(),
            "Key": _key(f"FIX#{fix.id}"),
            "UpdateExpression": "SET #status = :undoing",
            "ConditionExpression": "#status = :status",
            "ExpressionAttributeNames": {"#status": "status"},
            "ExpressionAttributeValues": {":undoing": {"S": "UNDOING"}, ":status": {"S": fix.status}},
        }
    }
    exempting: list[TransactWriteItemTypeDef] = []
    if exemption:
        kept_as = fix.problem or fix.remediation
        exempting = [{"Put": _exemptions_put(kept_as, _exemptions_row(kept_as), exemption)}]
    platform("dynamodb").transact_write_items(TransactItems=[undoing, *exempting])


def end_undo(fix: Fix, reason: str) -> None:
    """Write down that the fix was taken back."""
    platform("dynamodb").update_item(
        TableName=_table(),
        Key=_key(f"FIX#{fix.id}"),
        UpdateExpression="SET #status = :undone, undone = :why",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={":undone": {"S": Outcome.UNDONE.value}, ":why": {"S": json.dumps({"at": clock.now(), "reason": reason})}},
    )


def exempt(remediation: str, exemption: Exemption) -> None:
    """Grant the exemption; one for the same resource is replaced, and what has expired is dropped."""
    platform("dynamodb").put_item(**_exemptions_put(remediation, _exemptions_row(remediation), exemption))


def _exemptions_row(remediation: str) -> Mapping[str, Any] | None:
    return platform("dynamodb").get_item(TableName=_table(), Key=_key(f"EXEMPT#{remediation}"), ConsistentRead=True).get("Item")


def _exemptions_put(remediation: str, row: Mapping[str, Any] | None, added: Exemption) -> Any:  # noqa: ANN401 - a Put, typed where it is used
    now = clock.now()
    kept = [one for one in (parse(row["exemptions"]["S"]) if row else []) if one.resource != added.resource and (one.ends > now or one.is_silence)]
    kept += [added] if added.ends > now else []
    text = json.dumps([one.as_json() for one in kept])
    version = hashlib.sha256(f"{text}{now}".encode()).hexdigest()[:16]
    latest = _NEVER if any(one.is_silence for one in kept) else max((one.ends for one in kept), default=0)  # that a silence has ended is to be seen
    put: dict[str, Any] = {
        "TableName": _table(),
        "Item": {**_key(f"EXEMPT#{remediation}"), "exemptions": {"S": text}, "version": {"S": version}, "latest_end": _n(latest)},
        "ConditionExpression": "attribute_not_exists(pk)",
    }
    if row:
        put |= {"ConditionExpression": "version = :version", "ExpressionAttributeValues": {":version": row["version"]}}
    return put


def _questions(fix: Fix, now: float, looked_at: float, lease: float, exemptions_seen: str) -> "list[TransactWriteItemTypeDef]":
    """Return the transaction: handled? exempt? breaker? resource? in this order."""
    # In preview nothing is fixed, so only the number of alerts is limited, apart from what is enforced.
    scope = f"{fix.remediation}#preview" if fix.preview else fix.remediation
    limit, alone = settings.number("MAX_FIXES_PER_HOUR"), settings.number("STORM_AFTER")
    breaker = _one_more(limit, now)
    if fix.is_report:  # there is always room; only how they are told depends on their number
        breaker = _one_more(alone, now, within=STORM if not fix.in_storm else -HOUR)
    elif not fix.in_storm and alone < limit:
        breaker["ConditionExpression"] += f" AND (attribute_not_exists(fix{alone}) OR fix{alone} < :calm)"
        breaker["ExpressionAttributeValues"] |= {":calm": _n(now - STORM)}
    questions: list[TransactWriteItemTypeDef] = [
        {
            "Put": {
                "TableName": _table(),
                "Item": _to_row(fix, now),
                "ConditionExpression": "attribute_not_exists(pk)",
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }
        },
        {
            "ConditionCheck": {
                "TableName": _table(),
                "Key": _key(f"EXEMPT#{fix.problem or fix.remediation}"),
                "ConditionExpression": "attribute_not_exists(pk) OR latest_end < :now OR version = :seen",
                "ExpressionAttributeValues": {":now": _n(now), ":seen": {"S": exemptions_seen}},
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }
        },
        {
            "Update": {
                "TableName": _table(),
                "Key": _key(f"BREAKER#{scope}"),
                **breaker,  # type: ignore[typeddict-item]  # an update, put together
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }
        },
    ]
    if fix.writes:
        one_more = _one_more(settings.number("MAX_FIXES_PER_RESOURCE"), now)
        one_more["UpdateExpression"] += ", holder = :id, lease = :lease"
        one_more["ConditionExpression"] += " AND (attribute_not_exists(lease) OR lease < :now) AND (attribute_not_exists(released) OR released < :looked_at)"
        one_more["ExpressionAttributeValues"] |= {":id": {"S": fix.id}, ":lease": _n(now + lease), ":looked_at": _n(looked_at - _CLOCK_SKEW)}
        resource = {"TableName": _table(), "Key": _key(_resource_key(fix)), **one_more, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
        questions.append({"Update": resource})  # type: ignore[typeddict-item]  # built in two steps
    return questions


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
    evidence = json.dumps(list(fix.evidence), sort_keys=True)
    if len(evidence.encode()) > _LARGEST_EVIDENCE:
        raise EvidenceTooLarge(f"the state of {fix.resource} takes {len(evidence)} bytes, more than a journal entry holds; nothing was changed")
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
        **({"in_storm": True} if fix.in_storm else {}),  # a version that knows no storms can read the rest
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


def _outcome_of(fix: Fix) -> dict[str, Any]:
    """Return the outcome as it is written down, short enough to have room beside the evidence."""
    return {
        "S": json.dumps(
            {
                "reason": fix.reason[:_LONGEST_TEXT],
                "calls": _with_room(fix.calls),
                "left": _with_room([fix.evidence.index(item) if item in fix.evidence else item for item in fix.left]),
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


def _with_room(items: Sequence[Any]) -> list[Any]:
    """Return as many of the items, from the first, as there is room for."""
    room = itertools.accumulate(len(json.dumps(item)) for item in items)
    return [item for item, used in zip(items, room, strict=True) if used <= _ROOM]


def from_row(row: Mapping[str, Any]) -> Fix:
    """Read a FIX row as DynamoDB gives it."""
    evidence, outcome = json.loads(row["evidence"]["S"]), json.loads(row["outcome"]["S"] if "outcome" in row else "{}")
    outcome["left"] = [evidence[item] if isinstance(item, int) else item for item in outcome.get("left", [])]
    return Fix(
        id=row["pk"]["S"].removeprefix("FIX#"),
        remediation=row["remediation"]["S"],
        request=row["request_id"]["S"],
        evidence=evidence,
        status=row["status"]["S"],
        told=row["told"]["BOOL"] if "told" in row else None,
        **json.loads(row["about"]["S"]),
        **outcome,
    )


def _resource_key(fix: Fix) -> str:
    return f"RESOURCE#{fix.remediation}#{fix.resource}"


def _table() -> str:
    return settings.text("JOURNAL_TABLE")


def _key(pk: str) -> dict[str, Any]:
    return {"pk": {"S": pk}}


def _number(row: Mapping[str, Any], name: str) -> float:
    return float(row[name]["N"]) if name in row else 0.0


def _n(value: float) -> dict[str, str]:
    return {"N": f"{value:.3f}" if isinstance(value, float) else str(value)}
