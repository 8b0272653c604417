"""block_attacker_ip: one address in and out of a set that others change at the same time, and never one that is nobody's."""

import itertools
import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from moto.wafv2.models import FakeIPSet, wafv2_backends
from moto.wafv2.utils import make_arn_for_ip_set

from functions.wafv2.block_attacker_ip import remediation
from snapback.engine import clock
from tests.harness.account import FAULTS, Account, ApiCall, error, fault_at, operations
from tests.harness.discovery import Handler
from tests.harness.rules import rules
from tests.harness.scenario import ACCOUNT, REGION, Scenario
from tests.harness.scheduler import schedules

SAMPLE = "192.88.99.24"
SAMPLE_V6 = "2600:1f18::bad:1"
OTHERS = ["192.0.2.0/24", "198.51.100.44/32"]
OTHERS_V6 = ["2001:0db8:0000:0000:0000:0000:0000:0001/128"]  # as WAF spells them

V4 = "snapback-attackers-v4|11111111-1111-1111-1111-111111111111|REGIONAL"
V6 = "snapback-attackers-v6|66666666-6666-6666-6666-666666666666|REGIONAL"
SETTINGS = {"IP_SET_V4": V4, "IP_SET_V6": V6, "BLOCK_HOURS": "24", "NEVER_BLOCK": ""}
HOUR = 3600


def ip_set(setting: str, version: str, addresses: list[str]) -> None:
    """Make the set as the template does; moto chooses ids of its own, so it is told this one."""
    name, identity, scope = setting.split("|")
    arn = make_arn_for_ip_set(name=name, account_id=ACCOUNT, region_name=REGION, _id=identity, scope=scope)
    wafv2_backends[ACCOUNT][REGION].ip_sets[arn] = FakeIPSet(arn, identity, version, list(addresses), name, "Addresses from which attacks come.", scope)


def in_set(setting: str = V4) -> Any:  # noqa: ANN401 - an IP set
    name, identity, scope = setting.split("|")
    return boto3.client("wafv2").get_ip_set(Name=name, Id=identity, Scope=scope)  # type: ignore[arg-type]  # REGIONAL


def broken() -> str:
    ip_set(V4, "IPV4", OTHERS)
    ip_set(V6, "IPV6", OTHERS_V6)
    return SAMPLE


def state(address: str) -> dict[str, Any]:
    sets = [in_set(setting)["IPSet"] for setting in (V4, V6)]
    listed = [block for one in sets for block in one["Addresses"]]
    own = [block for block in listed if block.startswith((f"{address}/", "2600:1f18:"))]
    return {"blocked": own, "others": [block for block in listed if block not in own], "about": [one["Description"] for one in sets]}


scenario = Scenario(sample=SAMPLE, broken=broken, state=state, touched=frozenset({"blocked"}), environment=SETTINGS)


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)


def sample(name: str = "block_attacker_ip", address: str = SAMPLE, *, event_id: str = "") -> dict[str, Any]:
    return scenario.event(Handler("wafv2", "block_attacker_ip").samples[name], address, event_id=event_id)


def tick() -> dict[str, Any]:
    """Return what the schedule gives every hour."""
    return schedules.tick(remediation, clock.now())


def wakes(event: object) -> bool:
    return any(rule.function == "BlockAttackerIp" and rule.matches(event) for rule in rules())  # type: ignore[arg-type]


def test_an_ipv6_address_goes_into_its_own_set_and_out_again_however_it_is_spelled(account: Account) -> None:
    broken()
    assert account.deliver(remediation, sample("block_attacker_ip-ipv6")) == ["FIXED"]
    assert in_set(V6)["IPSet"]["Addresses"] == [*OTHERS_V6, f"{SAMPLE_V6}/128"]
    assert in_set(V4)["IPSet"]["Addresses"] == OTHERS
    ip_set(V6, "IPV6", [*OTHERS_V6, "2600:1f18:0000:0000:0000:0000:0bad:0001/128"])  # the way in which WAF keeps it
    assert account.deliver(remediation, sample("block_attacker_ip-ipv6", event_id="another")) == ["ALREADY_OK"]
    account.invoke(remediation, {"undo": account.alerts()[0]["id"]})
    assert in_set(V6)["IPSet"]["Addresses"] == OTHERS_V6


@pytest.mark.parametrize(
    "address",
    ["10.1.2.3", "127.0.0.1", "169.254.1.2", "100.64.0.1", "224.0.0.251", "240.0.0.1", "0.1.2.3", "::1", "fe80::1", "fd00::1", "ff02::1", "::ffff:10.0.0.1"],
)
def test_an_address_that_is_nobodys_on_the_internet_is_never_blocked(account: Account, address: str) -> None:
    broken()
    assert account.deliver(remediation, sample(address=address)) == ["ALREADY_OK"]
    assert account.writes == []


@pytest.mark.parametrize("never", [SAMPLE, "203.0.113.9, 192.88.0.0/16", "2600::/12,192.88.99.24/32"])
def test_an_address_in_never_block_is_never_blocked(account: Account, monkeypatch: pytest.MonkeyPatch, never: str) -> None:
    broken()
    monkeypatch.setenv("NEVER_BLOCK", never)
    assert account.deliver(remediation, sample()) == ["ALREADY_OK"]
    assert account.writes == []


def test_an_address_of_ipv4_in_the_clothes_of_ipv6_is_blocked_as_what_it_is(account: Account) -> None:
    broken()
    assert account.deliver(remediation, sample(address=f"::ffff:{SAMPLE}")) == ["FIXED"]
    assert in_set()["IPSet"]["Addresses"] == [*OTHERS, f"{SAMPLE}/32"]


def test_an_address_whose_block_is_in_the_set_needs_no_entry_of_its_own(account: Account) -> None:
    broken()
    ip_set(V4, "IPV4", ["192.88.99.0/24"])
    assert account.deliver(remediation, sample()) == ["ALREADY_OK"]


def test_every_prober_of_a_finding_is_handled_and_one_of_ours_among_them_is_left_alone(account: Account) -> None:
    broken()
    event = sample("block_attacker_ip-probe")
    probes = event["detail"]["service"]["action"]["portProbeAction"]["portProbeDetails"]
    probes += [{"remoteIpDetails": {"ipAddressV4": "10.0.0.9"}}, {"remoteIpDetails": {"ipAddressV4": "", "ipAddressV6": SAMPLE_V6}}]
    assert wakes(event)
    assert account.deliver(remediation, event) == ["FIXED", "ALREADY_OK", "FIXED"]


def others_add(address: str) -> None:
    found = in_set()
    name, identity, scope = V4.split("|")
    more = [*found["IPSet"]["Addresses"], address]
    boto3.client("wafv2").update_ip_set(Name=name, Id=identity, Scope=scope, Addresses=more, LockToken=found["LockToken"])  # type: ignore[arg-type]


def test_what_somebody_else_adds_in_between_stays_while_it_goes_in_and_while_it_goes_out(account: Account) -> None:
    broken()
    added: list[str] = []

    def meddle(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401
        if call.operation == "UpdateIPSet" and operations(account.calls).count("wafv2:UpdateIPSet") == 1:
            added.append(f"198.51.100.{len(added) + 1}/32")
            others_add(added[-1])
        return really()

    with account.interfered(meddle):
        assert account.deliver(remediation, sample()) == ["FIXED"]
    assert in_set()["IPSet"]["Addresses"] == [*OTHERS, added[0], f"{SAMPLE}/32"]
    with account.interfered(meddle):
        account.invoke(remediation, {"undo": account.alerts()[0]["id"]})
    assert in_set()["IPSet"]["Addresses"] == [*OTHERS, *added]
    assert len(added) == 2


def test_two_addresses_at_once_both_end_in_the_set(account: Account) -> None:
    """Let the second delivery run, whole, just before every single call of the first."""
    broken()
    begin_again = account.keep()
    for number in itertools.count():
        begin_again()

        def meet(_: ApiCall, n: int, really: Callable[[], Any], at: int = number) -> Any:  # noqa: ANN401
            if n == at:
                account.invoke(remediation, sample(address="192.88.99.25"))
            return really()

        with account.interfered(meet):
            assert account.deliver(remediation, sample()) == ["FIXED"]
        if number >= len(account.calls):
            break
        addresses = in_set()["IPSet"]["Addresses"]
        assert addresses[:2] == OTHERS
        assert sorted(addresses[2:]) == ["192.88.99.24/32", "192.88.99.25/32"]


def test_a_set_that_never_holds_still_ends_as_a_dead_letter_after_a_bounded_number_of_tries(account: Account) -> None:
    broken()

    def meddle(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401
        if call.operation == "UpdateIPSet":
            others_add(f"198.51.100.{len(account.calls)}/32")
        return really()

    with account.interfered(meddle):
        assert account.deliver(remediation, sample()) == []
    assert "WAFOptimisticLockException" in account.dead_letters[0][1]
    assert len(account.writes) == 3 * 5


def test_after_its_end_date_the_block_is_taken_back_and_told_once(account: Account) -> None:
    broken()
    account.deliver(remediation, sample())
    others_add("198.51.100.99/32")
    account.clock.pause(23 * HOUR)
    assert account.deliver(remediation, tick()) == []
    account.clock.pause(HOUR + 60)
    assert account.deliver(remediation, tick()) == ["UNDONE"]
    assert in_set()["IPSet"]["Addresses"] == [*OTHERS, "198.51.100.99/32"]
    account.forget()
    assert account.deliver(remediation, tick()) == []
    assert account.writes == []
    assert account.outcomes() == ["FIXED", "UNDONE"]


def test_who_goes_on_after_the_end_date_is_blocked_again_and_that_ends_too(account: Account) -> None:
    broken()
    for day in range(3):
        assert account.deliver(remediation, sample(event_id=str(day))) == ["FIXED"]
        account.clock.pause(25 * HOUR)
        assert account.deliver(remediation, tick()) == ["UNDONE"]
    assert in_set()["IPSet"]["Addresses"] == OTHERS


def test_each_block_ends_in_its_own_time(account: Account) -> None:
    broken()
    account.deliver(remediation, sample())
    account.clock.pause(12 * HOUR)
    account.deliver(remediation, sample(address="192.88.99.25"))
    account.clock.pause(13 * HOUR)
    assert account.deliver(remediation, tick()) == ["UNDONE"]
    assert in_set()["IPSet"]["Addresses"] == [*OTHERS, "192.88.99.25/32"]


def test_a_block_that_a_person_has_taken_back_is_not_taken_back_again(account: Account) -> None:
    broken()
    account.deliver(remediation, sample())
    account.invoke(remediation, {"undo": account.alerts()[0]["id"]})
    account.clock.pause(25 * HOUR)
    account.forget()
    assert account.deliver(remediation, tick()) == ["HANDLED"]
    assert account.writes == []
    assert account.deliver(remediation, tick()) == []


@pytest.mark.parametrize("kind", FAULTS)
def test_whatever_goes_wrong_at_the_end_date_a_later_tick_takes_the_block_back(account: Account, kind: str) -> None:
    broken()
    account.deliver(remediation, sample())
    account.clock.pause(25 * HOUR)
    begin_again = account.keep()
    for number in itertools.count():
        begin_again()
        with account.interfered(fault_at(number, kind)):
            account.deliver(remediation, tick())
        account.deliver(remediation, tick())
        assert in_set()["IPSet"]["Addresses"] == OTHERS, f"{kind} at call {number}"
        if number >= len(account.calls):
            break


def test_one_end_date_that_fails_does_not_stop_the_next_and_is_tried_again(account: Account) -> None:
    broken()
    account.deliver(remediation, sample())
    account.clock.pause(60)
    account.deliver(remediation, sample(address="192.88.99.25"))
    account.clock.pause(25 * HOUR)

    def refuse_the_first(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401
        if call.operation == "UpdateIPSet" and f"{SAMPLE}/32" not in call.parameters["Addresses"]:
            raise error("WAFInvalidParameterException", 400, call.operation)
        return really()

    with account.interfered(refuse_the_first):
        assert account.deliver(remediation, tick()) == []
    assert "WAFInvalidParameterException" in account.dead_letters[0][1]
    assert in_set()["IPSet"]["Addresses"] == [*OTHERS, f"{SAMPLE}/32"]
    assert account.deliver(remediation, tick()) == ["UNDONE"]
    assert in_set()["IPSet"]["Addresses"] == OTHERS


def test_every_end_date_that_fails_stands_in_the_dead_letter(account: Account) -> None:
    broken()
    account.deliver(remediation, sample())
    account.deliver(remediation, sample(address="192.88.99.25"))
    account.clock.pause(25 * HOUR)
    refusals = itertools.cycle(("WAFInvalidParameterException", "WAFLimitsExceededException"))

    def refuse(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401
        if call.operation == "UpdateIPSet":
            raise error(next(refusals), 400, call.operation)
        return really()

    with account.interfered(refuse):
        assert account.deliver(remediation, tick()) == []
    [(_, reason)] = account.dead_letters
    assert reason.startswith("SeveralFailed: 2 of 2 resources failed")
    assert ("WAFInvalidParameterException" in reason, "WAFLimitsExceededException" in reason) == (True, True)


def test_an_end_that_could_not_be_told_is_told_by_the_next_try(account: Account) -> None:
    broken()
    account.deliver(remediation, sample())
    account.clock.pause(25 * HOUR)

    def fail_once(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401
        return FAULTS["server error"](call, really) if operations(account.calls).count("sns:Publish") == 1 and call.operation == "Publish" else really()

    with account.interfered(fail_once):
        assert account.deliver(remediation, tick()) == ["UNDONE"]
    assert account.outcomes() == ["FIXED", "UNDONE"]


@pytest.mark.parametrize(("never", "others"), [(SAMPLE, []), ("", ["192.88.99.0/24"])], ids=["may never be blocked by now", "is in a larger block by now"])
def test_an_address_that_is_no_problem_any_more_is_taken_out(account: Account, monkeypatch: pytest.MonkeyPatch, never: str, others: list[str]) -> None:
    broken()
    account.deliver(remediation, sample())
    for block in others:
        others_add(block)
    monkeypatch.setenv("NEVER_BLOCK", never)
    account.clock.pause(25 * HOUR)
    assert account.deliver(remediation, tick()) == ["UNDONE"]
    assert in_set()["IPSet"]["Addresses"] == [*OTHERS, *others]


@pytest.mark.parametrize(
    ("name", "change"),
    [
        pytest.param("block_attacker_ip-api", {"type": "Policy:IAMUser/RootCredentialUsage"}, id="somebody of ours has set something"),
        pytest.param("block_attacker_ip-outbound", {"type": "UnauthorizedAccess:EC2/SSHBruteForce"}, id="the victim of our own instance"),
        pytest.param("block_attacker_ip-outbound", {"type": "Backdoor:EC2/DenialOfService.Tcp"}, id="another victim of our own instance"),
        pytest.param("block_attacker_ip-outbound", {"type": "Behavior:EC2/TrafficVolumeUnusual"}, id="just somebody"),
    ],
)
def test_who_attacks_nobody_wakes_nobody_and_is_not_blocked_even_if_the_finding_gets_through(account: Account, name: str, change: dict[str, Any]) -> None:
    broken()
    account.forget()
    event = sample(name)
    event["detail"] |= change
    assert not wakes(event)
    assert account.deliver(remediation, event) == []
    assert account.dead_letters[0][1].startswith("UnreadableEvent: ")
    assert account.calls == []


@pytest.mark.parametrize(
    "action",
    [
        pytest.param({"actionType": "DNS_REQUEST", "dnsRequestAction": {"domain": "bad.example.com"}}, id="a DNS request"),
        pytest.param({"actionType": "AWS_API_CALL", "awsApiCallAction": {"api": "GetObject", "callerType": "Domain"}}, id="a call by a service"),
        pytest.param({"actionType": "AWS_API_CALL", "awsApiCallAction": {"remoteIpDetails": {"ipAddressV4": "", "ipAddressV6": ""}}}, id="empty addresses"),
    ],
)
def test_a_finding_without_a_remote_address_wakes_nobody(account: Account, action: dict[str, Any]) -> None:
    event = sample("block_attacker_ip-api")
    event["detail"]["service"]["action"] = action
    assert not wakes(event)
    assert account.deliver(remediation, event) == []
    assert "does not name" in account.dead_letters[0][1]


@pytest.mark.parametrize("name", ["block_attacker_ip", *(f"block_attacker_ip-{kind}" for kind in ("api", "kubernetes", "probe", "rds"))])
def test_every_kind_of_finding_is_heard_of_with_an_address_of_ipv6_alone(account: Account, name: str) -> None:
    broken()
    event = json.loads(json.dumps(sample(name)).replace(f'"ipAddressV4": "{SAMPLE}"', f'"ipAddressV4": "", "ipAddressV6": "{SAMPLE_V6}"'))
    assert wakes(event)
    assert account.deliver(remediation, event) == ["FIXED"]
    assert in_set(V6)["IPSet"]["Addresses"] == [*OTHERS_V6, f"{SAMPLE_V6}/128"]


@pytest.mark.parametrize(("name", "heard"), [("block_attacker_ip", True), ("block_attacker_ip-probe", True), ("block_attacker_ip-api", False)])
def test_a_finding_of_low_severity_is_heard_of_probes_and_connections_only(name: str, *, heard: bool) -> None:
    event = sample(name)
    event["detail"]["severity"] = 2
    assert wakes(event) is heard


def test_ends_of_blocks_that_come_in_numbers_are_told_together(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    broken()
    account.make_storm_queue()
    monkeypatch.setenv("STORM_AFTER", "2")
    for number in range(4):
        account.deliver(remediation, sample(address=f"192.88.99.{number}", event_id=str(number)))
        account.clock.pause(HOUR)
    account.clock.pause(24 * HOUR)
    assert account.deliver(remediation, tick()) == ["UNDONE"] * 4
    assert account.outcomes().count("UNDONE") == 2
    assert [alert["outcome"] for alert in account.put_off()] == ["UNDONE"] * 2


@pytest.mark.parametrize(
    ("said", "outcome"),
    [({}, "FIXED"), ({"id": "0f3c1b0e-7e8c-4f6e-8a60-7f9b2f1f3a11"}, "ALREADY_OK"), ({"addresses": [f"{SAMPLE}/32"]}, "ALREADY_OK")],
    ids=["left out", "of another set", "still in it"],
)
def test_who_leaves_a_blocked_address_out_of_the_set_takes_it_off(account: Account, said: dict[str, Any], outcome: str) -> None:
    broken()
    account.deliver(remediation, sample())
    remediation.undo(SAMPLE, [])  # type: ignore[misc]  # it has one
    account.clock.pause(60)
    event = sample("block_attacker_ip-lifted")
    event["detail"]["requestParameters"] |= said
    assert account.deliver(remediation, event) == [outcome]
