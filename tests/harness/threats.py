"""What intruders do, technique by technique, and what becomes of it: docs/threats.md is written from this, and tests/contract/test_threats.py replays it.

Two lists of others say what there is, by name alone: the techniques of Stratus Red Team for AWS and EKS, which an emulation makes for real, and those of MITRE
ATT&CK for IaaS (18.1). The events are our own, in the shapes that AWS documents and real records have.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple

End = Literal["put right", "asked", "told", "silent"]
"""What becomes of it: `asked` is a preview, with the command that applies it."""

STRENGTH: Final[Mapping[str, int]] = {"silent": 0, "told": 1, "asked": 2, "put right": 3}

OURS: Final = "111122223333"
STRANGER: Final = "999988887777"

_TRAIL: Final = "a trail"
"""CloudTrail's records come to EventBridge only where a trail of the region takes management events that write."""


class Call(NamedTuple):
    """One call, as its record has it."""

    service: str
    name: str
    request: Mapping[str, Any] | None = None
    error: str = ""
    more: Mapping[str, Any] = {}
    """Further members of the record."""


class Technique(NamedTuple):
    """One technique of Stratus Red Team."""

    name: str
    title: str
    events: Sequence[Call | str]
    """What is replayed: calls, or a sample event of a remediation by its file under `events`, with the resource that its scenario makes."""
    by: Sequence[str]
    """Who answers."""
    default: End
    """As it is deployed if no parameter is set: everything is a preview."""
    enforced: End
    attack: Sequence[str]
    """The techniques of ATT&CK that it is one of."""
    limit: str = ""
    """What Snapback cannot do, or why it is rightly silent."""
    needs: str = _TRAIL


class Intrusion(NamedTuple):
    """Calls that public reports of intrusions tell of, and what people hear of them."""

    title: str
    calls: Sequence[Call]
    told: Sequence[str]
    """A word of each alert of the reports, in their order."""
    also: Sequence[str]
    """What belongs to it and other remediations answer, each tried by its own tests."""
    silent: str
    """What of it nobody hears, and why."""


_READS: Final = "It only reads. CloudTrail records it, and who reads by right makes the same calls."
_OBJECTS: Final = (
    "Calls on objects are data events, which a trail does not take unless it is told to; GuardDuty's S3 protection sees them, and its finding is acted on."
)
_DEPLOYED: Final = "Whoever deploys makes the same call every day."


def _denied(service: str, name: str, request: Mapping[str, Any] | None = None) -> Call:
    return Call(service, name, request, "Client.UnauthorizedOperation", {"readOnly": True})


_INSTANCE: Final = "i-0123456789abcdef0"

STRATUS: Final[Sequence[Technique]] = [
    Technique(
        "aws.credential-access.ec2-get-password-data",
        "Retrieve EC2 Password Data",
        [_denied("ec2", "GetPasswordData", {"instanceId": _INSTANCE})] * 3,
        [],
        "silent",
        "silent",
        ["T1552"],
        "It only reads, and what is replayed is refused.",
    ),
    Technique(
        "aws.credential-access.ec2-steal-instance-credentials",
        "Steal EC2 Instance Credentials",
        [Call("ssm", "SendCommand", {"documentName": "AWS-RunShellScript", "instanceIds": [_INSTANCE]}), "iam/revoke_role_sessions"],
        ["revoke_role_sessions"],
        "asked",
        "put right",
        ["T1552.005", "T1651"],
        "The command that reads the credentials is daily work; their use elsewhere is what GuardDuty finds.",
        needs="GuardDuty",
    ),
    Technique(
        "aws.credential-access.secretsmanager-batch-retrieve-secrets",
        "Retrieve a High Number of Secrets Manager secrets (Batch)",
        [Call("secretsmanager", "BatchGetSecretValue", {"filters": [{"key": "tag-key", "values": ["app"]}]}, more={"readOnly": True})],
        [],
        "silent",
        "silent",
        ["T1555.006"],
        _READS,
    ),
    Technique(
        "aws.credential-access.secretsmanager-retrieve-secrets",
        "Retrieve a High Number of Secrets Manager secrets",
        [Call("secretsmanager", "GetSecretValue", {"secretId": f"secret-{number}"}, more={"readOnly": True}) for number in range(20)],
        [],
        "silent",
        "silent",
        ["T1555.006"],
        _READS,
    ),
    Technique(
        "aws.credential-access.ssm-retrieve-securestring-parameters",
        "Retrieve And Decrypt SSM Parameters",
        [Call("ssm", "GetParameters", {"names": ["/app/password"], "withDecryption": True}, more={"readOnly": True})] * 5,
        [],
        "silent",
        "silent",
        ["T1555.006"],
        _READS,
    ),
    Technique(
        "aws.defense-evasion.cloudtrail-delete",
        "Delete CloudTrail Trail",
        ["cloudtrail/restore_trail-delete"],
        ["restore_trail"],
        "asked",
        "put right",
        ["T1562.008"],
        "A trail that no sweep has seen is told, not made again. What happened meanwhile is in no record.",
    ),
    Technique(
        "aws.defense-evasion.cloudtrail-event-selectors",
        "Disable CloudTrail Logging Through Event Selectors",
        ["cloudtrail/restore_trail-selectors"],
        ["restore_trail"],
        "asked",
        "put right",
        ["T1562.008"],
        "The same. If it was the only trail, later calls come to nobody until it is put back.",
    ),
    Technique(
        "aws.defense-evasion.cloudtrail-lifecycle-rule",
        "CloudTrail Logs Impairment Through S3 Lifecycle Rule",
        ["cloudtrail/restore_trail-lifecycle"],
        ["restore_trail"],
        "told",
        "told",
        ["T1562.008", "T1485.001"],
        "The rule is not taken away: other rules of the bucket stand in the same setting. In a bucket of another account it is not seen.",
    ),
    Technique(
        "aws.defense-evasion.cloudtrail-stop",
        "Stop CloudTrail Trail",
        ["cloudtrail/restart_trail"],
        ["restart_trail"],
        "asked",
        "put right",
        ["T1562.008"],
        "What happened meanwhile is in no record.",
    ),
    Technique(
        "aws.defense-evasion.dns-delete-logs",
        "Delete DNS query logs",
        [Call("route53resolver", "DeleteResolverQueryLogConfig", {"resolverQueryLogConfigId": "rqlc-0123456789abcdef0"})],
        ["report_tampering"],
        "told",
        "told",
        ["T1562.008"],
        "The log is not set up again: it is not remembered.",
    ),
    Technique(
        "aws.defense-evasion.organizations-leave",
        "Attempt to Leave the AWS Organization",
        [Call("organizations", "LeaveOrganization", error="AccessDenied")],
        ["report_attack_steps"],
        "told",
        "told",
        ["T1666"],
        "The call is recorded in the partition's home region only. An attempt that succeeds is told by report_tampering.",
    ),
    Technique(
        "aws.defense-evasion.vpc-remove-flow-logs",
        "Remove VPC Flow Logs",
        ["ec2/enable_flow_logs-delete"],
        ["enable_flow_logs"],
        "asked",
        "put right",
        ["T1562.008"],
        "The new flow log is of the form that the parameters say, not the one that was deleted. Without FlowLogBucket it is told only.",
    ),
    Technique(
        "aws.discovery.ec2-download-user-data",
        "Download EC2 Instance User Data",
        [_denied("ec2", "DescribeInstanceAttribute", {"instanceId": _INSTANCE, "attribute": "userData"})] * 3,
        [],
        "silent",
        "silent",
        ["T1552.005", "T1580"],
        "It only reads, and what is replayed is refused.",
    ),
    Technique(
        "aws.discovery.ec2-enumerate-from-instance",
        "Execute Discovery Commands on an EC2 Instance",
        [
            *(Call("iam", name, more={"readOnly": True}) for name in ("GetAccountAuthorizationDetails", "GetAccountSummary", "ListRoles", "ListUsers")),
            *(Call(service, name, more={"readOnly": True}) for service, name in (("s3", "ListBuckets"), ("cloudtrail", "DescribeTrails"))),
            Call("ssm", "SendCommand", {"documentName": "AWS-RunShellScript", "instanceIds": [_INSTANCE]}),
        ],
        [],
        "silent",
        "silent",
        ["T1580", "T1526", "T1087.004", "T1069.003"],
        "It only reads. GuardDuty's Discovery findings are acted on.",
    ),
    Technique(
        "aws.discovery.ses-enumerate",
        "Enumerate SES",
        [Call("ses", name, more={"readOnly": True}) for name in ("GetAccountSendingEnabled", "GetSendQuota", "ListIdentities")],
        [],
        "silent",
        "silent",
        ["T1526", "T1580"],
        f"{_READS} What follows it, that e-mail may be sent, is told.",
    ),
    Technique(
        "aws.execution.ec2-launch-unusual-instances",
        "Launch Unusual EC2 instances",
        [Call("ec2", "RunInstances", {"instanceType": "p2.xlarge"}, "Client.UnauthorizedOperation")],
        [],
        "silent",
        "silent",
        ["T1496.001", "T1578.002"],
        "What is replayed is refused. An instance that runs is found by what it does: GuardDuty's CryptoCurrency findings isolate it.",
    ),
    Technique(
        "aws.execution.ec2-user-data",
        "Execute Commands on EC2 Instance via User Data",
        [
            Call("ec2", "StopInstances", {"instancesSet": {"items": [{"instanceId": _INSTANCE}]}, "force": True}),
            Call("ec2", "ModifyInstanceAttribute", {"instanceId": _INSTANCE, "userData": "<sensitiveDataRemoved>"}),
            Call("ec2", "StartInstances", {"instancesSet": {"items": [{"instanceId": _INSTANCE}]}}),
        ],
        ["report_attack_steps"],
        "told",
        "told",
        ["T1651", "T1578.005"],
        "The former user data stand in no record, so they cannot be put back.",
    ),
    Technique(
        "aws.execution.sagemaker-update-lifecycle-config",
        "Execute Commands on SageMaker Notebook Instance via Lifecycle Configuration",
        [
            Call("sagemaker", "StopNotebookInstance", {"notebookInstanceName": "research"}),
            Call("sagemaker", "UpdateNotebookInstance", {"notebookInstanceName": "research", "lifecycleConfigName": "helper"}),
            Call("sagemaker", "StartNotebookInstance", {"notebookInstanceName": "research"}),
        ],
        ["report_attack_steps"],
        "told",
        "told",
        ["T1651", "T1078.004"],
    ),
    Technique(
        "aws.execution.ssm-send-command",
        "Usage of ssm:SendCommand on multiple instances",
        [Call("ssm", "SendCommand", {"documentName": "AWS-RunShellScript", "instanceIds": [_INSTANCE, "i-1", "i-2"]})],
        [],
        "silent",
        "silent",
        ["T1651"],
        "Patching and deployments make the same call every day.",
    ),
    Technique(
        "aws.execution.ssm-start-session",
        "Usage of ssm:StartSession on multiple instances",
        [Call("ssm", "StartSession", {"target": f"i-{number}"}) for number in range(3)],
        [],
        "silent",
        "silent",
        ["T1021.007", "T1651"],
        "Three sessions are a person's morning. Five instances within ten minutes are told.",
    ),
    Technique(
        "aws.exfiltration.ec2-security-group-open-port-22-ingress",
        "Open Ingress Port 22 on a Security Group",
        ["ec2/revoke_open_ingress"],
        ["revoke_open_ingress"],
        "asked",
        "put right",
        ["T1562.007"],
        "Only the ports of AdminPorts, and those of all.",
    ),
    Technique(
        "aws.exfiltration.ec2-share-ami",
        "Exfiltrate an AMI by Sharing It",
        ["accessanalyzer/remove_external_access-image"],
        ["remove_external_access"],
        "asked",
        "put right",
        ["T1537"],
        "What was copied meanwhile stays copied.",
    ),
    Technique(
        "aws.exfiltration.ec2-share-ebs-snapshot",
        "Exfiltrate EBS Snapshot by Sharing It",
        ["accessanalyzer/remove_external_access-snapshot"],
        ["remove_external_access"],
        "asked",
        "put right",
        ["T1537", "T1578.001"],
        "What was copied meanwhile stays copied.",
    ),
    Technique(
        "aws.exfiltration.rds-share-snapshot",
        "Exfiltrate RDS Snapshot by Sharing",
        ["accessanalyzer/remove_external_access-dbsnapshot"],
        ["remove_external_access"],
        "asked",
        "put right",
        ["T1537"],
        "What was copied meanwhile stays copied.",
    ),
    Technique(
        "aws.exfiltration.s3-backdoor-bucket-policy",
        "Backdoor an S3 Bucket via its Bucket Policy",
        ["accessanalyzer/remove_external_access-bucketpolicy"],
        ["remove_external_access"],
        "asked",
        "put right",
        ["T1537", "T1530"],
        "What was read meanwhile stays read.",
    ),
    Technique(
        "aws.impact.bedrock-invoke-model",
        "Invoke Bedrock Model",
        [
            Call("bedrock", "PutUseCaseForModelAccess"),
            Call("bedrock", "CreateFoundationModelAgreement", {"modelId": "anthropic.claude-3-sonnet-20240229-v1:0"}),
            Call("bedrock", "PutFoundationModelEntitlement", {"modelId": "anthropic.claude-3-sonnet-20240229-v1:0"}),
            Call("bedrock", "InvokeModel", {"modelId": "anthropic.claude-3-sonnet-20240229-v1:0"}, more={"readOnly": True}),
        ],
        ["report_attack_steps"],
        "told",
        "told",
        ["T1496"],
        "That a model is asked is no news where it may be: only that access is asked for, and attempts that are refused.",
    ),
    Technique(
        "aws.impact.ec2-deregister-ami",
        "Deregister an Amazon EC2 AMI",
        [Call("ec2", "DeregisterImage", {"imageId": "ami-0123456789abcdef0", "deleteAssociatedSnapshots": False})],
        ["report_attack_steps"],
        "told",
        "told",
        ["T1485", "T1490"],
        "Told once a month for each identity. Whoever has a rule of the Recycle Bin brings it back by hand.",
    ),
    Technique(
        "aws.impact.s3-ransomware-batch-deletion",
        "S3 Ransomware through batch file deletion",
        [Call("s3", "DeleteObjects", {"bucketName": "orders"}, more={"eventCategory": "Data", "managementEvent": False})],
        [],
        "silent",
        "silent",
        ["T1485", "T1486"],
        f"{_OBJECTS} Versioning, which enable_bucket_versioning keeps on, is what brings them back.",
    ),
    Technique(
        "aws.impact.s3-ransomware-client-side-encryption",
        "S3 Ransomware through client-side encryption",
        [Call("s3", "CopyObject", {"bucketName": "orders", "key": "1"}, more={"eventCategory": "Data", "managementEvent": False})],
        [],
        "silent",
        "silent",
        ["T1486"],
        f"{_OBJECTS} That a bucket takes keys again which only the caller knows (SSE-C) is told.",
    ),
    Technique(
        "aws.impact.s3-ransomware-individual-deletion",
        "S3 Ransomware through individual file deletion",
        [Call("s3", "DeleteObject", {"bucketName": "orders", "key": "1"}, more={"eventCategory": "Data", "managementEvent": False})],
        [],
        "silent",
        "silent",
        ["T1485", "T1486"],
        _OBJECTS,
    ),
    Technique(
        "aws.initial-access.console-login-without-mfa",
        "Console Login without MFA",
        ["cloudtrail/report_attack_steps-sign_in"],
        ["report_attack_steps"],
        "told",
        "told",
        ["T1078.004"],
        "Told once a month for each user. Who signs in by an identity provider is its business.",
    ),
    Technique(
        "aws.lateral-movement.ec2-instance-connect",
        "Usage of EC2 Instance Connect on multiple instances",
        [Call("ec2-instance-connect", "SendSSHPublicKey", {"instanceId": f"i-{number}", "instanceOSUser": "ec2-user"}) for number in range(3)],
        ["report_attack_steps"],
        "told",
        "told",
        ["T1021.008", "T1098.004"],
        "Three instances within ten minutes, once a month for each role or user.",
    ),
    Technique(
        "aws.lateral-movement.ec2-serial-console-send-ssh-public-key",
        "Usage of EC2 Serial Console to push SSH public key",
        [
            Call("ec2", "EnableSerialConsoleAccess", {"EnableSerialConsoleAccessRequest": ""}),
            Call("ec2-instance-connect", "SendSerialConsoleSSHPublicKey", {"instanceId": _INSTANCE, "serialPort": 0}),
        ],
        ["report_attack_steps"],
        "told",
        "told",
        ["T1021.008"],
        "The alert has the command that shuts it again.",
    ),
    Technique(
        "aws.persistence.iam-backdoor-role",
        "Backdoor an IAM Role",
        ["iam/restrict_role_trust"],
        ["restrict_role_trust"],
        "asked",
        "put right",
        ["T1098.003"],
        "Sessions that were begun meanwhile go on until they end.",
    ),
    Technique(
        "aws.persistence.iam-backdoor-user",
        "Create an Access Key on an IAM User",
        ["iam/report_new_credentials"],
        ["report_new_credentials"],
        "told",
        "told",
        ["T1098.001"],
        "Whether the key is rightly there only people know: it is not taken away.",
    ),
    Technique(
        "aws.persistence.iam-create-admin-user",
        "Create an administrative IAM User",
        [Call("iam", "CreateUser", {"userName": "helper"}), "iam/detach_admin_policy", "iam/report_new_credentials"],
        ["detach_admin_policy", "report_new_credentials"],
        "asked",
        "put right",
        ["T1136.003", "T1098.003"],
        "Administrator access is taken off; the user and its key stay, and are told.",
    ),
    Technique(
        "aws.persistence.iam-create-backdoor-role",
        "Create a backdoored IAM Role",
        ["iam/restrict_role_trust-create", "iam/detach_admin_policy"],
        ["restrict_role_trust", "detach_admin_policy"],
        "asked",
        "put right",
        ["T1098.003"],
        "Sessions that were begun meanwhile go on until they end.",
    ),
    Technique(
        "aws.persistence.iam-create-user-login-profile",
        "Create a Login Profile on an IAM User",
        ["iam/report_new_credentials-password", "iam/require_mfa"],
        ["report_new_credentials", "require_mfa"],
        "asked",
        "put right",
        ["T1098.001"],
        "What is put right is that the user must have MFA, which the first to sign in can register.",
    ),
    Technique(
        "aws.persistence.lambda-backdoor-function",
        "Backdoor Lambda Function Through Resource-Based Policy",
        ["accessanalyzer/remove_external_access-function"],
        ["remove_external_access", "restrict_function"],
        "asked",
        "put right",
        ["T1098", "T1648"],
    ),
    Technique(
        "aws.persistence.lambda-layer-extension",
        "Add a Malicious Lambda Extension",
        [
            Call(
                "lambda",
                "UpdateFunctionConfiguration20150331v2",
                {"functionName": "orders", "layers": [f"arn:aws:lambda:us-east-1:{OURS}:layer:helper:1"]},
            )
        ],
        ["report_attack_steps"],
        "told",
        "told",
        ["T1546", "T1525"],
        "Told once a month for each role or user.",
    ),
    Technique(
        "aws.persistence.lambda-overwrite-code",
        "Overwrite Lambda Function Code",
        [Call("lambda", "UpdateFunctionCode20150331v2", {"functionName": "orders", "dryRun": False, "publish": False})],
        [],
        "silent",
        "silent",
        ["T1525", "T1648"],
        f"{_DEPLOYED} Of Snapback's own functions it is told.",
    ),
    Technique(
        "aws.persistence.rolesanywhere-create-trust-anchor",
        "Create an IAM Roles Anywhere trust anchor",
        [
            Call("rolesanywhere", "CreateTrustAnchor", {"name": "contractors", "enabled": True, "source": {"sourceType": "CERTIFICATE_BUNDLE"}}),
            Call("rolesanywhere", "CreateProfile", {"name": "contractors", "roleArns": [f"arn:aws:iam::{OURS}:role/x"]}),
        ],
        ["report_attack_steps"],
        "told",
        "told",
        ["T1098.001", "T1556"],
    ),
    Technique(
        "aws.persistence.sts-federation-token",
        "Generate temporary AWS credentials using GetFederationToken",
        [Call("sts", "GetFederationToken", {"name": "deploy"})],
        ["report_attack_steps"],
        "told",
        "told",
        ["T1098.001", "T1550.001"],
        "Told once a month for each user. Such a session goes on when the key is deactivated: quarantine_user ends it.",
    ),
    Technique(
        "aws.privilege-escalation.iam-update-user-login-profile",
        "Change IAM user password",
        [Call("iam", "UpdateLoginProfile", {"userName": "alice"})],
        ["report_new_credentials"],
        "told",
        "told",
        ["T1098.001"],
        "The former password is in no record.",
    ),
    Technique(
        "eks.lateral-movement.create-access-entry",
        "Create Admin EKS Access Entry",
        [
            Call("eks", "CreateAccessEntry", {"name": "prod", "principalArn": f"arn:aws:iam::{OURS}:role/x"}),
            Call(
                "eks",
                "AssociateAccessPolicy",
                {
                    "name": "prod",
                    "principalArn": f"arn:aws:iam::{OURS}:role/x",
                    "policyArn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
                },
            ),
        ],
        ["report_attack_steps"],
        "told",
        "told",
        ["T1098.003"],
    ),
    Technique(
        "eks.persistence.backdoor-aws-auth-configmap",
        "Backdoor aws-auth EKS ConfigMap",
        [],
        [],
        "silent",
        "silent",
        ["T1098.003"],
        "It is a call to Kubernetes, not to AWS. GuardDuty's EKS findings are told.",
        needs="GuardDuty",
    ),
]


_KEY: Final = "1234abcd-12ab-34cd-56ef-1234567890ab"
_PERMISSION_SET: Final = "arn:aws:sso:::permissionSet/ssoins-1111111111111111/ps-2222222222222222"

INTRUSIONS: Final[Sequence[Intrusion]] = [
    Intrusion(
        "A container's credentials, then the account (SCARLETEEL)",
        [
            Call("iam", "CreateAccessKey", {"userName": "build"}),
            Call("iam", "CreateAccessKey", {"userName": "admin"}),
            Call("iam", "CreateUser", {"userName": "aws_support"}),
        ],
        ["access key was made for the user build", "access key was made for the user admin", "aws_support"],
        ["restart_trail", "detach_admin_policy", "revoke_role_sessions", "isolate_instance"],
        "What is read in buckets, functions and secrets; the instances that are started, until GuardDuty sees what they do.",
    ),
    Intrusion(
        "A person's session, stolen at the provider of identities (LUCR-3)",
        [
            Call("guardduty", "ArchiveFindings", {"detectorId": "d", "findingIds": ["f"]}),
            Call("iam", "EnableMFADevice", {"userName": "alice", "serialNumber": f"arn:aws:iam::{OURS}:mfa/pixel"}),
            Call("iam", "CreateLoginProfile", {"userName": "alice"}),
            Call("ec2", "ReplaceIamInstanceProfileAssociation", {"associationId": "iip-assoc-0123456789abcdef0"}),
            Call("ec2", "EnableSerialConsoleAccess", {"EnableSerialConsoleAccessRequest": ""}),
            Call("ec2-instance-connect", "SendSerialConsoleSSHPublicKey", {"instanceId": _INSTANCE, "serialPort": 0}),
        ],
        ["archived findings", "MFA device", "password", "another role", "instances can be reached", "goes in by the serial console"],
        ["enable_guardduty", "restart_trail", "detach_admin_policy"],
        "Secrets that are read, one after the other; what is looked up in Systems Manager, and of quotas and bills.",
    ),
    Intrusion(
        "Objects encrypted by keys that only the intruder has (Codefinger)",
        [
            Call("s3", "PutBucketLifecycle", {"bucketName": "b", "LifecycleConfiguration": {"Rule": {"Status": "Enabled", "Expiration": {"Days": 7}}}}),
            Call(
                "s3",
                "PutBucketEncryption",
                {"bucketName": "b", "ServerSideEncryptionConfiguration": {"Rule": {"BlockedEncryptionTypes": {"EncryptionType": "NONE"}}}},
            ),
        ],
        ["deletes all that is in it 7 days", "SSE-C"],
        ["deactivate_exposed_key", "quarantine_user", "enable_bucket_versioning"],
        "The encrypting itself (CopyObject with SSE-C), which is a data event: GuardDuty's S3 protection sees it.",
    ),
    Intrusion(
        "Ransom by the keys of KMS, and by backups that are gone",
        [
            Call("kms", "ImportKeyMaterial", {"keyId": _KEY}),
            Call("kms", "DeleteImportedKeyMaterial", {"keyId": _KEY}),
            Call("kms", "CreateCustomKeyStore", {"customKeyStoreName": "archive", "customKeyStoreType": "EXTERNAL_KEY_STORE"}),
            Call("kms", "DisconnectCustomKeyStore", {"customKeyStoreId": "cks-1234567890abcdef0"}),
            Call("backup", "DeleteBackupVaultLockConfiguration", {"backupVaultName": "daily"}),
            *(Call("backup", "DeleteRecoveryPoint", {"backupVaultName": "daily", "recoveryPointArn": f"{one}"}) for one in range(12)),
        ],
        ["material from outside", "read no more", "archive", "cks-1234567890abcdef0", "lock", "latest of 10"],
        ["restore_key", "restrict_key_policy", "remove_external_access", "encrypt_bucket"],
        "What is written with such a key: told is the key, not each object.",
    ),
    Intrusion(
        "Models on another's bill (LLM-jacking)",
        [
            Call("bedrock", "InvokeModel", {"modelId": "a-model"}, "AccessDeniedException", {"readOnly": True}),
            Call("iam", "CreateServiceSpecificCredential", {"userName": "BedrockAPIKey-1a2b", "serviceName": "bedrock.amazonaws.com"}),
            Call("bedrock", "PutUseCaseForModelAccess"),
            Call("bedrock", "DeleteModelInvocationLoggingConfiguration"),
            Call("servicequotas", "RequestServiceQuotaIncrease", {"serviceCode": "bedrock", "quotaCode": "L-254CACF4"}),
        ],
        ["without the right", "bedrock.amazonaws.com", "asked for", "not recorded", "quota"],
        ["deactivate_exposed_key", "quarantine_user"],
        "Models that are asked by right, though by the wrong person; lists of models, and whether their use is recorded, that are read.",
    ),
    Intrusion(
        "A leaked key and a graphical client (GUI-vil)",
        [
            Call("iam", "CreateUser", {"userName": "admin2"}),
            Call("iam", "CreateLoginProfile", {"userName": "admin2"}),
            Call("iam", "CreateAccessKey", {"userName": "admin2"}),
            Call("ec2", "ModifyInstanceAttribute", {"instanceId": _INSTANCE, "disableApiTermination": {"value": False}}),
        ],
        ["admin2 was made", "password", "access key", "termination protection"],
        ["detach_admin_policy", "require_mfa", "revoke_open_ingress", "deactivate_exposed_key", "isolate_instance"],
        "Key pairs, groups and large instances that are made: whoever deploys does the same. GuardDuty's CryptoCurrency findings isolate them.",
    ),
    Intrusion(
        "E-mail in another's name (JavaGhost and the like)",
        [
            Call("sts", "GetFederationToken", {"name": "console"}),
            Call("ses", "CreateEmailIdentity", {"emailIdentity": "example.net"}),
            Call("ses", "PutAccountDetails", {"productionAccessEnabled": True}),
            Call("account", "EnableRegion", {"regionName": "af-south-1"}),
            Call("organizations", "LeaveOrganization", error="AccessDenied"),
        ],
        ["up to 36 hours", "example.net", "to send e-mail to anybody", "af-south-1", "out of its organisation"],
        ["report_new_credentials", "restrict_role_trust", "detach_admin_policy"],
        "Addresses to sign in at that are made of a session, mailboxes of WorkMail, and the e-mail itself.",
    ),
    Intrusion(
        "Text messages on another's bill",
        [
            Call("sns", "SetSMSAttributes", {"attributes": {"MonthlySpendLimit": "1000"}}),
            Call("servicequotas", "RequestServiceQuotaIncrease", {"serviceCode": "sns", "quotaCode": "L-5CA18AFC"}),
        ],
        ["text messages", "quota"],
        ["deactivate_exposed_key"],
        "The messages (a data event), numbers that are bought, and cases that are opened with AWS's support.",
    ),
    Intrusion(
        "Data that is copied, then deleted for ransom (Bling Libra)",
        [Call("s3", "DeleteBucket", {"bucketName": f"b-{one}"}) for one in range(12)],
        ["latest of 10"],
        ["enable_bucket_versioning", "deactivate_exposed_key", "enable_db_protection", "restore_secret"],
        "Objects that are read and deleted, which are data events; up to nine deletions within ten minutes.",
    ),
    Intrusion(
        "Mining by containers, functions and builds (AMBERSQUID and the like)",
        [
            Call("ecs", "RegisterTaskDefinition", {"family": "app"}),
            Call("ecs", "RunTask", {"taskDefinition": "app"}),
            Call("servicequotas", "RequestServiceQuotaIncrease", {"serviceCode": "fargate", "quotaCode": "L-3032A538"}),
        ],
        ["quota"],
        ["detach_admin_policy", "require_url_auth", "stop_task", "contain_function", "isolate_instance"],
        "Tasks, apps, builds and notebooks that are made: whoever deploys does the same. GuardDuty's findings contain them.",
    ),
    Intrusion(
        "From the organisation's own administration into all accounts",
        [
            Call("organizations", "RegisterDelegatedAdministrator", {"accountId": "444455556666", "servicePrincipal": "sso.amazonaws.com"}),
            Call("sso-directory", "AddMemberToGroup", {"identityStoreId": "d-1234567890", "groupId": "g-1", "member": {"memberId": "u-1"}}),
            Call(
                "sso",
                "AttachManagedPolicyToPermissionSet",
                {"permissionSetArn": _PERMISSION_SET, "managedPolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"},
            ),
            Call(
                "sso",
                "CreateAccountAssignment",
                {"permissionSetArn": _PERMISSION_SET, "targetId": "444455556666", "principalType": "USER", "principalId": "u-1"},
            ),
            Call("sso-directory", "EnableExternalIdPConfigurationForDirectory"),
            Call("organizations", "InviteAccountToOrganization", {"target": {"id": STRANGER, "type": "ACCOUNT"}}),
        ],
        ["whole organisation", "group g-1", "makes administrators", "was given the permission set", "Who signs people in", "invited"],
        ["restore_guardrail", "report_tampering"],
        "All of it where no Snapback is: it is recorded in the account that calls (the management account, or Identity Center's delegated administrator), "
        "Organizations in the home region of the partition, Identity Center in its own.",
    ),
]
"""Intrusions that others have told of, by the calls that are said to be in them."""


class Adversary(NamedTuple):
    """One technique of MITRE ATT&CK for IaaS."""

    id: str
    name: str
    by: Sequence[str] = ()
    """Who answers calls by which it is made, in the whole or in part."""
    limit: str = ""
    """What Snapback cannot do; without answers, why there are none."""


_INSIDE: Final = "It happens inside a workload and is no call to AWS: GuardDuty's runtime findings are acted on where it has them."
_OFF: Final = ("restart_trail", "restore_trail", "enable_guardduty", "enable_securityhub", "restart_recorder", "report_tampering")
_STOLEN: Final = ("deactivate_exposed_key", "quarantine_user", "revoke_role_sessions")
_GONE: Final = "What was taken before the answer stays taken."
_ONLY_READ: Final = "Calls that only read are answered by what GuardDuty finds unusual, and by nothing else."

ATTACK: Final[Sequence[Adversary]] = [
    Adversary("T1020.001", "Traffic Duplication", ["report_attack_steps"], "Told only: mirrored traffic."),
    Adversary("T1021", "Remote Services", ["report_attack_steps", "revoke_open_ingress"]),
    Adversary("T1021.007", "Cloud Services", ["report_attack_steps", "quarantine_user"], "Sessions one after the other are told; a single one is daily work."),
    Adversary("T1021.008", "Direct Cloud VM Connections", ["report_attack_steps"], "Told only: serial console, Instance Connect in series."),
    Adversary("T1036.010", "Masquerade Account Name", ["report_new_credentials"], "A user that is made is told, whatever it is called."),
    Adversary("T1040", "Network Sniffing", ["report_attack_steps", "require_bucket_tls", "require_https", "require_tls12"], "Mirrored traffic is told only."),
    Adversary("T1046", "Network Service Discovery", ["isolate_instance", "block_attacker_ip", "revoke_open_ingress"], "By GuardDuty's port scans."),
    Adversary("T1048", "Exfiltration Over Alternative Protocol", ["isolate_instance", "block_attacker_ip"], "By GuardDuty's findings about DNS and traffic."),
    Adversary("T1049", "System Network Connections Discovery", (), _INSIDE),
    Adversary("T1059", "Command and Scripting Interpreter", ["isolate_instance", "stop_task"], _INSIDE),
    Adversary("T1059.009", "Cloud API", _STOLEN, "By GuardDuty and AWS Health: a call by itself is no attack."),
    Adversary("T1069", "Permission Groups Discovery", ["quarantine_user"], _ONLY_READ),
    Adversary("T1069.003", "Cloud Groups", ["quarantine_user"], _ONLY_READ),
    Adversary("T1074", "Data Staged", ["report_attack_steps", "report_exposed_data"], "Exports are told; what is copied within the account is daily work."),
    Adversary("T1074.002", "Remote Data Staging", ["report_attack_steps"], "The same."),
    Adversary("T1078", "Valid Accounts", [*_STOLEN, "deactivate_stale_key", "deactivate_unused_credentials", "require_mfa", "report_failed_logins"]),
    Adversary("T1078.001", "Default Accounts", ["report_root_activity", "empty_default_security_group"], "Root is told, whatever it does."),
    Adversary("T1078.004", "Cloud Accounts", [*_STOLEN, "require_mfa", "report_attack_steps"], "A sign-in without MFA is told once a month for each user."),
    Adversary("T1082", "System Information Discovery", (), _INSIDE),
    Adversary("T1087", "Account Discovery", ["quarantine_user"], _ONLY_READ),
    Adversary("T1087.004", "Cloud Account", ["quarantine_user"], _ONLY_READ),
    Adversary("T1098", "Account Manipulation", ["report_new_credentials", "detach_admin_policy", "restrict_role_trust", "remove_external_access"]),
    Adversary("T1098.001", "Additional Cloud Credentials", ["report_new_credentials", "report_attack_steps"], "Told, not taken away."),
    Adversary(
        "T1098.003", "Additional Cloud Roles", ["detach_admin_policy", "restrict_role_trust", "report_attack_steps"], "Only administrator access and strangers."
    ),
    Adversary(
        "T1098.004",
        "SSH Authorized Keys",
        ["report_attack_steps", "report_new_credentials"],
        "Told only; keys that are written inside an instance are not seen.",
    ),
    Adversary("T1110", "Brute Force", ["report_failed_logins", "block_attacker_ip"]),
    Adversary("T1110.001", "Password Guessing", ["report_failed_logins", "block_attacker_ip", "enforce_password_policy"]),
    Adversary("T1110.003", "Password Spraying", ["report_failed_logins"], "Counted over all users, in each region by itself."),
    Adversary("T1110.004", "Credential Stuffing", ["report_failed_logins", "require_mfa"]),
    Adversary("T1119", "Automated Collection", ["deactivate_exposed_key"], "By GuardDuty's findings about data in buckets."),
    Adversary("T1136", "Create Account", ["report_new_credentials"], "Told, not taken away."),
    Adversary(
        "T1136.003",
        "Cloud Account",
        ["report_new_credentials", "detach_admin_policy", "report_attack_steps"],
        "Of IAM Identity Center not the user is told, but what it is given.",
    ),
    Adversary("T1190", "Exploit Public-Facing Application", ["associate_web_acl", "isolate_instance", "report_vulnerability", "report_unpatched_instance"]),
    Adversary("T1199", "Trusted Relationship", ["restrict_role_trust", "remove_external_access", "report_attack_steps"]),
    Adversary("T1201", "Password Policy Discovery", ["quarantine_user"], _ONLY_READ),
    Adversary("T1204", "User Execution", ["isolate_instance", "stop_task"], _INSIDE),
    Adversary("T1204.003", "Malicious Image", ["report_vulnerability", "isolate_instance"], "By what Inspector and GuardDuty find in it."),
    Adversary("T1211", "Exploitation for Defense Evasion", (), _INSIDE),
    Adversary(
        "T1213", "Data from Information Repositories", ["restrict_db_instance", "restrict_db_snapshot"], "Only what is open to the world or to strangers."
    ),
    Adversary(
        "T1213.006", "Databases", ["restrict_db_instance", "restrict_db_snapshot", "report_attack_steps"], "Queries are no calls to AWS; exports are told."
    ),
    Adversary("T1485", "Data Destruction", ["restore_key", "restore_secret", "enable_bucket_versioning", "enable_db_protection", "report_attack_steps"], _GONE),
    Adversary(
        "T1485.001",
        "Lifecycle-Triggered Deletion",
        ["report_attack_steps", "restore_trail", "enable_bucket_versioning"],
        "Rules are told that delete all of a bucket within a week, and of a trail's bucket within 90 days.",
    ),
    Adversary(
        "T1486",
        "Data Encrypted for Impact",
        ["restore_key", "restrict_key_policy", "report_attack_steps", "enable_bucket_versioning"],
        "What is written to objects is seen by GuardDuty only.",
    ),
    Adversary("T1489", "Service Stop", ["report_attack_steps", "enable_lb_protection"], "Ten stops within ten minutes are told."),
    Adversary("T1490", "Inhibit System Recovery", ["enable_db_backups", "enable_table_backups", "enable_bucket_versioning", "report_attack_steps"]),
    Adversary("T1491", "Defacement", ["block_public_bucket"], "Only that a bucket is open to be written by all."),
    Adversary("T1491.002", "External Defacement", ["block_public_bucket"], "The same."),
    Adversary("T1496", "Resource Hijacking", ["isolate_instance", "stop_task", "contain_function", "report_attack_steps"]),
    Adversary(
        "T1496.001",
        "Compute Hijacking",
        ["isolate_instance", "stop_task", "contain_function"],
        "By GuardDuty's CryptoCurrency findings; new instances are no news.",
    ),
    Adversary("T1496.002", "Bandwidth Hijacking", ["isolate_instance"], "By GuardDuty's findings."),
    Adversary(
        "T1498",
        "Network Denial of Service",
        ["protect_resource", "isolate_instance"],
        "Shield Advanced, where it was; and one's own instances that attack others.",
    ),
    Adversary("T1498.001", "Direct Network Flood", ["protect_resource", "isolate_instance"], "The same."),
    Adversary("T1498.002", "Reflection Amplification", ["protect_resource", "isolate_instance"], "The same."),
    Adversary("T1499", "Endpoint Denial of Service", ["protect_resource", "associate_web_acl"]),
    Adversary("T1499.002", "Service Exhaustion Flood", ["protect_resource", "associate_web_acl"]),
    Adversary("T1499.003", "Application Exhaustion Flood", ["protect_resource", "associate_web_acl"]),
    Adversary("T1499.004", "Application or System Exploitation", ["associate_web_acl", "report_vulnerability"]),
    Adversary("T1518", "Software Discovery", (), _INSIDE),
    Adversary("T1518.001", "Security Software Discovery", ["quarantine_user"], _ONLY_READ),
    Adversary(
        "T1525",
        "Implant Internal Image",
        ["report_vulnerability", "report_attack_steps"],
        "What is in an image, Inspector finds; layers of functions are told.",
    ),
    Adversary("T1526", "Cloud Service Discovery", ["quarantine_user"], _ONLY_READ),
    Adversary("T1528", "Steal Application Access Token", ["revoke_role_sessions"], "By GuardDuty: credentials of an instance that are used elsewhere."),
    Adversary("T1530", "Data from Cloud Storage", ["block_public_bucket", "block_public_account", "remove_external_access", "deactivate_exposed_key"], _GONE),
    Adversary(
        "T1531",
        "Account Access Removal",
        ["report_new_credentials", "restore_guardrail"],
        "A password that is replaced is told; users that are deleted are not.",
    ),
    Adversary(
        "T1535",
        "Unused/Unsupported Cloud Regions",
        (),
        "Snapback works where it is deployed: deploy it in each region, or forbid the others by a service control policy.",
    ),
    Adversary("T1537", "Transfer Data to Cloud Account", ["remove_external_access", "restrict_snapshot", "restrict_image", "report_attack_steps"], _GONE),
    Adversary("T1538", "Cloud Service Dashboard", ["report_root_activity", "report_attack_steps"], "Sign-ins of root, and of users without MFA."),
    Adversary(
        "T1546",
        "Event Triggered Execution",
        ["report_attack_steps", "report_tampering"],
        "Notifications to strangers, layers, notebooks; rules of EventBridge only if they are Snapback's.",
    ),
    Adversary("T1548", "Abuse Elevation Control Mechanism", ["detach_admin_policy"]),
    Adversary(
        "T1548.005", "Temporary Elevated Cloud Access", ["detach_admin_policy", "restrict_role_trust"], "A role that somebody takes by right is no news."
    ),
    Adversary("T1550", "Use Alternate Authentication Material", _STOLEN),
    Adversary("T1550.001", "Application Access Token", ["revoke_role_sessions", "report_attack_steps"], "By GuardDuty; and GetFederationToken is told."),
    Adversary("T1550.004", "Web Session Cookie", ["quarantine_user", "revoke_role_sessions"], "By GuardDuty, where it finds the session unusual."),
    Adversary("T1552", "Unsecured Credentials", ["deactivate_exposed_key", "encrypt_parameter", "require_imdsv2"]),
    Adversary("T1552.001", "Credentials In Files", ["deactivate_exposed_key", "report_exposed_data"], "By AWS Health's news of exposed keys, and Macie."),
    Adversary("T1552.005", "Cloud Instance Metadata API", ["require_imdsv2", "revoke_role_sessions"], "User data that are read are not seen."),
    Adversary("T1555", "Credentials from Password Stores", ["restrict_secret_policy", "remove_external_access"], _ONLY_READ),
    Adversary("T1555.006", "Cloud Secrets Management Stores", ["restrict_secret_policy", "remove_external_access"], _ONLY_READ),
    Adversary("T1556", "Modify Authentication Process", ["report_new_credentials", "report_attack_steps", "enforce_password_policy"]),
    Adversary("T1556.006", "Multi-Factor Authentication", ["require_mfa", "report_new_credentials"]),
    Adversary("T1556.007", "Hybrid Identity", ["report_new_credentials"], "Providers of identities are told; what happens in them is not seen."),
    Adversary("T1556.009", "Conditional Access Policies", ["restore_guardrail", "enforce_password_policy"], "Only the guardrails that are named."),
    Adversary("T1562", "Impair Defenses", _OFF),
    Adversary(
        "T1562.001", "Disable or Modify Tools", [*_OFF, "restore_alarm", "remove_finding_filter", "enable_inspector", "enable_macie", "restore_analyzer"]
    ),
    Adversary("T1562.007", "Disable or Modify Cloud Firewall", ["revoke_open_ingress", "remove_open_acl_entry", "associate_web_acl", "block_attacker_ip"]),
    Adversary(
        "T1562.008",
        "Disable or Modify Cloud Logs",
        [*_OFF, "enable_flow_logs", "enable_bucket_logging", "enable_lb_logs", "set_log_retention", "report_attack_steps"],
    ),
    Adversary("T1578", "Modify Cloud Compute Infrastructure", ["report_attack_steps", "isolate_instance"]),
    Adversary("T1578.001", "Create Snapshot", ["remove_external_access", "restrict_snapshot"], "That one is made is no news; that it is shared is taken back."),
    Adversary(
        "T1578.002", "Create Cloud Instance", ["require_imdsv2", "isolate_instance"], "That one is made is no news; what GuardDuty finds there is contained."
    ),
    Adversary("T1578.003", "Delete Cloud Instance", ["report_attack_steps"], "Ten within ten minutes."),
    Adversary("T1578.004", "Revert Cloud Instance", (), "To restore a snapshot is daily work."),
    Adversary(
        "T1578.005", "Modify Cloud Compute Configurations", ["report_attack_steps", "require_imdsv2"], "User data, roles, termination protection, quotas."
    ),
    Adversary("T1580", "Cloud Infrastructure Discovery", ["quarantine_user"], _ONLY_READ),
    Adversary("T1606", "Forge Web Credentials", ["report_attack_steps", "report_new_credentials"]),
    Adversary("T1606.001", "Web Cookies", (), _INSIDE),
    Adversary(
        "T1606.002",
        "SAML Tokens",
        ["report_new_credentials"],
        "A provider of identities that is made or changed is told; what a stolen key of it signs is not seen.",
    ),
    Adversary("T1614", "System Location Discovery", (), _INSIDE),
    Adversary("T1619", "Cloud Storage Object Discovery", ["deactivate_exposed_key"], "By GuardDuty's Discovery:S3 findings."),
    Adversary("T1621", "Multi-Factor Authentication Request Generation", (), "It happens at the provider of identities. IAM's own devices ask nobody."),
    Adversary("T1648", "Serverless Execution", ["contain_function", "remove_external_access", "require_url_auth", "report_attack_steps"]),
    Adversary("T1651", "Cloud Administration Command", ["report_attack_steps", "isolate_instance"], "Sessions in series are told; Run Command is daily work."),
    Adversary("T1654", "Log Enumeration", ["quarantine_user"], _ONLY_READ),
    Adversary("T1666", "Modify Cloud Resource Hierarchy", ["report_attack_steps", "report_tampering", "restore_guardrail"]),
    Adversary("T1680", "Local Storage Discovery", (), _INSIDE),
]
"""Those that ATT&CK has for IaaS, by number."""
