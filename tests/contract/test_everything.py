"""Everything of a type can be listed: by the names that the remediations know, and so that nothing that is broken is missed."""

import importlib
from collections.abc import Mapping
from typing import Any, Final

import boto3
import pytest

from snapback.engine import memory
from snapback.engine.clients import aws
from snapback.engine.listing import Lister, each
from snapback.engine.names import checked
from tests.contract.conftest import SITUATIONS, Broken
from tests.harness.account import Account, paged
from tests.harness.discovery import FIXERS, ROOT

FOUND: Final[list[tuple[str, Lister]]] = [
    (kind, lister)
    for file in sorted((ROOT / "layers" / "snapback" / "snapback").glob("*/everything.py"))
    for kind, lister in importlib.import_module(f"snapback.{file.parent.name}.everything").ALL.items()
]
LISTED: Final[Mapping[str, Lister]] = dict(FOUND)

NOT_LISTED: Final[Mapping[str, str]] = {
    "AWS::::Account": "there is one: this account",
    "AWS::AccessAnalyzer::Finding": "a finding is about a resource of any type, and comes as an event as long as it is there",
    "AWS::ECS::Task": "a task is stopped because of a threat, which only its event tells",
    "AWS::IAM::AccessKey": "a key is deactivated because of a threat, which only its event tells",
    "AWS::IAM::RoleSessions": "sessions are revoked because of a threat, which only its event tells",
    "AWS::WAFv2::IPSet": "an address is blocked because of an attack, which only its event tells",
}
"""Type -> why nobody can say, or need not, what there is of it."""


EACH_TYPE: Final = {(one.remediation.resource, one.variant): one for one in SITUATIONS if one.remediation.resource in LISTED}
"""A situation of every type, and those in which another kind of it is broken."""


def test_every_type_of_resource_can_be_listed_in_one_way_or_it_is_said_why_not() -> None:
    assert len(FOUND) == len(LISTED), "once"
    assert {handler.remediation.resource for handler in FIXERS} == {*LISTED, *NOT_LISTED}
    assert not {*LISTED} & {*NOT_LISTED}


@pytest.mark.parametrize("broken", EACH_TYPE.values(), ids=str, indirect=True)
def test_what_is_broken_is_among_everything_there_is(broken: Broken) -> None:
    names = list(LISTED[broken.remediation.resource]())
    assert len(names) == len(set(names)), "each once"
    assert [checked(broken.remediation.resource, name) for name in names] == names
    resolve = broken.remediation.resolve or (lambda name: name)
    gone = memory.names(broken.remediation.name) if broken.remediation.remember else []
    assert broken.resource in {*gone, *(name for one in names if (name := resolve(one)))}


def test_a_list_is_read_to_its_last_page(account: Account) -> None:
    ec2: Any = boto3.client("ec2")
    made = {ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"] for _ in range(5)}
    with account.interfered(paged("DescribeVpcs", "Vpcs", 2)):
        assert made <= set(each(aws("ec2"), "describe_vpcs", "Vpcs", "VpcId"))
    assert len(account.calls) == 3
