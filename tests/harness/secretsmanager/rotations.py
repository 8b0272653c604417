"""Rotation of secrets as AWS keeps it: moto's own lie about RotateSecret, put right at this one place.

moto forgets the function where none is given, wants the function to be there and runs it. On AWS what is not given stays as it is stored, and with
RotateImmediately=False the version that is current stays so. https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html
"""

from typing import Any

from moto.secretsmanager.exceptions import InvalidRequestException
from moto.secretsmanager.models import SecretsManagerBackend


def as_on_aws() -> None:
    """Let a rotation be switched on without losing what was current."""
    SecretsManagerBackend.rotate_secret = _rotate  # type: ignore[method-assign,assignment]  # in the place of moto's own


def _rotate(  # noqa: PLR0913 - moto's
    backend: Any,  # noqa: ANN401
    *,
    secret_id: str,
    client_request_token: str,
    rotation_lambda_arn: str | None,
    rotation_rules: dict[str, Any] | None,
    rotate_immediately: bool,
) -> str:
    secret = backend.describe_secret(secret_id)
    if secret.is_deleted():
        raise InvalidRequestException("You tried to perform the operation on a secret that's currently marked deleted.")
    if not (rotation_lambda_arn or secret.rotation_lambda_arn):
        raise InvalidRequestException("No Lambda rotation function ARN is associated with this secret.")
    if rotate_immediately:
        backend.put_secret_value(secret_id, "the value after a rotation", None, client_request_token, ["AWSCURRENT"])
    secret.rotation_lambda_arn = rotation_lambda_arn or secret.rotation_lambda_arn
    secret.auto_rotate_after_days = (rotation_rules or {}).get("AutomaticallyAfterDays", secret.auto_rotate_after_days)
    secret.rotation_requested = secret.rotation_enabled = True
    return str(secret.to_short_dict())
