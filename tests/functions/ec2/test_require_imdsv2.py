"""require_imdsv2: tokens are required, and every other metadata option stays."""

from typing import Any

import boto3
import pytest
from moto.ec2.models import ec2_backends

from functions.ec2.require_imdsv2 import remediation
from tests.harness.account import ACCOUNT, REGION, Account
from tests.harness.discovery import Handler
from tests.harness.ec2 import metadata_options
from tests.harness.scenario import Scenario

metadata_options.as_on_aws()

SAMPLE = "i-0123456789abcdef0"
STEM = "require_imdsv2"


def instances(options: Any, count: int = 1) -> list[str]:  # noqa: ANN401 - metadata options
    launched = boto3.client("ec2").run_instances(ImageId="ami-12345678", MinCount=count, MaxCount=count, MetadataOptions=options)
    return [instance["InstanceId"] for instance in launched["Instances"]]


def broken() -> str:
    instances({"HttpTokens": "optional"})
    special = {"HttpPutResponseHopLimit": 3, "HttpProtocolIpv6": "enabled", "InstanceMetadataTags": "enabled"}
    return instances({"HttpTokens": "optional", "HttpEndpoint": "enabled", **special})[0]


def state(instance_id: str) -> dict[str, Any]:
    found: list[dict[str, Any]] = [
        {**instance} for reservation in boto3.client("ec2").describe_instances()["Reservations"] for instance in reservation["Instances"]
    ]
    [own] = [dict(instance) for instance in found if instance["InstanceId"] == instance_id]
    options: dict[str, Any] = dict(own.pop("MetadataOptions"))
    others = [instance for instance in found if instance["InstanceId"] != instance_id]
    return {"tokens": options.pop("HttpTokens"), "other options": options, "everything else of it": own, "other instances": others}


scenario = Scenario(sample=SAMPLE, broken=broken, state=state, touched=frozenset({"tokens"}), environment={})


def sample(name: str = STEM) -> dict[str, Any]:
    return Handler("ec2", STEM).samples[name]


def test_every_instance_of_one_launch_is_looked_at(account: Account) -> None:
    ids = instances({"HttpTokens": "optional"}, 3)
    event = sample(f"{STEM}-run")
    event["detail"]["responseElements"]["instancesSet"]["items"] = [{"instanceId": one} for one in ids]
    assert account.deliver(remediation, event) == ["FIXED"] * 3
    assert {state(one)["tokens"] for one in ids} == {"required"}


@pytest.mark.parametrize(
    "parameters",
    [
        pytest.param({"instanceId": SAMPLE, "httpTokens": "optional"}, id="flat"),
        pytest.param({"ModifyInstanceMetadataOptionsRequest": {"InstanceId": SAMPLE}}, id="nested"),
    ],
)
def test_both_forms_of_the_call_are_understood(account: Account, parameters: object) -> None:
    event = sample()
    event["detail"]["requestParameters"] = parameters
    assert account.deliver(remediation, scenario.event(event, broken())) == ["FIXED"]


@pytest.mark.parametrize("options", [{"HttpTokens": "required"}, {"HttpTokens": "optional", "HttpEndpoint": "disabled"}], ids=["tokens", "no endpoint"])
def test_an_instance_whose_metadata_nobody_reads_without_a_token_is_left_alone(account: Account, options: dict[str, str]) -> None:
    assert account.deliver(remediation, scenario.event(sample(), instances(options)[0])) == ["ALREADY_OK"]
    assert account.writes == []


def test_a_terminated_instance_is_gone(account: Account) -> None:
    instance = broken()
    boto3.client("ec2").terminate_instances(InstanceIds=[instance])
    assert account.deliver(remediation, scenario.event(sample(), instance)) == ["GONE"]
    assert account.writes == []


def test_an_instance_that_is_starting_is_waited_for(account: Account) -> None:
    instance = broken()
    live: Any = ec2_backends[ACCOUNT][REGION].get_instance(instance)
    live._state.name = "pending"  # noqa: SLF001 - moto starts instances in no time
    assert account.deliver(remediation, scenario.event(sample(), instance)) == []
    [(_, reason)] = account.dead_letters
    assert "still starting" in reason
    assert account.writes == []
    live._state.name = "running"  # noqa: SLF001
    assert account.deliver(remediation, scenario.event(sample(), instance)) == ["FIXED"]
