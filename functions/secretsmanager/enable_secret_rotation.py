"""Switch the rotation of a secret on again.

Problem: The rotation of a secret is switched off. Severity: medium.

Why it matters: a secret that is never replaced stays useful to whoever has got hold of it once.

Wrong when: the secret had a rotation, with a function and rules, and it is switched off.
Fix: on, with the same function and rules. Nothing is rotated at once: Secrets Manager only tests the function (its step testSecret, with a version that it
takes away again), and the next rotation is when the rules say so. Undo switches it off again.
Leaves alone: secrets that wait for their deletion, those that an AWS service owns and rotates itself, and replicas, which rotate with their primary.
Reported only: a secret whose rotation was never set up, and a managed external secret, which its partner rotates without a function. If a rotation was cut off
in the middle, AWS may refuse, which is told: people must look at its versions.
Class: safe, because the same function rotates by the same rules as before, and nothing at once, and disruptive where CloudFormation made the call: a stack
that is deleted or replaces what it owns would find it back.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from snapback import Remediation, aws
from snapback.engine.events import by_stack
from snapback.secretsmanager.secrets import arn_of_secret, rotation_switched_off


def violation(arn: str) -> Sequence[Mapping[str, Any]]:
    """Return the rotation that was switched off."""
    return rotation_switched_off(arn)


def fix(arn: str, before: Sequence[Mapping[str, Any]]) -> None:
    """Switch it on, and rotate nothing yet."""
    aws("secretsmanager").rotate_secret(SecretId=arn, **before[0], RotateImmediately=False)


def undo(arn: str, _: object) -> None:
    """Switch it off."""
    aws("secretsmanager").cancel_rotate_secret(SecretId=arn)


remediation = Remediation(
    resource="AWS::SecretsManager::Secret",
    named_by={"CancelRotateSecret": "requestParameters.secretId"},
    violation=violation,
    fix=fix,
    undo=undo,
    resolve=arn_of_secret,
    disruptive=by_stack,
)
handler = remediation.handler
