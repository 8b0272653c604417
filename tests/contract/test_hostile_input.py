"""Nothing an event says is trusted: any JSON ends in an outcome or a dead letter with a reason, forges no alert and carries no secret out."""

import functools
import gzip
import json
import random
import re
import string
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from snapback.engine import names
from snapback.engine.commands import is_command
from tests.contract.conftest import Broken, broken_by
from tests.harness.account import Account
from tests.harness.chance import draws
from tests.harness.discovery import HANDLERS, Handler
from tests.harness.scenario import ACCOUNT

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "real-events.jsonl.gz"
OUTCOMES_WITHOUT_A_WRITE = {"NO_CHANGE", "ELSEWHERE", "OWN_CHANGE", "GONE", "ALREADY_OK", "HANDLED", "EXEMPT", "REPORTED"}

_ODD = ["null", "", "\x00\x1b[31m\r\nSubject: forged", "<script>alert(1)</script>", "sg-0\u202e0123", "x" * 10_000, "arn:aws:iam::1:user/../../root", "*"]
_OF_NAMES = string.ascii_letters + string.digits + "-_./:@ <>!*'`\u00e4\u202e"
_LETTERS = string.printable + "äß\u202e\ud7ff\U0001f600\x00"


def _nasty(draw: random.Random, *, deep: bool = True) -> Any:  # noqa: ANN401 - any JSON
    """Draw a value that nobody expects."""
    plain: list[Callable[[], Any]] = [
        lambda: None,
        lambda: draw.random() < 0.5,
        lambda: draw.choice([0, 1, -1, 22, 2**31, -(2**63), draw.randrange(10**6)]),
        lambda: draw.choice([0.0, -1.5, 1e308, 22.5, float("nan"), float("-inf")]),
        lambda: "".join(draw.choices(_LETTERS, k=draw.randrange(20))),
        lambda: draw.choice(_ODD),
        lambda: {"omitted": True, "originalSize": 200_000, "reason": "requestParameters too large"},
    ]
    nested: list[Callable[[], Any]] = [
        lambda: [_nasty(draw, deep=False) for _ in range(draw.randrange(4))],
        lambda: {"".join(draw.choices(_LETTERS, k=draw.randrange(5))): _nasty(draw, deep=False) for _ in range(draw.randrange(4))},
    ]
    return draw.choice([*plain, *(nested if deep else [])])()


def _any_json(draw: random.Random, depth: int = 3) -> Any:  # noqa: ANN401 - any JSON
    """Draw lists and objects of anything, in each other."""
    if not depth or draw.random() < 0.3:
        return _nasty(draw)
    inner = [_any_json(draw, depth - 1) for _ in range(draw.randrange(4))]
    return inner if draw.random() < 0.3 else {"".join(draw.choices(_LETTERS, k=draw.randrange(9))): one for one in inner}


def _mutated(draw: random.Random, event: dict[str, Any]) -> dict[str, Any]:
    """Return the event with one to three of its parts replaced by something nasty, or removed."""
    mutated: dict[str, Any] = json.loads(json.dumps(event))
    for _ in range(draw.randint(1, 3)):
        holder, key = draw.choice(list(_places(mutated)))
        if draw.random() < 0.5:
            holder[key] = _nasty(draw)
        elif isinstance(holder, dict):
            holder.pop(key, None)
    return mutated


def _like(draw: random.Random, name: str, form: re.Pattern[str]) -> str:
    """Return a name that is as near to the sample's as chance makes it, and has the form: the sample itself where it allows no other."""
    for _ in range(200):
        letters = list(name)
        for _ in range(draw.randint(1, 6)):
            place = draw.randrange(len(letters))
            letters[place : place + draw.choice([0, 1, 1, 1])] = draw.choices(_OF_NAMES, k=draw.choice([0, 1, 1, 2]))
            letters = letters or list(name)
        if form.fullmatch("".join(letters)):
            return "".join(letters)
    return name


def _places(value: Any) -> Iterator[tuple[Any, Any]]:  # noqa: ANN401 - any JSON
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(items):
        yield value, key
        yield from _places(inner)


@pytest.fixture(params=HANDLERS, ids=str)
def handler(request: pytest.FixtureRequest, account: Account, monkeypatch: pytest.MonkeyPatch) -> Handler:
    found = request.param
    assert isinstance(found, Handler)
    found.set_up(monkeypatch)
    if not found.is_report:
        broken_by(found, account, monkeypatch)
    return found


@pytest.fixture
def deliver(handler: Handler, account: Account) -> Callable[[object], list[str]]:
    """Return what delivers an event to the account as it was at the beginning, whatever was delivered before."""
    account.forget()
    bring_back = account.keep()

    def deliver_anew(event: object) -> list[str]:
        if account.calls or account.dead_letters:  # else it is as it was
            bring_back()
        return account.deliver(handler.remediation, event)

    return deliver_anew


Deliver = Callable[[object], list[str]]


@pytest.mark.fuzzed
def test_a_real_shape_with_anything_in_it_ends_in_an_outcome_or_a_dead_letter_with_a_reason(handler: Handler, account: Account, deliver: Deliver) -> None:
    samples = list(handler.samples.values())
    for draw in draws(str(handler), 60):
        event = _mutated(draw, draw.choice(samples))
        outcomes = deliver(event)
        assert outcomes or account.dead_letters[0][1].split(":")[0] in ("UnreadableEvent", "SeveralFailed"), event
        for alert in account.alerts():
            _assert_harmless(alert)


@pytest.mark.fuzzed
def test_any_json_at_all_ends_as_a_dead_letter_with_a_reason(handler: Handler, account: Account, deliver: Deliver) -> None:
    for draw in draws(str(handler), 40):
        anything = _any_json(draw)
        if is_command(anything):
            continue  # {"unexempt": "*"} is a good one, whatever is in it besides
        assert deliver(anything) == [], anything
        assert account.dead_letters[0][1].startswith("UnreadableEvent: "), anything
        assert account.calls == [], anything


@pytest.mark.fuzzed
def test_whatever_passes_for_a_name_is_looked_up_or_refused_as_none(handler: Handler, account: Account, deliver: Deliver) -> None:
    if handler.is_report:
        return
    sample, form = json.dumps(handler.samples[handler.stem]), names.form(handler.remediation.resource)
    for draw in draws(str(handler), 8):
        event = json.loads(sample.replace(handler.scenario.sample, _like(draw, handler.scenario.sample, form)))
        outcomes = deliver(event)
        assert outcomes or account.dead_letters[0][1].startswith("UnreadableEvent: "), event


@pytest.mark.parametrize("no_text", [False, 17, {"bucket": "name"}])
def test_what_is_no_text_is_no_name(account: Account, no_text: object) -> None:
    """Looked for under the name False it would be GONE: the event would be forgotten, and nobody would see that it could not be read."""
    handler = Handler("s3", "block_public_bucket")
    event = handler.samples[handler.stem]
    event["detail"]["requestParameters"]["bucketName"] = no_text
    assert account.deliver(handler.remediation, event) == []
    assert account.dead_letters[0][1].startswith("UnreadableEvent: ")
    assert account.calls == []


def test_a_deeply_nested_event_is_refused_in_bounded_time(handler: Handler, account: Account) -> None:
    nested: Any = "x"
    for _ in range(500):
        nested = [nested]
    [sample, *_] = handler.samples.values()
    began = time.process_time()  # not the clock on the wall: others may be at work on this machine
    account.deliver(handler.remediation, {**sample, "detail": {**sample["detail"], "requestParameters": nested}})
    assert "levels deep" in account.dead_letters[0][1]
    assert time.process_time() - began < 1


def test_names_with_control_characters_markup_or_great_length_do_not_break_or_forge_an_alert(broken: Broken) -> None:
    for nasty in ("alice\r\nSubject: all is well\x1b[2J", "<b>bold</b>", "n" * 10_000, "\u202egnp.exe", "'; rm -rf / #"):
        event = broken.event(event_id=nasty[:5].encode().hex())
        event["detail"]["userIdentity"] = {"type": "IAMUser", "userName": nasty, "arn": nasty, "accountId": ACCOUNT}
        event["detail"]["sourceIPAddress"] = nasty
        event["detail"]["userAgent"] = nasty
        broken.deliver(event)
    for alert in broken.account.alerts():
        _assert_harmless(alert)


def test_no_secret_of_an_event_reaches_the_log_the_journal_or_an_alert(broken: Broken, capsys: pytest.CaptureFixture[str]) -> None:
    secret = "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY"
    event = broken.event()
    event["detail"]["responseElements"] = {"accessKey": {"secretAccessKey": secret}, "credentials": {"sessionToken": secret}, "password": secret}
    event["detail"]["additionalEventData"] = {"x-amz-security-token": secret}
    broken.deliver(event)
    said = capsys.readouterr()
    reasons = [reason for _, reason in broken.account.dead_letters]
    assert secret not in json.dumps([said.out, said.err, broken.account.alerts(), broken.account.journal(), reasons])


@functools.cache
def real_events() -> list[dict[str, Any]]:
    with gzip.open(CORPUS, "rt") as lines:
        return [json.loads(line.replace("123837392027", ACCOUNT)) for line in lines]


@pytest.mark.skipif(not CORPUS.exists(), reason="the real events to replay are not part of the repository")
def test_every_real_event_ends_in_an_outcome_or_a_dead_letter_and_no_failed_or_reading_call_leads_to_a_write(handler: Handler, account: Account) -> None:
    for event in real_events():
        account.forget()
        account.dead_letters.clear()
        outcomes = account.deliver(handler.remediation, event)
        assert outcomes or account.dead_letters[0][1].startswith(("UnreadableEvent: ", "SeveralFailed: ")), event
        if event["detail"].get("errorCode") or event["detail"].get("readOnly") in (True, "true"):
            assert account.writes == []


def _assert_harmless(alert: dict[str, Any]) -> None:
    subject = alert["subject"]
    assert len(subject) <= 100
    assert subject.isascii()
    assert subject.isprintable()
    text = json.dumps([alert["actor"], alert["reason"]], ensure_ascii=False)  # the end of a line is \r in it, and one that was escaped before is \\r
    assert "<" not in text
    assert "\u202e" not in text
    assert text.isascii()
    assert "\\r" not in text.replace("\\\\r", "")
    assert len(json.dumps(alert)) < 60_000
