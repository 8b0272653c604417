"""restrict_image: the group `all` goes, accounts and organisations that were named stay."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest

from functions.ec2.restrict_image import remediation
from tests.harness.account import Account, ApiCall
from tests.harness.discovery import Handler
from tests.harness.ec2 import sharing_blocks
from tests.harness.ec2.sharing_blocks import blocks
from tests.harness.scenario import Scenario, saying

sharing_blocks.as_on_aws()

ORGANISATION = "arn:aws:organizations::111122223333:organization/o-abcdefghij"


def broken() -> str:
    ec2 = boto3.client("ec2")
    image = ec2.register_image(Name="of a test", Architecture="x86_64", RootDeviceName="/dev/xvda")["ImageId"]
    share(image, {"Group": "all"}, {"UserId": "222233334444"}, {"OrganizationArn": ORGANISATION})
    return image


def share(image: str, *who: Any) -> None:  # noqa: ANN401 - launch permissions
    boto3.client("ec2").modify_image_attribute(ImageId=image, LaunchPermission={"Add": list(who)})


def state(image: str) -> dict[str, Any]:
    ec2 = boto3.client("ec2")
    allowed = ec2.describe_image_attribute(ImageId=image, Attribute="launchPermission")["LaunchPermissions"]
    return {
        "groups": [one["Group"] for one in allowed if "Group" in one],
        "others": [one for one in allowed if "Group" not in one],
        "name": ec2.describe_images(ImageIds=[image])["Images"][0]["Name"],
    }


scenario = Scenario(sample="ami-0123456789abcdef0", broken=broken, state=state, touched=frozenset({"groups"}), environment={"TRUSTED_ACCOUNTS": ""})


def event() -> dict[str, Any]:
    return Handler("ec2", "restrict_image").samples["restrict_image"]


@pytest.mark.usefixtures("account")
def test_sharing_with_a_named_account_or_organisation_is_not_wrong() -> None:
    image = broken()
    boto3.client("ec2").modify_image_attribute(ImageId=image, LaunchPermission={"Remove": [{"Group": "all"}]})
    assert remediation.violation(image) == []


def test_an_image_of_another_account_is_left_to_that_account(account: Account) -> None:
    image = broken()

    def not_ours(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        return {"Images": []} if call.operation == "DescribeImages" and call.parameters["Owners"] == ["self"] else really()

    with account.interfered(not_ours):
        assert account.deliver(remediation, scenario.event(event(), image)) == ["ELSEWHERE"]
    assert account.writes == []


def test_an_image_that_is_gone_is_an_outcome(account: Account) -> None:
    assert account.deliver(remediation, saying(event(), launchPermission={"remove": {"items": [{"group": "all"}]}})) == ["GONE"]


def test_an_undo_that_the_block_of_public_sharing_forbids_says_which_fix_to_take_back_first(account: Account) -> None:
    image = broken()
    [fixed] = account.invoke(remediation, scenario.event(event(), image))["outcomes"]
    blocks().images = "block-new-sharing"
    refused = account.invoke(remediation, {"undo": fixed["id"]})
    assert refused["outcome"] == "UNDO_REFUSED"
    assert "ModifyImageAttribute says OperationNotPermitted: You can" in refused["reason"]
    assert "take back block_public_images first" in refused["reason"]
    assert state(image)["groups"] == []
    blocks().images = "unblocked"
    assert account.invoke(remediation, {"undo": fixed["id"]})["outcome"] == "UNDONE"
