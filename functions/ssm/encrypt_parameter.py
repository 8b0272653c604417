"""Encrypt a parameter that keeps a secret as plain text.

Problem: A parameter keeps a secret as plain text. Severity: high.

Why it matters: a String is shown to whoever looks, in the console, listings and logs; a SecureString only to who asks for decryption, and each use is recorded.

Wrong when: a String parameter is a secret by its name (password, secret, token, credential, api key, private key ...), by the form of its value (private keys,
well-known tokens, URLs and connection strings with a password), or because the value is long and random.
Fix: writes the same value again as a SecureString, with AWS's own key for Systems Manager. Undo writes it as a String again, if nobody has written it since.
Both make a new version, and the versions before keep the plain text in its history: a secret that others may have seen must be replaced, and the parameter
with it. No value is ever recorded or told.
Leaves alone: lists, image ids, /aws, /cdk-bootstrap, and what CloudFormation made (it makes no SecureString). Reported only: a type that AWS refuses to change.
Class: disruptive, because readers that do not ask for decryption (WithDecryption) get the encrypted text.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from snapback import Remediation
from snapback.ssm.parameters import plain_secret, type_and_version, write_as


def violation(name: str) -> Sequence[Mapping[str, Any]]:
    """Return the version that keeps a secret as plain text."""
    return plain_secret(name)


def fix(name: str, _: object) -> None:
    """Encrypt it."""
    write_as(name, "SecureString")


def undo(name: str, _: object) -> None:
    """Write it as plain text again."""
    if type_and_version(name)["Type"] == "SecureString":
        write_as(name, "String")


remediation = Remediation(
    resource="AWS::SSM::Parameter",
    named_by={"PutParameter": "requestParameters.name"},
    violation=violation,
    fix=fix,
    undo=undo,
    setting=type_and_version,
    disruptive=True,
)
handler = remediation.handler
