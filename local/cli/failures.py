"""What went wrong, in one sentence that says what to do about it."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)

from .entries import UnreadableRow
from .text import plain

SIGNED_OUT = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired"})
"""What AWS says whose credentials have expired."""
UNKNOWN_KEYS = frozenset({"AuthFailure", "InvalidClientTokenId", "SignatureDoesNotMatch", "UnrecognizedClientException"})
"""What a service says that does not know the credentials. One region alone can say so: those that one has to switch on take no tokens of STS's global endpoint
(https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_enable-regions.html)."""
_BUSY = frozenset({"RequestLimitExceeded", "ProvisionedThroughputExceededException", "Throttling", "ThrottlingException", "TooManyRequestsException"})
_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation"})

_SIGN_IN = "sign in again (aws sso login, or new keys), or name another --profile"

_HINTS: Mapping[type[Exception], str] = {
    NoCredentialsError: "sign in (aws configure, aws sso login), or name a --profile",
    PartialCredentialsError: "a key takes both its id and its secret",
    ProfileNotFound: "the profiles are in ~/.aws/config",
    NoRegionError: "give --region, or set AWS_REGION",
    EndpointConnectionError: "is the region right, and is there a way to it from here?",
    **dict.fromkeys((SSOError, CredentialRetrievalError, TokenRetrievalError), _SIGN_IN),
    UnreadableRow: "a row of the journal is not as Snapback writes it",
}

_MOST_NAMED = 10


class CannotAsk(Exception):  # noqa: N818 - reads as what it is
    """The question cannot be put: what was given is no command that could be carried out. Nothing was changed."""


class Refused(Exception):  # noqa: N818 - reads as what it is
    """Snapback was asked and refuses, in its own sentence."""


def sentence(error: Exception) -> str:
    """Return what Snapback, AWS, or the way to it says; and what to do."""
    if isinstance(error, ClientError):
        return _said_by_aws(error)
    said = plain(str(error)) if isinstance(error, BotoCoreError | UnreadableRow) else str(error)  # what is ours is escaped where it is made
    hint = next((hint for kind, hint in _HINTS.items() if isinstance(error, kind)), "")
    return f"{said.rstrip('.')}: {hint}" if hint else said


def _said_by_aws(error: ClientError) -> str:
    code, message = error.response["Error"].get("Code", ""), plain(error.response["Error"].get("Message", ""), 500)
    if code in SIGNED_OUT:
        return f"the credentials have expired: {_SIGN_IN}"
    if code in UNKNOWN_KEYS:
        return f"AWS does not know these credentials ({plain(code)}): {_SIGN_IN}"
    if code in _BUSY:
        return f"AWS has too much to do just now ({plain(code)}: {message}): try again in a minute"
    if code in _DENIED:
        return f"AWS does not allow it: {message or plain(error.operation_name)}. docs/operating.md has the policy that an operator needs"
    return f"{plain(error.operation_name)} was refused: {plain(code)}: {message}"


def nearest(given: str, known: Iterable[str], *, all_of_them: bool = False) -> str:
    """Return `: do you mean X?` for something unknown, to be put behind it; `. There are X, Y` if nothing is near, or if it is asked for."""
    names = sorted(known)
    near = get_close_matches(given, names, n=3, cutoff=0.6)
    near = near or [name for name in names if given and given in name][:3]
    some = ", ".join(plain(name) for name in names[:_MOST_NAMED]) + (f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else "")
    hint = f": do you mean {' or '.join(plain(name) for name in near)}?" if near else ""
    return hint + (f"{'' if hint else '.'} There are {some}" if names and (all_of_them or not near) else "")
