"""KMS's keys in their states as AWS keeps them: moto takes any change of any key, whatever its state and kind.

https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html says which call fails in which state, and
https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html which keys cannot be rotated.
A multi-Region primary key that has replicas waits for their end first, without a date, and only then for its own:
https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-delete.html
"""

import functools
from collections.abc import Callable
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.kms.models import Key, KmsBackend

_GOING = dict.fromkeys(("PendingDeletion", "PendingReplicaDeletion"), "KMSInvalidStateException")
_NOT_USABLE = {**_GOING, "PendingImport": "KMSInvalidStateException"}
_REFUSED = {
    "enable_key": _NOT_USABLE,
    "disable_key": _NOT_USABLE,
    "schedule_key_deletion": _GOING,
    "cancel_key_deletion": dict.fromkeys(("Enabled", "Disabled", "PendingImport"), "KMSInvalidStateException"),
    "enable_key_rotation": {"Disabled": "DisabledException", **_NOT_USABLE},
    "disable_key_rotation": {"Disabled": "DisabledException", **_NOT_USABLE},
}
"""Call -> state of the key -> what KMS says instead."""

_really = {name: getattr(KmsBackend, name) for name in _REFUSED}
_described = Key.to_dict


def as_on_aws() -> None:
    """Let a key refuse what its state and its kind forbid, and wait for its replicas."""
    for name in _REFUSED:
        setattr(KmsBackend, name, _careful(name, _really[name]))
    Key.to_dict = _with_its_window  # type: ignore[assignment, method-assign]  # moto does not say what it returns


def _with_its_window(key: Any) -> dict[str, Any]:  # noqa: ANN401 - moto's
    found = _described(key)
    if key.key_state == "PendingReplicaDeletion":
        found["KeyMetadata"]["PendingDeletionWindowInDays"] = key.window
    return found


def _careful(name: str, really: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(really)
    def change(backend: Any, key_id: str, *further: Any, **named: Any) -> Any:  # noqa: ANN401 - moto's
        key = backend.keys.get(backend.get_key_id(key_id))
        if key and (code := _REFUSED[name].get(key.key_state)):
            raise JsonRESTError(code, f"{key.arn} is in the state {key.key_state}.")
        if key and name.endswith("_key_rotation") and not _can_be_rotated(key):
            raise JsonRESTError("UnsupportedOperationException", f"{key.arn} cannot be rotated.")
        answer = really(backend, key_id, *further, **named)
        if key and name == "schedule_key_deletion" and _has_replicas(key):
            key.key_state, key.window = "PendingReplicaDeletion", further[0] if further else named["pending_window_in_days"]
        return answer

    return change


def _has_replicas(key: Any) -> bool:  # noqa: ANN401 - moto's
    configuration = key.multi_region_configuration if key.multi_region else {}
    return configuration.get("MultiRegionKeyType") == "PRIMARY" and bool(configuration.get("ReplicaKeys"))


def _can_be_rotated(key: Any) -> bool:  # noqa: ANN401 - moto's
    is_replica = key.multi_region and key.multi_region_configuration.get("MultiRegionKeyType") == "REPLICA"
    return key.key_spec == "SYMMETRIC_DEFAULT" and key.origin == "AWS_KMS" and not is_replica
