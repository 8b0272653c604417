"""Every type of finding that GuardDuty has, with what such findings look like: what they are about, and in which role.

The types are those of https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-types-active.html and the pages behind it, as of autumn 2026.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.harness.scenario import ACCOUNT, REGION

Json = Mapping[str, Any]

REMOTE: Json = {"ipAddressV4": "192.88.99.24", "country": {"countryName": "Nowhere"}}
INSTANCE: Json = {"instanceId": "i-0123456789abcdef0", "instanceType": "m5.large", "tags": []}
BUCKET: Json = {"arn": "arn:aws:s3:::ledger", "name": "ledger", "type": "Destination", "tags": []}
CLUSTER: Json = {"name": "shop", "arn": f"arn:aws:eks:{REGION}:{ACCOUNT}:cluster/shop", "status": "ACTIVE", "tags": []}
TASK: Json = {
    "name": "shop",
    "arn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/shop",
    "taskDetails": {"arn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:task/shop/0af1c2d3e4f5061728394a5b6c7d8e9f", "launchType": "FARGATE"},
}
USER: Json = {"accessKeyId": "AKIAEXPOSED123456789", "principalId": "AIDAEXAMPLE1111111111", "userType": "IAMUser", "userName": "alice"}
ROLE: Json = {"accessKeyId": "ASIAEXAMPLE111111111", "principalId": "AROAEXAMPLE1111111111:i-0123", "userType": "AssumedRole", "userName": "deploy"}
ROOT: Json = {"accessKeyId": "", "principalId": ACCOUNT, "userType": "Root", "userName": "Root"}

API_CALL: Json = {"actionType": "AWS_API_CALL", "awsApiCallAction": {"api": "ListUsers", "serviceName": "iam.amazonaws.com", "remoteIpDetails": REMOTE}}
DNS: Json = {"actionType": "DNS_REQUEST", "dnsRequestAction": {"domain": "example.com", "protocol": "UDP", "blocked": False}}
PROBE: Json = {"actionType": "PORT_PROBE", "portProbeAction": {"portProbeDetails": [{"remoteIpDetails": REMOTE}], "blocked": False}}
KUBERNETES_CALL: Json = {"actionType": "KUBERNETES_API_CALL", "kubernetesApiCallAction": {"verb": "list", "remoteIpDetails": REMOTE}}
LOGIN: Json = {"actionType": "RDS_LOGIN_ATTEMPT", "rdsLoginAttemptAction": {"remoteIpDetails": REMOTE, "loginAttributes": []}}


def connection(direction: str) -> Json:
    return {"actionType": "NETWORK_CONNECTION", "networkConnectionAction": {"connectionDirection": direction, "remoteIpDetails": REMOTE}}


@dataclass(frozen=True)
class Shape:
    """One of the forms in which findings of a type come."""

    about: str
    """In words, for docs/guardduty.md."""
    resource: Json
    action: Json | None = None
    role: str = "TARGET"
    more: Json | None = None

    def event(self, kind: str, severity: float, *, finding_id: str = "8ec066c3f7545d98ad1f75555154cb14", event_id: str = "an event") -> dict[str, Any]:
        """Return the event about a finding of the type `kind`."""
        service = {"serviceName": "guardduty", "archived": False, "count": 1, "resourceRole": self.role, "action": self.action, **(self.more or {})}
        return {
            "version": "0",
            "id": event_id,
            "detail-type": "GuardDuty Finding",
            "source": "aws.guardduty",
            "account": ACCOUNT,
            "time": "2026-11-24T03:10:00Z",
            "region": REGION,
            "resources": [],
            "detail": {
                "schemaVersion": "2.0",
                "accountId": ACCOUNT,
                "region": REGION,
                "partition": "aws",
                "id": finding_id,
                "type": kind,
                "resource": dict(self.resource),
                "service": {**service, "eventFirstSeen": "2026-11-24T03:00:00.000Z", "eventLastSeen": "2026-11-24T03:05:00.000Z"},
                "severity": severity,
                "createdAt": "2026-11-24T03:06:00.000Z",
                "updatedAt": "2026-11-24T03:06:00.000Z",
                "title": "Something was seen.",
                "description": "Something was seen in the account.",
            },
        }


def _instance(about: str, action: Json | None, role: str) -> Shape:
    return Shape(about, {"resourceType": "Instance", "instanceDetails": INSTANCE}, action, role)


ATTACKING = _instance("the instance connects", connection("OUTBOUND"), "ACTOR")
ATTACKED = _instance("the instance is attacked", connection("INBOUND"), "TARGET")
PROBED = _instance("the instance is attacked", PROBE, "TARGET")
ASKING = _instance("the instance asks", DNS, "TARGET")
INFECTED = _instance("the instance has it", None, "TARGET")
BY_USER = Shape("a user", {"resourceType": "AccessKey", "accessKeyDetails": USER}, API_CALL)
BY_ROLE = Shape("a role's session", {"resourceType": "AccessKey", "accessKeyDetails": ROLE}, API_CALL)
BY_ROOT = Shape("root", {"resourceType": "AccessKey", "accessKeyDetails": ROOT}, API_CALL)
BUCKET_DATA = Shape("a bucket's data", {"resourceType": "S3Bucket", "accessKeyDetails": USER, "s3BucketDetails": [BUCKET]}, API_CALL)
BUCKET_SETTING = Shape("a bucket's setting", {"resourceType": "AccessKey", "accessKeyDetails": USER, "s3BucketDetails": [BUCKET]}, API_CALL)
OBJECT = Shape("an object", {"resourceType": "S3Object", "s3BucketDetails": [BUCKET]})
AUDITED = Shape(
    "a cluster",
    {"resourceType": "EKSCluster", "eksClusterDetails": CLUSTER, "kubernetesDetails": {}, "accessKeyDetails": {"userName": "system:anonymous"}},
    KUBERNETES_CALL,
)
RUNS_ON_EC2 = _instance("on an instance", None, "TARGET")
RUNS_ON_EKS = Shape("in EKS", {"resourceType": "EKSCluster", "eksClusterDetails": CLUSTER, "kubernetesDetails": {}, "instanceDetails": INSTANCE})
RUNS_ON_ECS = Shape("in an ECS task", {"resourceType": "ECSCluster", "ecsClusterDetails": TASK})
CONTAINER = Shape("a container", {"resourceType": "Container", "containerDetails": {"id": "6a5f3e", "name": "web"}, "instanceDetails": INSTANCE})
SNAPSHOT = Shape("a snapshot", {"resourceType": "EBSSnapshot", "ebsSnapshotDetails": {"snapshotArn": f"arn:aws:ec2:{REGION}::snapshot/snap-0123456789abcdef0"}})
IMAGE = Shape("an image", {"resourceType": "EC2Image", "ec2ImageDetails": {"imageArn": f"arn:aws:ec2:{REGION}::image/ami-0123456789abcdef0"}})
BACKUP = Shape(
    "a recovery point",
    {"resourceType": "RecoveryPoint", "recoveryPointDetails": {"recoveryPointArn": f"arn:aws:backup:{REGION}:{ACCOUNT}:recovery-point:1E"}},
)
DATABASE = Shape("a database", {"resourceType": "RDSDBInstance", "rdsDbInstanceDetails": {"dbInstanceIdentifier": "orders"}}, LOGIN)
FUNCTION = Shape("a function", {"resourceType": "Lambda", "lambdaDetails": {"functionName": "resize-images"}}, connection("OUTBOUND"), "ACTOR")
SEQUENCE_BY_USER = Shape(
    "several resources, by a user",
    {"resourceType": "AttackSequence"},
    more={
        "detection": {
            "sequence": {
                "resources": [{"name": "alice"}],
                "actors": [
                    {"id": "user:1", "user": {"name": "deploy", "type": "AssumedRole", "credentialUid": "ASIAEXAMPLE111111111", "account": {"uid": ACCOUNT}}},
                    {"id": "user:2", "user": {"name": "alice", "type": "IAMUser", "credentialUid": "AKIAEXPOSED123456789", "account": {"uid": ACCOUNT}}},
                ],
            }
        }
    },
)
SEQUENCE = Shape("several resources", {"resourceType": "AttackSequence"}, more={"detection": {"sequence": {"resources": [{"name": "alice"}]}}})


@dataclass(frozen=True)
class Family:
    """The types of one page of the user guide."""

    title: str
    page: str
    types: Mapping[str, Sequence[Shape]]


def _types(shapes: Sequence[Shape], text: str) -> dict[str, Sequence[Shape]]:
    return {f"{purpose}:{name}": shapes for purpose, *names in map(str.split, text.strip().splitlines()) for name in names}


FAMILIES = [
    Family(
        "Attack sequences",
        "guardduty-attack-sequence-finding-types",
        _types(
            [SEQUENCE, SEQUENCE_BY_USER],
            """
            AttackSequence EC2/CompromisedInstanceGroup ECS/CompromisedCluster EKS/CompromisedCluster IAM/CompromisedCredentials
            AttackSequence S3/CompromisedData
            """,
        ),
    ),
    Family(
        "EC2",
        "guardduty_finding-types-ec2",
        {
            **_types(
                [ATTACKING],
                """
                Backdoor EC2/C&CActivity.B EC2/DenialOfService.Dns EC2/DenialOfService.Tcp EC2/DenialOfService.Udp EC2/DenialOfService.UdpOnTcpPorts
                Backdoor EC2/DenialOfService.UnusualProtocol EC2/Spambot
                Behavior EC2/NetworkPortUnusual EC2/TrafficVolumeUnusual
                CryptoCurrency EC2/BitcoinTool.B
                DefenseEvasion EC2/UnusualDNSResolver EC2/UnusualDoHActivity EC2/UnusualDoTActivity
                Impact EC2/PortSweep
                Recon EC2/Portscan
                Trojan EC2/BlackholeTraffic EC2/DropPoint
                UnauthorizedAccess EC2/TorClient EC2/TorRelay
                """,
            ),
            **_types(
                [ATTACKING, ATTACKED],
                """
                Impact EC2/WinRMBruteForce
                UnauthorizedAccess EC2/MaliciousIPCaller.Custom EC2/RDPBruteForce EC2/SSHBruteForce
                """,
            ),
            **_types([PROBED], "Recon EC2/PortProbeEMRUnprotectedPort EC2/PortProbeUnprotectedPort"),
            **_types(
                [ASKING],
                """
                Backdoor EC2/C&CActivity.B!DNS
                CryptoCurrency EC2/BitcoinTool.B!DNS
                Impact EC2/AbusedDomainRequest.Reputation EC2/BitcoinDomainRequest.Reputation EC2/MaliciousDomainRequest.Custom
                Impact EC2/MaliciousDomainRequest.Reputation EC2/SuspiciousDomainRequest.Reputation
                Trojan EC2/BlackholeTraffic!DNS EC2/DGADomainRequest.B EC2/DGADomainRequest.C!DNS EC2/DNSDataExfiltration EC2/DriveBySourceTraffic!DNS
                Trojan EC2/DropPoint!DNS EC2/PhishingDomainRequest!DNS
                UnauthorizedAccess EC2/MetadataDNSRebind
                """,
            ),
        },
    ),
    Family(
        "IAM",
        "guardduty_finding-types-iam",
        {
            **_types(
                [BY_USER, BY_ROLE],
                """
                CredentialAccess IAMUser/AnomalousBehavior IAMUser/CompromisedCredentials
                DefenseEvasion IAMUser/AnomalousBehavior IAMUser/BedrockLoggingDisabled
                Discovery IAMUser/AnomalousBehavior
                Exfiltration IAMUser/AnomalousBehavior
                Impact IAMUser/AnomalousBehavior
                InitialAccess IAMUser/AnomalousBehavior
                PenTest IAMUser/KaliLinux IAMUser/ParrotLinux IAMUser/PentooLinux
                Persistence IAMUser/AnomalousBehavior
                PrivilegeEscalation IAMUser/AnomalousBehavior
                Recon IAMUser/MaliciousIPCaller IAMUser/MaliciousIPCaller.Custom IAMUser/TorIPCaller
                Stealth IAMUser/CloudTrailLoggingDisabled IAMUser/PasswordPolicyChange
                UnauthorizedAccess IAMUser/ConsoleLoginSuccess.B IAMUser/MaliciousIPCaller IAMUser/MaliciousIPCaller.Custom IAMUser/TorIPCaller
                """,
            ),
            **_types(
                [BY_ROLE],
                """
                UnauthorizedAccess IAMUser/InstanceCredentialExfiltration.InsideAWS IAMUser/InstanceCredentialExfiltration.OutsideAWS
                UnauthorizedAccess IAMUser/ResourceCredentialExfiltration.OutsideAWS
                """,
            ),
            **_types([BY_ROOT], "Policy IAMUser/RootCredentialUsage IAMUser/ShortTermRootCredentialUsage"),
        },
    ),
    Family(
        "AI Protection",
        "findings-ai-protection",
        _types([BY_USER, BY_ROLE], "Impact IAMUser/AnomalousModelInvocation IAMUser/CostHarvesting IAMUser/PromptInjection.Direct"),
    ),
    Family(
        "S3",
        "guardduty_finding-types-s3",
        {
            **_types(
                [BUCKET_DATA],
                """
                Discovery S3/AnomalousBehavior S3/MaliciousIPCaller S3/MaliciousIPCaller.Custom S3/TorIPCaller
                Exfiltration S3/AnomalousBehavior S3/MaliciousIPCaller
                Impact S3/AnomalousBehavior.Delete S3/AnomalousBehavior.Permission S3/AnomalousBehavior.Write S3/MaliciousIPCaller
                PenTest S3/KaliLinux S3/ParrotLinux S3/PentooLinux
                UnauthorizedAccess S3/MaliciousIPCaller.Custom S3/TorIPCaller
                """,
            ),
            **_types(
                [BUCKET_SETTING],
                """
                Policy S3/BucketAnonymousAccessGranted S3/BucketBlockPublicAccessDisabled S3/BucketPublicAccessGranted
                Stealth S3/ServerAccessLoggingDisabled
                """,
            ),
            **_types([BY_USER, BY_ROLE], "Policy S3/AccountBlockPublicAccessDisabled"),
        },
    ),
    Family(
        "EKS audit logs",
        "guardduty-finding-types-eks-audit-logs",
        _types(
            [AUDITED],
            """
            CredentialAccess Kubernetes/AnomalousBehavior.SecretsAccessed Kubernetes/MaliciousIPCaller Kubernetes/MaliciousIPCaller.Custom
            CredentialAccess Kubernetes/SuccessfulAnonymousAccess Kubernetes/TorIPCaller
            DefenseEvasion Kubernetes/MaliciousIPCaller Kubernetes/MaliciousIPCaller.Custom Kubernetes/SuccessfulAnonymousAccess Kubernetes/TorIPCaller
            Discovery Kubernetes/AnomalousBehavior.PermissionChecked Kubernetes/MaliciousIPCaller Kubernetes/MaliciousIPCaller.Custom
            Discovery Kubernetes/SuccessfulAnonymousAccess Kubernetes/TorIPCaller
            Execution Kubernetes/AnomalousBehavior.ExecInPod Kubernetes/AnomalousBehavior.WorkloadDeployed Kubernetes/ExecInKubeSystemPod
            Impact Kubernetes/MaliciousIPCaller Kubernetes/MaliciousIPCaller.Custom Kubernetes/SuccessfulAnonymousAccess Kubernetes/TorIPCaller
            Persistence Kubernetes/AnomalousBehavior.WorkloadDeployed!ContainerWithSensitiveMount Kubernetes/MaliciousIPCaller
            Persistence Kubernetes/MaliciousIPCaller.Custom Kubernetes/SuccessfulAnonymousAccess Kubernetes/TorIPCaller
            Policy Kubernetes/AdminAccessToDefaultServiceAccount Kubernetes/AnonymousAccessGranted Kubernetes/ExposedDashboard
            Policy Kubernetes/KubeflowDashboardExposed
            PrivilegeEscalation Kubernetes/AnomalousBehavior.RoleBindingCreated Kubernetes/AnomalousBehavior.RoleCreated
            PrivilegeEscalation Kubernetes/AnomalousBehavior.WorkloadDeployed!PrivilegedContainer
            """,
        ),
    ),
    Family(
        "Runtime Monitoring",
        "findings-runtime-monitoring",
        _types(
            [RUNS_ON_EC2, RUNS_ON_ECS, RUNS_ON_EKS],
            """
            Backdoor Runtime/C&CActivity.B Runtime/C&CActivity.B!DNS
            CryptoCurrency Runtime/BitcoinTool.B Runtime/BitcoinTool.B!DNS
            DefenseEvasion Runtime/FilelessExecution Runtime/KernelModuleLoaded Runtime/ProcessInjection.Proc Runtime/ProcessInjection.Ptrace
            DefenseEvasion Runtime/ProcessInjection.VirtualMemoryWrite Runtime/PtraceAntiDebugging Runtime/SuspiciousCommand
            Discovery Runtime/SuspiciousCommand
            Execution Runtime/MaliciousFileExecuted Runtime/NewBinaryExecuted Runtime/NewLibraryLoaded Runtime/ReverseShell Runtime/SuspiciousCommand
            Execution Runtime/SuspiciousShellCreated Runtime/SuspiciousTool
            Impact Runtime/AbusedDomainRequest.Reputation Runtime/BitcoinDomainRequest.Reputation Runtime/CryptoMinerExecuted
            Impact Runtime/MaliciousDomainRequest.Reputation Runtime/SuspiciousDomainRequest.Reputation
            Persistence Runtime/SuspiciousCommand
            PrivilegeEscalation Runtime/CGroupsReleaseAgentModified Runtime/ContainerMountsHostDirectory Runtime/DockerSocketAccessed
            PrivilegeEscalation Runtime/ElevationToRoot Runtime/RuncContainerEscape Runtime/SuspiciousCommand Runtime/UserfaultfdUsage
            Trojan Runtime/BlackholeTraffic Runtime/BlackholeTraffic!DNS Runtime/DGADomainRequest.C!DNS Runtime/DriveBySourceTraffic!DNS
            Trojan Runtime/DropPoint Runtime/DropPoint!DNS Runtime/PhishingDomainRequest!DNS
            UnauthorizedAccess Runtime/MetadataDNSRebind Runtime/TorClient Runtime/TorRelay
            """,
        ),
    ),
    Family(
        "Malware Protection for EC2",
        "findings-malware-protection",
        {
            **_types([INFECTED], "Execution EC2/MaliciousFile EC2/SuspiciousFile"),
            **_types([RUNS_ON_ECS], "Execution ECS/MaliciousFile ECS/SuspiciousFile"),
            **_types([RUNS_ON_EKS], "Execution Kubernetes/MaliciousFile Kubernetes/SuspiciousFile"),
            **_types([CONTAINER], "Execution Container/MaliciousFile Container/SuspiciousFile"),
        },
    ),
    Family("Malware Protection for S3", "gdu-malware-protection-s3-finding-types", _types([OBJECT], "Object S3/MaliciousFile")),
    Family(
        "Malware Protection for Backup",
        "findings-malware-protection-backup",
        {
            **_types([SNAPSHOT], "Execution EC2/MaliciousFile!Snapshot"),
            **_types([IMAGE], "Execution EC2/MaliciousFile!AMI"),
            **_types([BACKUP], "Execution EC2/MaliciousFile!RecoveryPoint S3/MaliciousFile!RecoveryPoint"),
        },
    ),
    Family(
        "RDS",
        "findings-rds-protection",
        _types(
            [DATABASE],
            """
            CredentialAccess RDS/AnomalousBehavior.FailedLogin RDS/AnomalousBehavior.SuccessfulBruteForce RDS/AnomalousBehavior.SuccessfulLogin
            CredentialAccess RDS/MaliciousIPCaller.FailedLogin RDS/MaliciousIPCaller.SuccessfulLogin RDS/TorIPCaller.FailedLogin
            CredentialAccess RDS/TorIPCaller.SuccessfulLogin
            Discovery RDS/MaliciousIPCaller RDS/TorIPCaller
            """,
        ),
    ),
    Family(
        "Lambda",
        "lambda-protection-finding-types",
        _types(
            [FUNCTION],
            """
            Backdoor Lambda/C&CActivity.B
            CryptoCurrency Lambda/BitcoinTool.B
            Trojan Lambda/BlackholeTraffic Lambda/DropPoint
            UnauthorizedAccess Lambda/MaliciousIPCaller.Custom Lambda/TorClient Lambda/TorRelay
            """,
        ),
    ),
    Family(
        "Custom Detection Rules",
        "findings-custom-detection-rules",
        _types(
            [BY_USER, BY_ROLE],
            """
            CredentialAccess EC2/UnsecuredCredentials RDS/ModifyAuthenticationProcess
            DefenseImpairment EC2/DisableOrModifyTools Organizations/DisableOrModifyTools Organizations/ModifyCloudResourceHierarchy
            DefenseImpairment RDS/ModifyAuthenticationProcess Route53Resolver/DisableOrModifyTools S3/DisableOrModifyTools
            Execution SageMaker/CommandAndScriptingInterpreter
            Exfiltration EC2/TransferDataToCloudAccount RDS/TransferDataToCloudAccount S3/TransferDataToCloudAccount
            Impact S3/DataDestruction SES/ResourceHijacking
            InitialAccess IAM/ValidAccounts RDS/ExploitPublicFacingApplication
            LateralMovement EC2/RemoteServices
            Persistence EC2/BootOrLogonInitializationScripts EC2/ExternalRemoteServices IAM/AccountManipulation Lambda/AccountManipulation
            Persistence Lambda/ModifyAuthenticationProcess RolesAnywhere/AccountManipulation
            PrivilegeEscalation IAM/AccountManipulation
            ResourceDevelopment SES/CompromiseAccounts
            """,
        ),
    ),
]


def shapes() -> Iterator[tuple[str, Shape]]:
    """Yield every type with every form in which its findings come."""
    for family in FAMILIES:
        for kind, forms in family.types.items():
            for form in forms:
                yield kind, form
