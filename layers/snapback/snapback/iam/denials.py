"""Words for denying by an inline policy of Snapback's own in a user or a role.

A denial wins over whatever else allows, so it stops a principal without touching any other policy, and taking it out again gives back exactly what was there.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from botocore.exceptions import ClientError

from snapback.engine import clock, findings, settings
from snapback.engine.clients import aws
from snapback.engine.errors import OnlyPeople
from snapback.engine.refusals import code_of, said_by
from snapback.iam.grants import attach, detach, has_attached, inline_policy, set_inline_policy
from snapback.policies.documents import listed

Document = Mapping[str, Any]

Former = dict[str, Any]
"""{"PolicyName": name of one of Snapback's own policies, "Former": the document that had this name before, or None}."""

EVERYTHING: Final[Document] = {
    "Version": "2012-10-17",
    "Statement": [{"Sid": "Quarantined", "Effect": "Deny", "Action": "*", "Resource": "*"}],
}

CONSOLE_WITHOUT_MFA: Final[Document] = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "OnlyWithMfa",
            "Effect": "Deny",
            # What a user needs to change a first password, to register an MFA device and to sign in with it.
            "NotAction": [
                "iam:ChangePassword",
                "iam:CreateVirtualMFADevice",
                "iam:EnableMFADevice",
                "iam:GetAccountPasswordPolicy",
                "iam:GetMFADevice",
                "iam:GetUser",
                "iam:ListMFADevices",
                "iam:ListVirtualMFADevices",
                "iam:ResyncMFADevice",
                "sts:GetSessionToken",
            ],
            "Resource": "*",
            # Not BoolIfExists: requests signed with an access key do not have this key, and are not what is to be stopped here.
            "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}},
        }
    ],
}
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_my-sec-creds-self-manage-mfa-only.html"""

QUARANTINE: Final = "SnapbackQuarantine"
MFA_REQUIRED: Final = "SnapbackRequireMfa"
REVOKED_SESSIONS: Final = "SnapbackRevokedSessions"
"""Names of the inline policies, each of which is Snapback's own."""

_REVOKED_IN_THE_CONSOLE: Final = "AWSRevokeOlderSessions"
_TIME: Final = "%Y-%m-%dT%H:%M:%SZ"


def without_denial(holder: str, policy: str, denial: Document) -> list[Former]:
    """Return the inline policy of that name as it is, if it does not say just the denial. Raises NoSuchEntity if there is no such holder."""
    live = inline_policy(holder, policy)
    return [] if live == denial else [{"PolicyName": policy, "Former": live}]


def put_denial(holder: str, policy: str, denial: Document, otherwise: str) -> None:
    """Write the denial into the holder; raise `OnlyPeople`, who are told what to do otherwise, if its inline policies leave no room.

    All inline policies together may have 2,048 characters in a user, 10,240 in a role.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    """
    try:
        set_inline_policy(holder, policy, denial)
    except ClientError as error:
        if code_of(error) != "LimitExceeded":
            raise
        raise OnlyPeople(f"{holder} has no room for {policy} ({said_by(error)}): {otherwise}") from error


def not_quarantined(user: str) -> list[Former]:
    """Return the user's quarantine policy as it is, if neither that nor AWS's own AWSDenyAll denies them everything."""
    holder = f"user/{user}"
    undenied = without_denial(holder, QUARANTINE, EVERYTHING)
    return undenied if undenied and not has_attached(holder, _deny_all()) else []


def quarantine(user: str) -> None:
    """Deny the user everything: by an inline policy, and where there is no room for one by AWS's own AWSDenyAll, which counts by itself.

    https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSDenyAll.html
    """
    holder = f"user/{user}"
    try:
        set_inline_policy(holder, QUARANTINE, EVERYTHING)
    except ClientError as error:
        if code_of(error) != "LimitExceeded":
            raise
        _attach_deny_all(holder)


def quarantine_of(user: str) -> dict[str, Any]:
    """Return the user's quarantine policy as it is, and whether AWSDenyAll is attached: one of the two is Snapback's, the other perhaps somebody else's."""
    holder = f"user/{user}"
    return {QUARANTINE: inline_policy(holder, QUARANTINE), "AWSDenyAll": has_attached(holder, _deny_all())}


def end_quarantine(user: str, before: Sequence[Former]) -> None:
    """Take away whichever of the two it was that `quarantine` gave, if both are as it left them (`quarantine_of`)."""
    holder = f"user/{user}"
    if inline_policy(holder, QUARANTINE) == EVERYTHING:
        set_inline_policy(holder, QUARANTINE, before[0]["Former"])
    else:
        detach(holder, _deny_all())


def users_in(detail: Mapping[str, Any]) -> list[str]:
    """Return the IAM user whose credentials a GuardDuty finding is about; none for role sessions, root and clusters, which hold such details too.

    https://docs.aws.amazon.com/guardduty/latest/APIReference/API_AccessKeyDetails.html
    """
    return findings.accused_users(detail) if findings.is_sequence(detail) else _principals_in(detail, "IAMUser")


def sessions_in(detail: Mapping[str, Any]) -> list[str]:
    """Return the role whose temporary credentials a GuardDuty finding is about, and when they were last seen at it: `deploy/2026-11-24T03:05:00Z`."""
    seen = datetime.fromisoformat(detail["service"]["eventLastSeen"]).astimezone(UTC).strftime(_TIME)
    return [f"{role}/{seen}" for role in _principals_in(detail, "AssumedRole")]


def holder_of(name: str) -> str:
    """Return, for the role and time of such a name, the role as the holder of policies: `role/deploy`."""
    return f"role/{name.split('/', maxsplit=1)[0]}"


def open_sessions(name: str) -> list[Former]:
    """Return, for the role and time of such a name, the policy as it is if sessions from before that time may still act.

    Raises `OnlyPeople` for roles into which nothing can be written: those of AWS services and of IAM Identity Center.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_revoke-sessions.html
    """
    role, seen = name.split("/")
    path = aws("iam").get_role(RoleName=role)["Role"]["Path"]
    if path.startswith("/aws-service-role/"):
        raise OnlyPeople("it is the role of an AWS service, into which nobody can write: find out what made the service act, and ask AWS Support")
    if path.startswith("/aws-reserved/"):
        raise OnlyPeople("it is a role of IAM Identity Center: delete the user's active sessions there, and disable the user")
    if any(until >= seen for until in _revoked_until(role)):
        return []
    return [{"PolicyName": REVOKED_SESSIONS, "Former": inline_policy(f"role/{role}", REVOKED_SESSIONS)}]


def sessions_before_now(name: str) -> Document:
    """Return the document that denies everything to sessions from before now; never earlier than the time in the name, whatever this machine's clock says."""
    now = datetime.fromtimestamp(math.ceil(clock.for_calls()), UTC).strftime(_TIME)
    return {"Version": "2012-10-17", "Statement": [_revoking(max(now, name.split("/")[1]))]}


def _attach_deny_all(holder: str) -> None:
    try:
        attach(holder, _deny_all())
    except ClientError as error:
        if code_of(error) != "LimitExceeded":
            raise
        steps = "deactivate all of its access keys and delete its password now, then detach one policy and attach AWSDenyAll"
        raise OnlyPeople(f"{holder} has room neither for an inline policy nor for another attached one ({said_by(error)}): {steps}") from error


def _deny_all() -> str:
    partition = settings.text("ROLE_ARN").split(":")[1]
    return f"arn:{partition}:iam::aws:policy/AWSDenyAll"


def _principals_in(detail: Mapping[str, Any], kind: str) -> list[str]:
    resource = detail["resource"]
    key = resource["accessKeyDetails"]
    return [key["userName"]] if resource["resourceType"] in ("AccessKey", "S3Bucket") and key["userType"] == kind else []


def _revoked_until(role: str) -> Iterator[str]:
    for policy in (REVOKED_SESSIONS, _REVOKED_IN_THE_CONSOLE):
        for statement in listed((inline_policy(f"role/{role}", policy) or {"Statement": []})["Statement"]):
            until = statement.get("Condition", {}).get("DateLessThan", {}).get("aws:TokenIssueTime", "")
            alike = {**statement, "Action": listed(statement.get("Action")), "Resource": listed(statement.get("Resource")), "Sid": "Revoked"}
            if alike == {**_revoking(until), "Action": ["*"], "Resource": ["*"]}:
                yield until


def _revoking(until: str) -> dict[str, Any]:
    condition = {"DateLessThan": {"aws:TokenIssueTime": until}}
    return {"Sid": "Revoked", "Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition}
