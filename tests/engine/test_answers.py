"""Answers of AWS: dicts and lists to everybody, but for what is missing in them."""

import copy
import json

import pytest

from snapback.engine.answers import Answer, the_one
from snapback.engine.errors import IncompleteAnswer

GIVEN = {"Subnets": [{"SubnetId": "subnet-1", "Tags": []}, {"SubnetId": "subnet-2"}], "NextToken": "x"}


def test_what_is_missing_is_named_with_call_and_place() -> None:
    answer = Answer("ec2:DescribeSubnets", GIVEN)
    with pytest.raises(IncompleteAnswer, match=r"ec2:DescribeSubnets\.Vpcs$"):
        answer["Vpcs"]
    with pytest.raises(IncompleteAnswer, match=r"ec2:DescribeSubnets\.Subnets\[\]\.Tags$"):
        answer["Subnets"][1]["Tags"]


def test_to_the_rest_it_is_what_it_was_made_of() -> None:
    answer = Answer("ec2:DescribeSubnets", GIVEN)
    assert answer == GIVEN
    assert repr(answer) == repr(GIVEN)
    assert json.dumps(answer) == json.dumps(GIVEN)
    assert answer.get("Vpcs", "none") == "none"
    assert "Vpcs" not in answer


def test_a_copy_knows_its_place_as_well() -> None:
    with pytest.raises(IncompleteAnswer, match="ec2:DescribeSubnets"):
        copy.deepcopy(Answer("ec2:DescribeSubnets", GIVEN))["Vpcs"]


@pytest.mark.parametrize("found", [[], [{"SubnetId": "subnet-1"}, {"SubnetId": "subnet-2"}]], ids=["none", "two"])
def test_where_one_was_asked_for_none_and_two_are_no_answer(found: list[dict[str, str]]) -> None:
    with pytest.raises(IncompleteAnswer, match=rf"{len(found)} items in ec2:DescribeSubnets\.Subnets "):
        the_one(Answer("ec2:DescribeSubnets", {"Subnets": found})["Subnets"])
    with pytest.raises(IncompleteAnswer, match=rf"{len(found)} items in the pages "):
        the_one(found, "the pages")


def test_the_one_that_was_asked_for_is_returned() -> None:
    assert the_one([3]) == 3
