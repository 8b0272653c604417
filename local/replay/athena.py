"""An organisation's trail, by Athena: the same predicate, run where the trail is; only what a rule could match is brought home, and `Sieve` decides.

The table is one that AWS's own statements make, with a column for each field of a record:
https://docs.aws.amazon.com/athena/latest/ug/create-cloudtrail-table.html, or with days that Athena works out by itself
https://docs.aws.amazon.com/athena/latest/ug/create-cloudtrail-table-partition-projection.html.

A record is put together again from those columns that all such tables have: what else was in its userIdentity is not there. Athena is paid for by what it
reads: a column of days, and a time that is asked for, keep that small.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from local.replay import prefilter
from local.replay.envelope import Candidate, Sieve, Unread
from snapback.engine import clock
from snapback.engine.errors import SnapbackError

_TEXTS: Final = (
    "eventVersion",
    "eventTime",
    "eventSource",
    "eventName",
    "awsRegion",
    "sourceIPAddress",
    "userAgent",
    "errorCode",
    "errorMessage",
    "requestID",
    "eventID",
    "eventType",
    "apiVersion",
    "recipientAccountId",
    "sharedEventID",
    "vpcEndpointId",
    "eventCategory",
)
"""Fields that are text; each is a column, in small letters."""

_JSON: Final = ("requestParameters", "responseElements", "additionalEventData", "serviceEventDetails")
"""Fields whose column is the text of their JSON."""

_IDENTITY: Final = (
    "type",
    "principalId",
    "arn",
    "accountId",
    "invokedBy",
    "accessKeyId",
    "userName",
    "sessionContext.attributes.mfaAuthenticated",
    "sessionContext.attributes.creationDate",
    "sessionContext.sessionIssuer.type",
    "sessionContext.sessionIssuer.principalId",
    "sessionContext.sessionIssuer.arn",
    "sessionContext.sessionIssuer.accountId",
    "sessionContext.sessionIssuer.userName",
)
"""What every such table has of userIdentity."""

_SELECTED: Final = (*_TEXTS, *_JSON, "readOnly", "resources", *(f"userIdentity.{name}" for name in _IDENTITY))

_RESOURCE: Final = ("ARN", "accountId", "type")

_SHORTEST, _LONGEST = 1.0, 15.0
"""Seconds between two questions whether it is done: at first, and in the end."""

_LATE: Final = timedelta(days=1)
"""A record may stand in the files of the day after: they are named by when they were delivered."""


class NoAnswer(SnapbackError):  # noqa: N818 - reads as what it is
    """Athena has not run the query, or not to its end; the message has its reason."""


class Table(NamedTuple):
    """Where the trail's table is, and where Athena may put its results."""

    name: str
    """As SQL has it: `cloudtrail_logs`, or with its database."""
    database: str = "default"
    workgroup: str = "primary"
    output: str = ""
    """`s3://bucket/prefix` for the results, where the workgroup has none of its own."""
    day: str = ""
    """The partition by days, as AWS's page makes it: `timestamp`, with `2026/09/01`. Without one all of the trail is read."""


def query(sieve: Sieve, table: Table) -> str:
    """Return the SQL. Raises `NoAnswer` for a name that is none."""
    for name in filter(None, (*table.name.split("."), table.day)):
        if not name.replace("_", "").isalnum():
            raise NoAnswer(f"{name[:80]!r} is no name of a table or a column")
    wanted = [prefilter.predicate(sieve.judge.rules, {name: name.lower() for name in prefilter.COLUMNS})]
    for column, among in (("recipientaccountid", sieve.accounts), ("awsregion", sieve.regions)):
        wanted += [f"{column} IN ({', '.join(map(prefilter.text, sorted(among)))})"] if among else []
    for sign, moment, late in ((">=", sieve.since, timedelta()), ("<", sieve.until, _LATE)):
        if moment:
            wanted.append(f"eventtime {sign} {prefilter.text(moment)}")
            day = datetime.fromisoformat(moment) + late
            wanted += [f'"{table.day}" {sign[0]}= {prefilter.text(f"{day:%Y/%m/%d}")}'] if table.day else []
    columns = ", ".join("json_format(CAST(resources AS JSON))" if name == "resources" else name.lower() for name in _SELECTED)
    return f"SELECT {columns} FROM {table.name} WHERE {' AND '.join(wanted)}"  # noqa: S608 - names are checked, texts are quoted


def candidates(table: Table, sieve: Sieve, session: boto3.Session) -> Iterator[Candidate | Unread]:
    """Yield what the rules would have heard, and what was not read, in Athena's order. Raises `NoAnswer`.

    A query that is not waited for any more is stopped.
    """
    client = session.client("athena")
    try:
        execution = _started(client, query(sieve, table), table)
        _wait_for(client, execution)
        yield from _taken(client, execution, sieve)
    except (ClientError, BotoCoreError) as error:
        raise NoAnswer(f"Athena could not be asked: {error}") from error


def _started(client: Any, sql: str, table: Table) -> str:  # noqa: ANN401 - a client of Athena
    asked: dict[str, Any] = {"QueryString": sql, "QueryExecutionContext": {"Database": table.database}, "WorkGroup": table.workgroup}
    if table.output:
        asked["ResultConfiguration"] = {"OutputLocation": table.output}
    execution: str = client.start_query_execution(**asked)["QueryExecutionId"]
    return execution


def _wait_for(client: Any, execution: str) -> None:  # noqa: ANN401 - the same
    pause, is_done = _SHORTEST, False
    try:
        while not is_done:
            status = client.get_query_execution(QueryExecutionId=execution)["QueryExecution"]["Status"]
            is_done = status["State"] not in ("QUEUED", "RUNNING")
            if not is_done:
                clock.pause(pause)
                pause = min(_LONGEST, pause * 1.5)
    finally:
        if not is_done:
            client.stop_query_execution(QueryExecutionId=execution)
    if status["State"] != "SUCCEEDED":
        raise NoAnswer(f"Athena says {status['State']}: {status.get('StateChangeReason', 'and no reason')} (query {execution})")


def _taken(client: Any, execution: str, sieve: Sieve) -> Iterator[Candidate | Unread]:  # noqa: ANN401 - the same
    rows = (row for page in client.get_paginator("get_query_results").paginate(QueryExecutionId=execution) for row in page["ResultSet"]["Rows"])
    next(rows, None)  # the columns' names
    for number, row in enumerate(rows, 1):
        sieve.tally.records += 1
        where = f"Athena's query {execution}, row {number}"
        try:
            record = _record([cell.get("VarCharValue") for cell in row["Data"]])
        except (ValueError, RecursionError) as error:
            yield Unread(where, f"it cannot be put together: {error}")
            continue
        if found := sieve.take(record, where):
            yield found


def _record(cells: Sequence[str | None]) -> Mapping[str, Any]:
    """Return the record as CloudTrail wrote it, as far as the columns have it. Raises `ValueError` for a column that should be JSON."""
    record: dict[str, Any] = {}
    for name, cell in zip(_SELECTED, cells, strict=True):
        if cell is None:
            continue
        value: Any = cell
        if name in _JSON:
            value = json.loads(cell)
        elif name == "readOnly":
            value = {"true": True, "false": False}.get(cell, cell)
        elif name == "resources":
            value = [_resource(one) for one in json.loads(cell) or []]
        place, (*way, last) = record, name.split(".")
        for step in way:
            place = place.setdefault(step, {})
        place[last] = value
    return record


def _resource(one: Mapping[str, Any] | Sequence[Any]) -> Mapping[str, Any]:
    """Return a resource by CloudTrail's names, of which Athena has made small letters, or, in some versions, only their places."""
    values = [one.get(name.lower()) for name in _RESOURCE] if isinstance(one, Mapping) else one
    return {name: value for name, value in zip(_RESOURCE, values, strict=True) if value is not None}
