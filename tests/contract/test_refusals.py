"""One call that AWS goes on refusing: all that does not need it is done, and what people hear of the rest is true.

What needs a refused call is told by state: it is not done even if it is the only thing to do.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

import pytest
from botocore.exceptions import ClientError

from snapback.engine import clients
from snapback.engine.errors import OnlyPeople
from tests.contract.conftest import SITUATIONS, Broken
from tests.harness.account import ApiCall, Interference

SENTENCE: Final = "User: snapback is not authorized to perform this action, with an explicit deny in a service control policy"

_KEY: Final = ("ScheduleKeyDeletion", "a key that is scheduled for deletion is disabled by that, and a disabled one would not be scheduled")

AS_ONE: Final[Mapping[str, tuple[str, str]]] = {
    "cloudfront/require_distribution_https": ("UpdateDistribution", "CloudFront takes a configuration only as a whole"),
    "cloudtrail/restore_trail deleted": ("DeleteTrail", "a trail that had been missing goes as a whole"),
    "ec2/isolate_instance": ("ModifyNetworkInterfaceAttribute", "the tag says that the instance is cut off, which it is as a whole or not"),
    "kms/restore_key": _KEY,
    "kms/restore_key a primary key that waits for its replicas": _KEY,
    "s3/block_public_bucket": ("PutPublicAccessBlock", "S3 takes the four settings only as a whole"),
    "securityhub/enable_securityhub": ("DisableSecurityHub", "a hub that had been off goes as a whole, with its standards"),
}
"""Situation -> the call by which several things are done as one, though each could be done alone, and why."""

Write = tuple[str, str, Any]
"""Service, operation and parameters: what is refused is refused whenever it is asked for."""

Do = Callable[[], Any]


def test_one_refused_call_keeps_nothing_else_from_being_put_right_or_taken_back(broken: Broken) -> None:
    evidence = broken.remediation.violation(broken.resource)
    with clients.watched(preview=True) as planned:
        broken.remediation.fix(broken.resource, evidence)
    if len(evidence) < 2 and len(planned.made) < 2:
        return
    broken.account.forget()
    begin_again = broken.account.keep()
    broken.deliver()
    calls = [as_write(call) for call in broken.account.writes]
    fix_id = broken.account.alerts()[0]["id"]
    is_fixed_again = broken.account.keep()
    for refused, outcomes in each_refusal(broken, broken.deliver, begin_again, calls):
        assert_the_rest_is_right(broken, refused, outcomes, evidence, begin_again)
    if broken.remediation.undo is None:
        return

    def take_back() -> dict[str, Any]:
        return broken.account.invoke(broken.remediation, {"undo": fix_id})

    is_fixed_again()
    take_back()
    calls = [as_write(call) for call in broken.account.writes]
    for refused, answer in each_refusal(broken, take_back, is_fixed_again, calls):
        assert_the_rest_is_taken_back(broken, refused, answer, take_back, is_fixed_again)


def assert_the_rest_is_right(broken: Broken, refused: Sequence[Write], outcomes: Sequence[str], evidence: Sequence[Any], begin_again: Do) -> None:
    where = f"{names(refused)} refused"
    left = broken.remediation.violation(broken.resource)
    [alert] = broken.account.alerts()
    if not left:
        assert outcomes == ["FIXED"] or SENTENCE in alert["reason"], f"{where}: it is right, by other calls"
        return
    assert outcomes == ["FAILED" if all(item in left for item in evidence) else "PARTIAL"], where
    assert SENTENCE in alert["reason"], where

    def is_stuck(item: Any) -> bool:  # noqa: ANN401 - evidence
        begin_again()
        with broken.account.interfered(refusing(refused)), suppress(ClientError, OnlyPeople):
            broken.remediation.fix(broken.resource, [item])
        return item in broken.remediation.violation(broken.resource)

    if not are_as_one(broken, refused):
        assert [item for item in evidence if item in left and not is_stuck(item)] == [], f"{where}: these do not need it"
        assert len(left) <= len(evidence), where


def assert_the_rest_is_taken_back(broken: Broken, refused: Sequence[Write], answer: Mapping[str, Any], take_back: Do, is_fixed_again: Do) -> None:
    where = f"{names(refused)} refused"
    if answer["outcome"] == "UNDONE":
        assert broken.state() == broken.before, f"{where}: it is as before, by other calls"
        return
    assert answer["outcome"] == "UNDO_REFUSED", where
    assert SENTENCE in answer["reason"], where
    back = broken.remediation.violation(broken.resource)
    assert take_back()["outcome"] == "UNDONE", f"{where}: given again, when it is refused no more"
    assert broken.state() == broken.before, where

    def comes_back(item: Any) -> bool:  # noqa: ANN401 - evidence
        assert broken.remediation.undo
        is_fixed_again()
        with broken.account.interfered(refusing(refused)), suppress(ClientError, OnlyPeople):
            broken.remediation.undo(broken.resource, [item])
        return item in broken.remediation.violation(broken.resource)

    if not are_as_one(broken, refused):
        evidence = broken.evidence(answer["id"])
        assert [item for item in evidence if item not in back and comes_back(item)] == [], f"{where}: these do not need it"


def each_refusal(broken: Broken, do: Do, begin_again: Do, calls: Sequence[Write]) -> Iterator[tuple[Sequence[Write], Any]]:
    """Refuse each of the calls, and together with it each that is made in its place; yield what is refused and how it ended."""
    to_refuse: list[list[Write]] = [[call] for call in calls]
    for refused in to_refuse:
        begin_again()
        with broken.account.interfered(refusing(refused)):
            ended = do()
            made = [as_write(call) for call in broken.account.writes]
        if len(refused) == 1:
            to_refuse += [[*refused, other] for other in made if other not in calls]
        yield refused, ended


def refusing(refused: Sequence[Write]) -> Interference:
    def interfere(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        if not call.own and as_write(call) in refused:
            details: Any = {"Error": {"Code": "AccessDenied", "Message": SENTENCE}, "ResponseMetadata": {"HTTPStatusCode": 403}}
            raise ClientError(details, call.operation)
        return really()

    return interfere


def as_write(call: ApiCall) -> Write:
    return call.service, call.operation, call.parameters


def names(refused: Sequence[Write]) -> str:
    return ", ".join(f"{operation}({parameters})" for _, operation, parameters in refused)


def are_as_one(broken: Broken, refused: Sequence[Write]) -> bool:
    operation, _ = AS_ONE.get(str(broken.handler), ("", ""))
    return operation in [called for _, called, _ in refused]


@pytest.mark.parametrize("situation", AS_ONE)
def test_every_exception_is_a_situation_that_there_is(situation: str) -> None:
    assert situation in map(str, SITUATIONS)
