"""Words for taking whoever may not be there out of the policy of a resource.

A policy is read and put as a whole, so what was there is kept as a whole: the evidence is the policy's own text, and an undo puts that text back. But for
principals that were deleted: AWS shows them by an id, and refuses a policy that names one. They can do nothing any more, so they are left out and told of.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#Principal-roles
"""

import json
import re
from collections.abc import Callable, Sequence
from typing import Any, Final

from snapback.engine import clock
from snapback.engine.errors import OnlyPeople
from snapback.engine.names import shown
from snapback.policies.documents import Statement, statements, with_each
from snapback.policies.principals import EVERYBODY, account_of, named, spared, without
from snapback.policies.verdicts import Denials, denials_of

Judge = Callable[[Statement, Denials], Sequence[str]]
"""Returns those principals of a statement that may not be in it, by the denials of its document."""

_SETTLING = (0.0, 0.5, 2.0)
"""Seconds to wait before each look at a policy that is not the one that was seen: reads may lag."""

_MOST_NAMED: Final = 5

_PRINCIPAL_ACCOUNT: Final = "aws:PrincipalAccount"

_DELETED: Final = re.compile(r"A(?:GPA|IDA|NPA|ROA)[A-Z0-9]{12,124}")
"""Ids of groups, users, policies and roles (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids)."""

Opening = dict[str, Any]
"""{"LetsIn": the principals that may not be in the policy, "Policy": its text, "Deleted": ids of principals that do not exist any more, if there are any}."""


def openings(document: str | None, judge: Judge) -> list[Opening]:
    """Return the policy with those who may not be in it, or nothing if there are none or no policy."""
    denials = denials_of(document)
    found = list(dict.fromkeys(name for statement in statements(document or "{}") for name in judge(statement, denials)))
    gone = deleted(document)
    return [{"LetsIn": found, "Policy": document, **({"Deleted": gone} if gone else {})}] if found else []


def let_in_by(document: object, judge: Judge) -> list[Opening]:
    """Return only whom the policy in a record lets in that may not be in it, as a part of what `openings` returns. Raises ValueError for what is no JSON."""
    if not isinstance(document, str) or not json.loads(document or "{}"):
        return []
    try:
        return [{"LetsIn": one["LetsIn"]} for one in openings(document, judge)]
    except OnlyPeople:  # it denies in so many ways that nobody can tell
        return [{"LetsIn": ["perhaps anybody"]}]


def shut_in(document: str | None, opened: Sequence[Opening], judge: Judge) -> list[Opening]:
    """Return whom of those let in the policy lets in no more."""
    still = [name for one in openings(document, judge) for name in one["LetsIn"]]
    left = [name for one in opened for name in one["LetsIn"] if name not in still]
    return [{"LetsIn": left}] if left else []


def still_let_in(left: Sequence[Opening]) -> str:
    """Say for people whom a policy lets in still from outside, after a fix that was not for them; nothing if there is nobody."""
    return still_shared_with([name for one in left for name in one["LetsIn"]])


def still_shared_with(names: Sequence[str]) -> str:
    """Say it of the names alone."""
    if not names:
        return ""
    listed = f"{shown(', '.join(names[:_MOST_NAMED]), 1000)}{' and others' if len(names) > _MOST_NAMED else ''}"
    return f"It still lets in {listed} by name: that is not what this remediation is for, and stays until somebody takes it away."


def closed(read: Callable[[str], str | None], name: str, seen: Sequence[Opening], judge: Judge, *, own: str = "") -> str | None:
    """Return the policy without those who may not be in it: a statement that lets in nobody else goes, every other byte stays. None if no statement is left.

    `own`: an account that keeps what a statement gives it among everybody: the statement stays, for that account alone.
    It is read again first, as what others have put since would be lost. Raises `OnlyPeople` if it stays another than the one that was seen: to say later that
    Snapback has put it right would be wrong, and to undo that would be worse.
    """
    document: str = seen[0]["Policy"]
    for wait in _SETTLING:
        clock.pause(wait)
        if read(name) == document:
            return _without_them(document, judge, own)
    raise OnlyPeople("somebody else changed the policy while it was being put right, so nothing was done: see whether theirs is as it should be")


def as_it_was(seen: Sequence[Opening]) -> str:
    """Return the policy as it was, for an undo; without principals that do not exist any more, as AWS would refuse it."""
    document: str = seen[0]["Policy"]
    return puttable(document) or document


def puttable(document: str) -> str | None:
    """Return the policy without the principals that were deleted, which is how AWS takes it; None if no statement is left."""
    gone = deleted(document)
    return with_each(document, lambda statement: _rest(statement, (), gone)) if gone else document


def deleted(document: str | None) -> list[str]:
    """Return the ids of principals that the policy names and that do not exist any more."""
    principals = (one for statement in statements(document or "{}") for one in (*named(statement), *spared(statement)))
    return list(dict.fromkeys(name for kind, name in principals if kind == "AWS" and _DELETED.fullmatch(name)))


def _without_them(document: str, judge: Judge, own: str) -> str | None:
    denials, gone = denials_of(document), deleted(document)

    def changed(statement: Statement) -> Statement | None:
        unwanted = judge(statement, denials)
        kept = for_account(statement, own) if own and EVERYBODY in unwanted else None
        return kept or _rest(statement, unwanted, gone)

    return with_each(document, changed)


def for_account(statement: Statement, account: str) -> Statement | None:
    """Return a statement about everybody as one about the account's principals; None if it names others, or asks for the account in its own way.

    Where a policy lets in a principal of its own account, that needs no IAM policy besides: without the statement it would be shut out as strangers are.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalaccount
    """
    condition = statement.get("Condition", {})
    exactly = condition.get("StringEquals", {}) if isinstance(condition, dict) else None
    if "NotPrincipal" in statement or not isinstance(exactly, dict) or any(key.lower() == _PRINCIPAL_ACCOUNT.lower() for key in exactly):
        return None
    if any(name != EVERYBODY and account_of(name) != account for _, name in named(statement)):
        return None
    return {**statement, "Condition": {**condition, "StringEquals": {**exactly, _PRINCIPAL_ACCOUNT: account}}}


def _rest(statement: Statement, unwanted: Sequence[str], gone: Sequence[str]) -> Statement | None:
    """Return the statement without principals that may not be in it or are gone. All but somebody who is gone is all."""
    rest = without(statement, [*unwanted, *gone])
    if rest is None or "NotPrincipal" not in rest or not gone:
        return rest
    kept = without({"Principal": rest["NotPrincipal"]}, gone)
    others = {part: value for part, value in rest.items() if part != "NotPrincipal"}
    return {**others, **({"NotPrincipal": kept["Principal"]} if kept else {"Principal": EVERYBODY})}
