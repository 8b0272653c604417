"""All problems that a survey can see, planted in one account at the same time, each beside its well-kept neighbours: each is found once, and no neighbour.

Then they are put right as the survey's file has them put right, and nothing of them is left.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import botocore.client
import pytest
from moto.iam.models import IAMBackend

from local.survey import subjects
from local.survey.looking import FINDING, NOT_LOOKED_AT, Line, Place, look
from snapback.engine.disclosure import known_by
from tests.contract.test_survey import ASKED, reader
from tests.harness.account import ACCOUNT, REGION, Account
from tests.harness.discovery import Handler

NAMES: Final = re.compile(
    r"(?<![A-Za-z0-9-])(orders(?:-(?!x\d)[a-z0-9]+)*|another|alice|bob|targets|web|secret-of-a-test|(?:a|another)-bucket-of-a-test)(?![A-Za-z0-9-])"
)
"""Names that several scenarios have: each gets its own, as one account has room for one of a name."""

MADE_SO: Final = frozenset(
    {
        *("associate-web-acl", "disable-subnet-public-ip", "empty-default-security-group", "enable-bucket-logging", "enable-bucket-versioning"),
        *("enable-db-backups", "enable-db-protection", "enable-flow-logs", "enable-key-rotation", "enable-lb-logs", "enable-lb-protection"),
        *("enable-secret-rotation", "enable-table-backups", "enable-table-protection", "encrypt-bucket", "require-bucket-tls"),
    }
)
"""What is wrong with a resource that nobody has said anything about: it is found with what other scenarios have made, too."""

NAMED_BY_NO_CALL: Final = frozenset({"disable-subnet-public-ip", "empty-default-security-group"})
"""Of these there are some that nobody has made: the subnets of the default VPC, and the default group of each VPC."""

SECOND_ONES: Final[Mapping[str, int]] = {
    **dict.fromkeys(("detach-admin-policy", "disable-subnet-public-ip", "enable-bucket-logging", "enable-bucket-versioning", "enable-db-backups"), 1),
    **dict.fromkeys(("enable-db-protection", "enable-key-rotation", "enable-lb-protection", "enable-secret-rotation", "enable-table-backups"), 1),
    **dict.fromkeys(("enable-table-protection", "remove-finding-filter", "remove-open-acl-entry", "require-cache-encryption", "require-mfa"), 1),
    **dict.fromkeys(("require-distribution-https", "require-imdsv2", "restart-trail", "restore-secret", "restrict-cluster-endpoint"), 1),
    **dict.fromkeys(("restrict-db-instance", "restrict-db-snapshot", "restrict-document", "restrict-role-trust", "set-log-retention"), 1),
    "restore-key": 2,
}
"""Among the neighbours of some scenarios are so many that are wrong, too: no event tells of them there, and a survey finds them."""

OF_OTHERS: Final[Mapping[tuple[str, str], int]] = {
    ("block-public-bucket", "block-public-account"): 1,
    ("deactivate-stale-key", "deactivate-unused-credentials"): 2,
    ("deactivate-unused-credentials", "deactivate-stale-key"): 2,
    ("require-https", "require-tls12"): 1,
    ("require-mfa", "deactivate-unused-credentials"): 1,
    ("require-tls12", "require-https"): 2,
    ("restrict-db-instance", "enable-db-protection"): 1,
    ("restrict-db-instance", "restrict-db-snapshot"): 1,
}
"""Remediation and scenario -> how many of the resources of that scenario are wrong in this way as well: a listener without TLS 1.2 has no HTTPS, say."""

MAKING: Final = ("Allocate", "Create", "Import", "Put", "Register", "Run")
"""How calls begin that make something."""

UNKNOWN_TO_MOTO: Final = frozenset({"restrict-db-instance"})
"""Of databases that are made without a word about it, moto does not say whether they are public."""


@contextmanager
def own_names(number: int, said: set[str]) -> Iterator[None]:
    """Let all that is made inside the block have names of its own; `said` gets the names that are given and answered meanwhile."""
    ask, user = botocore.client.BaseClient._make_api_call, IAMBackend.get_user  # type: ignore[attr-defined]  # noqa: SLF001 - the one way of all calls

    def renaming(client: Any, operation: str, parameters: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any answer
        given = renamed(parameters, number)
        answer = ask(client, operation, given)
        if operation.startswith(MAKING):
            said.update(texts_of([given, answer]))
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.client.BaseClient, "_make_api_call", renaming)
        patch.setattr(IAMBackend, "get_user", lambda backend, name: user(backend, renamed(name, number)))
        yield


def renamed(value: Any, number: int) -> Any:  # noqa: ANN401 - any parameter
    if isinstance(value, str):
        return NAMES.sub(rf"\1-x{number}", value)
    if isinstance(value, Mapping):
        return {key: renamed(item, number) for key, item in value.items()}
    return [renamed(item, number) for item in value] if isinstance(value, list) else value


def texts_of(value: Any) -> Iterator[str]:  # noqa: ANN401 - parameters or an answer
    if isinstance(value, str):
        yield value
    elif isinstance(value, (Mapping, list)):
        for one in value.values() if isinstance(value, Mapping) else value:
            yield from texts_of(one)


def maker_of(resource: str, said: Mapping[str, set[str]]) -> str:
    """Return the scenario that has made the resource; nothing of what is there by itself."""
    return next((name for name, texts in said.items() if texts & {resource, re.split("[:/]", resource)[-1]}), "")


def parameters_of_all(patch: pytest.MonkeyPatch) -> None:
    """Give all of them what one stack would have: where a scenario does without, it has what another needs."""
    given = defaultdict(set)
    for one in ASKED:
        for name, value in one.scenario.environment.items():
            given[name].add(value)
    for name, values in given.items():
        patch.setenv(name, ",".join(sorted({word for value in values for word in value.split(",") if word})) if name == "BREAK_GLASS" else max(values, key=len))


def surveyed() -> list[Line]:
    names = [one.remediation.name for one in ASKED]
    return [line for subject in subjects.subjects(names, is_home=True) for line in look(subject, Place(ACCOUNT, REGION), reader())]


def test_sixty_problems_at_once_are_each_found_once_and_put_right_and_their_neighbours_are_not(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    parameters_of_all(monkeypatch)
    monkeypatch.setenv("MAX_FIXES_PER_HOUR", "1000")
    account.make_storm_queue()
    planted: dict[tuple[str, str], Handler] = {}
    said: dict[str, set[str]] = defaultdict(set)
    for number, one in enumerate(ASKED):
        with own_names(number, said[one.remediation.name]):
            resource = renamed(one.scenario.broken(), number)
        planted[one.remediation.name, resource] = one
    lines = surveyed()
    findings = {(line["remediation"], line["resource"]): line for line in lines if line["kind"] == FINDING}
    times = Counter((line["remediation"], line["resource"]) for line in lines if line["kind"] == FINDING)
    assert {what: times[what] for what in planted} == dict.fromkeys(planted, 1)
    assert len(planted) == len(ASKED)
    assert set(times.values()) == {1}, "nothing is found twice"
    others = Counter((remediation, maker_of(resource, said)) for remediation, resource in times.keys() - planted.keys())
    assert {name: number for (name, maker), number in others.items() if maker == name} == SECOND_ONES
    assert {what: number for what, number in others.items() if what[1] != what[0] and what[0] not in MADE_SO} == OF_OTHERS
    assert {name for name, maker in others if not maker} == NAMED_BY_NO_CALL
    assert len(planted) + sum(SECOND_ONES.values()) > 60
    assert {line["remediation"] for line in lines if line["kind"] == NOT_LOOKED_AT} <= UNKNOWN_TO_MOTO
    for what, one in planted.items():
        finding = findings[what]
        seen = {"resource": finding["resource"], "shown": known_by(finding["evidence"], finding["calls"])}
        [ended] = account.invoke(one.remediation, {"apply": seen, "together": True})["outcomes"]
        assert (str(one), ended["outcome"], ended.get("calls")) == (str(one), "FIXED", finding["calls"])
    assert account.outcomes() == []
    left = {(line["remediation"], line["resource"]) for line in surveyed() if line["kind"] == FINDING}
    assert not planted.keys() & left
    assert {remediation for remediation, _ in left - times.keys()} <= MADE_SO, "a key that is back, say, has no rotation still"
