"""Words for Amazon Macie, whose session in a region is on, paused or not there.

https://docs.aws.amazon.com/macie/latest/APIReference/macie.html
"""

from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from snapback.engine.clients import aws
from snapback.engine.refusals import code_of
from snapback.engine.switches import Recall

Session = Mapping[str, Any]
"""`status` and `findingPublishingFrequency`, as EnableMacie takes them."""

OFF: Mapping[str, str] = {"Macie": "off"}
PAUSED: Mapping[str, str] = {"Macie": "paused"}


def session() -> Session | None:
    """Return the region's session, or None if Macie is off: then it answers every call with AccessDeniedException, "Macie is not enabled".

    https://docs.aws.amazon.com/macie/latest/APIReference/macie.html
    """
    try:
        found: Mapping[str, Any] = aws("macie2").get_macie_session()
    except ClientError as error:
        if code_of(error) == "AccessDeniedException" and "not enabled" in (error.response["Error"].get("Message") or ""):
            return None
        raise
    return {part: found[part] for part in ("status", "findingPublishingFrequency")}


def is_on() -> bool:
    """Tell whether Macie is on and not paused."""
    return (session() or {}).get("status") == "ENABLED"


def what_is_off(_: Recall) -> list[Mapping[str, str]]:
    """Return whether Macie is off or paused."""
    now = session()
    return [OFF] if now is None else [PAUSED] if now["status"] != "ENABLED" else []


def switch_on(off: Sequence[Mapping[str, str]], recall: Recall) -> None:
    """Enable Macie as it was, or resume it.

    https://docs.aws.amazon.com/macie/latest/APIReference/macie.html
    """
    good: Session | None = recall()
    if OFF in off:
        aws("macie2").enable_macie(**(good or {"status": "ENABLED"}))
    else:
        aws("macie2").update_macie_session(status="ENABLED")


def switch_off(off: Sequence[Mapping[str, str]]) -> None:
    """Disable Macie, or pause it."""
    if OFF not in off:
        aws("macie2").update_macie_session(status="PAUSED")
    elif session():
        aws("macie2").disable_macie()
