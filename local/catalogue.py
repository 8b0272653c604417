"""Write the catalogue from what is true: the handlers' manuals and the template's rules.

    make catalogue

It is docs/remediations, with a page for each service and one for all, the list of names in the README, and the controls that alerts name.

A test fails when the pages do not hold what this would write.
"""

import importlib
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from inspect import getdoc
from itertools import chain
from pathlib import Path
from typing import Any

import yaml

from local.cli.stack import remediation_of
from local.frameworks import FRAMEWORKS
from local.remediations import REMEDIATIONS, ROOT, function_of, heard_by
from snapback.engine.tags import can_opt_in

CONTROLS = ROOT / "layers" / "snapback" / "snapback" / "engine" / "controls.json"
PAGES = ROOT / "docs" / "remediations"
README = ROOT / "README.md"
_BETWEEN = re.compile(r"(<!-- catalogue -->\n).*?(<!-- /catalogue -->)", re.DOTALL)

_INTRODUCTION = """\
# What Snapback puts right

Written by `make catalogue`. Do not edit.

The page of each service has the manuals: what is wrong when, the fix, its undo, what is left alone, and by what it is triggered.

- **safe** follows the parameter `Mode` (preview, unless you set enforce)
- **disruptive** may stop a workload and follows `DisruptiveMode` (the same)
- **safe or disruptive** depends on the form of the problem: its manual says which form is which
- **report** changes nothing, and only tells

The controls are those of Security Hub whose findings trigger the remediation.
"""


def pages() -> dict[Path, str]:
    """Return each page's text, by its path."""
    rules = _rules()
    table = [_INTRODUCTION]
    controls: dict[str, Mapping[str, Sequence[str]]] = {}
    of_services: dict[str, list[str]] = defaultdict(list)
    for file in REMEDIATIONS:
        service = file.parent.name
        remediation = importlib.import_module(f"functions.{service}.{file.stem}").remediation
        function = function_of(service, file.stem)
        events = rules[function.logical_id]
        if function.stem != file.stem:
            events = {name: {**event, "Properties": {"Pattern": heard_by(remediation, event["Properties"]["Pattern"])}} for name, event in events.items()}
        manual = getdoc(importlib.import_module(f"functions.{service}.{file.stem}")) or ""
        sentence, _, rest = manual.partition("\n")
        class_ = "report" if not remediation.writes else _class_of(remediation.disruptive)
        if service not in of_services:
            table.append(f"## [{service}]({service}.md)\n\n| remediation | what it does | class | controls |\n|---|---|---|---|")
            of_services[service].append(f"# {service}\n\nWritten by `make catalogue` from functions/{service}. Do not edit.\n")
        table.append(f"| [{file.stem}]({service}.md#{file.stem}) | {_escaped(sentence)} | {class_} | {', '.join(_controls(events))} |")
        own = list(dict.fromkeys(_controls(events)))
        if own or remediation.writes:
            asking = [framework for framework, some in FRAMEWORKS.items() if {*own} & {*some.split()}]
            controls[remediation.name] = {"controls": own, "frameworks": asking}
        undo = "it changes nothing" if not remediation.writes else "yes, by its id" if remediation.undo else "no"
        opt_in = (
            " Opt-in (ReadTags): by the command mode, for it has no tags that can be read."
            if remediation.writes and not can_opt_in(remediation.resource)
            else ""
        )
        triggers = "".join(f"- {_escaped(one)}\n" for one in dict.fromkeys(_triggers(events)))
        of_services[service].append(
            f"## {file.stem}\n\n{_escaped(sentence)}\n\n{_paragraphs(rest)}\n\nClass: {class_}. Undo: {undo}.{opt_in} Triggers:\n\n{triggers}"
        )
    every = {PAGES / f"{service}.md": "\n".join(parts) for service, parts in of_services.items()}
    names = {service: ", ".join(file.stem for file in REMEDIATIONS if file.parent.name == service) for service in of_services}
    short = "".join(f"- [{service}](docs/remediations/{service}.md): {some}\n" for service, some in names.items())
    readme = _BETWEEN.sub(lambda found: f"{found[1]}{short}{found[2]}", README.read_text())
    return every | {
        PAGES / "README.md": "\n".join(_with_blank_lines(table)) + "\n",
        README: readme,
        CONTROLS: json.dumps(controls, indent=1, sort_keys=True) + "\n",
    }


def _class_of(disruptive: object) -> str:
    return "safe or disruptive" if callable(disruptive) else "disruptive" if disruptive else "safe"


def _with_blank_lines(lines: Sequence[str]) -> Iterator[str]:
    """Put an empty line before each heading but the first."""
    yield lines[0]
    for line, before in zip(lines[1:], lines, strict=False):
        yield from ["", line] if line.startswith("#") and before.startswith("|") else [line]


def _paragraphs(manual: str) -> str:
    """Return the rest of a manual, with a paragraph for each of its sections."""
    sections = re.sub(r"\n(?=[A-Z][\w ,]+: )", "\n\n", manual.strip())
    return "\n\n".join(re.sub(r"^([A-Z][\w ,]+):", r"**\1:**", _escaped(" ".join(section.split()))) for section in re.split(r"\n\n+", sections))


def _escaped(text: str) -> str:
    """Return a text that Markdown shows as it is."""
    return re.sub(r"([*|<>`\[\]])", r"\\\1", text)


def _pattern(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an event's pattern, as it is while the remediation is on; empty for a schedule."""
    pattern: Mapping[str, Any] = event["Properties"].get("Pattern", {})
    return pattern["Fn::If"][1] if "Fn::If" in pattern else pattern


def _controls(events: Mapping[str, Any]) -> Iterator[str]:
    patterns = [_pattern(event) for event in events.values()]
    for one in chain.from_iterable(pattern.get("$or", [pattern]) for pattern in patterns):
        if "findings" in one.get("detail", {}):
            yield from one["detail"]["findings"].get("Compliance", {}).get("SecurityControlId", [])


def _triggers(events: Mapping[str, Any]) -> Iterator[str]:
    for name, event in events.items():
        if event["Type"] == "ScheduleV2":
            yield f"schedule ({remediation_of(name).replace('-', ' ')})"
            continue
        pattern = _pattern(event)
        for one in pattern.get("$or", [{}]):
            alternatives = {**pattern, **one}
            for detail in alternatives["detail"].get("$or", [alternatives["detail"]]):
                yield from _words({**alternatives, "detail": detail})


def _words(pattern: Mapping[str, Any]) -> Iterator[str]:
    detail = pattern["detail"]
    kind = pattern["detail-type"][0]
    if "eventName" in detail and not all(isinstance(name, str) for name in detail["eventName"]):
        yield "every call that writes to a part of the stack, but for a few that do no harm"
    elif "eventName" in detail:
        yield ", ".join(detail["eventName"])
    elif kind.startswith("Config"):
        names = [_text(name) for name in detail["configRuleName"]]
        # Those of Security Hub and of organisations are the same rules by longer names.
        yield "Config " + ", ".join(name for name in names if not name.startswith(("securityhub-", "OrgConfigRule-")))
    elif kind.startswith("Security Hub"):
        yield "Security Hub " + ", ".join(detail["findings"]["Compliance"]["SecurityControlId"])
    elif kind == "Findings Imported V2":
        yield "the same in OCSF"
    elif kind == "GuardDuty Finding":
        yield "GuardDuty " + ", ".join(_text(name) for name in detail["type"]) if "type" in detail else "GuardDuty"
    else:
        yield ", ".join(pattern["detail-type"])


def _text(matcher: object) -> str:
    """Spell one value of a pattern: `restricted-ssh`, or what a prefix or wildcard stands for."""
    if isinstance(matcher, Mapping):
        [(how, value)] = matcher.items()
        return f"{value}*" if how == "prefix" else str(value).strip("*") if isinstance(value, str) else f"{how} {value}"
    return str(matcher)


def _rules() -> dict[str, Mapping[str, Any]]:
    """Return the events of every function in the template, by logical id."""
    loader: Any = type("Loader", (yaml.SafeLoader,), {})
    loader.add_multi_constructor("!", lambda _, suffix, node: f"!{suffix} {node.value}")
    template = yaml.load((ROOT / "template.yaml").read_text(), Loader=loader)  # noqa: S506 - a safe loader that also reads !Ref
    return {
        name: resource["Properties"].get("Events", {}) for name, resource in template["Resources"].items() if resource["Type"] == "AWS::Serverless::Function"
    }


if __name__ == "__main__":
    PAGES.mkdir(exist_ok=True)
    for path, text in pages().items():
        path.write_text(text)
