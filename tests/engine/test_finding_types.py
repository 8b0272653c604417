"""Security Hub spells resource types its own way (https://docs.aws.amazon.com/securityhub/latest/userguide/asff-resources.html)."""

import pytest

from snapback.engine.names import finding_type


@pytest.mark.parametrize(
    ("cloudformation", "security_hub"),
    [
        ("AWS::::Account", "AwsAccount"),
        ("AWS::CloudTrail::Trail", "AwsCloudTrailTrail"),
        ("AWS::DynamoDB::Table", "AwsDynamoDbTable"),
        ("AWS::EC2::SecurityGroup", "AwsEc2SecurityGroup"),
        ("AWS::IAM::AccessKey", "AwsIamAccessKey"),
        ("AWS::RDS::DBInstance", "AwsRdsDbInstance"),
        ("AWS::S3::Bucket", "AwsS3Bucket"),
        ("AWS::SecretsManager::Secret", "AwsSecretsManagerSecret"),
        ("AWS::WAFv2::WebACL", "AwsWafv2WebAcl"),
    ],
)
def test_abbreviations_are_words(cloudformation: str, security_hub: str) -> None:
    assert finding_type(cloudformation) == security_hub
