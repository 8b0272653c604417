"""Sharing of Systems Manager documents as AWS documents it: moto's own guess about it, put right at this one place.

AccountIdsToRemove are "the users that should no longer have access": moto takes `all` for each and every one, and forgets the accounts shared with by number.
https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ModifyDocumentPermission.html

While the account's setting blocks public sharing, nothing can be shared with everybody; AWS documents no code for that refusal, and nothing here goes by one.
https://docs.aws.amazon.com/systems-manager/latest/userguide/documents-ssm-sharing.html
"""

from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.core.utils import utcnow
from moto.ssm.models import AccountPermission, Documents, SimpleSystemManagerBackend

from snapback.ssm.shared_documents import PUBLIC_SHARING

_modify_permission = SimpleSystemManagerBackend.modify_document_permission


def as_on_aws() -> None:
    """Let whoever is added be added, and whoever is removed be removed, and nobody else."""
    Documents.modify_permissions = _modify  # type: ignore[method-assign,assignment]  # in the place of moto's own
    SimpleSystemManagerBackend.modify_document_permission = _unless_blocked  # type: ignore[method-assign,assignment]


def _unless_blocked(backend: Any, **asked: Any) -> None:  # noqa: ANN401 - moto's
    if "all" in (asked["account_ids_to_add"] or []) and vars(backend).get("service_settings", {}).get(PUBLIC_SHARING) == "Disable":
        raise JsonRESTError("InvalidPermissionType", "Public sharing is blocked in this account")
    _modify_permission(backend, **asked)


def _modify(documents: Any, to_add: list[str], to_remove: list[str], version: str | None) -> None:  # noqa: ANN401 - moto's
    for account in to_add:
        documents.permissions[account] = AccountPermission(account, version or "$DEFAULT", utcnow())
    for account in to_remove:
        documents.permissions.pop(account, None)
