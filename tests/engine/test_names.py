"""Types as Security Hub spells them, and types that are named the same way."""

import pytest

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
