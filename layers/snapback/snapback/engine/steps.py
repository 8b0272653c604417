"""Steps: calls that say something by themselves, whatever becomes of the resource. Whoever has got in makes them, and they are seldom part of a day's work.

A handler has a table of them (`StepsReport`); here is what all have in common: who counts as expected, what is told once, and what the record says of who made
the call.
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, NamedTuple

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from snapback.engine import counts, settings
from snapback.engine.actors import Actor
from snapback.engine.alerts import seconds
from snapback.engine.clients import aws
from snapback.engine.errors import UnreadableEvent
from snapback.engine.events import ACCOUNT, NamedBy, account_calls, request_of, without_date
from snapback.engine.names import checked, shown
from snapback.engine.remediation import Report

logger = Logger(service="snapback")

Record = Mapping[str, Any]
"""The detail of a CloudTrail event."""

_DAY: Final = 24 * 3600.0

_IN_SERIES: Final = 10 * 60.0
"""Seconds within which calls are a series."""

_PEOPLE: Final = frozenset({"signin.amazonaws.com", "AWS Internal"})
"""Stand as `invokedBy` in some of the calls that a person makes in the console; every other word there is a service that works in somebody's name."""

_IDENTITY_CENTER: Final = "role/AWSReservedSSO_"


Refused = Literal["silent", "too", "only"]


class Step(NamedTuple):
    """One call: what is told of it, and how often."""

    told: Callable[[Record], str]
    """Returns in words what somebody did, without the subject; nothing if this one is harmless."""
    is_daily: bool = False
    """Some people and tools do it often: told once a month for each identity."""
    series: int = 0
    """Only so many of the same kind by one identity within ten minutes are worth an alert; 0 if one is."""
    kind: str = ""
    """What is counted together."""
    each: str = ""
    """The member of the request of which several are a series, if not each call counts."""
    refused: Refused = "silent"
    """Whether a refused call is silent, told too, or the only one that is told here, as another remediation tells the rest."""


Steps = Mapping[tuple[str, str], Step]
"""Service and call -> the step that it is."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class StepsReport(Report):
    """A report of such calls: a handler says which."""

    declared_in: str
    """The handler's own module, `__name__`: the remediation has its name from it."""
    steps: Steps
    resource: str = ACCOUNT
    named_by: NamedBy = field(default_factory=lambda: account_calls("*"))
    facts: Callable[[Record], Sequence[Mapping[str, str]]] = field(init=False)
    once_per: Callable[[Record], str] | None = field(init=False)

    def __post_init__(self) -> None:
        """Say what every report says of its problem."""
        object.__setattr__(self, "facts", lambda record: facts_of(record, self.steps, self.name))
        object.__setattr__(self, "once_per", lambda record: once_per(record, self.steps))

    @property
    def module(self) -> str:
        """Return the name of the handler's module."""
        return self.declared_in


def facts_of(record: Record, steps: Steps, remediation: str) -> Sequence[dict[str, str]]:
    """Return what people should know of the call; nothing if it is in no table, was expected, or is not one of a series yet."""
    step = _step(record, steps)
    if step is None or not (what := _told(record, step)) or _is_expected(record):
        return []
    event, who = str(record["eventID"]), _identity(record)
    if step.series and not _is_many(record, step.series):
        one = str(request_of(record).get(step.each, "")) or event
        if not counts.is_burst(f"{remediation} {step.kind} {_role_or_user(record)}", one, number=step.series, seconds=_IN_SERIES):
            return []
        what += f", the latest of {step.series} such calls within {_IN_SERIES / 60:.0f} minutes"
    refused = f" It was refused: {shown(record['errorCode'])}." if record.get("errorCode") else ""
    once = " Of this identity, that is told once a month." if _is_told_once_a_month(record, step) else ""
    others = counts.deeds(who, event, f"{record['eventName']} of {record['eventSource']}", seconds=_DAY)
    found = [{"What": f"{what}.{refused}{once}"}]
    if since := _session(record):
        found.append({"Session": since})
    if made := _identity_made(record):
        found.append({"Identity": made})
    if others:
        found.append({"TheSameIdentityWithinADay": "; ".join(others)})
    return [*found, {"DoFirst": _first(record)}]


def once_per(record: Record, steps: Steps) -> str:
    """Return what is told once: the record, or the same call of one identity within a month."""
    step = _step(record, steps)
    if step is None or not _is_told_once_a_month(record, step):
        return str(record["eventID"])
    return f"{step.kind or record['eventName']} by {_role_or_user(record)} in {record['eventTime'][:7]}"


def _is_told_once_a_month(record: Record, step: Step) -> bool:
    """Tell whether it is: a pipeline does the same every day. What its client calls itself proves nothing, so it silences nobody."""
    return step.is_daily or bool(step.series) or Actor.of(record).is_pipeline


def _step(record: Record, steps: Steps) -> Step | None:
    return steps.get((str(record["eventSource"]).partition(".")[0], without_date(str(record["eventName"]))))


def _told(record: Record, step: Step) -> str:
    unwanted: Refused = "silent" if record.get("errorCode") else "only"
    return "" if step.refused == unwanted else step.told(record)


def _is_many(record: Record, number: int) -> bool:
    """Tell whether this one call names so many things."""
    lists = [value["items"] for value in request_of(record).values() if isinstance(value, Mapping) and isinstance(value.get("items"), list)]
    return any(len(one) >= number for one in lists)


def _is_expected(record: Record) -> bool:
    """Tell whether it is a service's or a stack's doing, or that of who may have everything (parameter BreakGlass); what root does, another report tells.

    People who come by IAM Identity Center are told of all the same, though BreakGlass names their roles unless it is changed: who steals a session comes by it.
    """
    identity = record["userIdentity"]
    if identity.get("type") == "Root" or identity.get("invokedBy", "AWS Internal") not in _PEOPLE:
        return True
    issuer = (identity.get("sessionContext") or {}).get("sessionIssuer") or {}
    holder = f"role/{issuer.get('userName')}" if identity.get("type") == "AssumedRole" else f"user/{identity.get('userName')}"
    return settings.is_among("BREAK_GLASS", holder) and not holder.startswith(_IDENTITY_CENTER)


def _identity(record: Record) -> str:
    """Return who called: of a role the very session, of a person of IAM Identity Center the person."""
    identity = record["userIdentity"]
    person = (identity.get("onBehalfOf") or {}).get("userId") if identity.get("type") == "IdentityCenterUser" else ""
    return str(identity.get("arn") or person or identity.get("principalId") or identity.get("accountId"))


def _role_or_user(record: Record) -> str:
    """Return the role or user: the sessions of a role are one, as each run of a pipeline is another, but for those of people in Identity Center."""
    issuer = Actor.of(record).issuer
    return issuer if issuer and f":{_IDENTITY_CENTER}" not in issuer.replace("/aws-reserved/sso.amazonaws.com", "") else _identity(record)


def _first(record: Record) -> str:
    """Return what to do first: what ends it if nobody answers for it. A role of Identity Center is its own: nobody else may change it.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_revoke-sessions.html
    https://docs.aws.amazon.com/singlesignon/latest/userguide/authconcept-revoke-access.html
    """
    identity, actor = record["userIdentity"], Actor.of(record)
    key, role = str(identity.get("accessKeyId", "")), _role_of(record)
    if identity.get("type") == "IdentityCenterUser" or f"role/{role}".startswith(_IDENTITY_CENTER):
        ends = (
            f"disable {actor.session or actor.name} in IAM Identity Center, end their sessions there, and deny them by a service control policy until those end"
        )
    elif identity.get("type") == "AssumedRole":
        ends = f"revoke the sessions of the role {shown(role)}"
    elif key.startswith("AKIA"):
        ends = f"deactivate the access key {shown(key)} of {shown(identity.get('userName'))}"
    else:
        ends = f"take the password and the access keys from {shown(identity.get('userName') or _identity(record))}, and deny its sessions"
    return f"Ask who that was. If nobody answers for it: {ends}, and look at what else was done with it."


def _role_of(record: Record) -> Any:  # noqa: ANN401 - what an event says
    return ((record["userIdentity"].get("sessionContext") or {}).get("sessionIssuer") or {}).get("userName")


def _identity_made(record: Record) -> str:
    """Return how new the user or role is that made the call: what an intruder has made itself is hours old.

    Nothing for one of another account, or of Identity Center, whose role is as old as its permission set, and where IAM does not say: the alert waits for no
    such detail. https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetUser.html and API_GetRole.html
    """
    identity = record["userIdentity"]
    is_ours = identity.get("accountId") in (None, record.get("recipientAccountId"))
    user, role = identity.get("userName"), _role_of(record)
    try:
        if is_ours and user and identity.get("type") == "IAMUser":
            which = f"user {checked('AWS::IAM::User', user)}"
            made = aws("iam").get_user(UserName=user)["User"]["CreateDate"]
        elif is_ours and identity.get("type") == "AssumedRole" and role and not f"role/{role}".startswith(_IDENTITY_CENTER):
            which = f"role {checked('AWS::IAM::Role', role)}"
            made = aws("iam").get_role(RoleName=role)["Role"]["CreateDate"]
        else:
            return ""
    except UnreadableEvent:  # no name that IAM could be asked for
        return ""
    except (ClientError, BotoCoreError) as error:  # throttling and faults, too: the alert is worth more than this line, so it goes without
        logger.warning("not known how new the identity is", identity=shown(_identity(record)), why=shown(str(error), 300))
        return ""
    return f"The {which} was made {_long(seconds(str(record['eventTime'])) - made.timestamp())} before"


def _long(period: float) -> str:
    """Return a period as people say it: `12 minutes`, `5 hours`, `40 days`."""
    length, unit = next(((period / size, unit) for size, unit in ((_DAY, "days"), (3600, "hours")) if period >= 2 * size), (period / 60, "minutes"))
    return f"{max(length, 0):.0f} {unit}"


def _session(record: Record) -> str:
    """Return how new the session is, and whether it was begun with MFA; nothing where the record does not say, as of a user's long-lived key."""
    attributes = (record["userIdentity"].get("sessionContext") or {}).get("attributes") or {}
    if not (began := str(attributes.get("creationDate", ""))):
        return ""
    age = _long(seconds(str(record["eventTime"])) - seconds(began))
    mfa = "with" if attributes.get("mfaAuthenticated") in (True, "true") else "without"
    return f"It began {age} before, {mfa} MFA as AWS knows it"
