"""What AWS refuses for now, because the resource is at work or somebody else is, is tried again; what it refuses for good is told. Neither is called fixed."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import botocore.session
import pytest

from local.operations import OPERATIONS
from snapback.engine import clients, refusals
from tests.contract.conftest import Broken, broken_by
from tests.harness.account import Account, ApiCall, Interference, error
from tests.harness.discovery import Handler

_LOOKS_PASSING = re.compile(
    r"Abort|Busy|Concurr|Conflict|InUse|NotReady|OptimisticLock|Pending|Progress|State|Temporar|Throttl|TooManyRequests|TooManyUpd|Unavail"
)

_OTHERS = "is about another kind of resource, which no call of ours names"
_OWN = "is about Snapback's own topic, queue or function: whatever is raised there, the event is tried again"
_KEPT = "a sentence of AWS's says which setting it cannot be put together with"

STANDING: Final[Mapping[str, str]] = {
    "accessanalyzer:ConflictException": "an analyzer of that name is there",
    "cloudfront:ContinuousDeploymentPolicyInUse": _KEPT,
    "cloudfront:StagingDistributionInUse": _KEPT,
    "cloudtrail:CloudWatchLogsDeliveryUnavailableException": "the region has none",
    "cloudtrail:OrganizationsNotInUseException": "the account is in no organisation",
    "cloudwatch:ResourceConflict": "a scheduled query belongs to the alarm",
    "cognito-identity:ResourceConflictException": "a login is linked to another account",
    "dynamodb:ReplicatedWriteConflictException": _OWN,
    "dynamodb:TransactionConflictException": _OWN,
    "elasticache:InvalidCacheSecurityGroupState": _OTHERS,
    "elasticache:InvalidVPCNetworkStateFault": "the network has to be changed",
    "elbv2:TrustStoreNotReady": "the listener's trust store has to be mended",
    "lambda:CodeArtifactUserPendingException": _OWN,
    "lambda:ENINotReadyException": _OWN,
    "lambda:ResourceConflictException": "for what conflicts with nothing else it is waited for (lambda_functions); of a statement it says that it is there",
    "lambda:ResourceNotReadyException": _OWN,
    "lambda:SnapStartNotReadyException": _OWN,
    "macie2:ConflictException": "Macie is in another state than was seen: the look after the fix tells",
    "organizations:AWSOrganizationsNotInUseException": "the account is in no organisation",
    "rds:InvalidDBSecurityGroupState": _OTHERS,
    "rds:InvalidDBSubnetGroupStateFault": _OTHERS,
    "rds:InvalidVPCNetworkStateFault": "the network has to be changed",
    "scheduler:ConflictException": "the schedule is there, from an earlier attempt",
    "securityhub:ConflictException": "is read by hub_findings itself",
    "securityhub:ResourceConflictException": "Security Hub is on",
    "sns:KMSInvalidState": _OWN,
    "sns:KMSThrottling": _OWN,
    "sqs:KmsInvalidState": _OWN,
    "sqs:KmsThrottled": _OWN,
}
"""Codes that sound as if they passed, with which AWS's model says that a write may be refused -> why they stand."""


def codes_that_sound_passing() -> Iterator[tuple[str, str, str]]:
    """Yield service, operation and code, of all writes that Snapback is allowed."""
    session = botocore.session.get_session()
    for service, operations in json.loads(OPERATIONS.read_text()).items():
        model = session.get_service_model(service)
        for operation in operations:
            if clients._READ.match(operation):  # noqa: SLF001 - what the layer calls a read
                continue
            for shape in model.operation_model(operation).error_shapes:
                if _LOOKS_PASSING.search(code := shape.metadata.get("error", {}).get("code") or shape.name):
                    yield service, operation, code


def test_each_code_that_sounds_passing_passes_or_has_its_reason() -> None:
    standing = {f"{service}:{code}" for service, operation, code in codes_that_sound_passing() if refusals.is_refused(error(code, 400, operation))}
    assert standing == set(STANDING)


WITHOUT_MODEL: Final = re.compile(
    r"Invalid(AMIID|Group|InstanceID|NetworkAclID|SecurityGroupID|Snapshot|SubnetID|TransitGatewayID|Vpc\w+)\.\w+"
    r"|AWS\.SimpleQueueService\.NonExistentQueue|BandwidthLimitExceeded|InternalFailure|OperationAborted|RequestThrottledException|RequestTimeout(Exception)?"
    r"|ServiceUnavailable|SlowDown|Throttling|Unavailable"
)
"""Codes that no model has: EC2's (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html), those of S3
(https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html), an older one of SQS, and those that all services have."""


def test_each_code_that_is_known_is_one_that_aws_has() -> None:
    session = botocore.session.get_session()
    shapes = [shape for service in json.loads(OPERATIONS.read_text()) for shape in session.get_service_model(service).error_shapes]
    documented = {shape.metadata.get("error", {}).get("code") or shape.name for shape in shapes}
    known = refusals._GONE | refusals._PASSING | refusals._PASSING_OF.keys()  # noqa: SLF001 - there is no other place for them
    assert sorted(code for code in known - documented if not WITHOUT_MODEL.fullmatch(code)) == []


PASSING: Final = [
    ("cloudfront", "require_distribution_https", "UpdateDistribution", "PreconditionFailed"),
    ("cloudtrail", "restart_trail", "StartLogging", "ConflictException"),
    ("dynamodb", "enable_table_backups", "UpdateContinuousBackups", "ContinuousBackupsUnavailableException"),
    ("dynamodb", "enable_table_protection", "UpdateTable", "ResourceInUseException"),
    ("eks", "restrict_cluster_endpoint", "UpdateClusterConfig", "ResourceInUseException"),
    ("elasticache", "require_cache_encryption", "ModifyReplicationGroup", "InvalidReplicationGroupState"),
    ("logs", "set_log_retention", "PutRetentionPolicy", "OperationAbortedException"),
    ("rds", "restrict_db_snapshot", "ModifyDBSnapshotAttribute", "InvalidDBSnapshotState"),
    ("shield", "protect_resource", "CreateProtection", "OptimisticLockException"),
    ("ssm", "encrypt_parameter", "PutParameter", "TooManyUpdates"),
    ("wafv2", "associate_web_acl", "AssociateWebACL", "WAFUnavailableEntityException"),
    ("wafv2", "block_attacker_ip", "UpdateIPSet", "WAFOptimisticLockException"),
]
"""Refusals that AWS's API pages say to try again after, or that end when the resource is no longer at work."""

FOR_GOOD: Final = [
    ("cloudtrail", "restart_trail", "StartLogging", "InvalidHomeRegionException"),
    ("cloudtrail", "restart_trail", "StartLogging", "NotOrganizationMasterAccountException"),
    ("ecs", "stop_task", "StopTask", "InvalidParameterException"),
    ("eks", "restrict_cluster_endpoint", "UpdateClusterConfig", "InvalidRequestException"),
    ("elbv2", "enable_lb_protection", "ModifyLoadBalancerAttributes", "InvalidConfigurationRequest"),
    ("elbv2", "require_tls12", "ModifyListener", "UnsupportedProtocol"),
    ("wafv2", "associate_web_acl", "AssociateWebACL", "WAFLimitsExceededException"),
    ("wafv2", "block_attacker_ip", "UpdateIPSet", "WAFLimitsExceededException"),
]
"""Refusals that stand: an organisation's trail belongs to its management account, a trail to its home region, a load balancer's kind takes no such setting."""

Make = Callable[[str, str], Broken]


@pytest.fixture
def make(account: Account, monkeypatch: pytest.MonkeyPatch) -> Make:
    return lambda service, stem: broken_by(Handler(service, stem), account, monkeypatch)


def refusing(operation: str, code: str, times: int) -> Interference:
    """Return an interference in which AWS refuses so many of these calls, from the first."""
    refused: list[ApiCall] = []

    def interfere(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        if call.own or call.operation != operation or len(refused) >= times:
            return really()
        refused.append(call)
        raise error(code, 400, operation)

    return interfere


@pytest.mark.parametrize(("service", "stem", "operation", "code"), PASSING)
def test_what_is_refused_for_now_is_tried_again_until_it_takes_and_else_ends_as_a_dead_letter_with_the_reason(
    service: str, stem: str, operation: str, code: str, make: Make
) -> None:
    broken = make(service, stem)
    again = broken.account.keep()
    with broken.account.interfered(refusing(operation, code, times=1)):
        assert broken.deliver() == ["FIXED"]
    again()
    with broken.account.interfered(refusing(operation, code, times=999)):
        assert broken.deliver() == []
    assert broken.account.outcomes() == []
    [(_, reason)] = broken.account.dead_letters
    assert code in reason


@pytest.mark.parametrize(("service", "stem", "operation", "code"), FOR_GOOD)
def test_what_is_refused_for_good_is_told_with_the_code(service: str, stem: str, operation: str, code: str, make: Make) -> None:
    broken = make(service, stem)
    with broken.account.interfered(refusing(operation, code, times=999)):
        assert broken.deliver() == ["FAILED"]
    [alert] = broken.account.alerts()
    assert code in alert["reason"]
    assert broken.account.dead_letters == []
