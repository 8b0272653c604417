"""What may be said of a call or of a resource in an answer, an alert or the log: everything but what may be a secret.

Three things are hidden: what AWS's own model of a call marks as sensitive; whole policy documents, and in a statement the values of conditions (an ExternalId
or a Referer is a password by another name), unless the key is known to say only who or where; and texts under names such as `Password` or `Token`.
The journal keeps the evidence whole, for an undo needs it.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from botocore.model import Shape

HIDDEN: Final = "(hidden)"

_SECRETS = re.compile(
    r"(?i).*(password|passwd|secret|secret_?(string|binary|key|access_?key)|token|external_?id|private_?key|api_?key|credentials?)|authorization"
)
"""Names under which a text is hidden. `SecretId` and `PasswordPolicy` are none of them: they only speak of one."""

_DOCUMENT = re.compile(r'\s*\{.*"Statement"\s*:', re.DOTALL)

_SAY_ONLY_WHO_OR_WHERE: Final = frozenset(
    {
        *("aws:calledvia", "aws:multifactorauthpresent", "aws:requestedregion", "aws:securetransport", "aws:viaawsservice"),
        *("aws:principalaccount", "aws:principalarn", "aws:principalisawsservice", "aws:principalorgid", "aws:principalorgpaths"),
        *("aws:principalservicename", "aws:principaltype", "aws:resourceaccount", "aws:resourceorgid", "aws:resourceorgpaths"),
        *("aws:sourceaccount", "aws:sourcearn", "aws:sourceip", "aws:sourceorgid", "aws:sourceorgpaths", "aws:sourceowner", "aws:sourcevpc"),
        *("aws:sourcevpcarn", "aws:sourcevpce", "aws:vpcsourceip", "aws:vpceaccount", "aws:vpceorgid", "aws:vpceorgpaths"),
        *("kms:calleraccount", "kms:grantisforawsresource", "kms:viaservice", "lambda:functionurlauthtype", "saml:aud"),
    }
)
"""Keys of conditions whose values are shown."""


def disclosed(value: Any, shape: "Shape | None" = None) -> Any:  # noqa: ANN401 - any JSON
    """Return a copy of it in which what may be a secret is hidden. `shape` is what AWS's model says of it, for the parameters of a call."""
    if shape is not None and shape.metadata.get("sensitive"):
        return HIDDEN
    if isinstance(value, str):
        return _in_short(value) if _is_document(value, shape) else value
    if isinstance(value, Mapping):
        members, inner = getattr(shape, "members", {}), getattr(shape, "value", None)
        return {key: _member(str(key), item, members.get(key, inner)) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [disclosed(item, getattr(shape, "member", None)) for item in value]
    return value


def known_by(evidence: Sequence[Any], calls: Sequence[Any]) -> str:
    """Return the sum by which it is known again what a survey has shown: what is wrong as it is disclosed, and the calls, as JSON has them.

    Whoever has the survey's file can say it, and nobody can guess a secret from it.
    """
    return hashlib.sha256(json.dumps([list(evidence), list(calls)], sort_keys=True, default=str).encode()).hexdigest()


def _member(name: str, value: Any, shape: "Shape | None") -> Any:  # noqa: ANN401 - any JSON
    if name == "Condition" and isinstance(value, Mapping):
        return {operator: _condition(keys) for operator, keys in value.items()}
    if isinstance(value, str | bytes | list) and _SECRETS.fullmatch(name):
        return HIDDEN
    return disclosed(value, shape)


def _condition(keys: object) -> object:
    if not isinstance(keys, Mapping):
        return HIDDEN
    return {key: value if str(key).lower() in _SAY_ONLY_WHO_OR_WHERE or str(key).lower().endswith((":aud", ":sub")) else HIDDEN for key, value in keys.items()}


def _is_document(text: str, shape: "Shape | None") -> bool:
    by_model = shape is not None and shape.name.lower().endswith(("policy", "policydocumenttype", "policytype")) and not getattr(shape, "enum", None)
    return by_model or bool(_DOCUMENT.match(text))


def _in_short(document: str) -> str:
    return f"(document of {len(document)} characters, sha256 {hashlib.sha256(document.encode()).hexdigest()[:16]})"
