"""What Snapback promises, held against all that happened in a run. Each returns, in words, how it was broken."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from snapback.engine import settings
from tests.simulation.world import DAY, Happening, World

HOUR = 3600
_SAYS_RIGHT = frozenset({"FIXED"})
_SAYS_WRONG = frozenset({"FAILED", "PARTIAL", "WOULD_FIX", "HELD", "CONTESTED", "UNDONE"})
_OF_A_FIX = frozenset({"FIXED", "PARTIAL", "UNVERIFIED", "FAILED", "UNDONE", "UNDO_REFUSED", "REPORTED", "GONE"})
_REFUSED = frozenset({"HELD", "CONTESTED"})
"""UNVERIFIED says neither that it is right nor that it is wrong."""


def broken(world: World) -> list[str]:
    """Return all promises that were broken."""
    return [f"{promise.__name__.strip('_').replace('_', ' ')}: {how}" for promise in _PROMISES for how in promise(world)]


def _no_write_without_a_claim(world: World) -> Iterator[str]:
    for write in _writes(world):
        if _decision(world, write) is None:
            yield f"{write.actor} wrote to {write.resource}"


def _no_write_on_what_was_exempt_or_held_when_it_was_decided(world: World) -> Iterator[str]:
    for write in _writes(world):
        decision = _decision(world, write)
        if decision is None or write.what == "undo":
            continue
        if decision.is_exempt:
            yield f"{write.actor} put {write.resource} right, though it was exempt"
        if _is_held(world, decision):
            yield f"{write.actor} put {write.resource} right, though people had been told that it is held"


def _is_held(world: World, decision: Happening) -> bool:
    """Tell whether the resource had been refused, nobody had released it since or does just now, and the fixes of this hour were all used up."""
    if any(one.what == "began" and one.actor == decision.actor and "release" in one.facts for one in world.happened[: decision.at]):
        return False
    refused = [one for one in world.happened[: decision.at] if one.what == "ended" and one.outcome in _REFUSED and one.resource == decision.resource]
    since = [one for one in refused if one.time > decision.time - HOUR and one.remediation == decision.remediation]
    if not since:
        return False
    released = any(
        one.what == "began" and "release" in one.facts and one.remediation == decision.remediation for one in world.happened[since[-1].at : decision.at]
    )
    limit = settings.number("MAX_FIXES_PER_HOUR" if since[-1].outcome == "HELD" else "MAX_FIXES_PER_RESOURCE")
    claims = {
        one.fix
        for one in world.happened[: decision.at + 1]
        if one.what == "decision" and one.remediation == decision.remediation and one.time > decision.time - HOUR
        if since[-1].outcome == "HELD" or one.resource == decision.resource
    }
    return not released and len(claims) >= limit


def _nobody_is_told_twice(world: World) -> Iterator[str]:
    """Once more may be: where something went wrong between the alert and the end of the one who sent it."""
    told = [one for one in world.happened if one.what == "told"]
    counts = Counter((one.remediation, one.resource, one.fix, one.outcome, one.facts["trigger"]["event"] if one.outcome in _REFUSED else "") for one in told)
    for (remediation, resource, fix, outcome, _), number in counts.items():
        same = [one for one in told if (one.remediation, one.resource, one.fix, one.outcome) == (remediation, resource, fix, outcome)]
        slack = sum(not _ended_well(world, one) for one in same)
        if number > 1 + slack and outcome not in ("EXEMPTED", "CHOSEN") and not _commanded_again(same):
            yield f"{outcome} of {resource} {fix}, {number} times"


def _commanded_again(same: Sequence[Happening]) -> bool:
    return len({(one.actor, one.turn) for one in same if "operator" in one.actor}) > 1


def _ended_well(world: World, told: Happening) -> bool:
    """Tell whether the invocation that sent the alert came to its end."""
    return any((one.what, one.actor, one.turn) == ("ended", told.actor, told.turn) for one in world.happened[told.at :])


def _what_is_told_is_true(world: World) -> Iterator[str]:
    """As the one who told it saw the resource last."""
    for one in world.happened:
        if one.what not in ("told", "put off") or one.was_wrong is None or one.remediation == "report-visit":
            continue
        if (one.outcome in _SAYS_RIGHT and one.was_wrong) or (one.outcome in _SAYS_WRONG and not one.was_wrong and not _is_late(world, one)):
            yield f"{one.actor} told {one.outcome} of {one.resource}, which it had seen {'wrong' if one.was_wrong else 'right'}"


def _is_late(world: World, told: Happening) -> bool:
    """Tell whether it is told by another than the one who found it so: an outcome that stands in the journal is told as it was."""
    return not any(one.what == "decision" and (one.actor, one.turn) == (told.actor, told.turn) for one in world.happened[: told.at])


def _every_change_is_told(world: World) -> Iterator[str]:
    told = [one for one in world.happened if one.what == "told"]
    for write in _writes(world):
        if not any(one.at > write.at and one.outcome in _OF_A_FIX and (one.fix == write.fix or _covers(one, write)) for one in told):
            yield f"nobody heard of the {write.what} of {write.resource} ({write.fix})"


def _covers(told: Happening, write: Happening) -> bool:
    """Tell whether another alert about the resource says it, too: of two fixes of one problem that met, one is told."""
    return (
        told.resource == write.resource
        and told.remediation == write.remediation
        and told.outcome in ("FIXED", "PARTIAL", "UNVERIFIED", "UNDONE")
        and told.at > write.at
    )


def _what_was_seen_wrong_is_put_right_or_told(world: World) -> Iterator[str]:
    for ended in world.happened:
        is_end = ended.facts.get("event", {}).get("detail-type") == "Scheduled Event"  # of what takes itself back: then it is as before, and shall be
        if ended.what != "ended" or is_end or not ended.was_wrong or ended.resource not in world.resources or not world.wrong(ended.resource):
            continue
        told = [one for one in world.happened if one.what == "told" and one.remediation == ended.remediation and one.time >= ended.time - HOUR]
        if ended.outcome == "HANDLED" and _was_heard_of(world, ended):
            continue
        heard = [one for one in told if one.resource == ended.resource or one.outcome == ended.outcome == "HELD"]  # told once for all that is held
        if ended.outcome not in ("EXEMPT", "OFF") and not heard:
            yield f"{ended.resource} is wrong, {ended.actor} saw it and ended as {ended.outcome}, and nobody heard of it"


def _was_heard_of(world: World, ended: Happening) -> bool:
    """Tell whether people have heard of this very event about the resource, however long ago: a later look or a redrive brings it again after hours."""
    event = ended.facts["event"].get("id")
    of_it = [one for one in world.happened[: ended.at] if one.what == "told" and (one.remediation, one.resource) == (ended.remediation, ended.resource)]
    return any(one.facts["trigger"]["event"] == event for one in of_it)


def _what_was_put_off_is_looked_at(world: World) -> Iterator[str]:
    for ended in world.happened:
        later = [one for one in world.happened[ended.at :] if one.what == "ended" and (one.remediation, one.resource) == (ended.remediation, ended.resource)]
        if ended.what == "ended" and ended.outcome == "DEFERRED" and all(one.outcome == "DEFERRED" for one in later):
            yield f"{ended.resource} was put off by {ended.actor}, and nobody has looked at it again"


def _every_threat_and_visit_is_told(world: World) -> Iterator[str]:
    """A finding may come as several events, and of one of them people hear; unless somebody has silenced it."""
    events = [one for one in world.happened if one.what == "began" and world.has_to_notify(one.facts)]
    told = {one.facts["trigger"]["event"] for one in world.happened if one.what == "told"}
    for began in events:
        same = {one.facts["id"] for one in events if one.facts["detail"].get("id", one.facts["id"]) == began.facts["detail"].get("id", began.facts["id"])}
        if not same & told and not _is_silenced(world, began.facts["id"]):
            yield f"nobody heard of {began.facts['detail-type']} {began.facts['id']}"


def _is_silenced(world: World, event_id: str) -> bool:
    """Tell whether the event ended as EXEMPT after somebody had silenced it, and people had heard of the silence or hear of it yet."""
    return any(
        ended.what == "ended"
        and ended.outcome == "EXEMPT"
        and ended.facts["event"].get("id") == event_id
        and any(one.what == "began" and "silence" in one.facts for one in world.happened[: ended.at])
        for ended in world.happened
    )


def _nothing_stays_put_off(world: World) -> Iterator[str]:
    for body in world.queue.values():
        yield f"{body} is still in the queue of storms"


def _what_ends_by_itself_has_ended(world: World) -> Iterator[str]:
    """Where a tick has come: a fix is taken back a day after the last time that it was made."""
    ticks = [one.time for one in world.happened if one.what == "began" and one.facts.get("detail-type") == "Scheduled Event"]
    for resource in {one.resource for one in _writes(world)} if ticks and world.ticking else ():
        last = [one for one in _writes(world) if one.resource == resource][-1]
        if last.what == "fix" and last.time < max(ticks) - DAY - HOUR and not world.wrong(resource):
            yield f"{resource} was put right at {last.time}, and a day later it was not taken back"


def _nothing_stays_at_work(world: World) -> Iterator[str]:
    """But for what nothing was written for, and holds no resource.

    That is the claim of a release that was cut off before it wrote anything: given again, it is another. Of an apply: it is the same, but refused meanwhile.
    And of a preview, which never writes: the next event that shows the problem tells it.
    """
    written = {f"FIX#{one.fix}" for one in _writes(world)}
    for key, row in world.table.rows.items():
        about = json.loads(row["about"]["S"]) if key.startswith("FIX#") else {}
        if about and key not in written and (about["preview"] or about["event_id"].startswith(("an operator's release ", "an operator's apply "))):
            continue
        if key.startswith("FIX#") and row["status"]["S"] in ("CLAIMED", "UNDOING"):
            yield f"{key} is still {row['status']['S']}"
        if float(row.get("lease", {"N": "0"})["N"]) > world.stage.time:
            yield f"{key} is still leased"


def _no_letter_stays_dead(world: World) -> Iterator[str]:
    for _, event in world.dead_letters:
        yield f"{event.get('id', next(iter(event)))} cannot be redriven"


def _every_exemption_is_told(world: World) -> Iterator[str]:
    """As long as it holds: by a clock weeks may pass before the operator whose command failed gives it again, and then it has ended."""
    for key, row in world.table.rows.items():
        if not key.startswith("EXEMPT#"):
            continue
        for one in json.loads(row["exemptions"]["S"]):
            if not world.is_exempt(key.partition("#")[2], one["resource"]):
                continue
            told = [told for told in world.happened if told.what == "told" and told.outcome in ("EXEMPTED", "UNDONE") and told.resource == one["resource"]]
            if not told:
                yield f"nobody heard that {one['resource']} is exempt from {key.partition('#')[2]}"


def _an_undo_takes_back_what_was_changed(world: World) -> Iterator[str]:
    """Unless somebody else has changed the resource since."""
    for ended in world.happened:
        if ended.what != "ended" or ended.outcome != "UNDO_REFUSED" or "give this command again" in ended.facts["reason"]:
            continue
        before = world.happened[: ended.at]
        own = [one for one in before if one.what in ("fix", "undo") and one.resource == ended.resource and one.remediation == ended.remediation]
        if (
            own
            and own[-1].what == "fix"
            and own[-1].fix == ended.fix
            and not any(one.what == "change" and ended.resource in one.resource for one in before[own[-1].at :])
        ):
            yield f"{ended.resource} was changed under {ended.fix}, and that cannot be taken back: {ended.facts.get('reason')}"


def _what_is_undone_is_as_it_was(world: World) -> Iterator[str]:
    for ended in world.happened:
        if ended.what == "ended" and ended.outcome == "UNDONE":
            wrote = [one for one in world.happened[: ended.at] if one.what in ("fix", "undo") and one.resource == ended.resource]
            if not wrote or wrote[-1].what != "undo":
                yield f"{ended.resource} was told to be as before"


def _a_release_forgets_nobody(world: World) -> Iterator[str]:
    """What was held when somebody released it is put right, or people hear of it again."""
    for began in world.happened:
        if began.what != "began" or "release" not in began.facts:
            continue
        last = {one.resource: one.outcome for one in world.happened[: began.at] if one.what in ("told", "ended") and one.remediation == began.remediation}
        held = [resource for resource, outcome in last.items() if outcome == "HELD"]
        if began.facts["release"] not in held:  # such a release is refused, and names those that are held
            continue
        for resource in held:
            again = [one for one in world.happened[began.at :] if one.what in ("told", "ended") and one.resource == resource]
            if world.wrong(resource) and not any(one.outcome in ("HELD", "HANDLED", "EXEMPT", "FAILED", "WOULD_FIX", "UNVERIFIED", "PARTIAL") for one in again):
                yield f"{resource} was held, and after the release it is as wrong as before"


def _writes(world: World) -> list[Happening]:
    return [one for one in world.happened if one.what in ("fix", "undo")]


def _decision(world: World, write: Happening) -> Happening | None:
    same = (write.actor, write.turn, write.resource)
    return next((one for one in reversed(world.happened[: write.at]) if one.what == "decision" and (one.actor, one.turn, one.resource) == same), None)


_PROMISES: Sequence[Callable[[World], Iterator[str]]] = (
    _no_write_without_a_claim,
    _no_write_on_what_was_exempt_or_held_when_it_was_decided,
    _nobody_is_told_twice,
    _what_is_told_is_true,
    _every_change_is_told,
    _what_was_seen_wrong_is_put_right_or_told,
    _what_was_put_off_is_looked_at,
    _every_threat_and_visit_is_told,
    _nothing_stays_put_off,
    _what_ends_by_itself_has_ended,
    _nothing_stays_at_work,
    _no_letter_stays_dead,
    _every_exemption_is_told,
    _an_undo_takes_back_what_was_changed,
    _what_is_undone_is_as_it_was,
    _a_release_forgets_nobody,
)
__all__ = ["DAY", "broken"]
