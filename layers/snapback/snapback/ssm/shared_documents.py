"""Words for the documents of Systems Manager, and whom they are shared with."""

from collections.abc import Mapping
from typing import Final

from snapback.engine.clients import aws

EVERYBODY: Final = "all"

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


def share_with_everybody(document: str, version: str) -> None:
    """Share that version of the document (`$LATEST`, `$DEFAULT`, `$ALL`) with all accounts; without one, AWS takes the default.

    https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ModifyDocumentPermission.html
    """
    chosen = {"SharedDocumentVersion": version} if version else {}
    aws("ssm").modify_document_permission(Name=document, PermissionType="Share", AccountIdsToAdd=[EVERYBODY], **chosen)
