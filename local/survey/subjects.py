"""What a survey looks at: types of resources, each with its list and with all remediations that are about it; and what it cannot look at, and why."""

import importlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from local.remediations import REMEDIATIONS, ROOT, function_of
from local.survey.template import functions
from snapback.engine import settings
from snapback.engine.listing import Lister
from snapback.engine.remediation import Remediation

ACCOUNT: Final = "AWS::::Account"

_SWEEP: Final = "Scheduled Event"

_ONE_FOR_ALL_REGIONS: Final = frozenset({"block-public-account"})
"""Settings of the account that every region shows, though their functions hear calls in each: looked at once.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""


@dataclass(frozen=True)
class Surveyed:
    """One remediation, and what is known of it without an account."""

    remediation: Remediation
    service: str
    logical_id: str
    """Its function's name in the template."""
    is_global: bool
    """It is about what there is once, and not in each region."""

    @property
    def name(self) -> str:
        """Return the remediation's name: `revoke-open-ingress`."""
        return self.remediation.name


@dataclass(frozen=True)
class Subject:
    """What is listed once, and looked at by all remediations that are about it."""

    group: str
    """The service: what is looked at one after the other."""
    kind: str
    """`AWS::EC2::SecurityGroup`"""
    lister: Lister
    looks: Sequence[Surveyed]
    part: str = ""
    """Which of several lists of that type."""

    @property
    def key(self) -> str:
        """Return what the subject is known by when a survey is taken up again."""
        return " ".join(part for part in (self.group, self.kind, self.part) if part)


@cache
def surveyed() -> Sequence[Surveyed]:
    """Return all remediations that put anything right: reports have nothing to look at."""
    blocks = functions()
    found = []
    for file in REMEDIATIONS:
        remediation = importlib.import_module(f"functions.{file.parent.name}.{file.stem}").remediation
        logical_id = function_of(file.parent.name, file.stem).logical_id
        is_global = blocks[logical_id].get("Condition") == "IsHomeRegion" or remediation.name in _ONE_FOR_ALL_REGIONS
        if remediation.writes:
            found.append(Surveyed(remediation, file.parent.name, logical_id, is_global))
    return found


@cache
def listed() -> Mapping[str, tuple[str, Lister]]:
    """Return type -> the service's package and what lists everything of that type."""
    files = sorted((ROOT / "layers" / "snapback" / "snapback").glob("*/everything.py"))
    return {
        kind: (file.parent.name, lister) for file in files for kind, lister in importlib.import_module(f"snapback.{file.parent.name}.everything").ALL.items()
    }


def why_not(one: Surveyed) -> str:
    """Return why there is nothing to look at for a remediation; nothing if there is."""
    if one.remediation.remember:
        return "only a deployed Snapback remembers what was there before, and can say that it is gone or less"
    if one.remediation.answers_threats:
        return "it answers a threat, which only its event tells of"
    if one.remediation.resource not in {*listed(), ACCOUNT}:
        return "what it answers is told by its event alone, and cannot be listed"
    return ""


def subjects(names: Collection[str], *, is_home: bool) -> Iterator[Subject]:
    """Yield what there is to look at in a region for these remediations. `is_home`: the region in which global services are looked at."""
    wanted = [one for one in surveyed() if one.name in names and not why_not(one) and (is_home or not one.is_global)]
    for one in wanted:
        if one.remediation.resource == ACCOUNT:
            yield Subject(one.service, ACCOUNT, lambda: [settings.own_account()], [one], one.name)
        elif sweep := _own_list(one):
            yield Subject(listed()[one.remediation.resource][0], one.remediation.resource, sweep, [one], one.name)
    for kind, (service, lister) in listed().items():
        if looks := [one for one in wanted if one.remediation.resource == kind and not _own_list(one)]:
            yield Subject(service, kind, lister, looks)


def _own_list(one: Surveyed) -> Lister | None:
    """Return what lists only the resources that need a look, for a remediation that is swept by such a list: one report instead of calls for each user."""
    sweep: Any = one.remediation.named_by.get(_SWEEP)
    return (lambda: sweep({})) if callable(sweep) else None
