"""Words for the secrets of AWS Secrets Manager. Nothing here ever reads what is in one.

A secret has a name and an ARN, and every call takes either; Snapback knows it by its ARN, so that it has one name whoever names it.
https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html
"""

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from botocore.exceptions import ClientError

from snapback.engine import clock
from snapback.engine.clients import aws
from snapback.engine.errors import BelongsElsewhere, OnlyPeople
from snapback.engine.refusals import is_gone

_SHORTEST, _LONGEST = 7, 30
"""Days that Secrets Manager lets pass before it deletes a secret."""


def arn_of_secret(name_or_arn: str) -> str | None:
    """Return the secret's ARN, or None if there is no such secret (any more).

    https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html
    """
    try:
        return aws("secretsmanager").describe_secret(SecretId=name_or_arn)["ARN"]
    except ClientError as error:
        if is_gone(error):
            return None
        raise


def arn_beside_policy(name_or_arn: str) -> str:
    """Return the secret's ARN from the call that reads its policy: for whoever is not granted to describe secrets.

    https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetResourcePolicy.html
    """
    return aws("secretsmanager").get_resource_policy(SecretId=name_or_arn)["ARN"]


def scheduled_deletion(arn: str) -> list[Mapping[str, Any]]:
    """Return the date on which the secret is to be deleted, if it is, and if its deletion is not the business of an AWS service that owns it."""
    secret = aws("secretsmanager").describe_secret(SecretId=arn)
    date = secret.get("DeletedDate")
    if date is None or secret.get("OwningService"):
        return []
    return [{"ScheduledDeletion": date.astimezone(UTC).isoformat()}]


def schedule_deletion(arn: str, date: str) -> None:
    """Have the secret deleted on that date: never earlier, and later only as far as Secrets Manager makes it, which counts in whole days, from 7 to 30.

    If the date is over, the longest time is given. A secret that is scheduled already keeps its date.
    https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html
    """
    if scheduled_deletion(arn):
        return
    left = clock.days_until(date)
    days = min(max(left, _SHORTEST), _LONGEST) if left > 0 else _LONGEST
    aws("secretsmanager").delete_secret(SecretId=arn, RecoveryWindowInDays=days)


def rotation_switched_off(arn: str) -> list[Mapping[str, Any]]:
    """Return the rotation that a secret had before it was switched off: its function and its rules, in the form in which RotateSecret takes them.

    A secret whose rotation was never set up raises `OnlyPeople`: it needs a function that knows where the secret is used; so does a managed external secret,
    which is rotated without one. A replica rotates with its primary.
    https://docs.aws.amazon.com/secretsmanager/latest/userguide/managed-external-secrets.html
    https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html
    """
    secret = aws("secretsmanager").describe_secret(SecretId=arn)
    if secret.get("RotationEnabled") or secret.get("DeletedDate") or secret.get("OwningService"):
        return []
    home = secret.get("PrimaryRegion") or aws("secretsmanager").meta.region_name
    if home != aws("secretsmanager").meta.region_name:
        raise BelongsElsewhere(f"the secret is a replica; it rotates with its primary in {home}")
    function, rules = secret.get("RotationLambdaARN"), _settable(secret.get("RotationRules", {}))
    if secret.get("Type"):  # who holds it; a role would have to be passed, and what the partner wants to be told given again
        raise OnlyPeople("it is a managed external secret, whose rotation Secrets Manager and the partner do without a function: switch it on again yourself")
    if not function or not rules:
        raise OnlyPeople("the rotation of the secret was never set up: it needs a function that knows where the secret is used, and how often it is to rotate")
    return [{"RotationLambdaARN": function, "RotationRules": rules}]


def secret_policy(secret: str) -> str | None:
    """Return the text of the secret's policy, or None if it has none.

    https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetResourcePolicy.html
    """
    return aws("secretsmanager").get_resource_policy(SecretId=secret).get("ResourcePolicy")


def put_secret_policy(secret: str, document: str | None) -> None:
    """Put the policy, or remove it where nothing is left of it.

    https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutResourcePolicy.html
    """
    if document is None:
        aws("secretsmanager").delete_resource_policy(SecretId=secret)
    else:
        aws("secretsmanager").put_resource_policy(SecretId=secret, ResourcePolicy=document)


def _settable(rules: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the rules without the number of days that AWS works out from a schedule: RotateSecret takes only one of the two.

    https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotationRulesType.html
    """
    return {name: value for name, value in rules.items() if not (name == "AutomaticallyAfterDays" and (rules.get("ScheduleExpression") or not value))}
