"""Sharing of Systems Manager documents as AWS documents it: moto's own guess about it, put right at this one place.

AccountIdsToRemove are "the users that should no longer have access": moto takes `all` for each and every one, and forgets the accounts shared with by number.
https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ModifyDocumentPermission.html
"""

from typing import Any

from moto.core.utils import utcnow
from moto.ssm.models import AccountPermission, Documents


def as_on_aws() -> None:
    """Let whoever is added be added, and whoever is removed be removed, and nobody else."""
    Documents.modify_permissions = _modify  # type: ignore[method-assign,assignment]  # in the place of moto's own


def _modify(documents: Any, to_add: list[str], to_remove: list[str], version: str | None) -> None:  # noqa: ANN401 - moto's
    for account in to_add:
        documents.permissions[account] = AccountPermission(account, version or "$DEFAULT", utcnow())
    for account in to_remove:
        documents.permissions.pop(account, None)
