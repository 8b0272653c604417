"""Start AWS Config's recorder again, and put back what was deleted of it.

Problem: AWS Config does not record. Severity: critical.

Why it matters: without its recorder nobody knows what was changed and when, and most rules and controls judge nothing any more.

Wrong when: in a region in which it was set up, there is no customer managed recorder, no delivery channel, or a recorder that does not record.
Fix: puts back both as they are remembered from an hourly sweep, and starts the recorder. Undo stops it, and deletes again what had been missing,
if nobody has set it up otherwise since.
Leaves alone: regions in which it never was set up, those in which somebody sets it up just now, and recorders of AWS services. Told only: what is recorded, by
which role and to where, if that is not as remembered nor more, until somebody accepts it; and what is missing that no sweep has seen: only people can set that
up. A recorder that was put back has lost its tags.
Class: safe, because a recorder only reads, and disruptive where CloudFormation made the call: a stack that is deleted or replaces what it owns would find it
back.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from snapback import Remediation, settings
from snapback.config.recorders import Loss, as_it_is, losses, parts, put_back, take_back
from snapback.engine import memory, switches
from snapback.engine.errors import NothingLeft
from snapback.engine.events import account_calls, by_stack


def violation(account: str) -> Sequence[Loss]:
    """Return what is missing of the recorder, and whether it stands still."""
    return losses(memory.recall(remediation.name, account))


def fix(account: str, lost: Sequence[Loss]) -> None:
    """Put back what is missing as it was remembered, and start the recorder."""
    put_back(lost, memory.recall(remediation.name, account))


def undo(_: str, lost: Sequence[Loss]) -> None:
    """Stop the recorder and delete what had been missing, the last first."""
    take_back(lost)


def where_at_work(_: Mapping[str, Any]) -> str:
    """Return the account, if a sweep has seen the recorder at work: else a call that changes a part sets it up."""
    if memory.recall(remediation.name, account := settings.own_account()) is None:
        raise NothingLeft("AWS Config has not been seen at work in this region yet: it is being set up")
    return account


def sweep(_: object) -> list[str]:
    """Return the account, if a part of the recorder is or was seen here: where Config never was on, nobody misses it."""
    return switches.seen_on(remediation.name, now=parts)


remediation = Remediation(
    resource="AWS::::Account",
    named_by={
        **account_calls("StopConfigurationRecorder", "DeleteConfigurationRecorder", "DeleteDeliveryChannel", sweep=sweep),
        **dict.fromkeys(("PutConfigurationRecorder", "DisassociateResourceTypes", "PutDeliveryChannel"), where_at_work),
    },
    violation=violation,
    fix=fix,
    undo=undo,
    setting=lambda _: as_it_is(),
    remember=lambda _: parts() or None,
    disruptive=by_stack,
)
handler = remediation.handler
