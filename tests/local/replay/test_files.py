import gzip
import json
import random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from local.bench import trail
from local.replay import files
from local.replay.envelope import Candidate, Sieve
from local.replay.files import NoSource, candidates
from local.replay.history import History
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
    "list": (json.dumps([RECORD]).encode(), "it holds no records of CloudTrail's"),
    "number": (b"5", "it holds no records of CloudTrail's"),
    "other JSON": (b'{"some": "thing"}', "it holds no records of CloudTrail's"),
    "Config's history": (b'{"fileVersion": "1.0", "configurationItems": []}', "but AWS Config's items"),
    "digest": (b'{"digestStartTime": "2026-09-01T12:00:00Z", "logFiles": []}', "but a digest of a trail's files"),
    "an answer of LookupEvents": (b'{"Events": []}', "but an answer of LookupEvents"),
    "records that are no list": (b'{"Records": {"a": 1}}', "it holds no records of CloudTrail's"),
}


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "packed"])
@pytest.mark.parametrize("what", WRONG)
def test_a_file_that_is_none_of_cloudtrails_is_told_with_the_reason_and_the_others_are_read(what: str, packed: bool, tmp_path: Path, sieve: Sieve) -> None:  # noqa: FBT001 - a parameter
    content, why = WRONG[what]
    (tmp_path / "2").write_bytes(gzip.compress(content) if packed else content)
    written(tmp_path / "1", [numbered(1)])
    written(tmp_path / "3", [numbered(3)])
    found = list(candidates([tmp_path], sieve))
    assert ids(found) == [numbered(1)["eventID"], numbered(3)["eventID"]]
    [(where, said)] = told(found)
    assert where == "2"
    assert why in said


def test_a_file_without_records_is_no_mistake(tmp_path: Path, sieve: Sieve) -> None:
    assert list(candidates([written(tmp_path / "1.json.gz", [])], sieve)) == []
    assert sieve.tally.files == 1


def test_no_file_is_an_error(tmp_path: Path, sieve: Sieve) -> None:
    with pytest.raises(NoSource, match="nowhere"):
        list(candidates([tmp_path / "nowhere"], sieve))


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


BROKEN: Mapping[str, tuple[Callable[[str], str], str]] = {
    "a letter is missing": (lambda text: text.replace('"eventName"', '"eventName', 1), "it is no JSON"),
    "a bracket is missing": (lambda text: text.replace("[]", "[", 1), "it is no JSON"),
}


@pytest.mark.parametrize("how", BROKEN)
def test_of_a_file_with_one_broken_record_the_others_are_read(how: str, tmp_path: Path, sieve: Sieve) -> None:
    change, why = BROKEN[how]
    texts = [json.dumps(numbered(number, resources=[])) for number in range(5)]
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
    history = History(tmp_path / "history.sqlite")
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
    """A hundredth of that, in a thousandth of the pieces."""
    monkeypatch.setattr(files, "_PIECE", 16_000)
    monkeypatch.setattr(files, "_READ", 1_000)
    records = [numbered(number, eventTime=f"2026-09-01T12:00:{number % 60:02d}Z") if number % 3 else BORING for number in range(1_000)]
    found = list(candidates([written(tmp_path / "1.json.gz", records)], sieve))
    assert ids(found) == [record["eventID"] for record in records if record is not BORING]
    assert sieve.tally.records == 1_000


@pytest.mark.parametrize("separators", [(",", ":"), (" , ", " : "), (",\n", ": ")])
def test_a_large_file_is_cut_between_records_however_it_is_written(
    separators: tuple[str, str], tmp_path: Path, sieve: Sieve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_PIECE", 3_000)
    monkeypatch.setattr(files, "_READ", 1_000)
    trap = {"text": '},{"eventVersion"', "nested": [{"a": {}}, {"eventVersions": 1}]}
    (tmp_path / "1.json").write_text(json.dumps({"Records": [numbered(number, requestParameters=trap) for number in range(100)]}, separators=separators))
    assert len(ids(list(candidates([tmp_path], sieve)))) == 100
    assert sieve.tally.records == 100


def test_records_inside_of_a_record_do_not_lead_astray(tmp_path: Path, sieve: Sieve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_PIECE", 3_000)
    monkeypatch.setattr(files, "_READ", 1_000)
    inner = [{"eventVersion": "1"}, {"eventVersion": "1"}]
    written(tmp_path / "1.json.gz", [numbered(number, requestParameters={"inner": inner}) for number in range(50)])
    found = list(candidates([tmp_path], sieve))
    assert (len(ids(found)), told(found)) == (50, [])


def test_a_record_that_is_broken_in_the_middle_of_a_large_file_is_the_only_one_that_is_not_read(
    tmp_path: Path, sieve: Sieve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_PIECE", 3_000)
    monkeypatch.setattr(files, "_READ", 1_000)
    monkeypatch.setattr(files, "_LONGEST", 9_000)
    texts = [json.dumps(numbered(number)) for number in range(60)]
    texts[20] = texts[20].replace('"eventName"', '"eventName', 1)
    (tmp_path / "1.json").write_text(f'{{"Records":[{",".join(texts)}]}}')
    found = list(candidates([tmp_path], sieve))
    assert ids(found) == [numbered(number)["eventID"] for number in range(60) if number != 20]
    assert [where for where, _ in told(found)] == ["1.json, record 21"]


def test_a_file_in_which_no_record_ends_is_told(tmp_path: Path, sieve: Sieve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_PIECE", 1_000)
    monkeypatch.setattr(files, "_READ", 1_000)
    monkeypatch.setattr(files, "_LONGEST", 5_000)
    (tmp_path / "1.json").write_text('{"Records":[' + " " * 10_000)
    assert told(list(candidates([tmp_path], sieve))) == [("1.json", "no record of CloudTrail's ends in 6,000 bytes")]


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


def test_an_object_that_cannot_be_had_is_told_and_the_others_are_read(s3: Any, sieve: Sieve) -> None:  # noqa: ANN401 - a client
    put(s3, "1.json.gz", [numbered(1)])
    s3.put_object(Bucket="trail", Key="2.json.gz", Body=b"cold", StorageClass="GLACIER")
    put(s3, "3.json.gz", [numbered(3)])
    found = list(candidates(["s3://trail/"], sieve, session=boto3.Session(region_name="us-east-1")))
    assert ids(found) == [numbered(1)["eventID"], numbered(3)["eventID"]]
    assert told(found) == [("2.json.gz", "it cannot be fetched: InvalidObjectState")]


@pytest.mark.usefixtures("s3")
def test_a_bucket_that_is_not_there_is_an_error(sieve: Sieve) -> None:
    with pytest.raises(NoSource, match="NoSuchBucket"):
        list(candidates(["s3://nowhere/"], sieve, session=boto3.Session(region_name="us-east-1")))


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
