import gzip
import json
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from local.replay.envelope import Candidate, Judge, Sieve, Unread
from local.replay.rules import rules
from snapback.engine import clock

JUDGE = Judge(rules())

RECORD: Mapping[str, Any] = {
    "eventVersion": "1.11",
    "eventID": "0f3c1b0e-7e8c-4f6e-8a60-7f9b2f1f3a11",
    "eventTime": "2026-09-01T12:00:00Z",
    "eventSource": "ec2.amazonaws.com",
    "eventName": "AuthorizeSecurityGroupIngress",
    "eventType": "AwsApiCall",
    "awsRegion": "us-east-1",
    "recipientAccountId": "111122223333",
    "userIdentity": {"type": "IAMUser", "accountId": "111122223333", "userName": "alice"},
    "requestParameters": {"groupId": "sg-0123456789abcdef0"},
}
"""That one rule asks for: `revoke-open-ingress`."""


def numbered(number: int, **changes: object) -> dict[str, Any]:
    """Return the record with an id of its own."""
    return {**RECORD, "eventID": f"0f3c1b0e-7e8c-4f6e-8a60-{number:012d}", **changes}


def written(file: Path, records: Sequence[object]) -> Path:
    """Write a file as CloudTrail does."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(gzip.compress(json.dumps({"Records": records}, separators=(",", ":")).encode()))
    return file


def told(found: Sequence[Candidate | Unread]) -> list[tuple[str, str]]:
    """Return what was not read: the file's name with the record, and why."""
    return [(Path(one.where).name, one.why) for one in found if isinstance(one, Unread)]


def ids(found: Sequence[Candidate | Unread]) -> list[str]:
    return [one.event["id"] for one in found if isinstance(one, Candidate)]


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: 1_800_000_000.0)  # in January 2027


@pytest.fixture(autouse=True)
def no_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for no disk: each answer of CloudTrail's is a transaction."""
    really = sqlite3.connect

    def connect(file: Path) -> sqlite3.Connection:
        opened = really(file)
        opened.execute("PRAGMA synchronous = OFF")
        return opened

    monkeypatch.setattr(sqlite3, "connect", connect)


@pytest.fixture
def sieve() -> Sieve:
    return Sieve(JUDGE)
