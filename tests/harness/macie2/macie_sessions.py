"""Macie's session as AWS keeps it: moto's own lies about it, put right at this one place.

moto lacks UpdateMacieSession, lets every account begin with Macie on, and says of Macie that is off that it is not found. AWS says "Macie is not enabled" with
AccessDeniedException. https://docs.aws.amazon.com/macie/latest/APIReference/macie.html
"""

from typing import Any

from moto.macie2.exceptions import AccessDeniedException
from moto.macie2.models import MacieBackend
from moto.macie2.responses import MacieResponse

_make, _get = MacieBackend.__init__, MacieBackend.get_macie_session


def as_on_aws() -> None:
    """Let Macie be off at first, and be paused and resumed."""
    backend: Any = MacieBackend
    backend.__init__ = _off_at_first
    backend.get_macie_session = _answer
    response: Any = MacieResponse
    response.update_macie_session = _update


def _off_at_first(backend: Any, region_name: str, account_id: str) -> None:  # noqa: ANN401 - moto's
    _make(backend, region_name, account_id)
    backend.macie_session = None


def _answer(backend: Any) -> dict[str, Any]:  # noqa: ANN401
    if not backend.macie_session:
        raise AccessDeniedException("Macie is not enabled")
    return _get(backend)


def _update(response: Any) -> str:  # noqa: ANN401
    _answer(response.macie_backend)
    for part in ("status", "findingPublishingFrequency"):
        if value := response._get_param(part):  # noqa: SLF001 - as moto's own methods read them
            response.macie_backend.macie_session[part] = value
    return "{}"
