"""Keep one ticket for each matter that Snapback tells of: made when a person is needed, updated while that is so, closed when it is settled.

A matter is what an alert's `dedup_key` names (docs/alert.schema.json): a remediation and a resource, say. SNS may bring an alert twice, late, or two at
once, so what is known of a matter is in a table, under a lease while somebody is at work on it; the tracker itself is asked before a ticket is made, in case
an attempt was cut off after it had made one. Whatever the tracker refuses is raised: Lambda tries twice more and then keeps the alert as a dead letter.
"""

import base64
import hashlib
import http.client
import json
import logging
import os
import re
import ssl
import time
from collections.abc import Mapping
from typing import Any, Final, NamedTuple, Protocol
from urllib.parse import quote, urlsplit

import boto3
from botocore.exceptions import ClientError

logger = logging.getLogger(__name__)
logger.setLevel(logging.INFO)

LEASE: Final = 90
"""Seconds in which nobody else works on the matter: longer than the function runs."""
PATIENCE: Final = 10
"""Seconds to wait for the tracker."""
KEPT: Final = 400 * 86_400
"""Seconds for which a matter is remembered after the last alert about it."""
SETTLES: Final = frozenset({"FIXED", "ACCEPTED"})
"""Outcomes that end a matter; so does EXEMPTED while the exemption or the silence can be ended, and not when it has ended.

Of a threat that was contained an alert still needs a person: its ticket stays open until somebody closes it.
"""
URGENCY: Final[Mapping[str, int]] = {"critical": 1, "high": 1, "medium": 2, "low": 3, "informational": 3}


class TicketError(Exception):
    """The ticket is not as it should be, and the alert has to come again."""


class BusyError(TicketError):
    """Another attempt is at work on the same matter."""


class UnreadableError(TicketError):
    """What came is no alert of Snapback, or of a version that is not known here."""


class Alert(NamedTuple):
    """What is used of an alert."""

    key: str
    title: str
    text: str
    severity: str
    needs_person: bool
    settles: bool
    """It ends the matter, if no person is needed."""
    told_at: str
    identity: str
    """The same if the alert comes twice."""

    @property
    def mark(self) -> str:
        """Return the key in a form that every tracker takes: a word of few letters, at most 40 characters."""
        return f"snapback-{hashlib.sha256(self.key.encode()).hexdigest()[:24]}"


def read(message: str) -> Alert:
    """Return the alert in what SNS brought: Snapback's JSON of version 2, by itself or in an OCSF event. Raises `UnreadableError`."""
    try:
        facts = json.loads(message)
        facts = facts.get("unmapped", facts)
        if not str(facts["version"]).startswith("2."):
            raise UnreadableError(f"alerts of version {str(facts['version'])[:10]!r} are not known here: set Snapback's parameter AlertVersion to 2.0")
        lines = [
            facts["headline"],
            f"Problem: {facts['problem']}",
            f"Resource: {facts['resource']['type']} {facts['resource']['name']} in {facts['account']} {facts['region']}",
            f"Outcome: {facts['outcome']} by {facts['remediation']} ({facts['id'] or 'no entry'}), {facts['told_at']}",
            *([f"Why: {facts['reason']}"] if facts["reason"] else []),
            *(f"{name}: {link}" for name, link in facts["links"].items()),
            *(f"To {name}: {command}" for name, command in facts["commands"].items()),
        ]
        return Alert(
            key=facts["dedup_key"],
            title=facts["title"],
            text="\n".join(lines),
            severity=facts["severity"],
            needs_person=facts["needs_person"],
            settles=facts["outcome"] in SETTLES or (facts["outcome"] == "EXEMPTED" and bool({"unexempt", "unsilence"} & facts["commands"].keys())),
            told_at=facts["told_at"],
            identity=f"{facts['id']} {facts['outcome']} {facts['told_at']}",
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnreadableError(f"this is no alert of Snapback: {type(error).__name__} {error}"[:300]) from error


# ------------------------------------------------------------------------- the web


class Web:
    """The tracker's API: over TLS, to one host, with no redirection followed, so the token goes nowhere else."""

    def __init__(self, url: str, secret: Mapping[str, str]) -> None:
        """Take the address (`https://example.atlassian.net`), and a token, with a user where the tracker wants both. Raises `TicketError`."""
        parts = urlsplit(url)
        if parts.scheme != "https" or not parts.hostname:
            raise TicketError("the tracker's address has to begin with https://")
        self._host, self._port, self._path = parts.hostname, parts.port or 443, parts.path.rstrip("/")
        self._tls = ssl.create_default_context()
        token, user = secret["token"], secret.get("user")
        self._authorization = f"Basic {base64.b64encode(f'{user}:{token}'.encode()).decode()}" if user else f"Bearer {token}"

    def ask(self, method: str, path: str, body: Any = None) -> Any:  # noqa: ANN401 - any JSON
        """Return the answer's JSON, None if it has none. Raises `TicketError`, in which neither the token nor the answer stands."""
        headers = {"Authorization": self._authorization, "Accept": "application/json", "Content-Type": "application/json"}
        connection = http.client.HTTPSConnection(self._host, self._port, timeout=PATIENCE, context=self._tls)
        try:
            connection.request(method, self._path + path, json.dumps(body) if body is not None else None, headers)
            answer = connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise TicketError(f"{method} {path.partition('?')[0]}: {type(error).__name__}") from error
        finally:
            connection.close()
        if not 200 <= answer.status < 300:  # noqa: PLR2004 - what HTTP calls success
            raise TicketError(f"{method} {path.partition('?')[0]}: the tracker answered {answer.status}")
        return json.loads(text) if text.strip() else None


class Tracker(Protocol):
    """Where tickets are."""

    def find(self, mark: str) -> str | None:
        """Return the open ticket with that mark."""

    def is_open(self, ticket: str) -> bool:
        """Tell whether nobody has closed it."""

    def make(self, alert: Alert) -> str:
        """Make a ticket; return its id."""

    def update(self, ticket: str, alert: Alert) -> None:
        """Add what is new."""

    def close(self, ticket: str, alert: Alert) -> None:
        """Say what settled it, and close it."""


class Jira:
    """Jira Cloud: https://developer.atlassian.com/cloud/jira/platform/rest/v3/."""

    def __init__(self, web: Web, project: str, issue_type: str) -> None:
        """Take the project's key and the type's name."""
        self._web, self._project, self._type = web, project, issue_type

    def find(self, mark: str) -> str | None:
        """Return the key of the open issue with that label."""
        jql = f'project = "{self._project}" AND labels = "{mark}" AND statusCategory != Done'
        found = self._web.ask("POST", "/rest/api/3/search/jql", {"jql": jql, "fields": ["key"], "maxResults": 1})["issues"]
        return str(found[0]["key"]) if found else None

    def is_open(self, ticket: str) -> bool:
        """Tell whether its status is of another category than Done."""
        status = self._web.ask("GET", f"/rest/api/3/issue/{quote(ticket)}?fields=status")["fields"]["status"]
        return bool(status["statusCategory"]["key"] != "done")

    def make(self, alert: Alert) -> str:
        """Make an issue; return its key."""
        fields = {
            "project": {"key": self._project},
            "issuetype": {"name": self._type},
            "summary": _line(alert.title),
            "description": _document(alert.text),
            "labels": ["snapback", alert.mark, f"severity-{alert.severity}"],
        }
        return str(self._web.ask("POST", "/rest/api/3/issue", {"fields": fields})["key"])

    def update(self, ticket: str, alert: Alert) -> None:
        """Comment, and say the present state in the summary."""
        self._web.ask("POST", f"/rest/api/3/issue/{quote(ticket)}/comment", {"body": _document(alert.text)})
        self._web.ask("PUT", f"/rest/api/3/issue/{quote(ticket)}", {"fields": {"summary": _line(alert.title)}})

    def close(self, ticket: str, alert: Alert) -> None:
        """Comment, and make the first transition that leads to a status of the category Done."""
        path = f"/rest/api/3/issue/{quote(ticket)}"
        ways = self._web.ask("GET", f"{path}/transitions")["transitions"]
        way = next((one["id"] for one in ways if one["to"]["statusCategory"]["key"] == "done"), None)
        if way is None:
            raise TicketError(f"{ticket} has no transition to a status that is done")
        self.update(ticket, alert)
        self._web.ask("POST", f"{path}/transitions", {"transition": {"id": way}})


class ServiceNow:
    """ServiceNow's Table API for incidents; the mark is their `correlation_id`."""

    _RESOLVED = "6"

    def __init__(self, web: Web, close_code: str) -> None:
        """Take the close code: which there are, each instance chooses for itself."""
        self._web, self._close_code = web, close_code

    def find(self, mark: str) -> str | None:
        """Return the sys_id of the open incident of that correlation."""
        query = quote(f"correlation_id={mark}^active=true^state!={self._RESOLVED}", safe="")
        found = self._web.ask("GET", f"/api/now/table/incident?sysparm_query={query}&sysparm_fields=sys_id&sysparm_limit=1")["result"]
        return str(found[0]["sys_id"]) if found else None

    def is_open(self, ticket: str) -> bool:
        """Tell whether it is active and not resolved."""
        now = self._web.ask("GET", f"/api/now/table/incident/{quote(ticket)}?sysparm_fields=active,state")["result"]
        return bool(now["active"] == "true" and now["state"] != self._RESOLVED)

    def make(self, alert: Alert) -> str:
        """Make an incident; return its sys_id."""
        urgency = str(URGENCY.get(alert.severity, 2))
        fields = {
            "short_description": _line(alert.title, 160),
            "description": _without_code(alert.text),
            "correlation_id": alert.mark,
            "correlation_display": "Snapback",
            "urgency": urgency,
            "impact": urgency,
        }
        return str(self._web.ask("POST", "/api/now/table/incident", fields)["result"]["sys_id"])

    def update(self, ticket: str, alert: Alert) -> None:
        """Add a work note, and say the present state in the short description."""
        self._change(ticket, short_description=_line(alert.title, 160), work_notes=_without_code(alert.text))

    def close(self, ticket: str, alert: Alert) -> None:
        """Resolve it."""
        self._change(ticket, state=self._RESOLVED, close_code=self._close_code, close_notes=_without_code(alert.text))

    def _change(self, ticket: str, **fields: str) -> None:
        self._web.ask("PATCH", f"/api/now/table/incident/{quote(ticket)}", fields)


def _without_code(text: str) -> str:
    """Return it without the marks between which ServiceNow takes a text for HTML: whoever names a resource could have a link of his shown."""
    return re.sub(r"(?i)\[(/?)code\]", r"(\1code)", text)


def _line(text: str, most: int = 250) -> str:
    """Return it on one line, as long as the tracker takes it."""
    return " ".join(text.split())[:most]


def _document(text: str) -> dict[str, Any]:
    """Return a text in Atlassian's document format; nothing in it becomes a mention or a link."""
    return {"type": "doc", "version": 1, "content": [{"type": "codeBlock", "content": [{"type": "text", "text": text[:30_000]}]}]}


# ------------------------------------------------------------------------- what is known of a matter


class Memory:
    """The table: one row for each matter."""

    def __init__(self, table: str) -> None:
        """Take the table's name."""
        self._table, self._dynamodb = table, boto3.client("dynamodb")

    def begin(self, key: str, attempt: str, now: float) -> Mapping[str, str]:
        """Take the lease of a matter; return what is known: `ticket`, `told_at` and `last`, where there is any. Raises `BusyError`."""
        try:
            row = self._dynamodb.update_item(
                TableName=self._table,
                Key={"matter": {"S": key}},
                UpdateExpression="SET attempt = :attempt, leased = :until, expires = :expires",
                ConditionExpression="attribute_not_exists(attempt) OR attempt = :attempt OR leased < :now",
                ExpressionAttributeValues={
                    ":attempt": {"S": attempt},
                    ":now": {"N": str(int(now))},
                    ":until": {"N": str(int(now) + LEASE)},
                    ":expires": {"N": str(int(now) + KEPT)},
                },
                ReturnValues="ALL_NEW",
            )["Attributes"]
        except ClientError as error:
            if error.response["Error"].get("Code") != "ConditionalCheckFailedException":
                raise
            raise BusyError("another alert about the same matter is at work") from error
        return {name: row[name]["S"] for name in ("ticket", "told_at", "last") if name in row}

    def note(self, key: str, ticket: str) -> None:
        """Write down which ticket the matter has."""
        self._change(key, "SET ticket = :ticket", {":ticket": {"S": ticket}})

    def end(self, key: str, alert: Alert, *, is_open: bool) -> None:
        """Give the lease back: the alert is handled."""
        gone = "attempt, leased" if is_open else "attempt, leased, ticket"
        self._change(key, f"SET told_at = :at, #last = :last REMOVE {gone}", {":at": {"S": alert.told_at}, ":last": {"S": alert.identity}}, {"#last": "last"})

    def leave(self, key: str) -> None:
        """Give the lease back, and nothing else is known: what comes next may begin at once."""
        self._change(key, "REMOVE attempt, leased", None)

    def _change(self, key: str, expression: str, values: Any, names: Any = None) -> None:  # noqa: ANN401 - as DynamoDB takes them
        given = {"ExpressionAttributeValues": values} if values else {}
        named = {"ExpressionAttributeNames": names} if names else {}
        self._dynamodb.update_item(TableName=self._table, Key={"matter": {"S": key}}, UpdateExpression=expression, **given, **named)


# ------------------------------------------------------------------------- the function


def handle(alert: Alert, tracker: Tracker, memory: Memory, attempt: str) -> str:
    """Make, update or close the matter's ticket; return what was done. Raises `TicketError`, and what AWS refuses."""
    known = memory.begin(alert.key, attempt, time.time())
    try:
        if known.get("last") == alert.identity:
            done = "known"
        elif alert.told_at < known.get("told_at", ""):
            done = "late"  # a newer alert about the matter was handled before
        else:
            done, is_open = _bring_up_to_date(alert, tracker, memory, known.get("ticket"))
            memory.end(alert.key, alert, is_open=is_open)
            return done
    except TicketError:
        memory.leave(alert.key)
        raise
    memory.leave(alert.key)
    return done


def _bring_up_to_date(alert: Alert, tracker: Tracker, memory: Memory, known: str | None) -> tuple[str, bool]:
    """Return what was done, and whether the matter has an open ticket now."""
    ticket = known if known and tracker.is_open(known) else tracker.find(alert.mark)
    if ticket and not alert.needs_person and alert.settles:
        tracker.close(ticket, alert)
        return f"closed {ticket}", False
    if ticket:
        tracker.update(ticket, alert)
        return f"updated {ticket}", True
    if not alert.needs_person:
        return "nothing: no person is needed", False
    ticket = tracker.make(alert)
    memory.note(alert.key, ticket)
    return f"made {ticket}", True


def tracker_of(environment: Mapping[str, str], secret: Mapping[str, str]) -> Tracker:
    """Return the tracker that the template's parameters name."""
    web = Web(environment["URL"], secret)
    if environment["TRACKER"] == "jira":
        return Jira(web, environment["PROJECT"], environment["ISSUE_TYPE"])
    return ServiceNow(web, environment["CLOSE_CODE"])


def secret_of(name: str) -> Mapping[str, str]:
    """Return the secret: `{"user": …, "token": …}`, or `{"token": …}` alone. Raises `TicketError`, in which it does not stand."""
    text = boto3.client("secretsmanager").get_secret_value(SecretId=name)["SecretString"]
    try:
        found = json.loads(text)
        secret = {part: found[part] for part in ("token", "user") if found.get(part)}
        if "token" in secret and all(isinstance(one, str) and re.fullmatch(r"[!-~]+", one) for one in secret.values()):  # a header takes no more
            return secret
    except (ValueError, TypeError, AttributeError):
        pass
    raise TicketError('the secret has to be {"user": "...", "token": "..."}, or only a token')


def handler(event: Mapping[str, Any], context: Any) -> list[str]:  # noqa: ANN401 - Lambda's context
    """Handle what SNS brings: one alert at a time."""
    tracker = tracker_of(os.environ, secret_of(os.environ["TOKEN_SECRET"]))
    memory = Memory(os.environ["MEMORY"])
    done = [handle(read(record["Sns"]["Message"]), tracker, memory, context.aws_request_id) for record in event["Records"]]
    logger.info("%s", json.dumps(done))
    return done
