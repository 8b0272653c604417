"""One call for what several remediations change of one resource.

Each by itself would change a database with a call of its own, and AWS, at work on the first, would refuse the others for minutes. So what each is about to
call is asked of it as in a preview, and what can be one call is sent as one, once all of them have claimed the resource: the journal has what each has found
by then. Each fix then goes on as ever: its own call counts as made, it looks again, records and tells, and can be taken back by itself.

Where AWS refuses the one call, nobody knows which part it does not take: then each makes its own.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, NamedTuple

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from snapback.engine import clients, refusals
from snapback.engine.algorithm import Begun
from snapback.engine.case import Case
from snapback.engine.clients import Sent

logger = Logger(service="snapback")


class Change(NamedTuple):
    """The one call that was made."""

    call: Sent
    answer: Any
    cases: Sequence[Case]
    """For which of them."""


def planned(begun: Sequence[Begun]) -> Change | None:
    """Return the one call that is all that these, or some of them, would call; None if it cannot be one."""
    calls = [(each.case, call) for each in begun if (call := _only_call(each))]
    one = _joined([call for _, call in calls])
    return Change(one, None, [case for case, _ in calls]) if one else None


def made(plan: Change | None) -> Change | None:
    """Make the call, if there is one; None if AWS does not take it."""
    if plan is None:
        return None
    try:
        with clients.watched(preview=False):
            return plan._replace(answer=plan.call.client._make_api_call(plan.call.operation, plan.call.parameters))  # noqa: SLF001 - what each of its operations calls
    except (ClientError, BotoCoreError) as error:  # not hidden: each makes its own call next, and meets it
        why = refusals.said_by(error) if isinstance(error, ClientError) else type(error).__name__
        logger.info("not made as one call", operation=plan.call.operation, why=why)
        return None


def counted(change: Change | None, begun: Begun) -> AbstractContextManager[None]:
    """Count the call as this fix's own, inside the block, if it was made for that one, too."""
    return clients.made(change.call, change.answer) if change and begun.case in change.cases else nullcontext()


def _only_call(begun: Begun) -> Sent | None:
    """Return what a fix that is about to be made would call, if that is one call; None of what is only shown, or goes on with what was cut off."""
    case, claim = begun.case, begun.claim
    if claim is None or claim.is_continued or case.fix.preview or not case.fix.writes:
        return None
    with clients.watched(preview=True) as calls:
        try:
            case.remediation.fix(case.resource, begun.live)
        except Exception as error:  # noqa: BLE001 - not hidden: the fix itself meets it again next, and ends by it
            logger.info("not asked for as one call", remediation=case.remediation.name, why=type(error).__name__)
            return None
    return calls.held_back[0] if len(calls.held_back) == 1 else None


def _joined(calls: Sequence[Sent]) -> Sent | None:
    """Return one call for all of them; None if they are fewer than two, or say of one member two things."""
    if len(calls) < 2 or len({(call.client, call.operation) for call in calls}) > 1:  # noqa: PLR2004 - one is no reason to join
        return None
    whole: dict[str, Any] = {}
    for call in calls:
        for key, value in call.parameters.items():
            if isinstance(value, list) and isinstance(whole.get(key, []), list):
                whole[key] = [*whole.get(key, []), *(one for one in value if one not in whole.get(key, []))]
            elif whole.setdefault(key, value) != value:
                return None
    return Sent(calls[0].client, calls[0].operation, whole)
