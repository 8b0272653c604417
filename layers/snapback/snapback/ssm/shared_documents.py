"""Words for the documents of Systems Manager, and whom they are shared with."""

from collections.abc import Mapping
from typing import Any, Final

from snapback.engine.clients import aws
from snapback.engine.events import request_of
from snapback.engine.refusals import sharing_with_everybody
from snapback.policies.principals import trusted_accounts

EVERYBODY: Final = {"AccountId": "all"}

PUBLIC_SHARING: Final = "/ssm/documents/console/public-sharing-permission"
"""The account's setting that allows or blocks it, in each region: `Enable` or `Disable`.

https://docs.aws.amazon.com/systems-manager/latest/userguide/documents-ssm-sharing.html
"""


def public_sharing(_: str) -> dict[str, str]:
    """Return the account's setting: its `SettingValue`, and its `Status`, which is `Default` as long as nobody has set it.

    https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ServiceSetting.html
    """
    setting = aws("ssm").get_service_setting(SettingId=PUBLIC_SHARING)["ServiceSetting"]
    return {"SettingValue": setting["SettingValue"], "Status": setting.get("Status", "Customized")}


def set_public_sharing(_: str, wanted: Mapping[str, str]) -> None:
    """Set the account's setting, or leave it to AWS's own default, where that is its `Status`.

    https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_UpdateServiceSetting.html
    """
    if wanted.get("Status") == "Default":
        aws("ssm").reset_service_setting(SettingId=PUBLIC_SHARING)
    else:
        aws("ssm").update_service_setting(SettingId=PUBLIC_SHARING, SettingValue=wanted["SettingValue"])


def sharing(document: str) -> list[dict[str, str]]:
    """Return whom the document is shared with: an `AccountId`, or `all`, and the `SharedDocumentVersion` that each may use.

    https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeDocumentPermission.html
    """
    found: list[dict[str, str]] = []
    more: dict[str, str] = {}
    while True:
        answer = aws("ssm").describe_document_permission(Name=document, PermissionType="Share", **more)  # type: ignore[arg-type]  # a token is text
        versions = {one["AccountId"]: one.get("SharedDocumentVersion", "") for one in answer.get("AccountSharingInfoList", [])}
        found += [{"AccountId": account.lower(), "SharedDocumentVersion": versions.get(account, "")} for account in answer.get("AccountIds", [])]
        if not answer.get("NextToken"):
            return sorted(found, key=lambda one: one["AccountId"])
        more = {"NextToken": answer["NextToken"]}


def strangers_added(record: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return whom a call has shared the document with: all, and accounts that are not trusted."""
    added = request_of(record).get("accountIdsToAdd") or []
    return [{"AccountId": one.lower()} for one in added if isinstance(one, str) and one not in trusted_accounts()]


def unshare(document: str) -> None:
    """Share the document with all no more. https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ModifyDocumentPermission.html."""
    aws("ssm").modify_document_permission(Name=document, PermissionType="Share", AccountIdsToRemove=[EVERYBODY["AccountId"]])


def share(document: str, shared: Mapping[str, str]) -> None:
    """Share the same version (`$LATEST`, `$DEFAULT`, `$ALL`) with all again; without one, AWS takes the default.

    While block_public_documents holds, AWS refuses that, and the error says so.
    """
    version = shared["SharedDocumentVersion"]
    chosen = {"SharedDocumentVersion": version} if version else {}
    with sharing_with_everybody("the document", blocked_by="block_public_documents"):
        aws("ssm").modify_document_permission(Name=document, PermissionType="Share", AccountIdsToAdd=[EVERYBODY["AccountId"]], **chosen)
