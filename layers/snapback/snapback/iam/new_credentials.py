"""Words for the calls by which somebody makes a way in for somebody else, or for good: users, keys, passwords, devices, providers of identities.

To rotate one's own key, or to register one's own device, is no such call.
https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from snapback.engine.events import request_of
from snapback.engine.names import shown
from snapback.engine.steps import Record, Step


def _for_another(what: str) -> Callable[[Record], str]:
    """Return what tells a call that is about a user, unless it is the caller. A record that names nobody is about the caller."""

    def told(record: Record) -> str:
        name = request_of(record).get("userName")
        return what.format(user=shown(name)) if name and not _is_caller(record, str(name)) else ""

    return told


def _for_anybody(what: str) -> Callable[[Record], str]:
    return lambda record: what.format(user=shown(request_of(record).get("userName") or _own_name(record)))


def _is_caller(record: Record, name: str) -> bool:
    identity = record["userIdentity"]
    return (identity.get("type"), identity.get("userName")) == ("IAMUser", name)


def _own_name(record: Record) -> object:
    return record["userIdentity"].get("userName", "the caller")


def _key(record: Record) -> str:
    """Return of whom and which key was made; the answer names it."""
    told = _for_another("An access key was made for the user {user}")(record)
    key: Any = (record.get("responseElements") or {}).get("accessKey") or {}
    return f"{told}: {shown(key['accessKeyId'])}" if told and "accessKeyId" in key else told


def _key_again(record: Record) -> str:
    return _for_another("An access key of the user {user} was made active again")(record) if request_of(record).get("status") == "Active" else ""


def _credential(record: Record) -> str:
    """Return for which service: of Bedrock it is an API key, which anybody may use who has it."""
    service = shown(request_of(record).get("serviceName", "a service"))
    return f"{_for_anybody('A credential of the user {user} was made')(record)} for {service}"


def _saml(what: str) -> Callable[[Record], str]:
    def told(record: Record) -> str:
        request = request_of(record)
        return f"{what}: {shown(request.get('name') or request.get('sAMLProviderArn') or 'not named')}. Whoever it signs in may take the roles that trust it"

    return told


def _oidc(record: Record) -> str:
    """Return which provider was made; that of an EKS cluster is AWS's own.

    https://docs.aws.amazon.com/eks/latest/userguide/enable-iam-roles-for-service-accounts.html
    """
    url = str(request_of(record).get("url", ""))
    is_of_eks = url.startswith("https://oidc.eks.") and url.split("/")[2].endswith((".amazonaws.com", ".amazonaws.com.cn", ".api.aws"))
    return "" if is_of_eks else f"An identity provider was made: {shown(url or 'not named')}. Whoever it signs in may take the roles that trust it"


def _trusted_as(record: Record) -> str:
    provider = shown(request_of(record).get("openIDConnectProviderArn") or "not named")
    return f"An identity provider is known by another certificate: {provider}. Whoever has that may take the roles that trust it"


CALLS: Final[Mapping[tuple[str, str], Step]] = {
    ("iam", "CreateAccessKey"): Step(_key),
    ("iam", "UpdateAccessKey"): Step(_key_again),
    ("iam", "CreateLoginProfile"): Step(_for_another("The user {user} was given a password for the console")),
    ("iam", "UpdateLoginProfile"): Step(_for_another("The user {user} was given another password for the console")),
    ("iam", "CreateUser"): Step(_for_another("The user {user} was made")),
    ("iam", "EnableMFADevice"): Step(_for_another("An MFA device was registered for the user {user} by somebody else")),
    ("iam", "CreateServiceSpecificCredential"): Step(_credential),
    ("iam", "ResetServiceSpecificCredential"): Step(_for_another("A credential of the user {user} for a service was made anew")),
    ("iam", "UploadSSHPublicKey"): Step(_for_another("An SSH key was registered for the user {user} by somebody else")),
    ("iam", "UploadSigningCertificate"): Step(_for_another("A signing certificate was registered for the user {user} by somebody else")),
    ("iam", "CreateSAMLProvider"): Step(_saml("An identity provider was made")),
    ("iam", "UpdateSAMLProvider"): Step(_saml("An identity provider was changed")),
    ("iam", "CreateOpenIDConnectProvider"): Step(_oidc),
    ("iam", "AddClientIDToOpenIDConnectProvider"): Step(
        lambda record: f"An application was let in by an identity provider: {shown(request_of(record)['clientID'])}"
    ),
    ("iam", "UpdateOpenIDConnectProviderThumbprint"): Step(_trusted_as),
    ("iam", "EnableOrganizationsRootSessions"): Step(lambda _: "The management account may work as the root user of all accounts of the organisation"),
}
