"""The stories of the demo: what is broken, beside what, and how it should be afterwards.

To add one, write a `Story` and put it into STORIES: `make demo` and `make invoke` know it then.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from local.cli.stack import remediation_of
from local.demo_account import OLD_KEY_USER, DemoAccount

State = Mapping[str, str]
"""What can be seen of a resource: its parts, and how each of them is."""

GONE = "(gone)"


@dataclass(frozen=True)
class Broken:
    """A live resource with a problem."""

    name: str
    named: Mapping[str, str]
    """What stands in the sample event -> what stands in its place."""


@dataclass(frozen=True, kw_only=True)
class Story:
    """One problem of the demo."""

    function: str
    """The function's name in the template."""
    problem: str
    event: str
    """The sample event that tells of it, in events/."""
    make_broken: Callable[[DemoAccount], Broken]
    """Make the resource, with the problem and with neighbours that must survive."""
    describe: Callable[[DemoAccount, str], State]
    """Look at the live resource. Not through Snapback's own eyes: the demo judges by it."""
    right: State
    """The parts that the fix changes, as they should be then. Every other part has to stay as it was."""

    def outcome(self, outcomes: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
        """Return how it ended for the story's own function: others may hear of the same event, and find nothing to do."""
        [own] = [outcome for outcome in outcomes if outcome["remediation"] == remediation_of(self.function)]
        return own

    def should_be(self, before: State) -> State:
        """Return how the resource should be once the problem is put right."""
        return {part: state for part, state in {**before, **self.right}.items() if state != GONE}


def live(sample: str, broken: Broken) -> dict[str, Any]:
    """Return a sample event (its text) about the live resource, as of now."""
    for written, name in broken.named.items():
        sample = sample.replace(written, name)
    event: dict[str, Any] = json.loads(sample)
    return {**event, "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}


# ---------------------------------------------------------------- a security group


def _open_group(account: DemoAccount) -> Broken:
    ec2 = account.client("ec2")
    group = ec2.create_security_group(GroupName="web", Description="web servers")["GroupId"]
    for port, cidr, why in ((443, "0.0.0.0/0", "the shop"), (22, "10.0.0.0/8", "administrators"), (22, "0.0.0.0/0", "just for today")):
        permission: Any = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": cidr, "Description": why}]}
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])
    return Broken(group, {"sg-0123456789abcdef0": group})


def _rules(account: DemoAccount, group: str) -> State:
    found = account.client("ec2").describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])["SecurityGroupRules"]
    return {f"{_direction(rule)} {_what(rule)} {rule.get('CidrIpv4')} {rule.get('Description', '')}".strip(): "allowed" for rule in found}


def _direction(rule: Mapping[str, Any]) -> str:
    return "out" if rule["IsEgress"] else "in"


def _what(rule: Mapping[str, Any]) -> str:
    return "everything" if rule["IpProtocol"] == "-1" else f"{rule['IpProtocol']} {rule['FromPort']}"


open_ssh = Story(
    function="RevokeOpenIngress",
    problem="A security group lets the whole internet reach SSH",
    event="ec2/revoke_open_ingress.json",
    make_broken=_open_group,
    describe=_rules,
    right={"in tcp 22 0.0.0.0/0 just for today": GONE},
)


# ------------------------------------------------------------------------ a bucket


def _public_bucket(account: DemoAccount) -> Broken:
    s3, bucket = account.client("s3"), "shop-invoices"
    s3.create_bucket(Bucket=bucket)
    s3.delete_public_access_block(Bucket=bucket)  # a new bucket has one, which would refuse the policy
    everyone = {"Sid": "Everyone", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [everyone]}))
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "team", "Value": "billing"}]})
    s3.put_object(Bucket=bucket, Key="2026/invoice-1.pdf", Body=b"an invoice")
    return Broken(bucket, {"snapback-sample-bucket": bucket})


def _bucket(account: DemoAccount, bucket: str) -> State:
    s3 = account.client("s3")
    policy = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])
    objects = s3.list_objects_v2(Bucket=bucket)["Contents"]
    return {
        "public access block": _block(account, bucket),
        "bucket policy": ", ".join(f"{one['Sid']}: {one['Effect']} {one['Action']}" for one in policy["Statement"]),
        "tags": ", ".join(f"{tag['Key']}={tag['Value']}" for tag in s3.get_bucket_tagging(Bucket=bucket)["TagSet"]),
        "objects": ", ".join(f"{one['Key']} ({one['Size']} bytes)" for one in objects),
    }


def _block(account: DemoAccount, bucket: str) -> str:
    s3 = account.client("s3")
    try:
        block = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    except s3.exceptions.ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchPublicAccessBlockConfiguration":
            raise
        return "none"
    return "all four on" if len(block) == 4 and all(block.values()) else json.dumps(block)  # noqa: PLR2004 - there are four


public_bucket = Story(
    function="BlockPublicBucket",
    problem="A bucket that everyone may read has lost its public access block",
    event="s3/block_public_bucket-guardduty.json",
    make_broken=_public_bucket,
    describe=_bucket,
    right={"public access block": "all four on"},
)


# -------------------------------------------------------------------------- a user


def _user_with_old_key(account: DemoAccount) -> Broken:
    iam = account.client("iam")
    user_id = iam.create_user(UserName=OLD_KEY_USER)["User"]["UserId"]
    iam.create_access_key(UserName=OLD_KEY_USER)
    return Broken(OLD_KEY_USER, {"AIDAEXAMPLE1111111111": user_id, "alice": OLD_KEY_USER})


def _keys(account: DemoAccount, user: str) -> State:
    now = datetime.now(UTC)
    keys = account.client("iam").list_access_keys(UserName=user)["AccessKeyMetadata"]
    return {f"{key['AccessKeyId']}, {(now - key['CreateDate']).days} days old": key["Status"] for key in keys}


stale_key = Story(
    function="DeactivateStaleKey",
    problem="An access key has not been changed for 400 days",
    event="iam/deactivate_stale_key.json",
    make_broken=_user_with_old_key,
    describe=_keys,
    right={"AKIAMADELONGAGO00000, 400 days old": "Inactive"},
)


# ------------------------------------------------------------------------- a trail


def _stopped_trail(account: DemoAccount) -> Broken:
    account.client("s3").create_bucket(Bucket="audit-logs")
    arn = account.client("cloudtrail").create_trail(Name="audit", S3BucketName="audit-logs")["TrailARN"]
    account.client("cloudtrail").stop_logging(Name="audit")
    return Broken(arn, {"management-events": "audit"})


def _trail(account: DemoAccount, name: str) -> State:
    trail = account.client("cloudtrail").describe_trails(trailNameList=[name])["trailList"][0]
    is_logging = account.client("cloudtrail").get_trail_status(Name=name)["IsLogging"]
    return {"logging": "on" if is_logging else "off", "bucket": trail["S3BucketName"]}


stopped_trail = Story(
    function="RestartTrail",
    problem="Somebody stopped the audit trail",
    event="cloudtrail/restart_trail.json",
    make_broken=_stopped_trail,
    describe=_trail,
    right={"logging": "on"},
)


# --------------------------------------------------------------------------- a key


def _key_to_be_deleted(account: DemoAccount) -> Broken:
    key = account.client("kms").create_key(Description="encrypts the backups")["KeyMetadata"]["KeyId"]
    account.client("kms").schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    return Broken(key, {"1234abcd-12ab-34cd-56ef-1234567890ab": key})


def _key(account: DemoAccount, key: str) -> State:
    metadata = account.client("kms").describe_key(KeyId=key)["KeyMetadata"]
    return {"state": metadata["KeyState"], "description": metadata["Description"]}


doomed_key = Story(
    function="RestoreKey",
    problem="The key of all backups is to be deleted in a week",
    event="kms/restore_key.json",
    make_broken=_key_to_be_deleted,
    describe=_key,
    right={"state": "Enabled"},
)


# ------------------------------------------------- a bucket that is not encrypted with KMS
# (A bucket without TLS is no story here: the local account speaks plain HTTP and would shut everybody out, as it should.)


def _weakly_encrypted_bucket(account: DemoAccount) -> Broken:
    s3, bucket = account.client("s3"), "shop-reports"
    s3.create_bucket(Bucket=bucket)
    rules: Any = [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": rules})
    s3.put_object(Bucket=bucket, Key="2026/report-1.pdf", Body=b"a report")
    return Broken(bucket, {"snapback-sample-bucket": bucket})


def _encryption(account: DemoAccount, bucket: str) -> State:
    [rule] = account.client("s3").get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    objects = account.client("s3").list_objects_v2(Bucket=bucket)["Contents"]
    return {
        "new objects": f"encrypted with {rule['ApplyServerSideEncryptionByDefault']['SSEAlgorithm']}",
        "objects": ", ".join(f"{one['Key']} ({one['Size']} bytes)" for one in objects),
    }


weak_encryption = Story(
    function="EncryptBucket",
    problem="A bucket does not encrypt with a KMS key",
    event="s3/encrypt_bucket-securityhub.json",
    make_broken=_weakly_encrypted_bucket,
    describe=_encryption,
    right={"new objects": "encrypted with aws:kms"},
)


# --------------------------------------------------------------- the password policy


def _weak_policy(account: DemoAccount) -> Broken:
    account.client("iam").update_account_password_policy(MinimumPasswordLength=6, MaxPasswordAge=30, RequireSymbols=True)
    return Broken("111122223333", {})


def _password_policy(account: DemoAccount, _: str) -> State:
    policy = account.client("iam").get_account_password_policy()["PasswordPolicy"]
    return {part: str(policy.get(part)) for part in ("MinimumPasswordLength", "RequireNumbers", "RequireSymbols", "PasswordReusePrevention", "MaxPasswordAge")}


weak_passwords = Story(
    function="EnforcePasswordPolicy",
    problem="The account allows passwords of six characters",
    event="iam/enforce_password_policy.json",
    make_broken=_weak_policy,
    describe=_password_policy,
    right={"MinimumPasswordLength": "14", "RequireNumbers": "True", "PasswordReusePrevention": "24"},
)


# ------------------------------------------------------------------- an exposed key


def _exposed_key(account: DemoAccount) -> Broken:
    iam = account.client("iam")
    iam.create_user(UserName="ci")
    key, _ = (iam.create_access_key(UserName="ci")["AccessKey"]["AccessKeyId"] for _ in range(2))
    return Broken(key, {"AKIAEXPOSED123456789": key})


def _key_of_ci(account: DemoAccount, exposed: str) -> State:
    keys = account.client("iam").list_access_keys(UserName="ci")["AccessKeyMetadata"]
    return {"the exposed key" if key["AccessKeyId"] == exposed else key["AccessKeyId"]: key["Status"] for key in keys}


exposed_key = Story(
    function="DeactivateExposedKey",
    problem="AWS has found an access key in a public place",
    event="iam/deactivate_exposed_key.json",
    make_broken=_exposed_key,
    describe=_key_of_ci,
    right={"the exposed key": "Inactive"},
)


# ---------------------------------------------------------------- an administrator


def _new_administrator(account: DemoAccount) -> Broken:
    iam = account.client("iam")
    iam.create_user(UserName="mallory")
    everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    reading = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
    iam.put_user_policy(UserName="mallory", PolicyName="everything", PolicyDocument=json.dumps(everything))
    iam.put_user_policy(UserName="mallory", PolicyName="reading", PolicyDocument=json.dumps(reading))
    return Broken("user/mallory", {"alice": "mallory"})


def _policies_of(account: DemoAccount, holder: str) -> State:
    return dict.fromkeys(account.client("iam").list_user_policies(UserName=holder.split("/")[1])["PolicyNames"], "inline policy")


new_administrator = Story(
    function="DetachAdminPolicy",
    problem="Somebody made a user an administrator",
    event="iam/detach_admin_policy-put.json",
    make_broken=_new_administrator,
    describe=_policies_of,
    right={"everything": GONE},
)


# ------------------------------------------------------------------ Config's recorder


def _stopped_recorder(account: DemoAccount) -> Broken:
    config, role = account.client("config"), "arn:aws:iam::111122223333:role/config"
    config.put_configuration_recorder(ConfigurationRecorder={"name": "default", "roleARN": role, "recordingGroup": {"allSupported": True}})
    config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": "config-history"})
    return Broken("111122223333", {})


def _recorder(account: DemoAccount, _: str) -> State:
    config = account.client("config")
    status = config.describe_configuration_recorder_status()["ConfigurationRecordersStatus"][0]
    channel = config.describe_delivery_channels()["DeliveryChannels"][0]
    return {"recording": "on" if status["recording"] else "off", "channel": f"to {channel['s3BucketName']}"}


stopped_recorder = Story(
    function="RestartRecorder",
    problem="AWS Config does not record",
    event="config/restart_recorder.json",
    make_broken=_stopped_recorder,
    describe=_recorder,
    right={"recording": "on"},
)


STORIES = (open_ssh, public_bucket, stale_key, stopped_trail, doomed_key, weak_encryption, weak_passwords)
"""What `make demo` shows."""

FURTHER_STORIES = (exposed_key, new_administrator, stopped_recorder)
"""The others that the local account has the APIs for: `make invoke` and tests/deployed play them, too.

Not among them, because of what the local account cannot do: BlockAttackerIp (it checks IP sets against the ARN of a web ACL), IsolateInstance (its
instances have no network interfaces), RequireBucketTls (it speaks plain HTTP, so the fix shuts everybody out, as it should) and RestrictSnapshot (it
forgets who may restore).
"""
