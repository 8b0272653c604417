import gzip
import json
import os
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from io import BytesIO
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, IncompleteReadError
from moto import mock_aws
from urllib3.exceptions import HTTPError

from local.bench import trail
from local.replay import files
from local.replay.envelope import Candidate, Sieve, Unread
from local.replay.files import NoSource, candidates
from local.replay.history import History
from local.survey.looking import Ended
from tests.local.replay.conftest import RECORD, ids, numbered, told, written

BORING: Mapping[str, Any] = numbered(0, eventName="DescribeInstances")


def test_a_folder_is_read_file_by_file_and_what_no_rule_asks_for_is_counted_only(tmp_path: Path, sieve: Sieve) -> None:
    written(tmp_path / "b" / "2.json.gz", [BORING, numbered(2), BORING])
    written(tmp_path / "a" / "1.json.gz", [numbered(1)])
    (tmp_path / "b" / "3.json").write_text(json.dumps({"Records": [numbered(3)]}))
    found = list(candidates([tmp_path], sieve))
    assert ids(found) == [numbered(number)["eventID"] for number in (1, 2, 3)]
    assert all("revoke-open-ingress" in [rule.remediation for rule in one.rules] for one in found if isinstance(one, Candidate))
    assert (sieve.tally.files, sieve.tally.records) == (3, 5)


def test_a_candidate_is_the_event_as_it_would_have_come(tmp_path: Path, sieve: Sieve) -> None:
    record = numbered(1, additionalEventData={"words": 'ä "quoted" \\ \n', "number": 1.5, "none": None, "list": [[], {}, False]})
    [found] = candidates([written(tmp_path / "1.json.gz", [record])], sieve)
    assert isinstance(found, Candidate)
    assert found.event["detail"] == record


WRONG: Mapping[str, tuple[bytes, str]] = {
    "empty": (b"", "it is empty"),
    "white space": (b" \n", "it is empty"),
    "text": (b"nothing of the kind", "it is no JSON"),
    "binary": (bytes(range(256)), "it is no JSON"),
    "list": (json.dumps([RECORD]).encode(), 'in the form of its files: jq "{Records: .}" makes one'),
    "number": (b"5", "it holds no records of CloudTrail's"),
    "other JSON": (b'{"some": "thing"}', "it holds no records of CloudTrail's"),
    "Config's history": (b'{"fileVersion": "1.0", "configurationItems": []}', "but AWS Config's items"),
    "digest": (b'{"digestStartTime": "2026-09-01T12:00:00Z", "logFiles": []}', "but a digest of a trail's files"),
    "an answer of LookupEvents": (b'{"Events": []}', "but an answer of LookupEvents"),
    "zip": (b"PK\x03\x04" + bytes(40), "it is packed by zip"),
    "gzip in gzip": (gzip.compress(b"{}"), "it is packed by gzip twice"),
    "tar": (b"AWSLogs/1.json" + bytes(243) + b"ustar", "an archive of tar"),
    "UTF-16": (json.dumps({"Records": [RECORD]}).encode("utf-16"), "its text is UTF-16"),
    "flow logs": (b"version account-id interface-id srcaddr\n2 111122223333 eni-1 192.0.2.1\n", "flow logs of a VPC"),
    "a load balancer's log": (b"https 2026-09-01T12:00:00.000000Z app/web/1 192.0.2.1:443", "a load balancer's access log"),
    "S3's log": (b"79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be logs [01/Sep/2026", "S3's access log"),
    "lines": (f"{json.dumps(RECORD)}\n{json.dumps(RECORD)}\n".encode(), "a JSON text on each line"),
    "a record by itself": (json.dumps(RECORD).encode(), 'in the form of its files: jq "{Records: [.]}" makes one'),
    "records that are no list": (b'{"Records": {"a": 1}}', "it holds no records of CloudTrail's"),
}


@pytest.mark.parametrize("is_packed", [False, True], ids=["plain", "packed"])
def test_a_file_that_is_none_of_cloudtrails_is_told_with_the_reason_and_the_others_are_read(is_packed: bool, tmp_path: Path, sieve: Sieve) -> None:  # noqa: FBT001 - a parameter
    for number, (what, (content, _)) in enumerate(sorted(WRONG.items())):
        (tmp_path / what).write_bytes(gzip.compress(content) if is_packed or "packed by gzip" in WRONG[what][1] else content)
        written(tmp_path / f"{what}, and after it", [numbered(number)])
    found = list(candidates([tmp_path], sieve))
    assert ids(found) == [numbered(number)["eventID"] for number in range(len(WRONG))]
    assert [where for where, _ in told(found)] == sorted(WRONG)
    assert [(where, why) for where, why in told(found) if WRONG[where][1] not in why] == []


def test_a_mark_of_utf_8_before_a_file_keeps_nobody_from_reading_it(tmp_path: Path, sieve: Sieve) -> None:
    (tmp_path / "1.json").write_text(json.dumps({"Records": [numbered(1)]}), encoding="utf-8-sig")
    assert ids(list(candidates([tmp_path], sieve))) == [numbered(1)["eventID"]]


def test_a_file_without_records_is_no_mistake(tmp_path: Path, sieve: Sieve) -> None:
    assert list(candidates([written(tmp_path / "1.json.gz", [])], sieve)) == []
    assert sieve.tally.files == 1


def test_no_file_is_an_error_before_any_other_is_read(tmp_path: Path, sieve: Sieve) -> None:
    with pytest.raises(NoSource, match="nowhere"):
        list(candidates([written(tmp_path / "1.json.gz", [numbered(1)]), tmp_path / "nowhere"], sieve))
    assert sieve.tally.records == 0


def test_what_of_a_folder_is_not_read_is_told(tmp_path: Path, sieve: Sieve, monkeypatch: pytest.MonkeyPatch) -> None:
    there, listed = tmp_path / "there", os.scandir
    written(there / "locked" / "1.json.gz", [numbered(1)])
    written(there / "open" / "2.json.gz", [numbered(2)])
    written(tmp_path / "elsewhere" / "3.json.gz", [numbered(3)])
    (there / "folder").symlink_to(tmp_path / "elsewhere")
    (there / "file").symlink_to(tmp_path / "elsewhere" / "3.json.gz")
    (there / "broken").symlink_to(tmp_path / "nowhere")
    os.mkfifo(there / "pipe")
    Path(os.fsdecode(os.fsencode(there) + b"/\xff")).write_text("")

    def scandir(path: str) -> Any:  # noqa: ANN401 - what it returns
        if path.endswith("locked"):
            raise PermissionError(13, "Permission denied", path)  # root, who may run this, is refused nothing
        return listed(path)

    monkeypatch.setattr(os, "scandir", scandir)
    found = list(candidates([there], sieve))
    assert ids(found) == [numbered(3)["eventID"], numbered(2)["eventID"]]
    assert sorted(told(found)) == [
        ("broken", "it cannot be opened: No such file or directory"),
        ("folder", "it is a link to a folder, and was not followed"),
        ("locked", "it cannot be listed: Permission denied"),
        ("pipe", "it is neither a file nor a folder"),
        ("\ufffd", "it is empty"),
    ]
    assert sieve.tally.files == 3


def test_of_a_gzip_that_is_cut_all_whole_records_are_read_and_a_line_says_so(tmp_path: Path, sieve: Sieve) -> None:
    whole = written(tmp_path / "1.json.gz", [numbered(number, requestID=random.Random(number).randbytes(40).hex()) for number in range(50)])  # noqa: S311 - no secret
    packed = whole.read_bytes()
    whole.write_bytes(packed[: len(packed) // 2])
    found = list(candidates([whole], sieve))
    assert 10 < len(ids(found)) < 40
    assert ids(found) == [numbered(number)["eventID"] for number in range(len(ids(found)))]
    [(where, why)] = told(found)
    assert where == "1.json.gz"
    assert "its gzip is cut after" in why
    assert f"; {len(ids(found))} records before that were read" in why


def test_of_a_gzip_that_is_broken_what_comes_before_is_read(tmp_path: Path, sieve: Sieve) -> None:
    whole = written(tmp_path / "1.json.gz", [numbered(number, requestID=random.Random(number).randbytes(40).hex()) for number in range(50)])  # noqa: S311 - no secret
    packed = bytearray(whole.read_bytes())
    packed[-400:-300] = bytes(100)
    whole.write_bytes(packed)
    found = list(candidates([whole], sieve))
    assert told(found)
    assert all("its gzip is broken" in why or "it is no JSON" in why for _, why in told(found))


def test_a_file_of_several_gzips_one_after_the_other_is_one_file(tmp_path: Path, sieve: Sieve) -> None:
    text = json.dumps({"Records": [numbered(1), numbered(2)]}).encode()
    (tmp_path / "1.json.gz").write_bytes(gzip.compress(text[:100]) + gzip.compress(text[100:]))
    assert len(ids(list(candidates([tmp_path], sieve)))) == 2


A, B = (json.dumps(numbered(number)) for number in (1, 2))

JOINED: Mapping[str, tuple[str, int, str]] = {
    "two files": (f'{{"Records":[{A}]}}{{"Records":[{B}]}}', 2, ""),
    "an empty one between, and lines": (f'{{"Records": [{A}]}}\n{{"Records": []}}\n{{\n "Records" : [\n{B}\n]\n}}\n', 2, ""),
    "cut between records": (f'{{"Records":[{A},{B}', 2, "it ends before its records do; 2 records before that were read"),
    "cut behind a comma": (f'{{"Records":[{A},{B}, ', 2, "it ends before its records do; 2 records before that were read"),
    "cut before the last bracket": (f'{{"Records":[{A},{B}] ', 2, "it ends before its records do; 2 records before that were read"),
    "the second one cut": (f'{{"Records":[{A}]}}{{"Records":[{B}', 2, "it ends before its records do; 2 records before that were read"),
    "the second one cut in its first word": (f'{{"Records":[{A},{B}]}} {{"Rec', 2, "5 characters follow that are no records; 2 records before that were read"),
    "something else behind": (f'{{"Records":[{A},{B}]}}{{"Events":[]}}', 2, "13 characters follow that are no records; 2 records before that were read"),
    "something else before": (f'{{"Events":[]}}{{"Records":[{A},{B}]}}', 2, "it holds no records of CloudTrail's, but an answer of LookupEvents"),
    "cut in a record": (f'{{"Records":[{A},{B[:-9]}', 1, "it is no JSON: Unterminated string starting at"),
}


@pytest.mark.parametrize("what", JOINED)
def test_several_files_in_one_are_all_read_and_what_ends_too_early_is_told(what: str, tmp_path: Path, sieve: Sieve) -> None:
    text, number, why = JOINED[what]
    (tmp_path / "1.json").write_text(text)
    found = list(candidates([tmp_path], sieve))
    assert ids(found) == [numbered(one)["eventID"] for one in (1, 2)[:number]]
    assert [said.startswith(why) for _, said in told(found)] == [True] * bool(why), told(found)
    assert (sieve.tally.files, sieve.tally.records) == (1, number)


def test_many_files_in_a_large_one_are_all_read(tmp_path: Path, sieve: Sieve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_PIECE", 5_000)
    monkeypatch.setattr(files, "_READ", 1_000)
    monkeypatch.setattr(files, "_LONGEST", 15_000)
    several = [[], [1], [2], [3], [4], [5], [6], [7], [8], [*range(10, 30)], [], [30], [*range(31, 60)], []]
    texts = [json.dumps({"Records": [numbered(number) for number in numbers]}) for numbers in several]
    (tmp_path / "1.json.gz").write_bytes(b"".join(gzip.compress(text.encode()) for text in texts))
    found = list(candidates([tmp_path], sieve))
    assert ids(found) == [numbered(number)["eventID"] for numbers in several for number in numbers]
    assert (told(found), sieve.tally.files) == ([], 1)


BROKEN: Mapping[str, tuple[Callable[[str], str], str]] = {
    "a letter is missing": (lambda text: text.replace('"eventName"', '"eventName', 1), "it is no JSON"),
    "a bracket is missing": (lambda text: text.replace("[]", "[", 1), "it is no JSON"),
    "a number of 5,000 digits": (lambda text: text.replace("[]", "5" * 5_000, 1), "it cannot be read: Exceeds the limit"),
    "nested": (lambda text: text.replace("[]", "[" * 20_000 + "]" * 20_000, 1), "it cannot be read: maximum recursion depth"),
    "half a character": (lambda text: text.replace("[]", r'"\ud800"', 1), "it has half a character in it"),
}


@pytest.mark.parametrize("is_sorted", [False, True], ids=["", "sorted"])
@pytest.mark.parametrize("how", BROKEN)
def test_of_a_file_with_one_broken_record_the_others_are_read(how: str, is_sorted: bool, tmp_path: Path, sieve: Sieve) -> None:  # noqa: FBT001 - a parameter
    change, why = BROKEN[how]
    inner = [{"a": 1}, {"b": 2}]
    texts = [json.dumps(numbered(number, resources=[], requestParameters={"inner": inner}), sort_keys=is_sorted) for number in range(5)]
    texts[2] = change(texts[2])
    (tmp_path / "1.json").write_text(f'{{"Records": [{", ".join(texts)}]}}')
    found = list(candidates([tmp_path], sieve))
    assert ids(found) == [numbered(number)["eventID"] for number in (0, 1, 3, 4)]
    [(where, said)] = told(found)
    assert where == "1.json, record 3"
    assert why in said


def test_a_record_that_is_none_is_told_with_its_number(tmp_path: Path, sieve: Sieve) -> None:
    wrong: list[object] = [None, "text", 5, [], {}, {"eventName": "RunInstances"}, numbered(7, eventType="Other"), numbered(8, eventTime="yesterday")]
    found = list(candidates([written(tmp_path / "1.json.gz", [*wrong, numbered(9)])], sieve))
    assert [where for where, _ in told(found)] == [f"1.json.gz, record {number}" for number in range(1, 9)]
    assert ids(found) == [numbered(9)["eventID"]]
    assert sieve.tally.records == 9


def test_a_record_that_came_before_is_left_to_the_history_which_counts_it(tmp_path: Path, sieve: Sieve) -> None:
    written(tmp_path / "account" / "1.json.gz", [numbered(1), numbered(2)])
    written(tmp_path / "organisation" / "1.json.gz", [numbered(2), numbered(3)])
    history = History(tmp_path)
    history.add(candidates([tmp_path / "account", tmp_path / "organisation"], sieve))
    history.end()
    assert (history.whole.candidates, history.whole.again) == (3, 1)


def test_records_of_other_accounts_regions_and_times_are_counted_and_told(tmp_path: Path, sieve: Sieve) -> None:
    sieve.accounts, sieve.regions, sieve.since, sieve.until = ["111122223333"], ["us-east-1"], "2026-09-01T00:00:00Z", "2026-09-02T00:00:00Z"
    others = [
        numbered(1, recipientAccountId="444455556666"),
        numbered(2, recipientAccountId="444455556666"),
        numbered(3, awsRegion="eu-west-1"),
        numbered(4, eventTime="2026-08-31T23:59:59Z"),
        numbered(5, eventTime="2026-09-02T00:00:00Z"),
    ]
    assert ids(list(candidates([written(tmp_path / "1.json.gz", [*others, numbered(6)])], sieve))) == [numbered(6)["eventID"]]
    assert list(sieve.tally.lines()) == [
        "Read: 6 records in 1 file.",
        "Not asked for: 1 candidate of account 111122223333 in eu-west-1.",
        "Not asked for: 2 candidates of account 444455556666 in us-east-1.",
        "Not asked for: 2 candidates of another time.",
    ]


def test_a_hundred_thousand_records_in_one_minute_are_all_there(tmp_path: Path, sieve: Sieve, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer of them, in pieces that are smaller still."""
    monkeypatch.setattr(files, "_PIECE", 16_000)
    monkeypatch.setattr(files, "_READ", 1_000)
    records = [numbered(number, eventTime=f"2026-09-01T12:00:{number % 60:02d}Z") if number % 3 else BORING for number in range(300)]
    found = list(candidates([written(tmp_path / "1.json.gz", records)], sieve))
    assert ids(found) == [record["eventID"] for record in records if record is not BORING]
    assert sieve.tally.records == 300


@pytest.mark.parametrize("is_sorted", [False, True], ids=["", "sorted"])
@pytest.mark.parametrize("separators", [(",", ":"), (",\n", ": ")])
def test_a_large_file_is_cut_between_records_however_it_is_written(
    separators: tuple[str, str],
    is_sorted: bool,  # noqa: FBT001 - a parameter
    tmp_path: Path,
    sieve: Sieve,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(files, "_PIECE", 5_000)
    monkeypatch.setattr(files, "_READ", 1_000)
    monkeypatch.setattr(files, "_LONGEST", 15_000)
    trap = {"text": 'ä},{"eventVersion"', "nested": [{"a": {}}, {"eventVersions": 1}]}
    records = [numbered(number, requestParameters=trap) for number in range(50)]
    (tmp_path / "1.json").write_text(json.dumps({"Records": records}, separators=separators, sort_keys=is_sorted, ensure_ascii=False))
    assert ids(list(candidates([tmp_path], sieve))) == [record["eventID"] for record in records]
    assert sieve.tally.records == 50


def test_records_inside_of_a_record_do_not_lead_astray(tmp_path: Path, sieve: Sieve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_PIECE", 3_000)
    monkeypatch.setattr(files, "_READ", 1_000)
    inner = [{"eventVersion": "1"}, {"eventVersion": "1"}]
    written(tmp_path / "1.json.gz", [numbered(number, requestParameters={"inner": inner}) for number in range(25)])
    found = list(candidates([tmp_path], sieve))
    assert (len(ids(found)), told(found)) == (25, [])


def test_a_record_that_is_broken_in_the_middle_of_a_large_file_is_the_only_one_that_is_not_read(
    tmp_path: Path, sieve: Sieve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_PIECE", 3_000)
    monkeypatch.setattr(files, "_READ", 1_000)
    monkeypatch.setattr(files, "_LONGEST", 9_000)
    texts = [json.dumps(numbered(number)) for number in range(35)]
    texts[10] = texts[10].replace('"eventName"', '"eventName', 1)
    (tmp_path / "1.json").write_text(f'{{"Records":[{",".join(texts)}]}}')
    found = list(candidates([tmp_path], sieve))
    assert ids(found) == [numbered(number)["eventID"] for number in range(35) if number != 10]
    assert [where for where, _ in told(found)] == ["1.json, record 11"]


def test_a_file_in_which_no_record_ends_is_told(tmp_path: Path, sieve: Sieve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_PIECE", 1_000)
    monkeypatch.setattr(files, "_READ", 1_000)
    monkeypatch.setattr(files, "_LONGEST", 5_000)
    (tmp_path / "1.json").write_text(f'{{"Records":[{A}{" " * 10_000}')
    found = list(candidates([tmp_path], sieve))
    why = "it cannot be seen where a record ends in 5,000 bytes, and what follows was not read; 1 records before that were read"
    assert (ids(found), told(found)) == ([numbered(1)["eventID"]], [("1.json", why)])


class Failing:
    """A stream that fails after its first bytes."""

    def __init__(self, text: bytes, error: Exception) -> None:
        self._text, self._error = text, error

    def read(self, _: int = -1) -> bytes:
        text, self._text = self._text, b""
        if not text:
            raise self._error
        return text

    def close(self) -> None:
        pass


def test_a_disk_that_fails_leaves_what_was_read_and_the_others(tmp_path: Path, sieve: Sieve, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in (1, 3):
        written(tmp_path / f"{number}", [numbered(number)])
    (tmp_path / "2").touch()
    failing = Failing(f'{{"Records":[{B},'.encode(), OSError(5, "Input/output error"))
    monkeypatch.setattr(files, "_read_from", lambda path: failing if path.name == "2" else path.open("rb"))
    found = list(candidates([tmp_path], sieve))
    assert ids(found) == [numbered(number)["eventID"] for number in (1, 2, 3)]
    assert told(found) == [("2", "it cannot be read to its end: Input/output error; 1 records before that were read")]


@pytest.fixture
def s3() -> Any:  # noqa: ANN401 - a client
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="trail")
        yield client


def put(s3: Any, key: str, records: list[object]) -> None:  # noqa: ANN401 - a client
    s3.put_object(Bucket="trail", Key=key, Body=gzip.compress(json.dumps({"Records": records}).encode()))


def test_a_prefix_in_s3_is_read_in_its_order(s3: Any, sieve: Sieve, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ANN401 - a client
    monkeypatch.setattr(files, "_AT_ONCE", 3)
    for number in range(10):
        put(s3, f"AWSLogs/111122223333/CloudTrail/us-east-1/{number}.json.gz", [numbered(number)])
    put(s3, "other/1.json.gz", [numbered(99)])
    s3.put_object(Bucket="trail", Key="AWSLogs/folder/", Body=b"")
    found = list(candidates(["s3://trail/AWSLogs/"], sieve, session=boto3.Session(region_name="us-east-1")))
    assert ids(found) == [numbered(number)["eventID"] for number in range(10)]
    assert told(found) == []


def test_a_large_object_is_read_as_its_turn_comes(s3: Any, sieve: Sieve, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ANN401 - a client
    monkeypatch.setattr(files, "_WHOLE", 10)
    put(s3, "1.json.gz", [numbered(1)])
    assert len(ids(list(candidates(["s3://trail"], sieve, session=boto3.Session(region_name="us-east-1"))))) == 1


BUCKET_FAILS: Mapping[str, tuple[Exception, str]] = {
    "refused": (ClientError({"Error": {"Code": "AccessDenied"}}, "GetObject"), "it cannot be opened: GetObject says AccessDenied"),
    "too often": (ClientError({"Error": {"Code": "SlowDown"}}, "GetObject"), "it cannot be opened: GetObject says SlowDown"),
    "the network": (ConnectTimeoutError(endpoint_url="s3"), "it cannot be opened: Connect timeout on endpoint URL"),
    "in the midst": (IncompleteReadError(actual_bytes=1, expected_bytes=2), "it cannot be read to its end: 1 read, but total bytes expected is 2"),
    "below botocore": (HTTPError("TLS"), "it cannot be read to its end: TLS"),
    "credentials": (ClientError({"Error": {"Code": "ExpiredToken"}}, "GetObject"), "it cannot be opened: GetObject says ExpiredToken"),
}


class Bucket:
    """A session whose S3 has three objects, of which the second one is not to be had, and perhaps no more pages."""

    def __init__(self, error: Exception, *, in_the_midst: bool = False, more_pages: Exception | None = None) -> None:
        self._error, self._in_the_midst, self._more_pages = error, in_the_midst, more_pages

    def client(self, _: str) -> "Bucket":
        return self

    get_paginator = client

    def list_objects_v2(self, **_: object) -> Mapping[str, Any]:
        return {"Contents": [{"Key": f"{number}.json", "Size": 100_000_000 if self._in_the_midst else 1_000} for number in (1, 2, 3)]}

    def paginate(self, **asked: str) -> Iterator[Mapping[str, Any]]:
        yield self.list_objects_v2(**asked)
        if self._more_pages:
            raise self._more_pages

    def get_object(self, *, Bucket: str, Key: str) -> Mapping[str, Any]:  # noqa: ARG002, N803 - as S3 calls it
        if "2" not in Key:
            return {"Body": BytesIO(json.dumps({"Records": [numbered(int(Key[0]))]}).encode())}
        if self._in_the_midst:
            return {"Body": Failing(b'{"Records":[', self._error)}
        raise self._error


@pytest.mark.parametrize("how", BUCKET_FAILS)
def test_an_object_that_cannot_be_had_is_told_and_the_others_are_read(how: str, sieve: Sieve) -> None:
    error, why = BUCKET_FAILS[how]
    bucket, found, is_signed_out = Bucket(error, in_the_midst="to its end" in why), list[Candidate | Unread](), how == "credentials"
    with pytest.raises(Ended) if is_signed_out else nullcontext():
        found.extend(candidates(["s3://trail/"], sieve, session=bucket))  # type: ignore[arg-type]
    assert ids(found) == [numbered(number)["eventID"] for number in ((1,) if is_signed_out else (1, 3))]
    [(where, said)] = told(found)
    assert where == "2.json"
    assert said.startswith(why)


def test_a_bucket_that_cannot_be_listed_to_its_end_leaves_what_was_read(sieve: Sieve) -> None:
    bucket = Bucket(BUCKET_FAILS["refused"][0], more_pages=ClientError({"Error": {"Code": "InternalError"}}, "ListObjectsV2"))
    found = list(candidates(["s3://trail"], sieve, session=bucket))  # type: ignore[arg-type]
    assert ids(found) == [numbered(number)["eventID"] for number in (1, 3)]
    assert [why for _, why in told(found)][1:] == ["it cannot be listed to its end: ListObjectsV2 says InternalError"]


@pytest.mark.usefixtures("s3")
@pytest.mark.parametrize(("source", "why"), [("s3://nowhere/", "NoSuchBucket"), ("s3://trail/misspelt/", "nothing whose name begins with")])
def test_a_bucket_or_prefix_that_is_not_there_is_an_error(source: str, why: str, sieve: Sieve) -> None:
    with pytest.raises(NoSource, match=why):
        list(candidates([source], sieve, session=boto3.Session(region_name="us-east-1")))


def test_digests_of_a_trail_are_passed_over_with_one_line(tmp_path: Path, s3: Any, sieve: Sieve) -> None:  # noqa: ANN401 - a client
    digest = b'{"digestStartTime": "2026-09-01T12:00:00Z"}'
    for number in range(3):
        file = tmp_path / "AWSLogs" / "CloudTrail-Digest" / f"{number}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(digest)
        s3.put_object(Bucket="trail", Key=f"AWSLogs/CloudTrail-Digest/{number}.json", Body=digest)
    written(tmp_path / "AWSLogs" / "CloudTrail" / "1.json.gz", [numbered(1)])
    found = list(candidates([tmp_path, "s3://trail/AWSLogs/"], sieve, session=boto3.Session(region_name="us-east-1")))
    assert ids(found) == [numbered(1)["eventID"]]
    assert [why for _, why in told(found)] == ["3 digests of a trail's files were passed over, which hold no records"] * 2
    assert sieve.tally.files == 1


def test_a_trail_that_is_made_up_for_measuring_is_the_same_for_the_same_seed_and_has_something_to_find(tmp_path: Path, sieve: Sieve) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        trail.write(tmp_path / name, 300, seed=seed, each=100)
    contents = {name: [file.read_bytes() for file in sorted((tmp_path / name).rglob("*.gz"))] for name in "abc"}
    assert contents["a"] == contents["b"] != contents["c"]
    found = list(candidates([tmp_path / "a"], sieve))
    assert told(found) == []
    assert 1 < len(found) < 60
    assert sieve.tally.records == 300
