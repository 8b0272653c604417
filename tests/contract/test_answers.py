"""Whatever AWS leaves out of an answer: nothing is concluded from it, nothing changed by it, and the dead letter says what was missing where."""

from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from functools import partial

import boto3
import pytest

from snapback.engine import errors
from snapback.engine.remediation import Remediation
from tests.contract.conftest import Broken, broken_by
from tests.harness import answers
from tests.harness.account import Account
from tests.harness.discovery import FIXERS, Handler

MEANT = {
    "accessanalyzer:ListAnalyzers.nextToken": "there is no further page",
    "cloudtrail:GetEventSelectors.EventSelectors[].DataResources*": "it takes no data events",
    "cloudtrail:GetTrail.Trail.CloudWatchLogs*Arn": "it writes into no log group",
    "cloudtrail:GetTrail.Trail.KmsKeyId": "it is encrypted with S3's own key",
    "dynamodb:DescribeTable.Table.DeletionProtectionEnabled": "it was never set (answers from before March 2023 have none)",
    "ec2:DescribeImageAttribute.LaunchPermissions[].Group": "the permission is an account's or an organisation's",
    "ec2:DescribeInstances.Reservations[].Instances[].Tags": "it has none",
    "ec2:DescribeSnapshotAttribute.CreateVolumePermissions[].Group": "the permission is an account's",
    "ec2:DescribeVpcEndpoints.VpcEndpoints[].PolicyDocument": "the service behind it takes no policies",
    "guardduty:GetDetector.Features[].AdditionalConfiguration": "the feature has no further parts",
    "iam:GetAccessKeyLastUsed.AccessKeyLastUsed.LastUsedDate": "it was never used",
    "iam:GetAccountPasswordPolicy.PasswordPolicy.MaxPasswordAge": "passwords do not expire",
    "iam:GetAccountPasswordPolicy.PasswordPolicy.PasswordReusePrevention": "old passwords may come again",
    "inspector2:BatchGetAccountStatus.accounts[].resourceState.lambda": "Inspector does not scan these in this region",
    "lambda:GetFunctionConcurrency.ReservedConcurrentExecutions": "none are reserved",
    "logs:DescribeLogGroups.logGroups[].retentionInDays": "its events never expire",
    "s3:GetBucketEncryption.ServerSideEncryptionConfiguration.Rules[].ApplyServerSideEncryptionByDefault": "new objects are encrypted with S3's own keys",
    "s3:GetBucketLogging.LoggingEnabled": "no log is written",
    "s3:GetBucketVersioning.Status": "it was never versioned",
    "s3*:GetPublicAccessBlock.PublicAccessBlockConfiguration.*": "this one is off: who puts the block and leaves one out switches it off",
    "secretsmanager:DescribeSecret.DeletedDate": "it is not to be deleted",
    "secretsmanager:DescribeSecret.RotationEnabled": "it was never set to be rotated",
    "secretsmanager:GetResourcePolicy.ResourcePolicy": "it has none",
    "sqs:GetQueueAttributes.Attributes*": "it has no policy: attributes without a value are left out",
    "ssm:DescribeDocumentPermission.AccountIds": "it is shared with nobody",
    "wafv2:GetWebACLForResource.WebACL": "no web ACL protects it",
}
"""Members whose absence says something, and what. Any other that is missing leaves the answer incomplete."""

Deed = Callable[[], object]
"""What is done again and again, each time with something else missing."""


@pytest.fixture(params=FIXERS, ids=str)
def handler(request: pytest.FixtureRequest) -> Handler:
    found = request.param
    assert isinstance(found, Handler)
    return found


def situations(handler: Handler, account: Account, monkeypatch: pytest.MonkeyPatch) -> Iterator[Broken]:
    """Yield the handler's scenarios one after the other, each in an account of its own, with every answer watched."""
    answers.watch(monkeypatch)
    for number, situation in enumerate((handler, *handler.variants)):
        if number:
            account.tear_down()
            account.set_up()
        with monkeypatch.context() as patch:
            yield broken_by(situation, account, patch)


def one_by_one(account: Account, deed: Deed, tried: set[object]) -> Iterator[str]:
    """Do it once as it is; then yield the name of each thing that it read of AWS's answers, after it was done without that. Leave out what was tried before."""
    begin_again, began = account.keep(), account.clock.time
    answers.forget()
    with account.interfered(answers.unread):
        deed()
    for place, emptied in [*((one, False) for one in answers.read(_model)), *((one, True) for one in answers.lists_read())]:
        if (place, emptied) in tried:
            continue
        tried.add((place, emptied))
        if not all(call.is_read for call in account.calls):
            begin_again()
        account.clock.time = began
        account.dead_letters.clear()
        with account.interfered(answers.without(place, emptied=emptied)):
            deed()
        yield place + "[]" * emptied
    begin_again()


def attempt(account: Account, remediation: Remediation, event: object) -> str:
    """Invoke the handler once and return how it ended; what it raises goes to the dead letters, where it would be after two further attempts."""
    try:
        answer = account.invoke(remediation, event)
    except Exception as error:  # noqa: BLE001 - as Lambda does with whatever a handler raises
        account.dead_letters.append((event, f"{type(error).__name__}: {error}"))
        return ""
    return str(answer.get("outcome"))


def _model(service: str) -> object:
    return boto3.client(service).meta.service_model  # type: ignore[call-overload]  # any service


def is_said(account: Account, place: str) -> bool:
    """Tell whether the dead letter names the call, and what was missing in its answer."""
    return any("IncompleteAnswer: " in reason and place.partition(".")[0] in reason for _, reason in account.dead_letters)


def is_meant(place: str) -> bool:
    """Tell whether it means something that this is not there; that a list is empty always does."""
    return place.endswith("[]") or any(fnmatchcase(place, one.replace("[]", "[[]]")) for one in MEANT)


def test_without_any_one_member_the_outcome_is_true_or_the_dead_letter_says_what_is_missing(
    handler: Handler, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: set[object] = set()
    for broken in situations(handler, account, monkeypatch):
        for place in one_by_one(account, partial(attempt, account, broken.remediation, broken.event()), tried):
            told = account.outcomes()
            if account.dead_letters:
                assert is_said(account, place), f"{place}: {account.dead_letters[0][1]}"
            if "FIXED" in told or not (told or account.dead_letters):
                assert is_meant(place) or not broken.is_wrong, f"{place}: {told} is true, and somebody hears of what is wrong"
            if account.writes and not is_meant(place):
                assert broken.scenario.neighbours(broken.state()) == broken.scenario.neighbours(broken.before), place


def test_without_any_one_member_what_is_right_stays_as_it_is(handler: Handler, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: set[object] = set()
    for broken in situations(handler, account, monkeypatch):
        broken.deliver()
        for place in one_by_one(account, partial(attempt, account, broken.remediation, broken.event(event_id="another")), tried):
            if account.dead_letters:
                assert is_said(account, place), f"{place}: {account.dead_letters[0][1]}"
            assert account.writes == [] or is_meant(place), f"{place}: nothing is written"


def test_without_any_one_member_an_undo_is_exact_or_says_what_is_missing(handler: Handler, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    if handler.remediation.undo is None:
        return
    tried: set[object] = set()
    for broken in situations(handler, account, monkeypatch):
        broken.deliver()
        [alert] = account.alerts()
        for place in one_by_one(account, partial(attempt, account, broken.remediation, {"undo": alert["id"]}), tried):
            if account.dead_letters:
                assert hasattr(errors, account.dead_letters[0][1].partition(":")[0]), f"{place}: {account.dead_letters[0][1]} is an error of ours"
            elif account.outcomes()[-1] == "UNDONE":
                assert is_meant(place) or broken.state() == broken.before, f"{place}: UNDONE is true"
