"""Words for Amazon Inspector, which is switched on for one type of resource after the other.

https://docs.aws.amazon.com/inspector/v2/APIReference/API_BatchGetAccountStatus.html
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from snapback.engine.answers import the_one
from snapback.engine.clients import aws
from snapback.engine.errors import StillChanging
from snapback.engine.refusals import all_or_each, refusal

_TYPES: Final[Mapping[str, str]] = {
    "ec2": "EC2",
    "ecr": "ECR",
    "lambda": "LAMBDA",
    "lambdaCode": "LAMBDA_CODE",
    "codeRepository": "CODE_REPOSITORY",
}
_STANDARD: Final[Sequence[str]] = ("EC2", "ECR", "LAMBDA")
_ON: Final = frozenset({"ENABLED", "ENABLING"})
_GOING_OFF: Final = frozenset({"DISABLING", "SUSPENDING"})

_DONE: Final[Mapping[str, frozenset[str]]] = {
    "BatchGetAccountStatus": frozenset({"RESOURCE_NOT_FOUND"}),  # Inspector was never on here
    "Disable": frozenset({"DISABLE_IN_PROGRESS"}),
    "Enable": frozenset({"ALREADY_ENABLED", "ENABLE_IN_PROGRESS"}),
}
_PASSING: Final = ("ENABLE_IN_PROGRESS", "DISABLE_IN_PROGRESS", "SUSPEND_IN_PROGRESS", "INTERNAL_ERROR", "_THROTTLED", "_UNAVAILABLE")
"""What Inspector says of an account that it could not do everything for, in an answer that else looks like a success: the end of its `errorCode`."""


def scanned(account: str) -> list[str]:
    """Return the types of resources that are scanned."""
    return _in_state(account, _ON)


def what_is_off(account: str, good: Sequence[str] | None) -> list[dict[str, str]]:
    """Return the types that were scanned and are not; if nobody remembers any, the standard ones if none is scanned at all."""
    now = scanned(account)
    wanted = good or ([] if now else _STANDARD)
    return [{"ResourceType": one} for one in wanted if one not in now]


def switch_on(account: str, off: Sequence[Mapping[str, str]]) -> None:
    """Scan them again; a type that Inspector refuses keeps none of the others off, and is raised at the end.

    Raises `StillChanging` while Inspector is still on its way off, when it would not listen.
    https://docs.aws.amazon.com/inspector/v2/APIReference/API_Enable.html
    """
    if _in_state(account, _GOING_OFF):
        raise StillChanging("Inspector is still being switched off")
    all_or_each(off, lambda some: _enable(account, some))


def _enable(account: str, off: Sequence[Mapping[str, str]]) -> None:
    _raise_failed(aws("inspector2").enable(accountIds=[account], resourceTypes=[item["ResourceType"] for item in off]), "Enable")


def switch_off(account: str, off: Sequence[Mapping[str, str]]) -> None:
    """Scan them no more; a type that Inspector refuses keeps none of the others on, and is raised at the end.

    https://docs.aws.amazon.com/inspector/v2/APIReference/API_Disable.html
    """
    all_or_each(off, lambda some: _disable(account, some))


def _disable(account: str, off: Sequence[Mapping[str, str]]) -> None:
    _raise_failed(aws("inspector2").disable(accountIds=[account], resourceTypes=[item["ResourceType"] for item in off]), "Disable")


def _in_state(account: str, states: frozenset[str]) -> list[str]:
    """Return the types in these states. An answer without the account, or with it among the failed ones, tells nothing of any type."""
    answer: Mapping[str, Any] = aws("inspector2").batch_get_account_status(accountIds=[account])
    _raise_failed(answer, "BatchGetAccountStatus")
    found: Mapping[str, Any] = {} if answer.get("failedAccounts") else the_one(answer["accounts"])["resourceState"]
    return [_TYPES[part] for part in _TYPES if found.get(part, {}).get("status") in states]


def _raise_failed(answer: Mapping[str, Any], operation: str) -> None:
    """Raise what Inspector answers as a failed account: as a `ClientError`, or as `StillChanging` if it passes by itself.

    https://docs.aws.amazon.com/inspector/v2/APIReference/API_FailedAccount.html
    """
    for failed in answer.get("failedAccounts", []):
        if failed["errorCode"] in _DONE.get(operation, ()):
            continue
        if failed["errorCode"].endswith(_PASSING):
            raise StillChanging(f"Inspector says {failed['errorCode']}: {failed['errorMessage']}")
        raise refusal(operation, failed["errorCode"], failed["errorMessage"])
