"""CloudTrail's event history, with what AWS documents of `LookupEvents`: its order, its pages, its one attribute, and its two lookups a second.

https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import NAMESPACE_OID, uuid5

from botocore.exceptions import ClientError

_PAGE = 50
_DAY = 24 * 3600
_ATTRIBUTES = ("AccessKeyId", "EventId", "EventName", "EventSource", "ReadOnly", "ResourceName", "ResourceType", "Username")


def record(name: str, at: float, number: int = 0, *, source: str = "ec2", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - parts of a record
    """Return a record of a call, as CloudTrail writes it."""
    return {
        "eventVersion": "1.11",
        "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/alice", "accountId": "111122223333", "userName": "alice"},
        "eventTime": datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": f"{source}.amazonaws.com",
        "eventName": name,
        "awsRegion": "us-east-1",
        "sourceIPAddress": "198.51.100.7",
        "userAgent": "aws-cli/2.31.0",
        "requestParameters": None,
        "responseElements": None,
        "eventID": str(uuid5(NAMESPACE_OID, f"{name} {at} {number}")),
        "readOnly": False,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": "111122223333",
        "eventCategory": "Management",
        **more,
    }


def refused(code: str, message: str = "") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "LookupEvents")


@dataclass
class EventHistory:
    """The history of one region, in the place of CloudTrail's client."""

    records: list[Mapping[str, Any]] = field(default_factory=list)
    asked: list[Mapping[str, Any]] = field(default_factory=list)
    refuses: dict[int, ClientError] = field(default_factory=dict)
    """Which lookup is refused, from 0, and how."""
    now: float = 0
    paced: ClassVar[bool] = True
    """A third lookup within a second is refused."""
    empty: int = 0
    """So many pages are empty, though others follow."""
    _events: list[Mapping[str, Any]] = field(default_factory=list)
    _times: list[float] = field(default_factory=list)
    _tokens: dict[str, tuple[Mapping[str, Any], Sequence[Mapping[str, Any]]]] = field(default_factory=dict)
    """Token -> what was asked, and what is left of the answer."""

    def clock(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        """Stand in the place of waiting."""
        self.now += seconds

    def lookup_events(self, **asked: Any) -> dict[str, Any]:  # noqa: ANN401 - its parameters
        self.asked.append(asked)
        if error := self.refuses.get(len(self.asked) - 1):
            raise error
        self._times = [one for one in self._times if one > self.now - 1]
        if self.paced and len(self._times) >= 2:
            raise refused("ThrottlingException", "Rate exceeded")
        self._times.append(self.now)
        token, about = asked.get("NextToken"), {name: value for name, value in asked.items() if name != "NextToken"}
        if token and self._tokens.get(token, ({}, ()))[0] != about:
            raise refused("InvalidNextTokenException")
        return self._page(self._tokens[token][1] if token else self._found(about), about)

    def _found(self, asked: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        if len(asked.get("LookupAttributes", [])) > 1 or not 1 <= asked.get("MaxResults", _PAGE) <= _PAGE:
            raise refused("InvalidLookupAttributesException")
        if asked["StartTime"] > asked["EndTime"]:
            raise refused("InvalidTimeRangeException")
        if len(self._events) != len(self.records):
            self._events = sorted(map(_event, self.records), key=lambda event: event["EventTime"], reverse=True)
        start, stop = (datetime.fromtimestamp(asked[name], UTC) for name in ("StartTime", "EndTime"))
        events = [one for one in self._events if start <= one["EventTime"] <= stop]
        for one in asked.get("LookupAttributes", []):
            if one["AttributeKey"] not in _ATTRIBUTES:
                raise refused("InvalidLookupAttributesException")
            events = [event for event in events if str(event.get(one["AttributeKey"])) == one["AttributeValue"]]
        return events

    def _page(self, events: Sequence[Mapping[str, Any]], about: Mapping[str, Any]) -> dict[str, Any]:
        size = 0 if len(self.asked) <= self.empty else _PAGE
        page = {"Events": list(events[:size])}
        if len(events) <= size:
            return page
        token = f"token {len(self._tokens)}"
        self._tokens[token] = (about, events[size:])
        return {**page, "NextToken": token}

    def remember(self, records: Iterable[Mapping[str, Any]]) -> None:
        self.records += records


def _event(one: Mapping[str, Any]) -> dict[str, Any]:
    who = one["userIdentity"]
    return {
        "EventId": one["eventID"],
        "EventName": one["eventName"],
        "ReadOnly": str(one["readOnly"]).lower(),
        "EventTime": datetime.fromisoformat(one["eventTime"]),
        "EventSource": one["eventSource"],
        "Username": "root" if who["type"] == "Root" else who.get("userName"),
        "Resources": [],
        "CloudTrailEvent": json.dumps(one),
    }
