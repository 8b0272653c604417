"""What a survey has found, for people and programs: survey.json, survey.csv, and survey.html, which loads nothing and filters by a few lines of its own.

Each is written line by line: a survey may find more than there is memory for. All that came out of an account is escaped, as in the report (`local.report`).
"""

import csv
import json
import shlex
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from local import private
from local.cli.text import many
from local.export import cell
from local.report import CSS, Html, element, head_of, text
from local.survey.looking import DONE, FINDING, NOT_LOOKED_AT, Line
from local.survey.running import Plan
from local.survey.subjects import surveyed
from local.survey.template import parameters_of
from snapback.engine import links

UNKNOWN: Final = 2
"""The exit status if it could not be asked, or not to its end."""

SEVERITIES: Final = ("critical", "high", "medium", "low", "informational")
"""The worst first."""

COLUMNS: Final = (
    *("severity", "class", "remediation", "service", "account", "region", "type", "resource", "arn", "owner"),
    *("wrong", "evidence", "calls", "only_people", "controls", "frameworks"),
)

_FILTERS: Final = ("severity", "service", "remediation", "owner", "region", "class")

STYLE: Final = Path(__file__).with_name("page.css")
SCRIPT: Final = Path(__file__).with_name("page.js")

Lines = Callable[[], Iterable[Line]]
"""All lines, from the first, as often as they are asked for."""


class Figures:
    """What is counted while the lines go by."""

    def __init__(self, lines: Lines) -> None:
        """Read all lines once."""
        self.severities: Counter[str] = Counter()
        self.values: dict[str, Counter[str]] = {name: Counter() for name in _FILTERS}
        self.remediations: Counter[tuple[str, str, str]] = Counter()
        self.calls: Counter[str] = Counter()
        self.resources = 0
        self.seconds = 0.0
        self.unseen = 0
        self.hidden: Counter[str] = Counter()
        """How bad what is there may be, of which AWS has not let it see anything. What a deployed Snapback alone could see is not counted."""
        for line in lines():
            if line["kind"] == FINDING:
                self.severities[line["severity"]] += 1
                self.remediations[line["remediation"], line["severity"], line["wrong"]] += 1
                for name, counted in self.values.items():
                    counted[line.get(name, "")] += 1
            elif line["kind"] == NOT_LOOKED_AT:
                self.unseen += 1
                self.hidden.update(line.get("hides", ()))
            elif line["kind"] == DONE:
                self.calls.update(line["calls"])
                self.resources += line["resources"]
                self.seconds += line["seconds"]

    @property
    def findings(self) -> int:
        """Return how many findings there are."""
        return self.severities.total()

    def status(self, least: str | None) -> int:
        """Return the exit status: 1 if there is a finding that is so severe, or more; `UNKNOWN` if somebody asks, and it is not known whether there is."""
        asked = SEVERITIES[: SEVERITIES.index(least) + 1] if least else ()
        if any(self.severities[one] for one in asked):
            return 1
        return UNKNOWN if any(self.hidden[one] for one in asked) else 0


def write(out: Path, plan: Plan, lines: Lines, *, is_whole: bool) -> Figures:
    """Write the three files; return the figures."""
    figures = Figures(lines)
    with private.file(out / "survey.json").open("w", encoding="utf-8") as file:
        file.writelines(_json(plan, lines, figures, is_whole=is_whole))
    with private.file(out / "survey.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(COLUMNS)
        table.writerows([cell(line.get(column, "")) for column in COLUMNS] for line in lines() if line["kind"] == FINDING)
    with private.file(out / "survey.html").open("w", encoding="utf-8") as file:
        file.writelines(_html(plan, lines, figures, str(out / "survey.json"), is_whole=is_whole))
    return figures


# ------------------------------------------------------------------------- JSON and CSV


def _json(plan: Plan, lines: Lines, figures: Figures, *, is_whole: bool) -> Iterator[str]:
    by = {one.name: parameters_of(one.logical_id, plan.settings) for one in surveyed() if one.name in plan.remediations}
    about = {
        **asdict(plan),
        "parameters": by,
        "written": written_at(),
        "complete": is_whole,
        "calls": dict(figures.calls.most_common()),
        "by_severity": dict(figures.severities),
    }
    yield json.dumps(about, indent=1)[:-2]
    for key, kind in (("findings", FINDING), ("not_looked_at", NOT_LOOKED_AT)):
        yield f',\n "{key}": ['
        before = "\n"
        for line in lines():
            if line["kind"] == kind:
                yield before + json.dumps({name: value for name, value in line.items() if name != "kind"})
                before = ",\n"
        yield "\n ]"
    yield "\n}\n"


# ------------------------------------------------------------------------- HTML


def _html(plan: Plan, lines: Lines, figures: Figures, file: str, *, is_whole: bool) -> Iterator[str]:
    script = SCRIPT.read_text()
    head = head_of(f"Snapback: survey of {plan.account}", CSS.read_text() + STYLE.read_text(), script=script)
    yield f'<!DOCTYPE html>\n<html lang="en">\n{head}\n<body><main>\n'
    yield from _top(plan, figures, is_whole=is_whole)
    if figures.unseen:
        yield element("p", "What could not be looked at, and why, stands ", element("a", "at the end", href="#not-looked-at"), ".")
    yield from filters(figures.values, "finding")
    yield from _commanded(figures, file)
    yield '<section id="findings">\n'
    for severity in (*SEVERITIES, ""):
        for line in lines():
            if line["kind"] == FINDING and (line["severity"] == severity or (not severity and line["severity"] not in SEVERITIES)):
                yield finding(line, file) + "\n"
    yield "</section>\n"
    yield from not_looked_at(lines)
    yield f"</main>\n<script>{script}</script>\n</body>\n</html>\n"


def _top(plan: Plan, figures: Figures, *, is_whole: bool) -> Iterator[str]:
    yield element("h1", "What is wrong now")
    where = f"Account {plan.account}, {', '.join(plan.regions)}. Written {written_at()}. Nothing was changed: everything was only read."
    yield element("p", where, class_="soft")
    if not is_whole:
        ended = "Not all of this survey is there: it was stopped before its end, or a region did not know the credentials"
        yield element("p", f"{ended}. Begun again with the same directory, it goes on where it was.", class_="people")
    if not figures.findings:
        yield element("p", f"Nothing is wrong with the {many(figures.resources, 'resource')} that were looked at.", class_="lead")
        return
    said = ", ".join(f"{figures.severities[one]} {one}" for one in SEVERITIES if figures.severities[one])
    yield element("p", f"{many(figures.findings, 'finding')} ({said}) about {many(figures.resources, 'resource')} that were looked at.", class_="lead")
    rows = [
        element(
            "tr",
            element("td", element("a", remediation, href=f"#remediation={quote(remediation)}")),
            element("td", severity),
            element("td", number),
            element("td", wrong),
        )
        for (remediation, severity, wrong), number in sorted(figures.remediations.items(), key=lambda one: (rank(one[0][1]), -one[1], one[0]))
    ]
    heads = element("tr", *(element("th", head) for head in ("remediation", "severity", "findings", "what is wrong")))
    yield element("div", element("table", element("thead", heads), element("tbody", *rows), class_="found"), class_="scroll")


def rank(severity: str) -> int:
    """Return where a severity stands, the worst first."""
    return SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)


def filters(values: Mapping[str, Counter[str]], what: str) -> Iterator[str]:
    """Yield a choice for each part in which the page's articles differ: part -> value -> how many. `what`: the word for one of them."""
    choices = []
    for name, counted in values.items():
        if len(counted) > 1:
            order = sorted(counted, key=rank) if name == "severity" else sorted(counted)
            options = [element("option", f"{value or 'none'} ({counted[value]})", value=value or "-") for value in order]
            choices.append(element("label", f"{name} ", element("select", element("option", "all", value=""), *options, name_=name)))
    if choices:
        yield element("form", *choices, element("output", ""), id="filters", data_what=what)


def _commanded(figures: Figures, file: str) -> Iterator[str]:
    """Yield the command that puts right what is chosen, which the page's script writes anew with each choice."""
    if figures.findings:
        regions = sorted(figures.values["region"])
        region = regions[0] if len(regions) == 1 else ""
        command = element("code", _command(file, region, "--all"), id="command", class_="command", data_file=shlex.quote(file), data_region=region)
        yield element("p", "What is chosen is put right by a deployed stack, each if it is still as it is shown here: ", command)
        yield element("p", _CLASSES, class_="soft")


_CLASSES: Final = (
    "Safe: to put it right stops no workload, pipeline, log delivery or sign-in. Disruptive: it may. Only people: Snapback changes nothing, and says "
    "what to do. Enforce is the mode in which a deployed stack puts things right by itself; by default it only shows (preview)."
)


def _command(file: str, region: str, *chosen: str) -> str:
    return shlex.join(["snapback", "apply", "--from", file, *(["--region", region] if region else []), *chosen])


def finding(line: Mapping[str, Any], file: str = "") -> Html:
    """Return the article about one finding. `file`: the survey's, for the command that puts it right."""
    attributes = {f"data_{name}": line.get(name, "") or "-" for name in _FILTERS}
    where = [line["service"], line["region"], line["class"], *([f"owner {line['owner']}"] if line.get("owner") else []), *line["controls"]]
    console = links.of_resource(line["type"], line["resource"], line["region"])
    name = element("a", line["resource"], href=console) if console else line["resource"]
    parts: list[Html] = [
        element("h3", element("span", line["severity"].upper(), class_="word people" if line["severity"] in SEVERITIES[:2] else "word"), Html(" "), name),
        element("p", f"{line['wrong'].rstrip('.')}."),
        element("p", " · ".join([line["remediation"], *where]), class_="soft"),
    ]
    if line["arn"] and line["arn"] != line["resource"]:
        parts.append(element("p", element("code", line["arn"]), class_="soft"))
    if line["only_people"]:
        parts.append(element("p", line["only_people"], class_="people"))
    for title, items in (("What is wrong", line["evidence"]), ("What enforce would call", line["calls"]), ("Frameworks that ask for it", line["frameworks"])):
        if items:
            parts.append(element("details", element("summary", f"{title} ({len(items)})"), element("ul", *(element("li", _item(item)) for item in items))))
    if file and line["calls"] and not line["only_people"]:
        command = _command(file, line["region"], "--remediation", line["remediation"], f"--resource={line['resource']}")
        parts.append(element("details", element("summary", "Put it right"), element("p", element("code", command, class_="command"))))
    return element("article", *parts, class_="finding", **attributes)


def _item(item: Any) -> Html:  # noqa: ANN401 - any JSON
    if isinstance(item, Mapping) and item.keys() == {"service", "operation", "parameters"}:
        return element("code", f"{item['service']}.{item['operation']} ", json.dumps(item["parameters"]))
    return element("code", item if isinstance(item, str) else json.dumps(item))


def not_looked_at(lines: Lines) -> Iterator[str]:
    """Yield what could not be looked at, and why: what could be so in no account, one line for a reason."""
    unseen = [line for line in lines() if line["kind"] == NOT_LOOKED_AT]
    rows = [element("li", *_unseen(line)) for line in unseen if line["region"]]
    for because in dict.fromkeys(line["because"] for line in unseen if not line["region"]):
        names = ", ".join(line["remediation"] for line in unseen if not line["region"] and line["because"] == because)
        rows.append(element("li", f"{names}: {because}"))
    if rows:
        yield element("h2", "Not looked at", id="not-looked-at")
        yield element("ul", *rows)


def _unseen(line: Mapping[str, Any]) -> Sequence[object]:
    about = " ".join(part for part in (line["remediation"], line["type"] and f"({line['type']}", line["region"] and f"in {line['region']})") if part)
    if line["region"] and not line["type"]:
        about = f"all that is in {line['region']}"
    example = f", {many(line['resources'], 'resource')} ({line['example']} is one)" if line["resources"] else ""
    return [about, text(example), text(f": {line['because']}")]


def written_at() -> str:
    """Return the present moment."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
