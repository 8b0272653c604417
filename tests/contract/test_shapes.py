"""Events are read in every form in which they come, and what a record lacks is said in words that help."""

import copy
import gzip
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import pytest

from snapback.engine import events
from snapback.engine.errors import UnreadableEvent
from snapback.engine.names import arn_of, finding_type
from tests.contract.conftest import broken_by
from tests.contract.known_shapes import BY_NAME, CALLED_OTHERWISE, CALLS, CONFIG_RULES, CONTROLS, FINDINGS, HEALTH_CODES, REAL
from tests.contract.test_hostile_input import CORPUS
from tests.contract.test_patterns import CLOUDTRAIL, hears_all_calls, parts_of
from tests.harness.account import Account
from tests.harness.discovery import HANDLERS, Handler, without_version
from tests.harness.scenario import ACCOUNT, REGION

Event = dict[str, Any]

HEARS_ABOUT_ITSELF: Final = "report_tampering"
"""It hears dozens of calls, by Snapback's own names in them: test_report_tampering.py holds them to their shapes."""

HEARERS = [handler for handler in HANDLERS if handler.stem != HEARS_ABOUT_ITSELF and not hears_all_calls(handler)]


def heard_calls(handler: Handler) -> Iterator[tuple[str, str]]:
    """Yield service and name of the calls that wake the function for this remediation."""
    for part in parts_of(handler):
        if CLOUDTRAIL in part["detail-type"]:
            [source] = part["detail"]["eventSource"]
            names = [name for name in part["detail"]["eventName"] if len(handler.together) == 1 or name in handler.remediation.named_by]
            yield from ((source.removesuffix(".amazonaws.com"), name) for name in names)


def sample_of(handler: Handler, name: str) -> Event:
    """Return the handler's sample of a call, or one of another call of the same place in the handler's table."""
    found = {one["detail"]["eventName"]: one for one in handler.samples.values() if "eventName" in one["detail"]}
    table = handler.remediation.named_by
    alike = [one for called, one in found.items() if without_version(called) == without_version(name)]
    alike += [one for called, one in found.items() if table[without_version(called)] == table[without_version(name)]]
    event = copy.deepcopy(found.get(name) or (alike or [respelled(found, name)])[0])
    event["detail"]["eventName"] = name
    return event


def respelled(found: Mapping[str, Event], name: str) -> Event:
    """Return the sample of a call to IAM about a user, as one about a group or role; CreatePolicy's is made of CreatePolicyVersion's."""
    if name == "CreatePolicy":
        event = copy.deepcopy(found["CreatePolicyVersion"])
        event["detail"]["responseElements"] = {"policy": {"arn": event["detail"]["requestParameters"]["policyArn"]}}
        return event
    kind = "Group" if "Group" in name else "Role"
    about_a_user = found.get(name.replace(kind, "User")) or found["AttachUserPolicy"]
    respelled_one: Event = json.loads(json.dumps(about_a_user).replace('"userName": "', f'"{kind.lower()}Name": "'))
    return respelled_one


CALLED = [pytest.param(handler, name, id=f"{handler.stem}-{name}") for handler in HEARERS for _, name in heard_calls(handler)]
LEFT_OUT: Final[Mapping[str, object]] = {
    "left out": {"omitted": True, "originalSize": 206_000, "reason": "requestParameters too large"},
    "null": None,
    "the word null": "null",
}


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize("request_as", LEFT_OUT)
@pytest.mark.parametrize(("handler", "name"), CALLED)
def test_a_call_whose_record_lacks_the_request_is_read_by_its_answer_or_left_to_people_in_clear_words(
    handler: Handler, name: str, request_as: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only what the answer or the account says can name the resource then."""
    handler.set_up(monkeypatch)
    event = sample_of(handler, name)
    event["detail"]["requestParameters"] = LEFT_OUT[request_as]
    _assert_read_or_said(handler, event, "CloudTrail left the request out (requestParameters too large)" if request_as == "left out" else "its request")


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize(("handler", "name"), CALLED)
def test_a_call_whose_record_lacks_the_answer_is_read_by_its_request_or_left_to_people_in_clear_words(
    handler: Handler, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    handler.set_up(monkeypatch)
    event = sample_of(handler, name)
    event["detail"]["responseElements"] = None
    _assert_read_or_said(handler, event, "its answer")


def _assert_read_or_said(handler: Handler, event: Event, words: str) -> None:
    name = event["detail"]["eventName"]
    try:
        read, reason = named(handler, event), ""
    except UnreadableEvent as unreadable:
        read, reason = [], str(unreadable)
    if not reason:
        assert read == named(handler, sample_of(handler, name)), "what else it says names the same"
        return
    assert reason.startswith(f"the event {without_version(name)} does not name a resource of type {handler.remediation.resource}: ")
    assert words in reason
    assert reason.endswith("; look at the call by hand")


def named(handler: Handler, event: Event) -> list[object]:
    """Return what the event is read as: why it is left, or what it names."""
    remediation = handler.remediation
    signal = events.read(event, events.Reading(remediation.resource, remediation.named_by, "", ACCOUNT, REGION))
    return [signal.leave, *sorted(map(str, signal.named))]


Form = Callable[[Event, str], Event]


def pascal(value: Any) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, Mapping):
        return {f"{key[:1].upper()}{key[1:]}": pascal(inner) for key, inner in value.items()}
    return [pascal(inner) for inner in value] if isinstance(value, list) else value


def each_part(event: Event, change: Callable[[Any, str], Any]) -> Event:
    """Return the event with its request and its answer changed; the change is told which of them it gets."""
    detail = event["detail"]
    parts = {part: change(detail[part], kind) for part, kind in (("requestParameters", "Request"), ("responseElements", "Response")) if detail.get(part)}
    return {**event, "detail": {**detail, **parts}}


def in_pascal_case(event: Event, _: str) -> Event:
    return each_part(event, lambda part, _: pascal(part))


def wrapped(event: Event, _: str) -> Event:
    name = without_version(event["detail"]["eventName"])
    return each_part(event, lambda part, kind: part if f"{name}{kind}" in part else {f"{name}{kind}": pascal(part)})


def unwrapped(event: Event, _: str) -> Event:
    name = without_version(event["detail"]["eventName"])
    return each_part(event, lambda part, kind: part.get(f"{name}{kind}") or part)


def with_a_version(event: Event, _: str) -> Event:
    return {**event, "detail": {**event["detail"], "eventName": f"{without_version(event['detail']['eventName'])}20150331v2"}}


def anywhere(value: Any, change: Callable[[Any], Any]) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, Mapping):
        return change({key: anywhere(inner, change) for key, inner in value.items()})
    return change([anywhere(inner, change) for inner in value] if isinstance(value, list) else value)


def with_objects_for_lists_of_one(event: Event, _: str) -> Event:
    return each_part(event, lambda part, _: anywhere(part, lambda one: one[0] if isinstance(one, list) and len(one) == 1 else one))


def with_members_of_a_list(event: Event, resource: str) -> Event:
    """Return it as EC2's younger calls have what may be given several times."""
    return each_part(event, lambda part, _: anywhere(part, lambda one: {"tag": 1, "content": one} if one == resource else one))


FORMS: Final[Mapping[str, Form]] = {
    "as the sample has it": lambda event, _: event,
    "in PascalCase": in_pascal_case,
    "in a wrapper": wrapped,
    "without a wrapper": unwrapped,
    "with the API's version": with_a_version,
    "with an object for a list of one": with_objects_for_lists_of_one,
    "as a member of a list": with_members_of_a_list,
}


def guessed(handler: Handler) -> Iterator[str]:
    for service, name in heard_calls(handler):
        if name in CALLS.get(service, {}).get(BY_NAME, ()):
            yield name


GUESSED = [pytest.param(handler, name, id=f"{handler.stem}-{name}") for handler in HEARERS for name in guessed(handler)]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("handler", "name"), GUESSED)
def test_a_call_of_which_no_real_record_is_known_is_read_in_every_form_it_may_have(
    handler: Handler, name: str, form: str, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = broken_by(handler, account, monkeypatch)
    event = broken.scenario.event(sample_of(handler, name), broken.resource)
    expected = named(handler, event)
    assert named(handler, FORMS[form](event, broken.resource)) == expected
    assert len(expected) > 1, "it names something"


@pytest.mark.parametrize(("handler", "name"), GUESSED)
def test_such_a_call_may_name_its_resource_by_arn(handler: Handler, name: str, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = broken_by(handler, account, monkeypatch)
    arn = arn_of(handler.remediation.resource, broken.resource, account=ACCOUNT, region=REGION)
    event = broken.scenario.event(sample_of(handler, name), broken.resource)
    by_arn = each_part(event, lambda part, _: anywhere(part, lambda one: arn if arn and one == broken.resource else one))
    read, expected = named(handler, by_arn), named(handler, event)
    resolve = handler.remediation.resolve
    assert read == expected or (resolve and [resolve(str(one)) for one in read] == [resolve(str(one)) for one in expected])


def test_it_is_said_of_every_call_that_is_heard_where_its_shape_is_known_from() -> None:
    said = [(service, name) for service, sources in CALLS.items() for names in sources.values() for name in names]
    assert len(said) == len(set(said)), "once"
    assert set(said) == {call for handler in HEARERS for call in heard_calls(handler)}


@pytest.mark.skipif(not CORPUS.exists(), reason="the real events are not part of the repository")
def test_no_call_counts_as_guessed_of_which_there_is_a_real_record() -> None:
    with gzip.open(CORPUS, "rt") as lines:
        records = [json.loads(line)["detail"] for line in lines]
    seen = {
        (record["eventSource"].split(".")[0], without_version(record["eventName"]))
        for record in records
        if "eventName" in record and not record.get("errorCode")
    }
    guessed_of = {(service, without_version(name)) for service, sources in CALLS.items() for name in sources.get(BY_NAME, ())}
    known_of = (
        {(service, without_version(name)) for service, sources in CALLS.items() for name in sources[REAL]}
        if all(REAL in one for one in CALLS.values())
        else set()
    )
    assert (guessed_of - known_of) & seen == set()


CONTROLLED = [
    pytest.param(handler, part, id=f"{handler.stem}-{'-'.join(part['detail-type'])}")
    for handler in HANDLERS
    for part in parts_of(handler)
    if "aws.securityhub" in part.get("source", ()) and "findings" in part["detail"]
]


@pytest.mark.parametrize(("handler", "part"), CONTROLLED)
def test_a_rule_asks_for_the_resource_types_that_the_pages_of_its_controls_name(handler: Handler, part: Mapping[str, Any]) -> None:
    findings = part["detail"]["findings"]
    controls = findings["Compliance"]["SecurityControlId"] if "Compliance" in findings else findings["compliance"]["control"]
    types = {one for control in controls for one in CONTROLS[control].split()}
    spelled = {name for one in types for name in CALLED_OTHERWISE.get(one, finding_type(one)).split()}
    if "Resources" in findings:
        assert set(findings["Resources"]["Type"]) == spelled, handler
    else:
        assert set(findings["resources"]["type"]) >= spelled | types, handler


def test_it_is_said_of_every_control_what_it_is_about() -> None:
    parts = [part.values[1]["detail"]["findings"] for part in CONTROLLED]  # type: ignore[index]  # of a pytest.param
    heard = {control for part in parts for control in (part["Compliance"]["SecurityControlId"] if "Compliance" in part else part["compliance"]["control"])}
    assert set(CONTROLS) == heard


def test_it_is_said_of_every_config_rule_every_kind_of_event_and_every_code_of_health_where_it_is_from() -> None:
    parts = [part for handler in HANDLERS for part in parts_of(handler)]
    rules = {one["prefix"].removeprefix("securityhub-").removeprefix("OrgConfigRule-") for part in parts for one in part["detail"].get("configRuleName", ())}
    assert set(CONFIG_RULES) == rules
    assert set(FINDINGS) >= {detail_type for part in parts for detail_type in part["detail-type"]}
    codes = {one["prefix"] for part in parts for one in part["detail"].get("eventTypeCode", ())}
    assert set(HEALTH_CODES) == codes
