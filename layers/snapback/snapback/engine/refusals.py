"""What AWS refuses: whether it will go on refusing that, what it says, and how work in several parts goes on.

A call that is refused for good is an outcome, told with AWS's own sentence; what passes by itself is tried again; a resource that is gone is no failure. All by
the error's code alone, never by its words.

Whoever can have one call refused - by a policy of his own, a lock, a quota - could else keep all that comes after it: so where work is in parts of which none
needs the one before, a refusal keeps none of the others. Where each needs the one before, the first refusal is the end.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TypeVar

from botocore.exceptions import ClientError

from snapback.engine import names
from snapback.engine.errors import OnlyPeople

_Part = TypeVar("_Part")
_Found = TypeVar("_Found")

_GONE = frozenset(
    {
        "ClusterNotFoundException",
        "InvalidDocument",
        "DBClusterNotFoundFault",
        "DBClusterSnapshotNotFoundFault",
        "DBInstanceNotFound",
        "DBSnapshotNotFound",
        "InvalidAMIID.NotFound",
        "InvalidAMIID.Unavailable",  # deregistered
        "AWS.SimpleQueueService.NonExistentQueue",
        "InvalidGroup.NotFound",
        "InvalidInstanceID.NotFound",
        "InvalidNetworkAclID.NotFound",
        "InvalidSecurityGroupID.NotFound",
        "InvalidSnapshot.NotFound",
        "ListenerNotFound",
        "LoadBalancerNotFound",
        "InvalidSubnetID.NotFound",
        "InvalidVpcID.NotFound",
        "InvalidTransitGatewayID.NotFound",
        "InvalidVpcEndpoint.NotFound",
        "InvalidVpcEndpointId.NotFound",
        "InvalidVpcEndpointService.NotFound",
        "InvalidVpcEndpointServiceId.NotFound",
        "NoSuchBucket",
        "NoSuchDistribution",
        "NoSuchEntity",
        "NotFound",  # SNS
        "NotFoundException",
        "ParameterNotFound",
        "ReplicationGroupNotFoundFault",
        "QueueDoesNotExist",
        "RepositoryNotFoundException",
        "ResourceNotFoundException",
        "TableNotFoundException",
        "TrailNotFoundException",
        "WAFNonexistentItemException",
    }
)
"""Error codes with which AWS says that the resource itself does not exist (not: one of its settings)."""

_AT_WORK = frozenset(
    {
        "ContinuousBackupsUnavailableException",
        "InvalidCacheClusterState",
        "InvalidDBClusterSnapshotStateFault",
        "InvalidDBClusterStateFault",
        "InvalidDBInstanceState",
        "InvalidDBSnapshotState",
        "InvalidGlobalClusterStateFault",
        "InvalidReplicationGroupState",
        "InvalidUserGroupState",
        "KMSInvalidStateException",
        "OperationAborted",
        "OperationAbortedException",
        "PolicyChangesInProgressException",
        "PriorRequestNotComplete",
        "ResourceInUseException",
        "WAFUnavailableEntityException",
    }
)
"""Error codes that last as long as AWS is at work on the resource: minutes to hours."""

_PASSING = _AT_WORK | frozenset(
    {
        "BandwidthLimitExceeded",
        "ConcurrentModification",
        "ConcurrentModificationException",
        "EC2ThrottledException",
        "InternalError",
        "InternalFailure",
        "InternalServerError",
        "InternalServiceError",
        "InvalidIfMatchVersion",
        "LimitExceededException",
        "OptimisticLockException",
        "PreconditionFailed",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestTimeout",
        "RequestTimeoutException",
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TooManyUpdates",
        "TransactionInProgressException",
        "Unavailable",
        "WAFOptimisticLockException",
    }
)
"""Error codes that pass by themselves, the others (botocore's throttling codes, server errors, races) before Lambda tries the event again."""

_PASSING_OF: Mapping[str, frozenset[str]] = {
    "ConflictException": frozenset({"CreateTrail", "DeleteTrail", "PutEventSelectors", "StartLogging", "StopLogging", "UpdateTrail"}),
}
"""Codes that pass by themselves where these operations answer them, and stand where others do: CloudTrail says so of a trail that is not ready."""

_LONGEST_SENTENCE = 500
"""Characters."""

_ENCODED = " Encoded authorization failure message:"
"""How the hundreds of characters begin that EC2 adds to some refusals, which say nothing to people until they are decoded."""

_REPEATED_VALUE = re.compile(r"'.*' at '", re.DOTALL)
"""How AWS's services say which of the values they were given they do not take: Value 'hush' at 'value' failed to satisfy constraint."""


def code_of(error: ClientError) -> str:
    """Return the error's code; EC2's events and some answers put `Client.` before it."""
    return error.response.get("Error", {}).get("Code", "").removeprefix("Client.")


def said_by(error: ClientError) -> str:
    """Return what AWS said, for people: the call, the error's code and its sentence, without a value that it repeats, which may be a secret."""
    said = _REPEATED_VALUE.sub("'(hidden)' at '", error.response.get("Error", {}).get("Message") or "").partition(_ENCODED)[0]
    sentence = names.shown(said, _LONGEST_SENTENCE)
    return f"{error.operation_name} says {code_of(error)}" + (f": {sentence}" if sentence else "")


def is_gone(error: ClientError) -> bool:
    """Tell whether AWS says that the resource does not exist."""
    return code_of(error) in _GONE


def is_refused(error: ClientError) -> bool:
    """Tell whether AWS will go on refusing this call (denied, invalid, in the wrong state), so that trying again is no use."""
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)
    server_fault = 500  # HTTP status codes from here on are the server's fault
    code = code_of(error)
    is_passing = code in _PASSING or error.operation_name in _PASSING_OF.get(code, ())
    return not is_passing and status < server_fault and status != 429  # noqa: PLR2004 - 429 Too Many Requests


def is_at_work(error: ClientError) -> bool:
    """Tell whether AWS refuses for now, because it is at work on the resource."""
    code = code_of(error)
    return (code in _AT_WORK or code in _PASSING_OF) and not is_refused(error)


def none_if(code: str, ask: Callable[[], _Found]) -> _Found | None:
    """Return what AWS answers; None where it says by that code that there is no such thing: a setting that was never made, a policy that nobody has put."""
    try:
        return ask()
    except ClientError as error:
        if code_of(error) != code:
            raise
        return None


def refusal(operation: str, code: str, message: str) -> ClientError:
    """Return as an error what AWS refuses in an answer that else looks like a success: in a list of what it did not do."""
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


def try_each(parts: Iterable[_Part], do: Callable[[_Part], object]) -> None:
    """Do it for each part. The first refusal is raised once every part had its turn, so that the outcome is PARTIAL, with AWS's own sentence.

    Raises `OnlyPeople` if only people can do a part, and AWS has refused none. What passes by itself is raised at once: the event is tried again.
    """
    refusals: list[ClientError] = []
    for_people: list[OnlyPeople] = []
    for part in parts:
        try:
            do(part)
        except ClientError as error:
            if not is_refused(error):
                raise
            refusals.append(error)
        except OnlyPeople as error:
            for_people.append(error)
    for failure in [*refusals, *for_people]:
        raise failure


def all_or_each(parts: Sequence[_Part], change: Callable[[Sequence[_Part]], object]) -> None:
    """Change all parts with one call; if AWS refuses that, each with a call of its own. Raises as `try_each` does."""
    try:
        change(parts)
    except ClientError as error:
        if not is_refused(error) or len(parts) == 1:
            raise
        try_each(parts, lambda part: change([part]))


@contextmanager
def sharing_with_everybody(thing: str, *, blocked_by: str) -> Iterator[None]:
    """Share the thing with everybody in here; where AWS refuses, raise `OnlyPeople` with its sentence and which fix to take back first.

    Not by the code: for images it is OperationNotPermitted, for snapshots and documents AWS documents none.
    """
    try:
        yield
    except ClientError as error:
        if not is_refused(error):
            raise
        why = f"AWS refuses to share {thing} with everybody again: {said_by(error)}"
        raise OnlyPeople(f"{why}. If that is because public sharing is blocked, take back {blocked_by} first") from error
