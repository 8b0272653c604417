"""Words for Security Hub, of which an account has one in a region, and for the standards by which it judges.

https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_EnableSecurityHub.html
"""

from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from snapback.engine.clients import aws
from snapback.engine.errors import OnlyPeople
from snapback.engine.refusals import all_or_each, code_of, is_refused, said_by
from snapback.engine.switches import Recall

Hub = Mapping[str, Any]
"""`ControlFindingGenerator`, and `Standards` as BatchEnableStandards takes them."""


def hub() -> Hub | None:
    """Return the region's hub, or None if Security Hub is off.

    https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_DescribeHub.html
    """
    try:
        found = aws("securityhub").describe_hub()
    except ClientError as error:
        if code_of(error) == "InvalidAccessException":  # the account is not subscribed
            return None
        raise
    standards = [{key: one[key] for key in ("StandardsArn", "StandardsInput") if one.get(key)} for one in _subscriptions()]
    return {"ControlFindingGenerator": found.get("ControlFindingGenerator", "SECURITY_CONTROL"), "Standards": standards}


def what_is_off(recall: Recall) -> list[Mapping[str, Any]]:
    """Return that the hub is off, and the standards that it had, if it has none any more."""
    had = (recall() or {}).get("Standards")
    now = hub()
    return [*([] if now else [{"Hub": "off"}]), *([{"Standards": had}] if had and not (now and now["Standards"]) else [])]


def switch_on(off: Sequence[Mapping[str, Any]], recall: Recall) -> None:
    """Enable the hub, which its standards need, with none but those that it had; one that is refused keeps none of the others off.

    https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchEnableStandards.html
    """
    good: Hub | None = recall()
    for item in off:
        if "Hub" in item:
            kind = {"ControlFindingGenerator": good["ControlFindingGenerator"]} if good else {}
            aws("securityhub").enable_security_hub(EnableDefaultStandards=False, **kind)
        else:
            _enable_standards(item["Standards"])


def switch_off(off: Sequence[Mapping[str, Any]]) -> None:
    """Disable the hub, or only the standards if it had been on.

    https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_DisableSecurityHub.html
    """
    if {"Hub": "off"} in off:
        if hub():
            aws("securityhub").disable_security_hub()
    elif arns := [one["StandardsSubscriptionArn"] for one in _subscriptions()]:
        all_or_each(arns, lambda some: aws("securityhub").batch_disable_standards(StandardsSubscriptionArns=some))


def _enable_standards(standards: Sequence[Any]) -> None:
    """Enable them. Raises `OnlyPeople` if AWS refuses some of them: with one standard on, the hub looks right again, and nobody else would tell."""
    try:
        all_or_each(standards, lambda some: aws("securityhub").batch_enable_standards(StandardsSubscriptionRequests=some))
    except ClientError as error:
        if is_refused(error) and _subscriptions():
            raise OnlyPeople(
                f"a standard that it had is refused ({said_by(error)}); the others are on: enable the one that is missing, or another version"
            ) from error
        raise


def _subscriptions() -> list[Mapping[str, Any]]:
    pages = aws("securityhub").get_paginator("get_enabled_standards").paginate()
    found: list[Mapping[str, Any]] = [one for page in pages for one in page["StandardsSubscriptions"] if one["StandardsStatus"] != "DELETING"]
    return sorted(found, key=lambda one: str(one["StandardsArn"]))
