"""Words for Amazon Inspector, which is switched on for one type of resource after the other.

https://docs.aws.amazon.com/inspector/v2/APIReference/API_BatchGetAccountStatus.html
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from snapback.clients import aws
from snapback.errors import ResourceBusy

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


def scanned(account: str) -> list[str]:
    """Return the types of resources that are scanned."""
    return _in_state(account, _ON)


def what_is_off(account: str, good: Sequence[str] | None) -> list[dict[str, str]]:
    """Return the types that were scanned and are not; if nobody remembers any, the standard ones if none is scanned at all."""
    now = scanned(account)
    wanted = good or ([] if now else _STANDARD)
    return [{"ResourceType": one} for one in wanted if one not in now]


def switch_on(account: str, off: Sequence[Mapping[str, str]]) -> None:
    """Scan them again. Raises `ResourceBusy` while Inspector is still on its way off, when it would not listen.

    https://docs.aws.amazon.com/inspector/v2/APIReference/API_Enable.html
    """
    if _in_state(account, _GOING_OFF):
        raise ResourceBusy("Inspector is still being switched off")
    aws("inspector2").enable(accountIds=[account], resourceTypes=[item["ResourceType"] for item in off])


def switch_off(account: str, off: Sequence[Mapping[str, str]]) -> None:
    """Scan them no more.

    https://docs.aws.amazon.com/inspector/v2/APIReference/API_Disable.html
    """
    aws("inspector2").disable(accountIds=[account], resourceTypes=[item["ResourceType"] for item in off])


def _in_state(account: str, states: frozenset[str]) -> list[str]:
    accounts: Sequence[Any] = aws("inspector2").batch_get_account_status(accountIds=[account])["accounts"]
    return [_TYPES[part] for one in accounts for part in _TYPES if one["resourceState"].get(part, {}).get("status") in states]
