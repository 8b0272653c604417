"""Links from an alert into AWS's console, right for each partition and region, and into the runbook. Read only where something is told.

Whatever stands in an address is encoded, so nothing that an event says can lead out of the console. AWS documents few of the console's addresses; one that
it does not know any more leads to the service's first page, in the right account's region.
"""

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from snapback.engine.names import partition_of

_HOSTS: Final[Mapping[str, str]] = {"aws": "console.aws.amazon.com", "aws-cn": "console.amazonaws.cn", "aws-us-gov": "console.amazonaws-us-gov.com"}
"""Partition -> the console's host, before which a region may stand.

https://docs.aws.amazon.com/awsconsolehelpdocs/latest/gsg/working-with-console.html
https://docs.amazonaws.cn/en_us/aws/latest/userguide/introduction.html
https://docs.aws.amazon.com/govcloud-us/latest/UserGuide/getting-started-sign-in.html
"""

_LONGEST: Final = 1_000
"""Characters of a part; one that is longer has no link."""

_PAGES: Final[Mapping[str, str]] = {
    "AWS::CertificateManager::Certificate": "acm/home?region={region}#/certificates/{last}",
    "AWS::CloudFormation::Stack": "cloudformation/home?region={region}#/stacks?filteringText={last}",
    "AWS::CloudFront::Distribution": "cloudfront/v4/home#/distributions/{name}",
    "AWS::CloudTrail::Trail": "cloudtrailv2/home?region={region}#/trails/{name}",
    "AWS::CloudWatch::Alarm": "cloudwatch/home?region={region}#alarmsV2:alarm/{name}",
    "AWS::Cognito::IdentityPool": "cognito/v2/identity/identity-pools/{name}?region={region}",
    "AWS::DynamoDB::Table": "dynamodbv2/home?region={region}#table?name={name}",
    "AWS::EC2::Image": "ec2/home?region={region}#ImageDetails:imageId={name}",
    "AWS::EC2::Instance": "ec2/home?region={region}#InstanceDetails:instanceId={name}",
    "AWS::EC2::NetworkAcl": "vpcconsole/home?region={region}#NetworkAclDetails:networkAclId={name}",
    "AWS::EC2::SecurityGroup": "ec2/home?region={region}#SecurityGroup:groupId={name}",
    "AWS::EC2::Snapshot": "ec2/home?region={region}#SnapshotDetails:snapshotId={name}",
    "AWS::EC2::SnapshotBlockPublicAccess": "ec2/home?region={region}#Settings:",
    "AWS::EC2::Subnet": "vpcconsole/home?region={region}#SubnetDetails:subnetId={name}",
    "AWS::EC2::TransitGateway": "vpcconsole/home?region={region}#TransitGatewayDetails:transitGatewayId={name}",
    "AWS::EC2::VPC": "vpcconsole/home?region={region}#VpcDetails:VpcId={name}",
    "AWS::EC2::VPCEndpoint": "vpcconsole/home?region={region}#EndpointDetails:vpcEndpointId={name}",
    "AWS::EC2::VPCEndpointService": "vpcconsole/home?region={region}#EndpointServiceDetails:serviceId={name}",
    "AWS::EKS::Cluster": "eks/home?region={region}#/clusters/{name}",
    "AWS::ElastiCache::ReplicationGroup": "elasticache/home?region={region}#/redis/{name}",
    "AWS::ElasticLoadBalancingV2::LoadBalancer": "ec2/home?region={region}#LoadBalancer:loadBalancerArn={name}",
    "AWS::ElasticLoadBalancingV2::Listener": "ec2/home?region={region}#ELBListenerV2:listenerArn={name}",
    "AWS::IAM::Role": "iam/home?region={region}#/roles/details/{name}",
    "AWS::IAM::RoleSessions": "iam/home?region={region}#/roles/details/{name}",
    "AWS::IAM::User": "iam/home?region={region}#/users/details/{name}",
    "AWS::KMS::Key": "kms/home?region={region}#/kms/keys/{name}",
    "AWS::Lambda::Function": "lambda/home?region={region}#/functions/{bare}",
    "AWS::S3::Bucket": "s3/buckets/{name}?region={region}",
    "AWS::SSM::Document": "systems-manager/documents/{name}/description?region={region}",
    "AWS::SSM::Parameter": "systems-manager/parameters/{name}/description?region={region}",
    "AWS::SecretsManager::Secret": "secretsmanager/secret?name={name}&region={region}",
}
"""Resource type -> where the console shows one; `last` is what stands behind the last `/` of its name, `bare` what stands before the first `:`."""

_SERVICES: Final[Mapping[str, str]] = {
    "AccessAnalyzer": "access-analyzer/home?region={region}#/",
    "Config": "config/home?region={region}",
    "ECS": "ecs/v2/clusters?region={region}",
    "GuardDuty": "guardduty/home?region={region}#/findings",
    "IAM": "iam/home?region={region}#/home",
    "InspectorV2": "inspector/v2/home?region={region}#/findings",
    "Logs": "cloudwatch/home?region={region}#logsV2:log-groups",
    "Macie": "macie/home?region={region}#findings",
    "Organizations": "organizations/v2/home",
    "RDS": "rds/home?region={region}#databases:",
    "Shield": "wafv2/shieldv2#/protected_resources",
    "WAFv2": "wafv2/homev2/ip-sets?region={region}",
}
"""Service -> its page with the things of a type that has no page by name."""

_FINDINGS: Final[Mapping[str, str]] = {
    # As AWS's own page has it: https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings_eventbridge.html
    "GuardDuty": "guardduty/home?region={region}#/findings?search=id%3D{id}",
    "Security Hub": "securityhub/home?region={region}#/findings?search=Id%3D%255Coperator%255C%253AEQUALS%255C%253A{id}",
    "Access Analyzer": "access-analyzer/home?region={region}#/findings",
    "Macie": "macie/home?region={region}#findings",
    "Inspector": "inspector/v2/home?region={region}#/findings",
}
"""Who has found it -> where its console shows the finding, or its findings."""


def of_resource(resource_type: str, name: str, region: str) -> str:
    """Return the page of a resource, or of its service's things of that kind; nothing for the account as a whole.

    `name`: empty where what is told is about no single one, so none has a page.
    """
    if resource_type == "AWS::AccessAnalyzer::Finding" and (found := _of_arn(name)):
        return of_resource(*found, region)
    if page := _PAGES.get(resource_type, ""):
        if not name and page.count("{") > page.count("{region}"):
            return ""
        return _in_console(page, region, name=name, last=name.rpartition("/")[2], bare=name.partition(":")[0])
    service = resource_type.split("::")[1] if "::" in resource_type else ""
    return _in_console(_SERVICES[service], region) if service in _SERVICES else ""


def of_finding(found_by: str, finding: str, region: str) -> str:
    """Return the page of a finding by its id."""
    if found_by not in _FINDINGS or not finding:
        return ""
    page = _FINDINGS[found_by]
    return _in_console(page, region, id=quote(finding, safe="") if "%255C" in page else finding)


def of_event(event: str, region: str) -> str:
    """Return the page of a CloudTrail event by its id; it shows events of the last ninety days."""
    return _in_console("cloudtrailv2/home?region={region}#/events/{event}", region, event=event) if event else ""


def of_log(group: str, stream: str, region: str, *, since: float) -> str:
    """Return the page of a function's log from that time (seconds since 1970) on. CloudWatch's console encodes twice, with a `$` for the second `%`."""
    if not group or not stream:
        return ""
    inner = {"group": quote(quote(group, safe=""), safe="").replace("%", "$"), "stream": quote(quote(stream, safe=""), safe="").replace("%", "$")}
    page = "cloudwatch/home?region={{region}}#logsV2:log-groups/log-group/{group}/log-events/{stream}$3Fstart$3D{since}".format(
        **inner, since=int(since * 1000)
    )
    return _in_console(page, region)


RUNBOOK: Final = "docs/runbook.md"
"""Where the runbook is in Snapback's own repository."""

_ADDRESS: Final = ":/?&=%@+,-._~"
"""What may stand in the address of a page as it is, beside letters and digits; the parameter RunbookUrl takes nothing else."""

_SECTIONS: Final[Mapping[str, str]] = {
    "WOULD_FIX": "would_fix-only-shown",
    "REPORTED": "reported-only-people-can",
    "ACCEPTED": "reported-only-people-can",
    "HELD": "held-too-many-fixes-in-an-hour",
    "CONTESTED": "contested-the-same-resource-again-and-again",
    "PARTIAL": "partial-unverified-failed-not-or-not-certainly-put-right",
    "UNVERIFIED": "partial-unverified-failed-not-or-not-certainly-put-right",
    "FAILED": "partial-unverified-failed-not-or-not-certainly-put-right",
    "UNDONE": "undo",
    "UNDO_REFUSED": "undo",
    "FIXED": "undo",
    "EXEMPTED": "exempt",
    "CHOSEN": "switch-one-remediation-off-and-on",
    "DIGEST": "digest-and-alerts-that-stay-untold",
}
"""Outcome -> the section that says what to do. Sections are named as GitHub names them, and GitLab and others after it."""

_OF_ITSELF: Final[Mapping[str, str]] = {"report-alarm": "the-alarms", "send-canary": "snapback-may-be-deaf"}
"""Who tells of Snapback itself -> the same."""


def of_runbook(outcome: str, *, remediation: str = "", runbook: str = "") -> str:
    """Return the runbook's section about an outcome; nothing if it has none.

    Where a copy of it is to be read, only its owner knows, who says so by the parameter RunbookUrl. Without that it is a path in Snapback's own repository.
    """
    section = _OF_ITSELF.get(remediation) or _SECTIONS.get(outcome)
    return f"{quote(runbook or RUNBOOK, safe=_ADDRESS)}#{section}" if section else ""


def _in_console(page: str, region: str, **parts: str) -> str:
    if not region or any(len(part) > _LONGEST for part in parts.values()):
        return ""
    encoded = {name: quote(part, safe="") for name, part in parts.items()}
    where = quote(region, safe="")
    return f"https://{where}.{_HOSTS[partition_of(region)]}/" + page.format(region=where, **encoded)


_OF_ARNS: Final[Mapping[str, str]] = {
    "s3:": "AWS::S3::Bucket",
    "kms:key": "AWS::KMS::Key",
    "iam:role": "AWS::IAM::Role",
    "lambda:function": "AWS::Lambda::Function",
    "secretsmanager:secret": "AWS::SecretsManager::Secret",
    "dynamodb:table": "AWS::DynamoDB::Table",
    "ec2:image": "AWS::EC2::Image",
    "ec2:snapshot": "AWS::EC2::Snapshot",
}
"""Service and kind in an ARN -> type, for what Access Analyzer finds, where each thing is known by its ARN."""


def _of_arn(arn: str) -> tuple[str, str] | None:
    parts = arn.split(":", 5)
    if len(parts) < 6:  # noqa: PLR2004 - arn, partition, service, region, account, resource
        return None
    kind, _, name = parts[5].replace(":", "/", 1).rpartition("/") if parts[2] != "s3" else ("", "", parts[5])
    found = _OF_ARNS.get(f"{parts[2]}:{kind.partition('/')[0]}")
    return (found, arn if parts[2] == "secretsmanager" else name) if found else None
