"""The one place that judges whom a statement lets in.

It is judged by trying: strangers are put before the statement and before the denials of its document, and the question is whether a request of theirs passes.
So a denial narrows if it leaves no stranger in, two operators on one key are both read, and what `IfExists`, `ForAllValues:`, `Null` and negations let through
is let through. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html

There are two measures, as "not public" is not "not a stranger":

- **Everybody**: AWS's own of what is public. Whatever is fixed (an account, an organisation, a network, a resource) narrows, whosever it is.
  https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
- **Outsiders**: accounts that are named and not of the trusted ones are let in unless a condition asks for something of ours. That holds for `*` as well, if
  accounts are named in its conditions instead; an organisation, network or bucket of which nobody can tell whose it is gives `*` the benefit of the doubt,
  and `doubtful` says so.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from snapback.engine.errors import OnlyPeople
from snapback.policies.conditions import Requirement, Values, requirements
from snapback.policies.documents import Statement, listed, statements
from snapback.policies.globs import covers, overlap
from snapback.policies.principals import EVERYBODY, Ours, account_of, let_in, named, ours, spared
from snapback.policies.strangers import Stranger, Whose

_PUBLIC: Final = frozenset({Whose.ANYBODYS})
_FOREIGN: Final = frozenset({Whose.ANYBODYS, Whose.THEIRS})
_ANYTHING_FOREIGN: Final = frozenset({Whose.ANYBODYS, Whose.THEIRS, Whose.UNKNOWN})

_UNSIGNED: Final = ("s3:x", "sqs:x", "sns:x", "es:x", "lambda:invokefunctionurl", "execute-api:x")
"""Actions, or services with an `x`, that take requests which nobody has signed."""

_STEPS: Final = 20_000
"""How many ways to pass by the denials are tried; documents that people write take less than a hundred."""

Denials = Sequence[Statement]
"""The statements of a document that deny."""


def denials_of(document: str | None) -> Denials:
    """Return the statements of a policy that deny."""
    return [one for one in statements(document or "{}") if one.get("Effect") == "Deny"]


def everybody(statement: Statement, denials: Denials = ()) -> list[str]:
    """Return `*` if the statement lets in everybody, and neither a condition nor a denial narrows that down."""
    return [EVERYBODY] if _names_everybody(statement) and _lets_in_any(statement, denials, _PUBLIC, ours()) else []


def outsiders(statement: Statement, denials: Denials = (), *, we: Ours | None = None) -> list[str]:
    """Return whom the statement lets in of those who are not of our accounts: everybody, and other accounts and theirs."""
    return _outsiders(statement, denials, we or ours(), _FOREIGN)


def doubtful(statement: Statement, denials: Denials = (), *, we: Ours | None = None) -> list[str]:
    """Return `*` if the statement lets in whoever comes from an organisation, network or resource of which nobody can tell whether it is ours."""
    we = we or ours()
    return [] if _outsiders(statement, denials, we, _FOREIGN) else _outsiders(statement, denials, we, _ANYTHING_FOREIGN)


def reaches_out(statement: Statement, denials: Denials = ()) -> bool:
    """Tell whether the policy of a VPC endpoint lets any principal reach any account's resources by this statement.

    A condition or a denial that asks whose principal it is, or whose resource, narrows that down. Whence the request comes does not: all come by the endpoint.
    """
    if not any(name == EVERYBODY for kind, name in let_in(statement) if kind == "AWS"):
        return False
    return _is_let_in(statement, denials, Stranger(_PUBLIC, is_through_endpoint=True), ours())


def _outsiders(statement: Statement, denials: Denials, we: Ours, can_have: frozenset[Whose]) -> list[str]:
    found = []
    for kind, name in dict.fromkeys(let_in(statement)):
        account = account_of(name)
        is_everybody = name == EVERYBODY and _lets_in_any(statement, denials, can_have, we)
        is_stranger = kind == "AWS" and bool(account) and account not in we.accounts
        if is_everybody or (is_stranger and _is_let_in(statement, denials, Stranger(_ANYTHING_FOREIGN, account, name), we)):
            found.append(name)
    return found


def _names_everybody(statement: Statement) -> bool:
    return any(name == EVERYBODY for _, name in let_in(statement))


def _lets_in_any(statement: Statement, denials: Denials, can_have: frozenset[Whose], we: Ours) -> bool:
    """Tell whether the statement lets in somebody who is named by nothing; requests that nobody has signed count where the action takes them."""
    takes_unsigned = any(overlap(action, one.replace("x", "*", 1)) for action in _actions(statement) for one in _UNSIGNED)
    return any(_is_let_in(statement, denials, Stranger(can_have, signs=signs), we) for signs in ([True, False] if takes_unsigned else [True]))


def _is_let_in(statement: Statement, denials: Denials, stranger: Stranger, we: Ours) -> bool:
    """Tell whether there is a request of the stranger's that the statement allows and no denial denies."""
    variables = {"aws:resourceaccount": we.account, "s3:resourceaccount": we.account, **({"aws:resourceorgid": we.organization} if we.organization else {})}
    if stranger.is_through_endpoint:
        variables = {}
    allowed = requirements(statement, variables)
    about_them = [one for one in denials if _is_about(one, stranger)]
    denied = [requirements(one, variables) for one in about_them]
    seen: set[frozenset[int]] = set()
    for action in _actions(statement):
        for resource in _resources(statement):
            against = frozenset(number for number, one in enumerate(about_them) if _covers(one, action, resource))
            if against not in seen:
                seen.add(against)
                if _passes(allowed, [denied[number] for number in sorted(against)], stranger, we):
                    return True
    return False


def _actions(statement: Statement) -> list[str]:
    """Return the actions as patterns in lower case; all but some counts as all."""
    return [str(one).lower() for one in listed(statement.get("Action", "*"))]


def _resources(statement: Statement) -> list[str]:
    """Return the resources as patterns. Where a policy stands on one resource, it need not say so."""
    return [str(one) for one in listed(statement.get("Resource", "*"))]


def _covers(denial: Statement, action: str, resource: str) -> bool:
    """Tell whether the denial is about all of these actions and resources."""
    if "NotAction" in denial:
        is_action = not any(overlap(str(one).lower(), action) for one in listed(denial["NotAction"]))
    else:
        is_action = any(covers(one, action) for one in _actions(denial))
    if "NotResource" in denial:
        return is_action and not any(overlap(str(one), resource) for one in listed(denial["NotResource"]))
    return is_action and any(covers(one, resource) for one in _resources(denial))


def _is_about(denial: Statement, stranger: Stranger) -> bool:
    """Tell whether the denial is about the stranger."""
    if "NotPrincipal" in denial:
        return not _is_among(stranger, spared(denial))
    return _is_among(stranger, named(denial))


def _is_among(stranger: Stranger, principals: Iterable[tuple[str, str]]) -> bool:
    names = [name for kind, name in principals if kind == "AWS"]
    return EVERYBODY in names or (
        bool(stranger.account)
        and any(name == stranger.name or (account_of(name) == stranger.account and (name.endswith(":root") or name == stranger.account)) for name in names)
    )


def _passes(allowed: Sequence[Requirement], denied: Sequence[Sequence[Requirement]], stranger: Stranger, we: Ours) -> bool:
    """Tell whether a request with values that the stranger may have is allowed and passes by every denial: by one of its tests, which it fails."""
    everything = [*allowed, *(test for tests in denied for test in tests)]
    requests = {key: stranger.values(key, [test for test in everything if test.key == key], we) for key in dict.fromkeys(test.key for test in everything)}
    for test in allowed:
        if not test.is_ordered:  # numbers and times pass by themselves
            requests[test.key] = [values for values in requests[test.key] if test.holds(values)]
    return all(requests.values()) and any(_ways_by(sorted(denied, key=len), requests, iter(range(_STEPS))))


def _ways_by(denied: Sequence[Sequence[Requirement]], requests: dict[str, list[Values]], steps: Iterator[int]) -> Iterator[bool]:
    """Yield True for each way by the denials that the requests leave."""
    if not denied:
        yield True
        return
    for test in denied[0]:
        if next(steps, None) is None:
            raise OnlyPeople("its policy denies in so many ways that nobody can tell whom it lets in: read it by hand")
        left = requests[test.key] if test.is_ordered else [values for values in requests[test.key] if not test.holds(values)]
        if left:
            yield from _ways_by(denied[1:], {**requests, test.key: left}, steps)
