"""What is read, changed and written back keeps what is in it besides: members of AWS's that no handler knows come through every fix and undo unharmed."""

from collections.abc import Mapping
from fnmatch import fnmatchcase

import pytest

from tests.contract.conftest import SITUATIONS, broken_by
from tests.harness.account import Account
from tests.harness.discovery import Handler
from tests.harness.unknown_members import Keeper, operation_model, structures

REPLACED: Mapping[str, tuple[str, str]] = {
    "iam:UpdateAccountPasswordPolicy": ("iam:GetAccountPasswordPolicy", "PasswordPolicy"),
    "cloudwatch:PutMetricAlarm": ("cloudwatch:DescribeAlarms", "MetricAlarm"),
    "cloudwatch:PutCompositeAlarm": ("cloudwatch:DescribeAlarms", "CompositeAlarm"),
    "wafv2:UpdateIPSet": ("wafv2:GetIPSet", "IPSet"),
    "ssm:PutParameter": ("ssm:DescribeParameters", "ParameterMetadata"),
    "cloudtrail:CreateTrail": ("cloudtrail:GetTrail", "Trail"),
    "guardduty:CreateDetector": ("guardduty:GetDetector", "GetDetectorResponse"),
    "ec2:CreateNetworkAclEntry": ("ec2:DescribeNetworkAcls", "NetworkAclEntry"),
    "accessanalyzer:CreateAnalyzer": ("accessanalyzer:ListAnalyzers", "AnalyzerSummary"),
}
"""Calls whose own parameters replace a structure as a whole -> the call that reads that, and the structure's name. What stands in structures of the same name
in both is found by itself."""

SPARED: Mapping[str, str] = {
    "read accessanalyzer:ListAnalyzers accessanalyzer.AnalyzerSummary.managedBy": "the analyzer would be a service's",
    "read accessanalyzer:ListAnalyzers accessanalyzer.AnalyzerSummary.configuration": "only analyzers of other types have one",
    "read cloudfront:GetDistributionConfig cloudfront.Aliases.Items": "one with names of its own and without a certificate is left to people",
    "read ec2:DescribeImageAttribute ec2.LaunchPermission.*": "a permission has one of these",
    "read ec2:DescribeNetworkAcls ec2.NetworkAclEntry.*CidrBlock": "an entry has one of these",
    "read ec2:DescribeNetworkAcls ec2.NetworkAclEntry.PortRange": "an entry for all protocols has none",
    "read ec2:DescribeNetworkAcls ec2.NetworkAclEntry.IcmpTypeCode": "an entry for TCP or UDP has none, and its steps would be others",
    "read ec2:DescribeSecurityGroups ec2.*": "what is granted again is read from the rules, one by one",
    "read ec2:DescribeSnapshotAttribute ec2.CreateVolumePermission.*": "a permission has one of these",
    "read ssm:DescribeParameters ssm.ParameterMetadata.KeyId": "a parameter in the clear has no key",
    "read ssm:DescribeParameters ssm.ParameterMetadata.Policies": "they are written in another form: the handler's own test has them",
    "fix ec2:CreateNetworkAclEntry ec2.*": "the denials are new entries",
    "fix elbv2:ModifyListener elbv2.*": "a redirect takes the place of the actions; the undo brings them back",
    "fix s3:PutBucketEncryption s3.ServerSideEncryptionByDefault.KMSMasterKeyID": "it is another key, or AWS's own for S3",
    "* config:PutConfigurationRecorder config.ConfigurationRecorder.arn": "AWS gives it",
    "* config:PutConfigurationRecorder config.ConfigurationRecorder.recordingScope": "AWS says so by itself",
    "* config:PutConfigurationRecorder config.ConfigurationRecorder.servicePrincipal": "only a service's recorder has one",
}
"""What need not be put into an answer, or need not come with the fix or the undo, and why."""


def is_spared(what: str) -> bool:
    return any(fnmatchcase(what, spared) for spared in SPARED)


@pytest.mark.parametrize("handler", SITUATIONS, ids=str)
def test_members_that_nobody_knows_come_through_fix_and_undo(handler: Handler, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = broken_by(handler, account, monkeypatch)
    broken.deliver()
    if broken.remediation.undo:
        account.invoke(broken.remediation, {"undo": account.alerts()[0]["id"]})
    written: dict[str, set[str]] = {}
    for call in account.calls:
        if call.is_write:
            name = f"{call.service}:{call.operation}"
            found = {
                shape.name
                for shape, value in structures(call.parameters, operation_model(call.service, call.operation).input_shape)
                if value is not call.parameters
            }
            written.setdefault(call.service, set()).update(found, {REPLACED[name][1]} if name in REPLACED else ())
    if not any(written.values()):  # it writes no structures back
        return
    account.tear_down()
    account.set_up()
    keeper = Keeper(REPLACED, is_spared, written)
    with account.interfered(keeper):
        broken = broken_by(handler, account, monkeypatch)
        assert broken.deliver() == ["FIXED"]
        keeper.phase = "undo"
        if broken.remediation.undo:
            assert account.invoke(broken.remediation, {"undo": account.alerts()[0]["id"]})["outcome"] == "UNDONE"
    assert not keeper.dropped
