"""The look at everything of a type, in one region: what is wrong, in lines for programs as they come."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    EndpointConnectionError,
    HTTPClientError,
    NoCredentialsError,
    SSOError,
    TokenRetrievalError,
)
from botocore.exceptions import ConnectionError as NoConnectionError

from local.cli.failures import SIGNED_OUT, UNKNOWN_KEYS, sentence
from local.survey import ahead
from local.survey.reading import Reader, WriteRefused
from local.survey.subjects import Subject, Surveyed
from snapback.engine import clients, clock, controls, fixes, names, refusals, settings, tags
from snapback.engine.disclosure import disclosed
from snapback.engine.errors import BelongsElsewhere, ComesLater, OnlyPeople, SnapbackError
from snapback.engine.events import Signal

Line = dict[str, Any]
"""One JSON object: `kind` is finding, not looked at, or done."""

FINDING, NOT_LOOKED_AT, DONE = "finding", "not looked at", "done"

_AT_ONCE: Final = 100
"""ARNs of which tags can be asked with one call: https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html"""

_PERHAPS_UNKNOWN: Final = UNKNOWN_KEYS | {"InvalidAccessKeyId", "InvalidToken"}
"""S3 says it so, though of a bucket in such a region, too, where the caller's own region knows them; as EC2 says AuthFailure of what is somebody else's."""

_NO_CREDENTIALS: Final = (CredentialRetrievalError, NoCredentialsError, SSOError, TokenRetrievalError)

_NO_WAY: Final = (HTTPClientError, NoConnectionError)

_FAILS: Final = (ClientError, BotoCoreError, SnapbackError)


class Place(NamedTuple):
    """Where is looked."""

    account: str
    region: str


class Ended(Exception):  # noqa: N818 - reads as what it is
    """Nothing more can be asked: the credentials are not valid any more, or there is no way to AWS. The message says why, and what to do."""


class EndedHere(Ended):
    """Nothing more can be asked in that region: it does not know the credentials, or there is no way to it. It may be otherwise in others."""


class Trouble(NamedTuple):
    """What could not be looked at, and why."""

    why: str
    resource: str
    """The first of them."""
    hides: Sequence[str]
    """How bad what is there may be, unseen."""
    number: int = 0
    """How many resources it is about."""


@dataclass
class Troubles:
    """What of a subject could not be looked at, and why: once, of however many resources the same is said."""

    reader: Reader | None = None
    """Where one can ask whether the region knows the credentials at all; without, what a service says is taken for the region's word."""
    found: dict[tuple[str, str], Trouble] = field(default_factory=dict)
    """Remediation and kind of trouble -> the trouble."""
    _is_known: bool = False
    """STS has known the credentials, in this region and just now."""

    def note(self, error: Exception, remediation: str = "", resource: str = "", *, hides: Sequence[str] = ()) -> None:
        """Note an error; what is gone meanwhile is none. Raises `Ended` if nothing more can be asked, and the error again if a write was refused."""
        if isinstance(error, WriteRefused):
            raise error
        if isinstance(error, ClientError):
            if refusals.code_of(error) in SIGNED_OUT:
                raise Ended(sentence(error)) from error
            if refusals.code_of(error) in _PERHAPS_UNKNOWN:
                self._ask_whether_it_is_known(error)
            if resource and refusals.is_gone(error):
                return
            what, why = f"{error.operation_name} {refusals.code_of(error)}", refusals.said_by(error)
        elif isinstance(error, _NO_CREDENTIALS):
            raise Ended(sentence(error)) from error
        elif not isinstance(error, _FAILS):
            what, why = type(error).__name__, f"a defect of Snapback: {names.shown(repr(error), 500)}"
        else:
            what = why = names.shown(str(error), 500).replace(resource or "\n", "...")
            if isinstance(error, _NO_WAY) and (remediation, what) not in self.found:
                self._ask_whether_there_is_a_way(error)
            if isinstance(error, EndpointConnectionError):
                hides = ()  # the region has no such service, so there is nothing of it
        trouble = self.found.get((remediation, what)) or Trouble(why, resource, hides)
        self.found[remediation, what] = trouble._replace(number=trouble.number + bool(resource))

    def _ask_whether_it_is_known(self, error: ClientError) -> None:
        """Raise `EndedHere` if STS does not know the credentials in this region, either. If it does, or says nothing of them, the refusal is of that call."""
        if self._is_known:
            return
        word = error
        if self.reader:
            try:
                self.reader.ask_who_asks()
            except ClientError as said:
                word = said
            except BotoCoreError:
                return
            else:
                self._is_known = True
                return
        if refusals.code_of(word) in SIGNED_OUT:
            raise Ended(sentence(word)) from word
        if refusals.code_of(word) in UNKNOWN_KEYS:
            raise EndedHere(
                f"it does not know the credentials ({refusals.said_by(error)}): is it switched on? Such a region knows tokens of STS's regional endpoints only "
                "(AWS_STS_REGIONAL_ENDPOINTS=regional)"
            ) from error

    def _ask_whether_there_is_a_way(self, error: Exception) -> None:
        """Raise `EndedHere` if STS cannot be reached there, either. If it can, the region has no such service."""
        try:
            if self.reader:
                self.reader.ask_who_asks()
        except ClientError:  # it was reached
            return
        except BotoCoreError:
            raise EndedHere(sentence(error)) from error

    def lines(self, subject: Subject, place: Place) -> Iterator[Line]:
        """Yield a line for each."""
        for (remediation, _), one in self.found.items():
            about = {"region": place.region, "type": subject.kind, "remediation": remediation or ", ".join(look.name for look in subject.looks)}
            yield unseen(**about, because=one.why, resources=one.number, example=one.resource, hides=one.hides)


def look(subject: Subject, place: Place, reader: Reader, *, owner_tag: str = "", proceed: Callable[[], bool] = lambda: True) -> Iterator[Line]:
    """Yield the lines of a subject, the last of which says that it is done; none after `proceed` has said no.

    Raises `Ended` if the credentials have expired, `EndedHere` if this region does not know them, and `WriteRefused` if something would have been written.
    """
    begun, calls, seen = clock.now(), Counter(reader.calls), 0
    troubles = Troubles(reader)
    waiting: list[Line] = []
    with reader.here():
        reader.forget()
        for name in _listed(subject, reader, troubles):
            if not proceed():
                return
            seen += 1
            for one in subject.looks:
                waiting += _looked_at(one, name, place, troubles)
            if len(waiting) >= _AT_ONCE or (waiting and not owner_tag):
                yield from _owned(waiting, place, owner_tag, troubles)
                waiting = []
        yield from _owned(waiting, place, owner_tag, troubles)
    yield from troubles.lines(subject, place)
    sent = {service: number for service, number in (reader.calls - calls).items() if number}
    yield {"kind": DONE, "subject": subject.key, "region": place.region, "resources": seen, "calls": sent, "seconds": round(clock.now() - begun, 1)}


def _listed(subject: Subject, reader: Reader, troubles: Troubles) -> Iterator[str]:
    try:
        yield from subject.lister() if subject.part else ahead.listed(subject.kind, subject.lister, reader)
    except _FAILS as error:
        troubles.note(error, hides=sorted({one.remediation.severity for one in subject.looks}))


def _looked_at(one: Surveyed, listed: str, place: Place, troubles: Troubles) -> Iterator[Line]:
    """Yield the finding of one remediation about one resource, if there is one."""
    remediation = one.remediation
    try:
        name = remediation.resolve(listed) if remediation.resolve else listed
        if name is None:
            return
        names.checked(remediation.resource, name)
        settings.begin()
        evidence = list(remediation.violation(name))
        if evidence:
            yield _finding(one, name, place, evidence=evidence)
    except (BelongsElsewhere, ComesLater):  # another region's survey sees it, or AWS says itself when it can be put right
        return
    except OnlyPeople as error:
        yield _finding(one, name or listed, place, only_people=str(error))
    except Ended:
        raise
    except Exception as error:  # noqa: BLE001 - not hidden: it stands in the page, and a defect of one look keeps back no other
        troubles.note(error, one.name, listed, hides=(remediation.severity,))


def _finding(one: Surveyed, name: str, place: Place, *, evidence: Sequence[Any] = (), only_people: str = "") -> Line:
    remediation = one.remediation
    calls, refusal = _calls(one, name, evidence) if evidence else ([], None)
    signal = Signal("survey", datetime.fromtimestamp(clock.now(), UTC).isoformat(), "a survey")
    if isinstance(refusal, OnlyPeople) and not calls:
        only_people = str(refusal)
    return {
        "kind": FINDING,
        "remediation": one.name,
        "service": one.service,
        "account": place.account,
        "region": place.region,
        "type": remediation.resource,
        "resource": name,
        "arn": names.public_arn(remediation.resource, name, account=place.account, region=place.region),
        "severity": remediation.severity,
        "class": "only people" if only_people else "disruptive" if remediation.is_disruptive(evidence, signal) else "safe",
        "wrong": remediation.matter,
        "evidence": disclosed(list(evidence)),
        "calls": calls,
        "only_people": only_people or _sentence(refusal),
        **controls.of(one.name),
    }


def _calls(one: Surveyed, name: str, evidence: Sequence[Any]) -> tuple[list[Any], Exception | None]:
    """Return the calls that enforce would make, none of which is sent; and what keeps it from making all."""
    refusal: Exception | None = None
    with clients.watched(preview=True) as calls:
        try:
            one.remediation.fix(name, evidence)
        except WriteRefused:
            raise
        except (ClientError, SnapbackError) as error:
            refusal = error
    return fixes.with_room([call.as_json() for call in calls.made]), refusal


def _sentence(refusal: Exception | None) -> str:
    if isinstance(refusal, ClientError):
        return f"AWS refuses it: {refusals.said_by(refusal)}"
    return str(refusal or "")


def _owned(found: Sequence[Line], place: Place, tag: str, troubles: Troubles) -> Iterator[Line]:
    """Yield the findings with the owner that a tag of the resource names, if that is asked for: one call for a hundred of them, where the API can say."""
    if not tag or not found:
        yield from found
        return
    arns = sorted({line["arn"] for line in found if line["arn"] and not line["type"].startswith("AWS::IAM::")})
    said: dict[str, str] = {}
    try:
        for some in (arns[start : start + _AT_ONCE] for start in range(0, len(arns), _AT_ONCE)):
            for resource in clients.platform("resourcegroupstaggingapi").get_resources(ResourceARNList=some)["ResourceTagMappingList"]:
                said[resource["ResourceARN"]] = next((one["Value"] for one in resource["Tags"] if one["Key"] == tag), "")
    except _FAILS as error:
        troubles.note(error)
    for line in found:
        owner = said.get(line["arn"], "")
        if line["type"] in ("AWS::IAM::User", "AWS::IAM::Role"):
            try:
                owner = tags.tags_of(line["type"], line["resource"], account=place.account, region=place.region).get(tag, "")
            except _FAILS as error:
                troubles.note(error, "", line["resource"])
        yield {**line, "owner": owner}


def unseen(**about: Any) -> Line:  # noqa: ANN401 - any part of a line
    """Return a line of what could not be looked at."""
    return {"kind": NOT_LOOKED_AT, "region": "", "type": "", "remediation": "", "because": "", "resources": 0, "example": "", "hides": (), **about}
