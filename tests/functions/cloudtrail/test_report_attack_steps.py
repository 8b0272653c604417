"""report_attack_steps: what intruders are known for is told with who they are; what is daily work, expected or harmless is not, or once a month."""

import copy
from collections.abc import Mapping
from typing import Any, Final

import boto3
import pytest
from botocore.exceptions import ReadTimeoutError

from functions.cloudtrail.report_attack_steps import remediation
from snapback.cloudtrail.attack_steps import CALLS
from snapback.engine import alerts
from tests.harness.account import Account, ApiCall, error
from tests.harness.discovery import Handler
from tests.harness.rules import rules

environment = {
    "BREAK_GLASS": "role/OrganizationAccountAccessRole,role/AWSReservedSSO_*",
    "TRUSTED_ACCOUNTS": "444455556666",
    "THIRD_PARTY_ACCOUNTS": "777788889999",
}

HANDLER = Handler("cloudtrail", "report_attack_steps")
RULES = [rule for rule in rules() if rule.function == HANDLER.logical_id]

RECORDED_AS: Final[Mapping[str, str]] = {
    "CreateFunction": "CreateFunction20150331",
    "UpdateFunctionConfiguration": "UpdateFunctionConfiguration20150331v2",
}
"""Calls of Lambda as CloudTrail names them (https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html)."""

STRANGER = "999988887777"

LAYER = "arn:aws:lambda:us-east-1:{}:layer:helper:1"


def expiring(days: int, **more: object) -> dict[str, Any]:
    return {"Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": days}, "ID": "tidy", **more}


TOLD: list[tuple[str, str, dict[str, Any] | None, str]] = [
    ("rolesanywhere", "CreateTrustAnchor", {"name": "contractors", "enabled": True}, "contractors"),
    ("rolesanywhere", "CreateProfile", {"name": "contractors", "roleArns": ["arn:aws:iam::111122223333:role/admin"]}, "role/admin"),
    ("sts", "GetFederationToken", {"name": "deploy"}, "up to 36 hours"),
    ("sts", "AssumeRoot", {"targetPrincipal": "444455556666", "taskPolicyArn": {"arn": "arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy"}}, "4444"),
    ("ec2", "EnableSerialConsoleAccess", {"EnableSerialConsoleAccessRequest": ""}, "disable-serial-console-access"),
    ("ec2-instance-connect", "SendSerialConsoleSSHPublicKey", {"instanceId": "i-0123456789abcdef0", "serialPort": 0}, "i-0123456789abcdef0"),
    ("ec2", "ModifyInstanceAttribute", {"instanceId": "i-0123456789abcdef0", "userData": "<sensitiveDataRemoved>"}, "user data"),
    ("ec2", "ModifyInstanceAttribute", {"instanceId": "i-0123456789abcdef0", "disableApiTermination": {"value": False}}, "termination protection"),
    ("lambda", "UpdateFunctionConfiguration", {"functionName": "orders", "layers": [LAYER.format(STRANGER)]}, STRANGER),
    ("lambda", "UpdateFunctionConfiguration", {"functionName": "orders", "layers": [LAYER.format("111122223333")]}, "was given layers, which"),
    ("lambda", "CreateFunction", {"functionName": "orders", "layers": [LAYER.format(STRANGER)]}, STRANGER),
    ("sagemaker", "UpdateNotebookInstance", {"notebookInstanceName": "n", "lifecycleConfigName": "x"}, "what it runs when it starts"),
    (
        "eks",
        "AssociateAccessPolicy",
        {"name": "prod", "principalArn": "arn:aws:iam::111122223333:role/x", "policyArn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"},
        "administrator of the cluster prod",
    ),
    ("rds", "StartExportTask", {"sourceArn": "arn:aws:rds:us-east-1:111122223333:snapshot:orders"}, "snapshot:orders"),
    ("s3", "PutBucketReplication", {"bucketName": "b", "ReplicationConfiguration": {"Rule": {"Destination": {"Account": STRANGER}}}}, STRANGER),
    ("s3", "PutBucketReplication", {"bucketName": "b", "ReplicationConfiguration": {"Rule": {"Destination": {"Bucket": "arn:aws:s3:::c"}}}}, "see whose it is"),
    (
        "s3",
        "PutBucketNotification",
        {"bucketName": "b", "NotificationConfiguration": {"QueueConfiguration": {"Queue": f"arn:aws:sqs:us-east-1:{STRANGER}:q"}}},
        STRANGER,
    ),
    ("ram", "CreateResourceShare", {"name": "share", "principals": [STRANGER]}, STRANGER),
    ("organizations", "AcceptHandshake", {"handshakeId": "h-examplehandshakeid111"}, "invitation"),
    ("account", "PutAlternateContact", {"alternateContactType": "SECURITY"}, "Whom AWS writes to"),
    ("ec2", "DeregisterImage", {"imageId": "ami-0123456789abcdef0"}, "ami-0123456789abcdef0"),
    (
        "ec2",
        "AssociateIamInstanceProfile",
        {"AssociateIamInstanceProfileRequest": {"InstanceId": "i-0123456789abcdef0", "IamInstanceProfile": {"Name": "Admin"}}},
        "i-0123456789abcdef0",
    ),
    ("logs", "DeleteLogGroup", {"logGroupName": "/aws/lambda/orders"}, "/aws/lambda/orders"),
    ("logs", "DeleteLogStream", {"logGroupName": "trail", "logStreamName": "111122223333_CloudTrail_us-east-1"}, "trail"),
    ("kms", "DeleteImportedKeyMaterial", {"keyId": "1234abcd-12ab-34cd-56ef-1234567890ab"}, "1234abcd"),
    ("backup", "DeleteBackupVault", {"backupVaultName": "daily"}, "daily"),
    ("backup", "DeleteBackupVaultLockConfiguration", {"backupVaultName": "daily"}, "lock"),
    (
        "s3",
        "PutBucketEncryption",
        {
            "bucketName": "b",
            "ServerSideEncryptionConfiguration": {
                "Rule": {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": f"arn:aws:kms:us-east-1:{STRANGER}:key/1"}}
            },
        },
        STRANGER,
    ),
    (
        "s3",
        "PutBucketEncryption",
        {"bucketName": "b", "ServerSideEncryptionConfiguration": {"Rule": {"BlockedEncryptionTypes": {"EncryptionType": "NONE"}}}},
        "SSE-C",
    ),
    ("s3", "PutBucketLifecycle", {"bucketName": "b", "LifecycleConfiguration": {"Rule": expiring(1)}}, "a day"),
    ("s3", "PutBucketLifecycle", {"bucketName": "b", "LifecycleConfiguration": {"Rule": [expiring(365), expiring(7, Filter="")]}}, "7 days"),
    ("bedrock", "PutUseCaseForModelAccess", None, "Access to models in Bedrock was asked for"),
    ("bedrock", "PutFoundationModelEntitlement", {"modelId": "a-model"}, "a-model"),
    ("bedrock", "DeleteModelInvocationLoggingConfiguration", None, "not recorded any more"),
    ("ses", "PutAccountDetails", {"productionAccessEnabled": True}, "to send e-mail to anybody"),
    ("ses", "PutAccountSendingAttributes", {"sendingEnabled": True}, "may send e-mail again"),
    ("ses", "CreateEmailIdentity", {"emailIdentity": "example.net"}, "example.net"),
    ("sns", "SetSMSAttributes", {"attributes": {"MonthlySpendLimit": "1000"}}, "text messages"),
    ("bedrock", "PutModelInvocationLoggingConfiguration", {"loggingConfig": {}}, "what models in Bedrock are asked was changed"),
    ("kms", "CreateCustomKeyStore", {"customKeyStoreName": "theirs", "customKeyStoreType": "EXTERNAL_KEY_STORE"}, "theirs"),
    ("kms", "DisconnectCustomKeyStore", {"customKeyStoreId": "cks-1234567890abcdef0"}, "cks-1234567890abcdef0"),
    ("organizations", "CreateAccount", {"accountName": "spare", "email": "spare@example.com"}, "spare"),
    ("organizations", "InviteAccountToOrganization", {"target": {"id": STRANGER, "type": "ACCOUNT"}}, "invited"),
    ("organizations", "RemoveAccountFromOrganization", {"accountId": "444455556666"}, "444455556666"),
    ("organizations", "RegisterDelegatedAdministrator", {"accountId": "444455556666", "servicePrincipal": "sso.amazonaws.com"}, "444455556666"),
    ("account", "EnableRegion", {"regionName": "af-south-1"}, "af-south-1"),
    ("route53domains", "TransferDomainToAnotherAwsAccount", {"domainName": "example.com", "accountId": STRANGER}, "example.com"),
    ("logs", "PutSubscriptionFilter", {"logGroupName": "l", "destinationArn": f"arn:aws:logs:us-east-1:{STRANGER}:destination:d"}, STRANGER),
    ("servicequotas", "RequestServiceQuotaIncrease", {"serviceCode": "ec2", "quotaCode": "L-417A185B"}, "L-417A185B"),
]

SET = {"instanceArn": "arn:aws:sso:::instance/ssoins-1", "permissionSetArn": "arn:aws:sso:::permissionSet/ssoins-1/ps-2222222222222222"}
ALL = '{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}'
SOME = '{"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}'
AWS = "arn:aws:iam::aws:policy/"

IN_IDENTITY_CENTER: list[tuple[str, str, dict[str, Any] | None, str]] = [
    ("sso", "CreateAccountAssignment", {**SET, "targetId": "444455556666", "principalType": "GROUP", "principalId": "g-1"}, "The group g-1"),
    ("sso", "AttachManagedPolicyToPermissionSet", {**SET, "managedPolicyArn": f"{AWS}AdministratorAccess"}, "ps-2222222222222222 of IAM Identity Center makes"),
    ("sso", "PutInlinePolicyToPermissionSet", {**SET, "inlinePolicy": ALL}, "by a policy of its own"),
    ("sso", "PutInlinePolicyToPermissionSet", {**SET, "inlinePolicy": "HIDDEN_DUE_TO_SECURITY_REASONS"}, "by a policy of its own"),
    (
        "sso",
        "AttachCustomerManagedPolicyReferenceToPermissionSet",
        {**SET, "customerManagedPolicyReference": {"name": "all", "path": "/"}},
        "the policy all of",
    ),
    ("sso", "DeletePermissionsBoundaryFromPermissionSet", SET, "no permissions boundary"),
    ("sso", "CreateTrustedTokenIssuer", {"name": "mine"}, "trusted token issuer"),
    ("sso-directory", "AddMemberToGroup", {"identityStoreId": "d-1", "groupId": "g-1", "member": {"memberId": "u-1"}}, "The user u-1"),
    ("identitystore", "CreateGroupMembership", {"identityStoreId": "d-1", "groupId": "g-1", "memberId": {"userId": "u-1"}}, "into the group g-1"),
    ("sso-directory", "EnableExternalIdPConfigurationForDirectory", None, "Who signs people in"),
]

HARMLESS: list[tuple[str, str, dict[str, Any] | None]] = [
    ("ec2", "ModifyInstanceAttribute", {"instanceId": "i-0123456789abcdef0", "groupSet": {"items": [{"groupId": "sg-1"}]}}),
    ("ec2", "ModifyInstanceAttribute", {"instanceId": "i-0123456789abcdef0", "disableApiTermination": {"value": True}}),
    ("lambda", "UpdateFunctionConfiguration", {"functionName": "orders", "timeout": 3}),
    ("lambda", "CreateFunction", {"functionName": "orders", "layers": [LAYER.format("444455556666"), LAYER.format("777788889999")]}),
    ("sagemaker", "UpdateNotebookInstance", {"notebookInstanceName": "n", "volumeSizeInGB": 20}),
    ("eks", "AssociateAccessPolicy", {"name": "prod", "policyArn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"}),
    ("s3", "PutBucketReplication", {"bucketName": "b", "ReplicationConfiguration": {"Rule": {"Destination": {"Account": "444455556666"}}}}),
    ("s3", "PutBucketEncryption", {"bucketName": "b", "ServerSideEncryptionConfiguration": {"Rule": {"BlockedEncryptionTypes": {"EncryptionType": "SSE-C"}}}}),
    ("s3", "PutBucketLifecycle", {"bucketName": "b", "LifecycleConfiguration": {"Rule": [expiring(8), expiring(1, Status="Disabled")]}}),
    ("s3", "PutBucketLifecycle", {"bucketName": "b", "LifecycleConfiguration": {"Rule": expiring(1, Filter={"Prefix": "tmp/"})}}),
    ("s3", "PutBucketLifecycle", {"bucketName": "b", "LifecycleConfiguration": {"Rule": {"Status": "Enabled", "Filter": "", "Expiration": {"Date": "x"}}}}),
    ("ram", "AssociateResourceShare", {"principals": ["arn:aws:organizations::111122223333:organization/o-example1234"]}),
    ("ses", "PutAccountSendingAttributes", {"sendingEnabled": False}),
    ("ses", "DeleteIdentity", {"identity": "example.net"}),
    ("logs", "PutSubscriptionFilter", {"logGroupName": "l", "destinationArn": "arn:aws:lambda:us-east-1:111122223333:function:f"}),
    ("ec2", "TerminateInstances", {"instancesSet": {"items": [{"instanceId": "i-0123456789abcdef0"}]}}),
    ("backup", "DeleteBackupSelection", {"backupPlanId": "1"}),
    ("ec2", "DisassociateIamInstanceProfile", {"associationId": "iip-assoc-0123456789abcdef0"}),
    ("logs", "DeleteLogAnomalyDetector", {"anomalyDetectorArn": "arn:aws:logs:us-east-1:111122223333:anomaly-detector:1"}),
    ("organizations", "LeaveOrganization", None),
    ("bedrock", "InvokeModel", {"modelId": "a-model"}),
]


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> None:
    HANDLER.set_up(monkeypatch)


def call(service: str, name: str, request: object, number: int = 1, **changes: object) -> dict[str, Any]:
    event = copy.deepcopy(HANDLER.samples["report_attack_steps-user_data"])
    event |= {"source": f"aws.{service}", "id": f"event-{service}-{name}-{number}"}
    event["detail"] |= {"eventSource": f"{service}.amazonaws.com", "eventName": RECORDED_AS.get(name, name), "requestParameters": request}
    event["detail"] |= {"eventID": f"record-{service}-{name}-{number}", **changes}
    return event


def session_of(role: str, session: str = "ci", **more: object) -> dict[str, Any]:
    issuer = {"type": "Role", "arn": f"arn:aws:iam::111122223333:role/{role}", "userName": role.rpartition("/")[2]}
    arn = f"arn:aws:sts::111122223333:assumed-role/{issuer['userName']}/{session}"
    return {"type": "AssumedRole", "arn": arn, "sessionContext": {"sessionIssuer": issuer, "attributes": {"creationDate": "2026-11-24T03:04:41Z"}}, **more}


def all_calls(account: Account) -> None:
    account.deliver(remediation, call(*ANCHOR, userIdentity=session_of("Developer")))
    account.deliver(remediation, call(*ANCHOR, 2, userIdentity=BOB))


@pytest.mark.parametrize(("service", "name"), CALLS)
def test_each_call_of_the_table_wakes_the_function_if_people_make_it_and_not_if_a_service_does(service: str, name: str) -> None:
    more: dict[str, Any] = {"errorCode": "AccessDeniedException"} if CALLS[service, name].refused == "only" else {}
    if name == "ConsoleLogin":
        more = {"additionalEventData": {"MFAUsed": "No"}}
    event = call(service, name, {}, **more)
    assert [rule.matches(event) for rule in RULES] == [True]
    event["detail"]["userIdentity"] = session_of("Developer", invokedBy="AWS Internal")
    assert [rule.matches(event) for rule in RULES] == [True]
    event["detail"]["userIdentity"] = session_of("Developer", invokedBy="cloudformation.amazonaws.com")
    assert [rule.matches(event) for rule in RULES] == [False]


@pytest.mark.parametrize(("service", "name", "request_", "words"), TOLD, ids=lambda one: one if isinstance(one, str) and one.isalnum() else "")
def test_what_intruders_are_known_for_is_told_with_what_it_was(service: str, name: str, request_: Any, words: str, account: Account) -> None:  # noqa: ANN401
    event = call(service, name, request_)
    assert [rule.matches(event) for rule in RULES] == [True]
    assert account.deliver(remediation, event) == ["REPORTED"]
    [alert] = account.alerts()
    assert words in alert["before"][0]["What"]
    assert (alert["severity"], alert["actor"]["address"]) == ("high", "198.51.100.7")
    assert alert["before"][1] == {"Session": "It began 5 minutes before, without MFA as AWS knows it"}


@pytest.mark.parametrize(("service", "name", "request_", "words"), IN_IDENTITY_CENTER)
def test_who_is_let_in_by_identity_center_is_told(service: str, name: str, request_: Any, words: str, account: Account) -> None:  # noqa: ANN401
    assert account.deliver(remediation, call(service, name, request_)) == ["REPORTED"]
    assert words in account.alerts()[0]["before"][0]["What"]


@pytest.mark.parametrize(
    ("name", "request_"),
    [
        ("AttachManagedPolicyToPermissionSet", {**SET, "managedPolicyArn": f"{AWS}ReadOnlyAccess"}),
        ("PutInlinePolicyToPermissionSet", {**SET, "inlinePolicy": SOME}),
    ],
)
def test_a_permission_set_that_makes_no_administrator_is_not_told(name: str, request_: Any, account: Account) -> None:  # noqa: ANN401
    assert account.deliver(remediation, call("sso", name, request_)) == ["ALREADY_OK"]


PERSON = {
    "type": "IdentityCenterUser",
    "accountId": "111122223333",
    "onBehalfOf": {"userId": "u-7", "identityStoreArn": "arn:aws:identitystore::1:identitystore/d-1"},
}


def test_a_person_of_identity_center_is_named_and_is_shut_out_there(account: Account) -> None:
    account.deliver(remediation, call(*ANCHOR, userIdentity=PERSON))
    account.deliver(remediation, call(*ANCHOR, 2, userIdentity=PERSON))
    [alert, second] = account.alerts()
    assert alert["actor"]["name"] == "user u-7 of IAM Identity Center"
    assert "disable user u-7 of IAM Identity Center in IAM" in alert["before"][-1]["DoFirst"]
    assert {"TheSameIdentityWithinADay": "CreateTrustAnchor of rolesanywhere.amazonaws.com"} in second["before"]


@pytest.mark.parametrize(
    ("identity", "words"),
    [
        (session_of("Developer"), "revoke the sessions of the role Developer"),
        (session_of("AWSReservedSSO_admin_0123456789abcdef", "alice@example.com"), "disable alice@example.com in IAM Identity Center"),
        (
            {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/bob", "userName": "bob", "accessKeyId": "AKIAEXAMPLE333333333"},
            "AKIAEXAMPLE333333333 of bob",
        ),
        ({"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/bob", "userName": "bob", "accessKeyId": "ASIAEXAMPLE333333333"}, "the password and"),
        ({"type": "FederatedUser", "arn": "arn:aws:sts::111122223333:federated-user/bob"}, "federated-user/bob"),
    ],
    ids=["a role", "a person of Identity Center", "a user by key", "a user in the console", "a federated user"],
)
def test_the_alert_says_what_to_do_first(identity: Any, words: str, account: Account) -> None:  # noqa: ANN401
    account.deliver(remediation, call("backup", "DeleteBackupPlan", {"backupPlanId": "1"}, userIdentity=identity))
    assert words in account.alerts()[0]["before"][-1]["DoFirst"]


@pytest.mark.parametrize(("service", "name", "request_"), HARMLESS)
def test_what_is_harmless_or_told_by_another_is_not_told(service: str, name: str, request_: Any, account: Account) -> None:  # noqa: ANN401
    assert account.deliver(remediation, call(service, name, request_)) == ["ALREADY_OK"]
    assert account.outcomes() == []
    assert [row for row in account.journal() if "deeds" in row["pk"]["S"]] == []


@pytest.mark.parametrize(("service", "name", "request_", "words"), TOLD[:12])
def test_a_refused_call_is_told_only_where_the_attempt_says_enough(service: str, name: str, request_: Any, words: str, account: Account) -> None:  # noqa: ANN401, ARG001
    assert account.deliver(remediation, call(service, name, request_, errorCode="AccessDenied")) == ["ALREADY_OK"]


def test_an_attempt_says_that_it_was_refused(account: Account) -> None:
    assert account.deliver(remediation, HANDLER.samples["report_attack_steps"]) == ["REPORTED"]
    assert account.deliver(remediation, call("bedrock", "PutUseCaseForModelAccess", None, errorCode="AccessDeniedException")) == ["REPORTED"]
    attempt, asked = account.alerts()
    assert attempt["before"][0]["What"] == "Somebody tried to take the account out of its organisation. It was refused: AccessDenied."
    assert "It was refused: AccessDeniedException." in asked["before"][0]["What"]


BOB: Final = {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/bob", "userName": "bob", "accessKeyId": "AKIAEXAMPLE333333333"}


@pytest.mark.parametrize(
    ("identity", "period", "words"),
    [
        (BOB, 20 * 60, "The user bob was made 20 minutes before"),
        (session_of("Developer"), 40 * 24 * 3600, "The role Developer was made 40 days before"),
        (session_of("AWSReservedSSO_admin_0123456789abcdef"), 60, ""),
        ({**BOB, "accountId": "444455556666"}, 60, ""),
        ({**BOB, "userName": "nobody"}, 60, ""),
        ({**BOB, "userName": "no/name"}, 60, ""),
    ],
    ids=["a user", "a role", "a person of Identity Center", "of another account", "who is gone", "whose name is none"],
)
def test_the_alert_says_how_new_the_user_or_role_is_where_iam_can_say_it(identity: Any, period: float, words: str, account: Account) -> None:  # noqa: ANN401
    iam = boto3.client("iam")
    iam.create_user(UserName="bob")
    for role in ("Developer", "AWSReservedSSO_admin_0123456789abcdef"):
        iam.create_role(RoleName=role, AssumeRolePolicyDocument='{"Version": "2012-10-17", "Statement": []}')
    made = iam.get_user(UserName="bob")["User"]["CreateDate"].timestamp()
    account.deliver(remediation, call(*ANCHOR, userIdentity=identity, eventTime=alerts.iso(made + period)))
    assert [fact["Identity"] for fact in account.alerts()[0]["before"] if "Identity" in fact] == ([words] if words else [])


@pytest.mark.parametrize(
    "failure",
    [error("AccessDenied", 403, "GetUser"), error("Throttling", 400, "GetUser"), error("ServiceFailure", 500, "GetUser"), ReadTimeoutError(endpoint_url="IAM")],
    ids=["refused", "throttled", "out of order", "mute"],
)
def test_of_whom_iam_says_nothing_is_told_all_the_same_and_at_once(failure: Exception, account: Account) -> None:
    def fail(call: ApiCall, _: int, really: Any) -> Any:  # noqa: ANN401
        if (call.service, call.operation) == ("iam", "GetUser"):
            raise failure
        return really()

    with account.interfered(fail):
        assert account.deliver(remediation, call(*ANCHOR, userIdentity=BOB)) == ["REPORTED"]
    assert [fact for fact in account.alerts()[0]["before"] if "Identity" in fact] == []


ANCHOR = ("rolesanywhere", "CreateTrustAnchor", {"name": "contractors"})


@pytest.mark.parametrize(
    ("identity", "outcome"),
    [
        (session_of("OrganizationAccountAccessRole"), "ALREADY_OK"),
        (session_of("OrganizationAccountAccessRole2"), "REPORTED"),
        (session_of("aws-reserved/sso.amazonaws.com/AWSReservedSSO_admin_0123456789abcdef"), "REPORTED"),
        (session_of("Developer", invokedBy="cloudformation.amazonaws.com"), "ALREADY_OK"),
        (session_of("Developer", invokedBy="signin.amazonaws.com"), "REPORTED"),
        ({"type": "Root", "arn": "arn:aws:iam::111122223333:root"}, "ALREADY_OK"),
        ({"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/OrganizationAccountAccessRole", "userName": "OrganizationAccountAccessRole"}, "REPORTED"),
    ],
    ids=["break glass", "a name like it", "a person of Identity Center", "a stack", "a person in the console", "root", "a user of that name"],
)
def test_who_is_expected_is_not_told_of(identity: Any, outcome: str, account: Account) -> None:  # noqa: ANN401
    assert account.deliver(remediation, call(*ANCHOR, userIdentity=identity)) == [outcome]


def test_the_second_alert_says_what_else_the_same_session_did_within_a_day_and_no_other_session(account: Account) -> None:
    account.deliver(remediation, call(*ANCHOR, userIdentity=session_of("Developer", "mallory")))
    account.deliver(remediation, call("backup", "DeleteBackupVault", {"backupVaultName": "a"}, userIdentity=session_of("Developer", "alice")))
    account.deliver(remediation, call("backup", "DeleteBackupPlan", {"backupPlanId": "a"}, userIdentity=session_of("Developer", "mallory")))
    account.clock.pause(25 * 3600)
    account.deliver(remediation, call("kms", "DeleteImportedKeyMaterial", {"keyId": "a"}, userIdentity=session_of("Developer", "mallory")))
    said = [[fact["TheSameIdentityWithinADay"] for fact in alert["before"] if "TheSameIdentityWithinADay" in fact] for alert in account.alerts()]
    assert said == [[], [], ["CreateTrustAnchor of rolesanywhere.amazonaws.com"], []]


def test_what_is_daily_work_of_a_role_is_told_once_a_month_whatever_its_sessions_are_called(account: Account) -> None:
    def deregister(number: int, role: str = "ImageBuilder", month: str = "11") -> list[str]:
        event = call("ec2", "DeregisterImage", {"imageId": "ami-0123456789abcdef0"}, number, userIdentity=session_of(role, f"run-{number}"))
        event["detail"]["eventTime"] = f"2026-{month}-24T03:09:41Z"
        return account.deliver(remediation, event)

    assert [deregister(1), deregister(2), deregister(3, "Another"), deregister(4, month="12")] == [["REPORTED"], ["HANDLED"], ["REPORTED"], ["REPORTED"]]
    assert "Of this identity, that is told once a month." in account.alerts()[0]["before"][0]["What"]


def test_people_of_identity_center_are_not_one_for_having_the_same_role(account: Account) -> None:
    role = "aws-reserved/sso.amazonaws.com/AWSReservedSSO_admin_0123456789abcdef"
    events = [call("ec2", "DeregisterImage", {"imageId": "a"}, number, userIdentity=session_of(role, who)) for number, who in enumerate(["alice", "bob"])]
    assert [account.deliver(remediation, event) for event in events] == [["REPORTED"]] * 2


def test_what_calls_itself_a_pipeline_is_told_once_a_month_and_not_silenced(account: Account) -> None:
    events = [call(*ANCHOR, number, userAgent="APN/1.0 HashiCorp/1.0 Terraform/1.9.5") for number in range(3)]
    assert [account.deliver(remediation, event) for event in events] == [["REPORTED"], ["HANDLED"], ["HANDLED"]]
    assert account.alerts()[0]["actor"]["pipeline"] is True


def test_ten_deletions_within_ten_minutes_are_told_once_whatever_they_are_of(account: Account) -> None:
    kinds = [("ec2", "TerminateInstances"), ("rds", "DeleteDBInstance"), ("s3", "DeleteBucket")]
    outcomes = []
    for number in range(25):
        outcomes += account.deliver(remediation, call(*kinds[number % 3], {}, number))
        account.clock.pause(20)
    assert outcomes == ["ALREADY_OK"] * 9 + ["REPORTED"] + ["ALREADY_OK"] * 15
    assert "the latest of 10 such calls within 10 minutes" in account.alerts()[0]["before"][0]["What"]


def test_deletions_that_are_far_apart_or_of_several_people_are_no_series(account: Account) -> None:
    for number in range(20):
        by = session_of("Developer" if number % 2 else "Another")
        assert account.deliver(remediation, call("ec2", "TerminateInstances", {}, number, userIdentity=by)) == ["ALREADY_OK"]
        account.clock.pause(50)


def test_one_call_that_terminates_ten_instances_is_told(account: Account) -> None:
    many = {"instancesSet": {"items": [{"instanceId": f"i-{number:017}"} for number in range(10)]}}
    assert account.deliver(remediation, call("ec2", "TerminateInstances", many)) == ["REPORTED"]


@pytest.mark.parametrize(
    ("service", "name", "member", "number"),
    [("ec2-instance-connect", "SendSSHPublicKey", "instanceId", 3), ("ssm", "StartSession", "target", 5)],
    ids=["Instance Connect", "Session Manager"],
)
def test_who_goes_into_one_instance_after_the_other_is_told_and_who_comes_back_to_the_same_is_not(
    service: str, name: str, member: str, number: int, account: Account
) -> None:
    same = [account.deliver(remediation, call(service, name, {member: "i-0"}, again)) for again in range(10)]
    others = [account.deliver(remediation, call(service, name, {member: f"i-{one}"}, 10 + one)) for one in range(1, number + 2)]
    assert same == [["ALREADY_OK"]] * 10
    assert others == [["ALREADY_OK"]] * (number - 2) + [["REPORTED"]] + [["ALREADY_OK"]] * 2


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({}, "REPORTED"),
        ({"additionalEventData": {"MFAUsed": "Yes"}}, "ALREADY_OK"),
        ({"responseElements": {"ConsoleLogin": "Failure"}}, "ALREADY_OK"),
        ({"userIdentity": session_of("Developer")}, "ALREADY_OK"),
    ],
    ids=["a user without", "with MFA", "a failure", "a role"],
)
def test_a_user_who_signs_in_without_mfa_is_told(changes: dict[str, Any], outcome: str, account: Account) -> None:
    event = HANDLER.samples["report_attack_steps-sign_in"]
    assert account.deliver(remediation, {**event, "detail": {**event["detail"], **changes}}) == [outcome]
