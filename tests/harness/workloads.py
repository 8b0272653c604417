"""What others do with a resource, and whether AWS would still let them: a small model of its documented rules, over the emulator's state.

A use is arranged at a resource that has a problem, and has to go on after every fix that is made unasked (tests/contract/test_workloads.py).
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any

import boto3
from botocore.exceptions import ClientError
from moto.ec2.models import ec2_backends

from tests.harness.scenario import ACCOUNT, REGION

PARTNER = "444455556666"
"""An account that is named in policies, and is nobody's business but its owner's."""


@dataclass(frozen=True, kw_only=True)
class Use:
    """One thing that somebody does with resources of a type."""

    at: str
    """The remediation at whose resource it certainly works, and that could stop it."""
    of: str
    """The type of resource."""
    who: str
    """Who does what: a sentence."""
    page: str
    """The page of AWS by which it works, or stops: each was looked up. Of one thing none says more than that it is there: that CloudFormation refuses a second
    policy of a bucket ("Bucket Policy Already Exists", AlreadyExists) is known from stacks that failed."""
    works: Callable[[str], bool]
    """Tell of the live resource whether it works."""
    begin: Callable[[str], object] = lambda _: None
    """Arrange it at the resource."""
    sample: str = ""
    """Which of the remediation's samples is delivered, where it is not the first: the end of its name."""


def _policy_of(bucket: str) -> dict[str, Any]:
    try:
        policy: dict[str, Any] = json.loads(boto3.client("s3").get_bucket_policy(Bucket=bucket)["Policy"])
    except ClientError:
        return {"Version": "2012-10-17", "Statement": []}
    return policy


def _with(bucket: str, **statement: object) -> None:
    """Put one statement more into the bucket's policy."""
    policy = _policy_of(bucket)
    added = {"Sid": "TheirUse", "Effect": "Allow", "Resource": f"arn:aws:s3:::{bucket}/*", **statement}
    boto3.client("s3").put_bucket_policy(Bucket=bucket, Policy=json.dumps({**policy, "Statement": [*policy["Statement"], added]}))


def _is_with_kms(bucket: str) -> bool:
    try:
        [rule] = boto3.client("s3").get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    except ClientError:
        return False
    return rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"].startswith("aws:kms")


def _s3_lets(bucket: str, principal: object, *, is_tls: bool = True) -> bool:
    """Tell whether the bucket's policy lets the principal, as a statement names it, do what its own statement says, and no statement denies it.

    The model knows of denials what a remediation may write: those without TLS; any other counts.
    """
    found = _policy_of(bucket)["Statement"]
    without_tls = {"Bool": {"aws:SecureTransport": "false"}}
    denied = [one for one in found if one["Effect"] == "Deny" and not (is_tls and one.get("Condition") == without_tls)]
    return not denied and any(one["Effect"] == "Allow" and one["Principal"] == principal for one in found)


def _is_blocked(bucket: str, setting: str) -> bool:
    """Tell whether that setting of the public access block is on, the bucket's or the account's."""
    s3, s3control = boto3.client("s3"), boto3.client("s3control")
    blocks: list[Callable[[], Any]] = [lambda: s3.get_public_access_block(Bucket=bucket), lambda: s3control.get_public_access_block(AccountId=ACCOUNT)]
    for block in blocks:
        try:
            if block()["PublicAccessBlockConfiguration"].get(setting):
                return True
        except ClientError:  # it has none
            continue
    return False


def _without_block(bucket: str) -> None:
    off: Any = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), False)
    boto3.client("s3").put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=off)


def _begin_without_block(bucket: str) -> None:
    boto3.client("s3").delete_bucket_policy(Bucket=bucket)
    _without_block(bucket)


def _begin_website(bucket: str) -> None:
    boto3.client("s3").put_bucket_website(Bucket=bucket, WebsiteConfiguration={"IndexDocument": {"Suffix": "index.html"}})
    _without_block(bucket)
    _with(bucket, Principal="*", Action="s3:GetObject")


def _serves_website(bucket: str) -> bool:
    return _s3_lets(bucket, "*", is_tls=False) and not _is_blocked(bucket, "RestrictPublicBuckets") and not _is_with_kms(bucket)


def _begin_website_of(_: str) -> None:
    boto3.client("s3").create_bucket(Bucket="the-public-site")
    _begin_website("the-public-site")


def _begin_beside_everybody(principal: Mapping[str, str], action: str) -> Callable[[str], None]:
    """Let in the principal by one statement of the policy and everybody by another, which makes the policy a public one, of a bucket without a block."""

    def begin(bucket: str) -> None:
        _without_block(bucket)
        _with(bucket, Principal=principal, Action=action)
        _with(bucket, Principal="*", Action="s3:GetObject", Resource=f"arn:aws:s3:::{bucket}/public/*")

    return begin


def _gets_in_beside_everybody(principal: Mapping[str, str]) -> Callable[[str], bool]:
    return lambda bucket: _s3_lets(bucket, principal) and not (_s3_lets(bucket, "*") and _is_blocked(bucket, "RestrictPublicBuckets"))


def _services(name: str) -> dict[str, str]:
    return {"Service": name}


def _receives(bucket: str, service: str) -> bool:
    return _s3_lets(bucket, _services(service)) and not _is_with_kms(bucket)


_LOGS = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html"
_PARTNER = {"AWS": f"arn:aws:iam::{PARTNER}:root"}
_LOAD_BALANCING = {"AWS": "arn:aws:iam::127311923021:root"}
_CLOUDFRONT_IDENTITY = {"AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity EH1HDMB1FH2TC"}
_BUCKETS = [
    Use(
        at="encrypt_bucket",
        of="AWS::S3::Bucket",
        who="S3 delivers access logs",
        page=_LOGS,
        begin=lambda bucket: _with(bucket, Principal=_services("logging.s3.amazonaws.com"), Action="s3:PutObject"),
        works=lambda bucket: _receives(bucket, "logging.s3.amazonaws.com"),
    ),
    Use(
        at="encrypt_bucket",
        of="AWS::S3::Bucket",
        who="a load balancer delivers access logs, which it does into buckets with S3's own keys only",
        page="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html",
        begin=lambda bucket: _with(bucket, Principal=_services("logdelivery.elasticloadbalancing.amazonaws.com"), Action="s3:PutObject"),
        works=lambda bucket: _receives(bucket, "logdelivery.elasticloadbalancing.amazonaws.com"),
    ),
    Use(
        at="encrypt_bucket",
        of="AWS::S3::Bucket",
        who="CloudFront reads by an origin access control, which needs rights to the key of what is encrypted",
        page="https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html",
        begin=lambda bucket: _with(
            bucket,
            Principal=_services("cloudfront.amazonaws.com"),
            Action="s3:GetObject",
            Condition={"StringEquals": {"AWS:SourceArn": f"arn:aws:cloudfront::{ACCOUNT}:distribution/EDFDVBD632BHDS5"}},
        ),
        works=lambda bucket: _receives(bucket, "cloudfront.amazonaws.com"),
    ),
    Use(
        at="encrypt_bucket",
        of="AWS::S3::Bucket",
        who="an account that is named reads, which it cannot what is encrypted with AWS's own key",
        page="https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-encryption.html",
        begin=lambda bucket: _with(bucket, Principal=_PARTNER, Action="s3:GetObject"),
        works=lambda bucket: _s3_lets(bucket, _PARTNER) and not _is_with_kms(bucket),
    ),
    Use(
        at="require_bucket_tls",
        of="AWS::S3::Bucket",
        who="its stack goes on to make its bucket policy, which is refused where there is one",
        page="https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucketpolicy.html",
        begin=lambda bucket: boto3.client("s3").delete_bucket_policy(Bucket=bucket),
        works=lambda bucket: not _policy_of(bucket)["Statement"],
    ),
    Use(
        at="require_bucket_tls",
        of="AWS::S3::Bucket",
        who="CloudFront reads by an origin access identity, in plain HTTP for a viewer who has asked so",
        page="https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-https-cloudfront-to-s3-origin.html",
        begin=lambda bucket: _with(bucket, Principal=_CLOUDFRONT_IDENTITY, Action="s3:GetObject"),
        works=lambda bucket: _s3_lets(bucket, _CLOUDFRONT_IDENTITY, is_tls=False),
    ),
    Use(
        at="require_bucket_tls",
        of="AWS::S3::Bucket",
        who="CloudFront reads by an origin access control, in plain HTTP for a viewer who has asked so",
        page="https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HTTPandHTTPSRequests.html",
        begin=lambda bucket: _with(bucket, Principal=_services("cloudfront.amazonaws.com"), Action="s3:GetObject"),
        works=lambda bucket: _s3_lets(bucket, _services("cloudfront.amazonaws.com"), is_tls=False),
    ),
    Use(
        at="require_bucket_tls",
        of="AWS::S3::Bucket",
        who="a machine fetches packages without signing, from its own network, in plain HTTP",
        page="https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies-vpc-endpoint.html",
        begin=lambda bucket: _with(bucket, Principal="*", Action="s3:GetObject", Condition={"StringEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}}),
        works=lambda bucket: _s3_lets(bucket, "*", is_tls=False),
    ),
    Use(
        at="block_public_bucket",
        of="AWS::S3::Bucket",
        who="a visitor reads the website, by plain HTTP",
        page="https://docs.aws.amazon.com/AmazonS3/latest/userguide/WebsiteEndpoints.html",
        begin=_begin_website,
        works=_serves_website,
    ),
    Use(
        at="block_public_bucket",
        of="AWS::S3::Bucket",
        who="a stack puts the bucket's policy again at its next update, which is refused while such policies are",
        page="https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
        works=lambda bucket: not _is_blocked(bucket, "BlockPublicPolicy"),
        sample="-policy",
    ),
    Use(
        at="block_public_bucket",
        of="AWS::S3::Bucket",
        who="a stack that has put the block off goes on to make a website of the bucket",
        page="https://docs.aws.amazon.com/AmazonS3/latest/userguide/WebsiteAccessPermissionsReqd.html",
        begin=_begin_without_block,
        works=lambda bucket: not _is_blocked(bucket, "BlockPublicPolicy") and not _is_blocked(bucket, "RestrictPublicBuckets"),
        sample="-put",
    ),
    *(
        Use(
            at="block_public_bucket",
            of="AWS::S3::Bucket",
            who=f"{who}, of a bucket that lets in everybody by another statement",
            page="https://docs.aws.amazon.com/AmazonS3/latest/API/API_PublicAccessBlockConfiguration.html",
            begin=_begin_beside_everybody(principal, action),
            works=_gets_in_beside_everybody(principal),
            sample=sample,
        )
        for who, principal, action, sample in (
            ("an account that is named reads", _PARTNER, "s3:GetObject", "-policy"),
            ("an account that is named reads what a threat was found in", _PARTNER, "s3:GetObject", "-guardduty"),
            ("a load balancer delivers access logs by its region's account", _LOAD_BALANCING, "s3:PutObject", ""),
            ("CloudFront reads by an origin access identity", _CLOUDFRONT_IDENTITY, "s3:GetObject", ""),
        )
    ),
    Use(
        at="enable_bucket_versioning",
        of="AWS::S3::Bucket",
        who="its stack deletes it once a script has deleted the objects, which is refused while there are versions",
        page="https://docs.aws.amazon.com/AmazonS3/latest/userguide/delete-bucket.html",
        works=lambda bucket: boto3.client("s3").get_bucket_versioning(Bucket=bucket).get("Status") != "Enabled",
    ),
]


def _grant(protocol: str, first: int, last: int, cidr: str) -> Callable[[str], object]:
    ports = {"FromPort": first, "ToPort": last} if protocol != "-1" else {}
    permission: Any = {"IpProtocol": protocol, **ports, "IpRanges": [{"CidrIp": cidr}]}
    return lambda group: boto3.client("ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])


def _group_lets(protocol: str, port: int, address: str) -> Callable[[str], bool]:
    def works(group: str) -> bool:
        rules = boto3.client("ec2").describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])["SecurityGroupRules"]
        return any(
            (rule["IpProtocol"] == "-1" or (rule["IpProtocol"] == protocol and rule["FromPort"] <= port <= rule["ToPort"]))
            and ip_address(address) in ip_network(rule.get("CidrIpv4") or "192.0.2.0/32")
            for rule in rules
            if not rule["IsEgress"]
        )

    return works


_RULES = "https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html"
_GROUPS = [
    Use(
        at="revoke_open_ingress",
        of="AWS::EC2::SecurityGroup",
        who=who,
        page=_RULES,
        begin=_grant(protocol, first, last, cidr),
        works=_group_lets("udp" if protocol == "udp" else "tcp", port, address),
    )
    for who, protocol, first, last, cidr, port, address in (
        ("visitors reach a load balancer on 80, through all traffic", "-1", 0, 0, "0.0.0.0/0", 80, "198.51.100.7"),
        ("visitors reach a load balancer on 8443, in a wide range", "tcp", 0, 65535, "0.0.0.0/0", 8443, "198.51.100.7"),
        ("callers reach a media server", "udp", 1024, 65535, "0.0.0.0/0", 10_000, "198.51.100.7"),
        ("people administer from the office", "tcp", 22, 22, "203.0.113.0/24", 22, "203.0.113.9"),
        ("instances talk to each other, inside", "-1", 0, 0, "10.0.0.0/8", 3389, "10.1.2.3"),
    )
]


def offer_by(interface_type: str, description: str) -> Callable[[str], None]:
    """Give the group to an interface that AWS has made, as its services do."""

    def begin(group: str) -> None:
        ec2 = boto3.client("ec2")
        interface = ec2.create_network_interface(SubnetId=ec2.describe_subnets()["Subnets"][0]["SubnetId"], Groups=[group], Description=description)
        made = ec2_backends[ACCOUNT][REGION].get_network_interface(interface["NetworkInterface"]["NetworkInterfaceId"])
        made.requester_managed, made.interface_type = True, interface_type

    return begin


_GROUPS += [
    Use(
        at="revoke_open_ingress",
        of="AWS::EC2::SecurityGroup",
        who=who,
        page=page,
        begin=offer_by(interface_type, description),
        works=_group_lets("tcp", 22, "198.51.100.7"),
    )
    for who, interface_type, description, page in (
        (
            "partners send files to AWS Transfer Family's SFTP endpoint in the VPC",
            "vpc_endpoint",
            "VPC Endpoint Interface vpce-0d8ddce4be80e4474",
            "https://docs.aws.amazon.com/transfer/latest/userguide/create-server-in-vpc.html",
        ),
        (
            "developers reach a Git server behind a network load balancer",
            "network_load_balancer",
            "ELB net/git/50dc6c495c0c9188",
            "https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-security-groups.html",
        ),
        (
            "developers reach a Git server behind a Classic load balancer",
            "interface",
            "ELB git",
            "https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/elb-vpc-security-groups.html",
        ),
        (
            "partners send files to a task of ECS",
            "interface",
            f"arn:aws:ecs:{REGION}:{ACCOUNT}:attachment/1b6e6b2c-0d3a-4b0e-8f6e-1f0f5d6a7b8c",
            "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-networking-awsvpc.html",
        ),
    )
]


def _acl_lets(port: int, address: str) -> Callable[[str], bool]:
    """Tell whether a network ACL lets in TCP to that port: of the entries that match, the one with the lowest number counts."""

    def works(acl: str) -> bool:
        [found] = boto3.client("ec2").describe_network_acls(NetworkAclIds=[acl])["NetworkAcls"]
        inbound = sorted((entry for entry in found["Entries"] if not entry["Egress"] and "CidrBlock" in entry), key=lambda entry: entry["RuleNumber"])
        for entry in inbound:
            ports = entry.get("PortRange", {"From": 0, "To": 65535})
            if entry["Protocol"] in ("-1", "6") and ports["From"] <= port <= ports["To"] and ip_address(address) in ip_network(entry["CidrBlock"]):
                return entry["RuleAction"] == "allow"
        return False

    return works


def _acl_has_no(number: int) -> Callable[[str], bool]:
    def works(acl: str) -> bool:
        [found] = boto3.client("ec2").describe_network_acls(NetworkAclIds=[acl])["NetworkAcls"]
        return not any(entry["RuleNumber"] == number and not entry["Egress"] for entry in found["Entries"])

    return works


_ACLS = "https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html"
_NETWORKS = [
    Use(at="remove_open_acl_entry", of="AWS::EC2::NetworkAcl", who="people administer from a peered network", page=_ACLS, works=_acl_lets(3389, "172.31.5.5")),
    Use(
        at="remove_open_acl_entry",
        of="AWS::EC2::NetworkAcl",
        who="an answer comes to a port that is one for administration, too",
        page=_ACLS,
        works=_acl_lets(3389, "198.51.100.7"),
    ),
    *(
        Use(at="remove_open_acl_entry", of="AWS::EC2::NetworkAcl", who=f"its stack goes on to make its entry {number}", page=_ACLS, works=_acl_has_no(number))
        for number in (96, 97, 98, 99)
    ),
    Use(
        at="disable_subnet_public_ip",
        of="AWS::EC2::Subnet",
        who="what Auto Scaling and EKS launch gets an address, and so a way out",
        page="https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html",
        works=lambda subnet: bool(boto3.client("ec2").describe_subnets(SubnetIds=[subnet])["Subnets"][0]["MapPublicIpOnLaunch"]),
    ),
    Use(
        at="enable_flow_logs",
        of="AWS::EC2::VPC",
        who="its stack goes on to make its own flow log, which is refused where there is one into the same bucket",
        page="https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateFlowLogs.html",
        works=lambda vpc: not any(one["ResourceId"] == vpc for one in boto3.client("ec2").describe_flow_logs()["FlowLogs"]),
    ),
    Use(
        at="disable_tgw_auto_accept",
        of="AWS::EC2::TransitGateway",
        who="another account's deployment attaches its network",
        page="https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyTransitGatewayOptions.html",
        works=lambda gateway: (
            boto3.client("ec2").describe_transit_gateways(TransitGatewayIds=[gateway])["TransitGateways"][0]["Options"]["AutoAcceptSharedAttachments"]
            == "enable"
        ),
    ),
]


def _attribute(balancer: str, name: str) -> str:
    found = boto3.client("elbv2").describe_load_balancer_attributes(LoadBalancerArn=balancer)["Attributes"]
    return str({one["Key"]: one["Value"] for one in found}.get(name, "false"))


def _instance(arn: str) -> Any:  # noqa: ANN401 - a DBInstance
    return boto3.client("rds").describe_db_instances(DBInstanceIdentifier=arn)["DBInstances"][0]


def _default_actions(balancer: str) -> list[str]:
    listeners = boto3.client("elbv2").describe_listeners(LoadBalancerArn=balancer)["Listeners"]
    return [action["Type"] for one in listeners if one.get("Protocol") == "HTTP" for action in one["DefaultActions"]]


_PROTECTED = [
    Use(
        at="enable_table_protection",
        of="AWS::DynamoDB::Table",
        who="its stack deletes it, or is rolled back",
        page="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/WorkingWithTables.Basics.html",
        works=lambda table: not boto3.client("dynamodb").describe_table(TableName=table)["Table"].get("DeletionProtectionEnabled"),
    ),
    Use(
        at="enable_lb_protection",
        of="AWS::ElasticLoadBalancingV2::LoadBalancer",
        who="its stack deletes it, or is rolled back",
        page="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html",
        works=lambda balancer: _attribute(balancer, "deletion_protection.enabled") == "false",
    ),
    Use(
        at="require_https",
        of="AWS::ElasticLoadBalancingV2::LoadBalancer",
        who="a program that follows no redirect sends its requests",
        page="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-listeners.html",
        works=lambda balancer: "forward" in _default_actions(balancer),
    ),
    Use(
        at="associate_web_acl",
        of="AWS::ElasticLoadBalancingV2::LoadBalancer",
        who="requests come that a web ACL would block",
        page="https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-action.html",
        works=lambda balancer: "WebACL" not in boto3.client("wafv2").get_web_acl_for_resource(ResourceArn=balancer),
    ),
    Use(
        at="enable_db_protection",
        of="AWS::RDS::DBInstance",
        who="its stack deletes it, or is rolled back",
        page="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_DeleteInstance.html",
        works=lambda arn: not _instance(arn).get("DeletionProtection"),
    ),
    Use(
        at="restrict_db_instance",
        of="AWS::RDS::DBInstance",
        who="somebody connects to its public address",
        page="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html",
        works=lambda arn: bool(_instance(arn).get("PubliclyAccessible")),
    ),
]


def _publish_image(_: str) -> None:
    """Publish one, as whoever publishes images has done before; or one of an owner who has exempted it."""
    ec2 = boto3.client("ec2")
    image = ec2.register_image(Name="published")["ImageId"]
    ec2.modify_image_attribute(ImageId=image, LaunchPermission={"Add": [{"Group": "all"}]})


def _publish_snapshot(_: str) -> None:
    ec2 = boto3.client("ec2")
    volume = ec2.create_volume(Size=1, AvailabilityZone=f"{REGION}a")["VolumeId"]
    snapshot = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
    ec2.modify_snapshot_attribute(SnapshotId=snapshot, Attribute="createVolumePermission", OperationType="add", GroupNames=["all"])


def _viewers(distribution: str) -> str:
    config = boto3.client("cloudfront").get_distribution_config(Id=distribution)["DistributionConfig"]
    return str(config["DefaultCacheBehavior"]["ViewerProtocolPolicy"])


def _are_active(user: str) -> bool:
    return all(key["Status"] == "Active" for key in boto3.client("iam").list_access_keys(UserName=user)["AccessKeyMetadata"])


def _is_active(key: str) -> bool:
    iam = boto3.client("iam")
    keys = [one for user in iam.list_users()["Users"] for one in iam.list_access_keys(UserName=user["UserName"])["AccessKeyMetadata"]]
    return any(one["AccessKeyId"] == key and one["Status"] == "Active" for one in keys)


def _is_password_taken(length: int) -> Callable[[str], bool]:
    def works(_: str) -> bool:
        try:
            policy = boto3.client("iam").get_account_password_policy()["PasswordPolicy"]
        except ClientError:
            return True
        return policy["MinimumPasswordLength"] <= length and not policy["RequireSymbols"]

    return works


_PEOPLE = [
    Use(
        at="deactivate_stale_key",
        of="AWS::IAM::User",
        who="a program signs with the user's keys, however old they are",
        page="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html",
        works=_are_active,
    ),
    Use(
        at="require_mfa",
        of="AWS::IAM::User",
        who="the user signs in to the console and works there",
        page="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html",
        works=lambda user: not any(name.startswith("Snapback") for name in boto3.client("iam").list_user_policies(UserName=user)["PolicyNames"]),
    ),
    Use(
        at="deactivate_exposed_key",
        of="AWS::IAM::AccessKey",
        who="a program signs with the key in a way that GuardDuty has not seen before",
        page="https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-types-iam.html",
        works=_is_active,
        sample="-guardduty",
    ),
    Use(
        at="enforce_password_policy",
        of="AWS::::Account",
        who="a deployment makes a user with a password of ten letters",
        page="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html",
        begin=lambda _: boto3.client("iam").update_account_password_policy(MinimumPasswordLength=8),
        works=_is_password_taken(10),
    ),
    Use(
        at="block_public_account",
        of="AWS::::Account",
        who="a visitor reads a website of the account",
        page="https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
        begin=_begin_website_of,
        works=lambda _: _serves_website("the-public-site"),
    ),
    Use(
        at="enable_ebs_encryption",
        of="AWS::::Account",
        who="a pipeline shares the images that it makes, which it cannot once they are encrypted with AWS's own key",
        page="https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/sharingamis-explicit.html",
        works=lambda _: not boto3.client("ec2").get_ebs_encryption_by_default()["EbsEncryptionByDefault"],
    ),
    Use(
        at="block_public_images",
        of="AWS::::Account",
        who="a pipeline publishes its next image, as it did the one before",
        page="https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/block-public-access-to-amis.html",
        begin=_publish_image,
        works=lambda _: boto3.client("ec2").get_image_block_public_access_state()["ImageBlockPublicAccessState"] == "unblocked",
    ),
    Use(
        at="block_public_snapshots",
        of="AWS::EC2::SnapshotBlockPublicAccess",
        who="a pipeline publishes its next snapshot, as it did the one before",
        page="https://docs.aws.amazon.com/ebs/latest/userguide/block-public-access-snapshots.html",
        begin=_publish_snapshot,
        works=lambda _: boto3.client("ec2").get_snapshot_block_public_access_state()["State"] == "unblocked",
    ),
    Use(
        at="require_distribution_https",
        of="AWS::CloudFront::Distribution",
        who="a program that follows no redirect sends a POST",
        page="https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-https-viewers-to-cloudfront.html",
        works=lambda distribution: _viewers(distribution) == "allow-all",
    ),
]


def _key_policy(key: str) -> dict[str, Any]:
    policy: dict[str, Any] = json.loads(boto3.client("kms").get_key_policy(KeyId=key, PolicyName="default")["Policy"])
    return policy


def _share_key(key: str) -> None:
    policy = _key_policy(key)
    added = {"Sid": "TheirUse", "Effect": "Allow", "Principal": _PARTNER, "Action": "kms:Decrypt", "Resource": "*"}
    boto3.client("kms").put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps({**policy, "Statement": [*policy["Statement"], added]}))


def _has_partner(policy: Mapping[str, Any]) -> bool:
    return any(one["Effect"] == "Allow" and one["Principal"] == _PARTNER for one in policy["Statement"]) and not any(
        one["Effect"] == "Deny" for one in policy["Statement"]
    )


def _secret_policy(secret: str) -> dict[str, Any]:
    policy: dict[str, Any] = json.loads(boto3.client("secretsmanager").get_resource_policy(SecretId=secret).get("ResourcePolicy") or '{"Statement": []}')
    return policy


def _share_secret(secret: str) -> None:
    policy = _secret_policy(secret)
    added = {"Sid": "TheirUse", "Effect": "Allow", "Principal": _PARTNER, "Action": "secretsmanager:GetSecretValue", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [*policy["Statement"], added]})
    boto3.client("secretsmanager").put_resource_policy(SecretId=secret, ResourcePolicy=document)


def _let_bucket_invoke(function: str) -> None:
    name, _, qualifier = function.partition(":")
    where: Any = {"Qualifier": qualifier} if qualifier else {}
    boto3.client("lambda").add_permission(
        FunctionName=name,
        StatementId="TheirUse",
        Action="lambda:InvokeFunction",
        Principal="s3.amazonaws.com",
        SourceArn="arn:aws:s3:::uploads",
        SourceAccount=ACCOUNT,
        **where,
    )


def _is_invoked_by_bucket(function: str) -> bool:
    name, _, qualifier = function.partition(":")
    where: Any = {"Qualifier": qualifier} if qualifier else {}
    policy = json.loads(boto3.client("lambda").get_policy(FunctionName=name, **where)["Policy"])
    reserved = boto3.client("lambda").get_function_concurrency(FunctionName=name).get("ReservedConcurrentExecutions")
    return any(one["Sid"] == "TheirUse" for one in policy["Statement"]) and reserved != 0


def _lets_in_own(policy: Mapping[str, Any]) -> bool:
    """Tell whether the policy lets in a principal of this account that no IAM policy lets: by `*` alone, or for this account."""
    for_this = {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}
    everybody = ("*", {"AWS": "*"}, {"AWS": ["*"]})
    return any(one["Effect"] == "Allow" and one["Principal"] in everybody and one.get("Condition", for_this) == for_this for one in policy["Statement"])


_SHARED = [
    Use(
        at="restrict_key_policy",
        of="AWS::KMS::Key",
        who="a role of this account decrypts, whom the key policy lets and no policy of its own",
        page="https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html",
        works=lambda key: _lets_in_own(_key_policy(key)),
    ),
    Use(
        at="restrict_secret_policy",
        of="AWS::SecretsManager::Secret",
        who="a role of this account reads, whom the secret's policy lets and no policy of its own",
        page="https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_resource-policies.html",
        works=lambda secret: _lets_in_own(_secret_policy(secret)),
    ),
    Use(
        at="restrict_key_policy",
        of="AWS::KMS::Key",
        who="an account that is named decrypts",
        page="https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html",
        begin=_share_key,
        works=lambda key: _has_partner(_key_policy(key)),
    ),
    Use(
        at="restrict_secret_policy",
        of="AWS::SecretsManager::Secret",
        who="an account that is named reads",
        page="https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_examples_cross.html",
        begin=_share_secret,
        works=lambda secret: _has_partner(_secret_policy(secret)),
    ),
    Use(
        at="restrict_function",
        of="AWS::Lambda::Function",
        who="a bucket invokes it for each upload",
        page="https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html",
        begin=_let_bucket_invoke,
        works=_is_invoked_by_bucket,
    ),
]

USES = [*_BUCKETS, *_GROUPS, *_NETWORKS, *_PROTECTED, *_PEOPLE, *_SHARED]
