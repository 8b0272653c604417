"""KMS's keys in their states as AWS keeps them: moto takes any change of any key, whatever its state and kind.

https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html says which call fails in which state, and
https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html which keys cannot be rotated.
"""

import functools
from collections.abc import Callable
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.kms.models import KmsBackend

_REFUSED = {
    "enable_key": {"PendingDeletion": "KMSInvalidStateException", "PendingImport": "KMSInvalidStateException"},
    "disable_key": {"PendingDeletion": "KMSInvalidStateException", "PendingImport": "KMSInvalidStateException"},
    "schedule_key_deletion": {"PendingDeletion": "KMSInvalidStateException"},
    "cancel_key_deletion": dict.fromkeys(("Enabled", "Disabled", "PendingImport"), "KMSInvalidStateException"),
    "enable_key_rotation": {"Disabled": "DisabledException", "PendingDeletion": "KMSInvalidStateException", "PendingImport": "KMSInvalidStateException"},
    "disable_key_rotation": {"Disabled": "DisabledException", "PendingDeletion": "KMSInvalidStateException", "PendingImport": "KMSInvalidStateException"},
}
"""Call -> state of the key -> what KMS says instead."""

_really = {name: getattr(KmsBackend, name) for name in _REFUSED}


def as_on_aws() -> None:
    """Let a key refuse what its state and its kind forbid."""
    for name in _REFUSED:
        setattr(KmsBackend, name, _careful(name, _really[name]))


def _careful(name: str, really: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(really)
    def change(backend: Any, key_id: str, *further: Any, **named: Any) -> Any:  # noqa: ANN401 - moto's
        key = backend.keys.get(backend.get_key_id(key_id))
        if key and (code := _REFUSED[name].get(key.key_state)):
            raise JsonRESTError(code, f"{key.arn} is in the state {key.key_state}.")
        if key and name.endswith("_key_rotation") and not _can_be_rotated(key):
            raise JsonRESTError("UnsupportedOperationException", f"{key.arn} cannot be rotated.")
        return really(backend, key_id, *further, **named)

    return change


def _can_be_rotated(key: Any) -> bool:  # noqa: ANN401 - moto's
    is_replica = key.multi_region and key.multi_region_configuration.get("MultiRegionKeyType") == "REPLICA"
    return key.key_spec == "SYMMETRIC_DEFAULT" and key.origin == "AWS_KMS" and not is_replica
