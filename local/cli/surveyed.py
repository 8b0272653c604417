"""What a survey has found, read from its file: `snapback apply --from survey/survey.json`.

Nothing in the file is taken on trust. It names resources, and shows what was wrong with each and what would be called, which is what a person agrees to; of
that the function gets a sum, with class and severity. It looks for itself, and applies what it finds only if that has the same sum, and is of its own class
and severity what the file says (docs/adr/0024-apply-a-survey.md).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from snapback.engine.disclosure import known_by

from .failures import CannotAsk, nearest
from .text import plain

SEVERITIES: Final = ("critical", "high", "medium", "low", "informational")
"""The worst first."""

CHOICES: Final = ("severity", "service", "remediation", "owner", "class", "region")
"""By which parts findings are chosen, as on the survey's page."""

_TEXTS: Final = ("severity", "class", "remediation", "service", "account", "region", "resource")


@dataclass(frozen=True)
class Finding:
    """One resource with one problem."""

    parts: Mapping[str, str]
    """Its texts: what it is about, and where."""
    evidence: Sequence[Any]
    calls: Sequence[Mapping[str, Any]]
    only_people: str
    """Why it cannot be applied."""

    @property
    def remediation(self) -> str:
        """Return which remediation has found it."""
        return self.parts["remediation"]

    @property
    def resource(self) -> str:
        """Return with which resource something is wrong."""
        return self.parts["resource"]

    @property
    def rank(self) -> tuple[int, str, str]:
        """Return by what it comes before others: the worst first."""
        severity = self.parts["severity"]
        return SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES), self.remediation, self.resource

    @property
    def payload(self) -> dict[str, Any]:
        """Return the command by which it is applied."""
        said = {part: self.parts[part] for part in ("class", "severity")}
        return {"apply": {"resource": self.resource, "shown": known_by(self.evidence, self.calls), **said}}

    @property
    def operations(self) -> str:
        """Return in short what would be called."""
        names = self.called
        return ", ".join(f"{name} ({names.count(name)} times)" if names.count(name) > 1 else name for name in dict.fromkeys(names))

    @property
    def called(self) -> Sequence[str]:
        """Return what would be called, call by call."""
        return [f"{plain(call.get('service', '?'))}.{plain(call.get('operation', '?'))}" for call in self.calls]

    def is_meant(self, chosen: Mapping[str, Sequence[str]], resources: Sequence[str]) -> bool:
        """Tell whether it is among those that are chosen; each part that nobody has chosen by lets all pass."""
        named = (self.resource, self.parts["arn"])
        return all(self.parts[part] in values for part, values in chosen.items() if values) and (
            not resources or any(one.startswith(given[:-1]) if given.endswith("*") else one == given for given in resources for one in named)
        )


@dataclass(frozen=True)
class Survey:
    """A survey's file."""

    account: str
    written: str
    findings: Sequence[Finding]
    parameters: Mapping[str, Mapping[str, str]]
    """Remediation -> the parameters of the template by which it has looked."""

    def different(self, deployed: Mapping[str, str], remediations: Sequence[str]) -> list[str]:
        """Return the parameters by which the stack looks otherwise than the survey did, as sentences."""
        seen: dict[str, str] = {}
        for remediation in remediations:
            seen |= self.parameters.get(remediation, {})
        return [
            f"{plain(name)} is {plain(deployed[name]) or 'empty'} in the stack, and was {plain(value) or 'empty'} in the survey"
            for name, value in sorted(seen.items())
            if name in deployed and deployed[name] != value
        ]


def read(file: str) -> Survey:
    """Read the file; raise `CannotAsk` if it is not what a survey writes."""
    try:
        said = json.loads(Path(file).read_text(encoding="utf-8"))
        parameters = {str(name): {str(one): str(value) for one, value in values.items()} for name, values in said["parameters"].items()}
        return Survey(_text(said, "account"), _text(said, "written"), [_finding(one) for one in said["findings"]], parameters)
    except OSError as error:
        raise CannotAsk(f"{plain(file)} cannot be read: {plain(error.strerror or str(error))}") from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        why = f"{type(error).__name__}: {plain(str(error), 200)}"
        raise CannotAsk(f"{plain(file)} is not the survey.json of a survey, or another version has written it: survey again ({why})") from error


def _finding(said: Mapping[str, Any]) -> Finding:
    evidence, calls = said["evidence"], said["calls"]
    if not isinstance(evidence, list) or not isinstance(calls, list) or not all(isinstance(call, Mapping) for call in calls):
        raise TypeError("a finding's evidence and calls are lists")
    parts = {part: _text(said, part) for part in _TEXTS} | {part: _text(said, part) if said.get(part) else "" for part in ("arn", "owner")}
    return Finding(parts, evidence, calls, str(said.get("only_people") or "" if calls else said.get("only_people") or "it has nothing to call"))


def _text(said: Mapping[str, Any], part: str) -> str:
    if not isinstance(said[part], str):
        raise TypeError(f"{part} is not a text")
    return str(said[part])


def chosen(survey: Survey, by: Mapping[str, Sequence[str]], resources: Sequence[str]) -> list[Finding]:
    """Return the findings that are meant, the worst first. Raises `CannotAsk` if a word chooses nothing at all."""
    for part, values in by.items():
        there = {one.parts[part] for one in survey.findings}
        for value in values:
            if value not in there:
                raise CannotAsk(f"the survey has found nothing of the {part} {plain(value)}{nearest(value, there - {''})}")
    found = [one for one in survey.findings if one.is_meant(by, resources)]
    if not found:
        there = {one.resource for one in survey.findings if one.is_meant(by, ())}
        raise CannotAsk(f"the survey has found nothing of that{nearest(resources[0], there) if resources else ''}")
    return sorted(found, key=lambda one: one.rank)
