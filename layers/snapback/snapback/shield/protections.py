"""Words for Shield Advanced's protections: each is for one resource, and the account must be subscribed.

https://docs.aws.amazon.com/waf/latest/developerguide/ddos-manage-protected-resources.html
"""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from snapback.engine.clients import aws
from snapback.engine.errors import OnlyPeople
from snapback.engine.refusals import is_gone
from snapback.engine.tags import given_by_people

Protection = Mapping[str, Any]
"""A protection as it is remembered: its Name, the ResourceArn that it is for, its Tags and the HealthCheckIds that went with it."""


def is_subscribed() -> bool:
    """Tell whether the account pays for Shield Advanced; without that there are no protections.

    https://docs.aws.amazon.com/waf/latest/DDOSAPIReference/API_GetSubscriptionState.html
    """
    return bool(aws("shield").get_subscription_state()["SubscriptionState"] == "ACTIVE")


def live_ids() -> list[str]:
    """Return the ids of all protections; none if the account is not subscribed.

    https://docs.aws.amazon.com/waf/latest/DDOSAPIReference/API_ListProtections.html
    """
    if not is_subscribed():
        return []
    return [protection["Id"] for page in aws("shield").get_paginator("list_protections").paginate() for protection in page["Protections"]]


def protection(**named: str) -> Any:  # noqa: ANN401 - a protection as AWS answers it, or None
    """Return the protection of that ProtectionId, or for that ResourceArn; None if there is none.

    https://docs.aws.amazon.com/waf/latest/DDOSAPIReference/API_DescribeProtection.html
    """
    try:
        return aws("shield").describe_protection(**named)["Protection"]
    except ClientError as error:
        if is_gone(error):
            return None
        raise


def state_of(protection_id: str) -> Protection | None:
    """Return what to remember of the protection, or None if there is none."""
    found = protection(ProtectionId=protection_id)
    if not found:
        return None
    tags = given_by_people(aws("shield").list_tags_for_resource(ResourceARN=found["ProtectionArn"])["Tags"])
    return {"Name": found["Name"], "ResourceArn": found["ResourceArn"], "Tags": tags, "HealthCheckIds": found.get("HealthCheckIds", [])}


def protect(former: Protection) -> None:
    """Make a protection like the former. Raise `OnlyPeople` if what it was for is gone, too.

    https://docs.aws.amazon.com/waf/latest/DDOSAPIReference/API_CreateProtection.html
    """
    own = given_by_people(former["Tags"])  # what was remembered before this was known may have others
    tags: Any = {"Tags": own} if own else {}
    try:
        aws("shield").create_protection(Name=former["Name"], ResourceArn=former["ResourceArn"], **tags)
    except ClientError as error:
        if is_gone(error):
            raise OnlyPeople(f"{former['ResourceArn']} is not there any more, so there is nothing to protect") from error
        raise


def unprotect(former: Protection) -> None:
    """Delete the protection of what the former was for, if there is one.

    https://docs.aws.amazon.com/waf/latest/DDOSAPIReference/API_DeleteProtection.html
    """
    if found := protection(ResourceArn=former["ResourceArn"]):
        aws("shield").delete_protection(ProtectionId=found["Id"])
