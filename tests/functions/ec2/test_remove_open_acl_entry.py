"""remove_open_acl_entry: the administration ports are closed to the world, and all else that an entry lets in still comes."""

from collections.abc import Mapping
from typing import Any

import boto3
import pytest

from functions.ec2.remove_open_acl_entry import remediation
from snapback.ec2.network_acls import steps_to_close
from tests.harness.account import Account
from tests.harness.discovery import Handler
from tests.harness.ec2 import network_acls
from tests.harness.scenario import Scenario

network_acls.as_on_aws()

SAMPLE = "acl-0123456789abcdef0"
STEM = "remove_open_acl_entry"

Entry = Mapping[str, Any]


def allow(number: int, protocol: str = "6", ports: tuple[int, int] | None = (22, 22), **other: Any) -> dict[str, Any]:  # noqa: ANN401
    source = {} if "Ipv6CidrBlock" in other else {"CidrBlock": "0.0.0.0/0"}
    span = {"PortRange": {"From": ports[0], "To": ports[1]}} if ports else {}
    return {"RuleNumber": number, "Protocol": protocol, "RuleAction": "allow", "Egress": False, **source, **span, **other}


def everything(number: int, **other: Any) -> dict[str, Any]:  # noqa: ANN401
    return allow(number, "-1", None, **other)


def acl(*entries: Entry) -> str:
    ec2 = boto3.client("ec2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    made = ec2.create_network_acl(VpcId=vpc)["NetworkAcl"]["NetworkAclId"]
    for entry in entries:
        ec2.create_network_acl_entry(NetworkAclId=made, **entry)
    return made


def broken() -> str:
    acl(allow(90))
    return acl(
        allow(80, CidrBlock="10.0.0.0/8"),
        allow(90),
        allow(95, ports=(443, 443)),
        everything(100),
        everything(101, Ipv6CidrBlock="::/0"),
        everything(100, Egress=True),
    )


def state(acl_id: str) -> dict[str, Any]:
    found = {one["NetworkAclId"]: one for one in boto3.client("ec2").describe_network_acls()["NetworkAcls"]}
    own: dict[str, Any] = {**found.pop(acl_id)}
    entries = sorted(own.pop("Entries"), key=lambda entry: (entry["Egress"], entry["RuleNumber"]))
    good = [entry for entry in entries if entry["RuleAction"] == "allow" and entry["RuleNumber"] != 90]
    return {"closed": [entry for entry in entries if entry not in good], "good": good, "everything else of it": own, "other ACLs": found}


scenario = Scenario(sample=SAMPLE, broken=broken, state=state, touched=frozenset({"closed"}), environment={"ADMIN_PORTS": "22,3389"})


@pytest.fixture(autouse=True)
def ports(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADMIN_PORTS", "22,3389")


def deny(number: int, **other: Any) -> dict[str, Any]:  # noqa: ANN401
    return {**allow(number, **other), "RuleAction": "deny"}


def brief(*entries: Entry) -> list[str]:
    """Return the steps in short: `delete 90`, `deny 99 6 22-22 0.0.0.0/0`, `people 2`."""
    shown = []
    for step in steps_to_close(sorted(entries, key=lambda one: one["RuleNumber"]), {22, 3389}):
        [(kind, entry)] = step.items()
        if kind == "Deny":
            span = entry["PortRange"]
            source = entry.get("CidrBlock") or entry["Ipv6CidrBlock"]
            shown.append(f"deny {entry['RuleNumber']} {entry['Protocol']} {span['From']}-{span['To']} {source}")
        else:
            shown.append(f"{kind.lower()} {entry['RuleNumber']}")
    return shown


LOW, HIGH = "0.0.0.0/1", "128.0.0.0/1"

ALL_DENIED = ["deny 96 17 22-22 0.0.0.0/0", "deny 97 17 3389-3389 0.0.0.0/0", "deny 98 6 22-22 0.0.0.0/0", "deny 99 6 3389-3389 0.0.0.0/0"]


@pytest.mark.parametrize(
    ("entries", "steps"),
    [
        pytest.param([allow(90)], ["delete 90"], id="SSH from anywhere"),
        pytest.param([allow(90, "17", (3389, 3389), Ipv6CidrBlock="::/0")], ["delete 90"], id="RDP over UDP from any IPv6 address"),
        pytest.param([everything(100)], ALL_DENIED, id="all traffic from anywhere"),
        pytest.param([allow(100, ports=(0, 65535))], ["deny 98 6 22-22 0.0.0.0/0", "deny 99 6 3389-3389 0.0.0.0/0"], id="all ports from anywhere"),
        pytest.param([allow(100, ports=(1024, 65535))], ["deny 99 6 3389-3389 0.0.0.0/0"], id="the ports of answers, and RDP among them"),
        pytest.param([allow(90), everything(100)], [*ALL_DENIED, "delete 90"], id="one for SSH alone before one for all"),
        pytest.param([everything(100), allow(110)], ALL_DENIED, id="one for SSH alone behind one for all decides nothing"),
        pytest.param([deny(50), allow(90)], [], id="denied earlier"),
        pytest.param([deny(50), allow(100, ports=(0, 65535))], ["deny 99 6 3389-3389 0.0.0.0/0"], id="denied earlier in part"),
        pytest.param([deny(50, CidrBlock="198.51.100.0/24"), allow(90)], ["delete 90"], id="denied earlier to few"),
        pytest.param([deny(110), allow(90)], ["delete 90"], id="denied later, which is too late"),
        pytest.param([deny(50, Ipv6CidrBlock="::/0"), allow(90)], ["delete 90"], id="denied earlier to the other kind of addresses"),
        pytest.param([{**everything(50), "RuleAction": "deny"}, everything(100)], [], id="all denied earlier"),
        pytest.param([allow(90, CidrBlock="10.0.0.0/8")], [], id="from few"),
        pytest.param([allow(90, "1", None)], [], id="ping from anywhere"),
        pytest.param([allow(90, ports=(23, 3388))], [], id="all ports between the two"),
        pytest.param([everything(2)], ["people 2"], id="no room before it"),
        pytest.param([allow(90, CidrBlock=LOW), allow(91, CidrBlock=HIGH)], ["delete 90", "delete 91"], id="two halves of the world"),
        pytest.param([allow(90, CidrBlock="0.0.0.0/2")], [], id="a quarter of it"),
        pytest.param([allow(90, Ipv6CidrBlock="2000::/4")], ["delete 90"], id="half of what is given out of IPv6"),
        pytest.param([allow(90, Ipv6CidrBlock="2000::/5")], [], id="a quarter of what is given out of IPv6"),
        pytest.param([everything(100, CidrBlock=HIGH)], [one.replace("0.0.0.0/0", HIGH) for one in ALL_DENIED], id="all traffic from half of the world"),
        pytest.param([deny(50, CidrBlock=LOW), allow(90)], ["delete 90"], id="denied earlier to half of it"),
        pytest.param([deny(50, CidrBlock=LOW), deny(51, CidrBlock=HIGH), allow(90)], [], id="denied earlier to both halves"),
        pytest.param([deny(50, CidrBlock=LOW), allow(90, CidrBlock=HIGH)], ["delete 90"], id="denied earlier to the other half"),
        pytest.param([deny(50), allow(90, CidrBlock=HIGH)], [], id="denied earlier to the world"),
        pytest.param(
            [everything(100, CidrBlock=HIGH), allow(110, ports=(0, 65535))],
            [
                *[one.replace("0.0.0.0/0", HIGH) for one in ALL_DENIED],
                "deny 108 6 22-22 0.0.0.0/0",
                "deny 109 6 3389-3389 0.0.0.0/0",
            ],
            id="half of the world before all of it",
        ),
        pytest.param([everything(100), allow(110, CidrBlock=HIGH)], ALL_DENIED, id="half of the world behind all of it decides nothing"),
        pytest.param(
            [everything(100, CidrBlock=HIGH), allow(110, CidrBlock="10.0.0.0/8")],
            [one.replace("0.0.0.0/0", HIGH) for one in ALL_DENIED],
            id="an entry for few of the other half would not be cut off",
        ),
        pytest.param([everything(100, CidrBlock=LOW), allow(110, CidrBlock="10.0.0.0/8")], ["people 100"], id="an entry for few of this half would"),
        pytest.param([allow(98, CidrBlock="10.0.0.0/8"), everything(100)], ["people 100"], id="no room behind an entry for few"),
        pytest.param([allow(110, CidrBlock="10.0.0.0/8"), everything(100)], ["people 100"], id="an entry for few behind it would be cut off"),
        pytest.param([allow(110, ports=(443, 443), CidrBlock="10.0.0.0/8"), everything(100)], ALL_DENIED, id="an entry for few and for other ports would not"),
    ],
)
def test_the_smallest_change_is_found(entries: list[Entry], steps: list[str]) -> None:
    assert brief(*entries) == steps


def test_a_fix_that_was_cut_off_goes_on_with_the_same_numbers() -> None:
    entries = [allow(96), everything(100), everything(101, Ipv6CidrBlock="::/0")]
    steps = steps_to_close(entries, {22, 3389})
    for taken in range(len(steps) - 1):
        done = [step["Deny"] for step in steps[:taken]]
        assert steps_to_close(sorted([*entries, *done], key=lambda one: one["RuleNumber"]), {22, 3389})[: len(steps) - 1 - taken] == steps[taken:-1]


def test_the_default_acl_is_left_alone(account: Account) -> None:
    [default, *_] = [one["NetworkAclId"] for one in boto3.client("ec2").describe_network_acls()["NetworkAcls"] if one["IsDefault"]]
    assert account.deliver(remediation, scenario.event(Handler("ec2", STEM).samples[STEM], default)) == ["ALREADY_OK"]
    assert account.writes == []


def test_what_only_people_can_put_in_order_is_reported_and_nothing_is_changed(account: Account) -> None:
    stuck = acl(allow(1), everything(2))
    before = state(stuck)
    assert account.deliver(remediation, scenario.event(Handler("ec2", STEM).samples[STEM], stuck)) == ["REPORTED"]
    assert state(stuck) == before
    assert "entry 2 lets everybody" in account.alerts()[0]["reason"]


def test_two_halves_of_the_world_are_closed_like_all_of_it_and_undo_brings_both_back(account: Account) -> None:
    acl_id = acl(allow(80, CidrBlock="10.0.0.0/8", ports=(443, 443)), allow(90, CidrBlock=LOW), everything(100, CidrBlock=HIGH))
    before = state(acl_id)
    assert account.deliver(remediation, scenario.event(Handler("ec2", STEM).samples[STEM], acl_id)) == ["FIXED"]
    assert state(acl_id) != before
    assert account.invoke(remediation, {"undo": account.alerts()[0]["id"]})["outcome"] == "UNDONE"
    assert state(acl_id) == before


def test_undo_leaves_an_entry_that_somebody_has_put_under_the_same_number(account: Account) -> None:
    acl_id = acl(allow(100, ports=(1024, 65535)))
    event = scenario.event(Handler("ec2", STEM).samples[STEM], acl_id)
    account.deliver(remediation, event)
    ec2 = boto3.client("ec2")
    ec2.delete_network_acl_entry(NetworkAclId=acl_id, RuleNumber=99, Egress=False)
    ec2.create_network_acl_entry(NetworkAclId=acl_id, **deny(99, ports=(3000, 4000)))
    before = state(acl_id)
    account.invoke(remediation, {"undo": account.alerts()[0]["id"]})
    assert state(acl_id) == before


def test_an_acl_that_is_gone_is_an_outcome(account: Account) -> None:
    assert account.deliver(remediation, Handler("ec2", STEM).samples[STEM]) == ["GONE"]


def test_a_full_acl_loses_what_is_open_and_people_hear_what_it_has_no_room_for(account: Account) -> None:
    few = [allow(number, ports=(8000 + number, 8000 + number), CidrBlock="10.0.0.0/8") for number in range(1, 18)]
    full = acl(*few, allow(90), everything(100))
    assert account.deliver(remediation, scenario.event(Handler("ec2", STEM).samples[STEM], full)) == ["PARTIAL"]
    assert "NetworkAclEntryLimitExceeded" in account.alerts()[0]["reason"]
    [found] = boto3.client("ec2").describe_network_acls(NetworkAclIds=[full])["NetworkAcls"]
    assert 90 not in [entry["RuleNumber"] for entry in found["Entries"] if not entry["Egress"]]
