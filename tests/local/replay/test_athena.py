"""Athena is played by DuckDB, over a table with the columns that AWS's page has: the parts of SQL that are used mean the same to both."""

import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest

from local.replay import athena, files
from local.replay.athena import NoAnswer, Table, candidates, query
from local.replay.envelope import Candidate, Sieve
from local.replay.rules import FROM_TRAILS
from snapback.engine import clock
from tests.local.replay.conftest import JUDGE, ids, numbered, told, written
from tests.local.replay.test_matching import CORPUS, SAMPLES

TABLE = Table("cloudtrail_logs", output="s3://results/")
ISSUER = "type VARCHAR, principalid VARCHAR, arn VARCHAR, accountid VARCHAR, username VARCHAR"
IDENTITY = (
    "type VARCHAR, principalid VARCHAR, arn VARCHAR, accountid VARCHAR, invokedby VARCHAR, accesskeyid VARCHAR, username VARCHAR, "
    f"sessioncontext STRUCT(attributes STRUCT(mfaauthenticated VARCHAR, creationdate VARCHAR), sessionissuer STRUCT({ISSUER}))"
)
COLUMNS = {
    **dict.fromkeys((name.lower() for name in (*athena._TEXTS, *athena._JSON, "readOnly")), "VARCHAR"),  # noqa: SLF001 - the fields whose columns AWS's page has
    "useridentity": f"STRUCT({IDENTITY})",
    "resources": "STRUCT(arn VARCHAR, accountid VARCHAR, type VARCHAR)[]",
    '"timestamp"': "VARCHAR",
}


class Session:
    """A session whose Athena is DuckDB."""

    def __init__(self, records: Sequence[Mapping[str, Any]], states: Sequence[str] = ("QUEUED", "RUNNING", "SUCCEEDED"), reason: str = "") -> None:
        self.states, self.reason, self.stopped, self.rows = list(states), reason, list[str](), list[Any]()
        self.asked: dict[str, Any] = {}
        self._database = duckdb.connect()
        self._database.execute("CREATE MACRO json_format(value) AS value")
        self._database.execute(f"CREATE TABLE cloudtrail_logs ({', '.join(f'{name} {kind}' for name, kind in COLUMNS.items())})")
        text = json.dumps([columns_of(record) for record in records])
        kinds = json.dumps({name.strip('"'): kind for name, kind in COLUMNS.items()})
        self._database.execute("INSERT INTO cloudtrail_logs SELECT unnest(from_json(?::JSON, ?), max_depth := 2)", [text, f"[{kinds}]"])

    def client(self, service: str) -> "Session":
        assert service == "athena"
        return self

    def start_query_execution(self, **asked: Any) -> Mapping[str, str]:  # noqa: ANN401 - as boto3's
        self.asked = asked
        self.rows = self._database.execute(asked["QueryString"]).fetchall()
        return {"QueryExecutionId": "q-1"}

    def get_query_execution(self, **_: str) -> Mapping[str, Any]:
        return {"QueryExecution": {"Status": {"State": self.states.pop(0), "StateChangeReason": self.reason}}}

    def stop_query_execution(self, **asked: str) -> None:
        self.stopped.append(asked["QueryExecutionId"])

    def get_paginator(self, operation: str) -> "Session":
        assert operation == "get_query_results"
        return self

    def paginate(self, **_: str) -> Iterator[Mapping[str, Any]]:
        rows = [["name"] * len(self.rows[0] if self.rows else []), *self.rows]
        for first in range(0, len(rows), 7):
            cells = [[{} if cell is None else {"VarCharValue": str(cell)} for cell in row] for row in rows[first : first + 7]]
            yield {"ResultSet": {"Rows": [{"Data": row} for row in cells]}}


def columns_of(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the record as the table has it: in small letters, and what has no columns of its own as JSON."""
    row: dict[str, Any] = {"timestamp": str(record.get("eventTime"))[:10].replace("-", "/")}
    for name, value in record.items():
        if name in athena._JSON and value is not None:  # noqa: SLF001 - the fields whose columns are JSON
            row[name.lower()] = json.dumps(value)
        elif name == "readOnly":
            row["readonly"] = json.dumps(value)
        else:
            row[name.lower()] = _small(value)
    return row


def _small(value: Any) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, Mapping):
        return {name.lower(): _small(inner) for name, inner in value.items()}
    return [_small(inner) for inner in value] if isinstance(value, list) else value


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    waited: list[float] = []
    monkeypatch.setattr(clock, "pause", waited.append)
    return waited


def from_athena(records: Sequence[Mapping[str, Any]]) -> Mapping[str, Sequence[str]]:
    return heard(list(candidates(TABLE, Sieve(JUDGE), Session(records))))  # type: ignore[arg-type]  # it has what is used of a session


def from_files(records: Sequence[Mapping[str, Any]], folder: Path) -> Mapping[str, Sequence[str]]:
    return heard(list(files.candidates([written(folder / "1.json.gz", records)], Sieve(JUDGE))))


def heard(found: Sequence[Any]) -> Mapping[str, Sequence[str]]:
    assert told(found) == []
    return {one.event["id"]: [rule.name for rule in one.rules] for one in found if isinstance(one, Candidate)}


def test_of_every_sample_athena_says_what_the_files_say(tmp_path: Path) -> None:
    records = [event["detail"] for event in SAMPLES.values() if event["detail-type"] in FROM_TRAILS]
    assert from_athena(records) == from_files(records, tmp_path)


@pytest.mark.skipif(not CORPUS.exists(), reason="real events are not here")
def test_of_real_records_athena_says_what_the_files_say(tmp_path: Path) -> None:
    with gzip.open(CORPUS, "rt") as lines:
        records = [record for number, line in enumerate(lines) if number % 5 == 0 and "eventName" in (record := json.loads(line)["detail"])]
    assert from_athena(records) == from_files(records, tmp_path)


def test_a_record_is_put_together_as_it_was() -> None:
    issuer = {"type": "Role", "principalId": "AROA1", "arn": "arn:aws:iam::111122223333:role/r", "accountId": "111122223333", "userName": "r"}
    context = {"attributes": {"mfaAuthenticated": "false", "creationDate": "2026-09-01T11:00:00Z"}, "sessionIssuer": issuer}
    identity = {"type": "AssumedRole", "accountId": "111122223333", "invokedBy": "cloudformation.amazonaws.com", "sessionContext": context}
    resources = [{"ARN": "arn:aws:ec2:us-east-1:111122223333:security-group/sg-1", "accountId": "111122223333", "type": "AWS::EC2::SecurityGroup"}]
    record = numbered(1, userIdentity=identity, resources=resources, readOnly=False, responseElements={"_return": True, "list": [1, None]})
    [found] = candidates(TABLE, Sieve(JUDGE), Session([record]))  # type: ignore[arg-type]  # it has what is used of a session
    assert isinstance(found, Candidate)
    assert found.event["detail"] == record


def test_of_resources_whose_names_athena_leaves_out_the_places_count() -> None:
    assert athena._resource(["arn:aws:s3:::b", None, "AWS::S3::Bucket"]) == {"ARN": "arn:aws:s3:::b", "type": "AWS::S3::Bucket"}  # noqa: SLF001 - which DuckDB does not do


def test_what_is_asked_for_is_asked_of_athena_with_a_day_to_spare() -> None:
    sieve = Sieve(JUDGE, ["111122223333"], ["us-east-1"], "2026-09-01T06:00:00Z", "2026-09-02T06:00:00Z")
    others = [numbered(2, recipientAccountId="444455556666"), numbered(3, awsRegion="eu-west-1"), numbered(4, eventTime="2026-09-01T05:59:59Z")]
    session = Session([numbered(1), *others, numbered(5, eventTime="2026-09-02T06:00:00Z")])
    assert ids(list(candidates(TABLE._replace(day="timestamp"), sieve, session))) == [numbered(1)["eventID"]]  # type: ignore[arg-type]  # the same
    assert len(session.rows) == 1
    sql = session.asked["QueryString"]
    assert """"timestamp" >= '2026/09/01'""" in sql
    assert """"timestamp" <= '2026/09/03'""" in sql
    assert session.asked["ResultConfiguration"] == {"OutputLocation": "s3://results/"}


def test_the_query_is_short_enough_for_athena() -> None:
    """Hold https://docs.aws.amazon.com/athena/latest/ug/service-limits.html: 262,144 bytes."""
    assert len(query(Sieve(JUDGE), TABLE).encode()) < 131_072


def test_it_is_waited_for_at_growing_distances(no_waiting: list[float]) -> None:
    session = Session([numbered(1)], ["QUEUED"] + ["RUNNING"] * 9 + ["SUCCEEDED"])
    assert len(ids(list(candidates(TABLE, Sieve(JUDGE), session)))) == 1  # type: ignore[arg-type]  # the same
    assert no_waiting == sorted(no_waiting)
    assert (len(no_waiting), no_waiting[0], no_waiting[-1]) == (10, 1.0, 15.0)


@pytest.mark.parametrize("state", ["FAILED", "CANCELLED"])
def test_a_query_that_fails_is_an_error_with_athenas_reason(state: str) -> None:
    session = Session([], ["RUNNING", state], "COLUMN_NOT_FOUND: line 1:8: Column 'eventcategory' cannot be resolved")
    with pytest.raises(NoAnswer, match=f"{state}: COLUMN_NOT_FOUND"):
        list(candidates(TABLE, Sieve(JUDGE), session))  # type: ignore[arg-type]  # the same


def test_a_query_that_nobody_waits_for_any_more_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(clock, "pause", interrupted)
    session = Session([], ["RUNNING"])
    with pytest.raises(KeyboardInterrupt):
        list(candidates(TABLE, Sieve(JUDGE), session))  # type: ignore[arg-type]  # the same
    assert session.stopped == ["q-1"]


@pytest.mark.parametrize("name", ['logs"; DROP TABLE x', "a.b;c", "logs where true--"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(NoAnswer, match="no name"):
        query(Sieve(JUDGE), TABLE._replace(name=name))


def test_a_column_that_should_be_json_and_is_none_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session([numbered(1), numbered(2)])
    monkeypatch.setattr(session, "paginate", lambda **_: [{"ResultSet": {"Rows": [{"Data": [{"VarCharValue": "{"} for _ in athena._SELECTED]}] * 3}}])  # noqa: SLF001 - its columns
    found = list(candidates(TABLE, Sieve(JUDGE), session))  # type: ignore[arg-type]  # the same
    assert [where for where, _ in told(found)] == ["Athena's query q-1, row 1", "Athena's query q-1, row 2"]
