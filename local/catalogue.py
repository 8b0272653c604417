"""Write the README's catalogue from what is true: the handlers' manuals and the template's rules.

    make catalogue

A test fails when the README does not hold what this would write.
"""

import importlib
import re
from collections.abc import Iterator, Mapping
from inspect import getdoc
from types import ModuleType
from typing import Any

import yaml

from local.remediations import REMEDIATIONS, ROOT

README = ROOT / "README.md"
_BETWEEN = re.compile(r"(<!-- catalogue -->\n).*?(<!-- /catalogue -->)", re.DOTALL)


def render() -> str:
    """Return the catalogue as a Markdown table: problem, heard from, fix, undoable, class."""
    rules = _rules()
    rows = [
        "| remediation | what it puts right | heard from | the fix | undo | class |",
        "|---|---|---|---|---|---|",
    ]
    for file in REMEDIATIONS:
        module = importlib.import_module(f"functions.{file.parent.name}.{file.stem}")
        logical_id = "".join(word.capitalize() for word in file.stem.split("_"))
        rows.append(f"| {file.parent.name}/**{file.stem}** | {' | '.join(_row(module, rules[logical_id]))} |")
    return "\n".join(rows) + "\n"


def in_readme(text: str) -> str:
    """Return the README's text with the catalogue as it should be."""
    return _BETWEEN.sub(lambda found: f"{found[1]}{render()}{found[2]}", text)


def _row(module: ModuleType, events: Mapping[str, Any]) -> Iterator[str]:
    manual = getdoc(module) or ""
    remediation = module.remediation
    yield manual.partition("\n")[0]
    yield "; ".join(dict.fromkeys(_heard_from(events)))
    fix = re.search(r"^(?:Fix|Told|Told when): (.*?)(?: Undo |\n[A-Z][a-z]+.*?:|\Z)", manual, re.DOTALL | re.MULTILINE)
    yield " ".join(fix[1].split()) if fix else "tells"
    yield "-" if not remediation.writes else "yes" if remediation.undo else "no"
    yield "report" if not remediation.writes else "disruptive" if remediation.disruptive else "safe"


def _heard_from(events: Mapping[str, Any]) -> Iterator[str]:
    for event in events.values():
        if event["Type"] == "Schedule":
            yield f"schedule ({event['Properties']['Schedule']})"
            continue
        pattern = event["Properties"]["Pattern"]
        for one in pattern.get("$or", [{}]):
            yield from _words({**pattern, **one})


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
    README.write_text(in_readme(README.read_text()))
