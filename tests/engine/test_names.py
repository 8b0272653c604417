"""Types as Security Hub spells them, types that are named the same way, and names that AWS allows."""

import pytest

from snapback.engine.errors import UnreadableEvent
from snapback.engine.names import checked, finding_type, is_of_type, name_in

SPELLED = {
    "AWS::::Account": "AwsAccount",
    "AWS::CloudTrail::Trail": "AwsCloudTrailTrail",
    "AWS::DynamoDB::Table": "AwsDynamoDbTable",
    "AWS::EC2::SecurityGroup": "AwsEc2SecurityGroup",
    "AWS::EC2::VPC": "AwsEc2Vpc",
    "AWS::EC2::VPCEndpointService": "AwsEc2VpcEndpointService",
    "AWS::IAM::AccessKey": "AwsIamAccessKey",
    "AWS::KMS::Key": "AwsKmsKey",
    "AWS::RDS::DBClusterSnapshot": "AwsRdsDbClusterSnapshot",
    "AWS::RDS::DBInstance": "AwsRdsDbInstance",
    "AWS::S3::Bucket": "AwsS3Bucket",
    "AWS::WAFv2::WebACL": "AwsWafv2WebAcl",
}
"""From https://docs.aws.amazon.com/securityhub/latest/userguide/asff-resources.html."""


@pytest.mark.parametrize(("resource_type", "spelled"), SPELLED.items())
def test_a_type_is_spelled_as_security_hub_spells_it(resource_type: str, spelled: str) -> None:
    assert finding_type(resource_type) == spelled


@pytest.mark.parametrize("given", ["AWS::RDS::DBSnapshot", "AWS::RDS::DBClusterSnapshot", "AwsRdsDbSnapshot", "AwsRdsDbClusterSnapshot"])
def test_a_snapshot_of_a_cluster_counts_as_a_snapshot(given: str) -> None:
    assert is_of_type("AWS::RDS::DBSnapshot", given)


@pytest.mark.parametrize("given", ["AwsRdsDbInstance", "AwsRdsDBSnapshot", "", None, ["AwsRdsDbSnapshot"], {}])
def test_anything_else_does_not(given: object) -> None:
    assert not is_of_type("AWS::RDS::DBSnapshot", given)


@pytest.mark.parametrize("given", ["ami-DE1fbCab6ccB03e6D", "arn:aws:ec2:us-east-1:111122223333:image/ami-de1fbcab6ccb03e6d", "ami-de1fbcab6ccb03e6d"])
def test_an_id_of_ec2_has_one_spelling_however_a_record_has_it(given: str) -> None:
    assert checked("AWS::EC2::Image", name_in("AWS::EC2::Image", given)) == "ami-de1fbcab6ccb03e6d"


def test_other_names_keep_their_capitals() -> None:
    assert name_in("AWS::S3::Bucket", "Logs-DEADBEEF") == "Logs-DEADBEEF"


@pytest.mark.parametrize(
    ("resource_type", "name"),
    [
        ("AWS::CloudWatch::Alarm", "a"),
        ("AWS::CloudWatch::Alarm", "CPU > 90 %! (gr\u00f6\u00dfer) <b> 'x' * \u202e"),
        ("AWS::CloudWatch::Alarm", "\U0001f600" * 255),
        ("AWS::AccessAnalyzer::Finding", "arn:aws:secretsmanager:us-east-1:111122223333:secret:rds!db-1a2b-AbCdEf"),
    ],
)
def test_a_name_that_aws_allows_is_one(resource_type: str, name: str) -> None:
    assert checked(resource_type, name) == name


@pytest.mark.parametrize("name", ["", "a" * 256, "a\nb", "a\x7f", "\ud800", "a\ufffe", "critical-*", "a ", " a", "\u2003a", "a\u3000", "a\u2028"])
def test_a_name_of_an_alarm_that_aws_refuses_or_that_no_command_could_give_is_none(name: str) -> None:
    with pytest.raises(UnreadableEvent):
        checked("AWS::CloudWatch::Alarm", name)


@pytest.mark.parametrize("name", ["web/CPU: 80%", "alarm:alarm:x", "arn:aws"])
def test_an_alarm_is_known_by_the_whole_of_its_name_in_an_arn(name: str) -> None:
    for given in (name, f"arn:aws:cloudwatch:us-east-1:111122223333:alarm:{name}"):
        assert name_in("AWS::CloudWatch::Alarm", given) == name
