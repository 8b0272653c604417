"""Write the functions' blocks in template.yaml, from what only each of them has: template/<service>.yaml.

    make template

A test fails when template.yaml does not hold what this would write. What stands above the mark in it is written by hand, and is left as it is.

A source has one entry for each function, under its logical id. What it says is copied as it is written, comments included; the rest is the same for all:

- `environment`: the variables that only this function has.
- `permissions`: IAM's statements. `Effect: Allow` is written to each.
- `triggers`: the events that it is run for, all in one rule, whose name is Trigger. Each is one of these:
    - `calls to rds: [CreateDBInstance]`: calls of that service that did not fail. What stands beside it narrows the record further.
    - `controls: [RDS.2]` with `resources: [AWS::RDS::DBInstance]`: failed controls of Security Hub, in both forms that its findings have.
    - `this stack: [UPDATE_COMPLETE]`: Snapback's own stack has come to that.
    - anything else is EventBridge's own pattern.
  A function with several rules has their names here, and under each its triggers, or a whole pattern.
- `schedule`: its name and when it runs, in EventBridge Scheduler's words. `ends` is one by which fixes end that end by themselves.
- `AutoPublishAlias`: what such a function needs besides comes with it.
- `State`: goes to its rules.
- What else begins with a capital letter is a property of SAM's function (`Timeout`), or its `Condition`.

The description is the first line of the handler's manual. An entry with a `Type` is another resource, which is copied whole; `Resource: every remediation` in
it stands for the functions of all remediations, and of nothing else that is named like them.

What `SwitchedOff` names has no rule and no schedule, but for news of other services and for what ends fixes (docs/adr/0025-off.md). The condition for that
goes into the template's `Conditions`. Reports have none.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import yaml

from local.remediations import SEVERAL, logical_id
from snapback.engine.names import finding_type

ROOT = Path(__file__).parents[1]
TEMPLATE = ROOT / "template.yaml"

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The compiled one where there is one, which takes a fifth of the time."""

MARK = "  # ==== From here on written by `make template`, from template/<service>.yaml: change it there. ====\n"
"""What stands above it in the template is written by hand, but for the conditions."""
CONDITIONS_MARK = "  # ==== Which remediations are on, written by `make template`: all but those that SwitchedOff names. ====\n"
CONDITIONS_END = "  # ==== From here on by hand again. ====\n"

_DESCRIBED_BY: Final = (
    *("Layer", "PythonRuntime", "Tracing", "Mode", "DisruptiveMode", "MaxFixesPerHour", "MaxFixesPerResource", "ExemptDaysAfterUndo", "ReadTags"),
    *("ResolveFindings", "JournalDays", "StormAfter", "SettleMinutes", "WarnMinutes", "DisruptiveWarnMinutes", "AlertVersion", "AccountAlias"),
    *("OwnerTag", "AlertsTopic"),
)
"""Parameters on which every function depends. A version's description has them all, so that each of their changes publishes another."""


_NEWS: Final = ("aws.access-analyzer", "aws.health", "aws.macie", "aws.trustedadvisor")
"""What these services have found people hear of though the remediation is off. What GuardDuty has found tells report_finding then."""

TICK: Final = {
    "id": "tick of <aws.scheduler.scheduled-time>",
    "detail-type": "Scheduled Event",
    "source": "aws.scheduler",
    "account": "${AWS::AccountId}",
    "time": "<aws.scheduler.scheduled-time>",
    "region": "${AWS::Region}",
    "resources": ["<aws.scheduler.schedule-arn>"],
    "detail": {},
}
"""What a schedule gives its function: an event as a rule would. The Scheduler puts its own words in the place of `<aws.scheduler.…>`; its execution id is
another in each of its attempts, so the time is what the event is known by.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
"""
_BY_THE_CLOCK: Final = (
    "FlexibleTimeWindow: { Mode: FLEXIBLE, MaximumWindowInMinutes: 5 }",
    "GroupName: !Ref Clock",
    "OmitName: true",
    "RoleArn: !GetAtt ClockRole.Arn",
    f"Input: !Sub '{json.dumps(TICK)}'",
)
"""What all schedules have: some minutes so that not all accounts begin in the same one, a name by CloudFormation, and the clock's group and role."""

_WORDS: Final = frozenset({"Condition", "State", "ends", "environment", "permissions", "triggers", "schedule"})
"""What an entry may have besides properties of SAM's function."""
_FRAME: Final = frozenset({"CodeUri", "Condition", "Description", "Environment", "Events", "Handler", "Policies", "State"})
"""What is no such property, or is written from something else."""


class Part(NamedTuple):
    """One key of a mapping, or one item of a list, as its file has it."""

    key: str
    """Empty for an item."""
    above: Sequence[str]
    """The comments above it."""
    lines: Sequence[str]
    """From its key or its first key on, as far as if that stood at the beginning of the line."""
    value: yaml.Node
    source: "Source"
    begin: int
    end: int

    def wrong(self, why: str) -> SystemExit:
        """Return what ends the program, with the place."""
        return self.source.wrong(self.begin, why)

    @property
    def parts(self) -> "list[Part]":
        """Return what it consists of: the keys of a mapping, or the items of a list."""
        return self.source.parts(self.value, self.begin, self.end)

    @property
    def texts(self) -> list[str]:
        """Return the texts of a list."""
        if not isinstance(self.value, yaml.SequenceNode):
            raise self.wrong(f"{self.key} is a list")
        return [str(one.value) for one in self.value.value]

    @property
    def inner(self) -> str:
        """Return what stands between the braces of its value."""
        begin, end = self.value.start_mark, self.value.end_mark
        if begin.line != end.line:
            raise self.wrong("what begins with a brace stands on one line")
        return self.source.lines[begin.line][begin.column + 1 : end.column - 1].strip()

    @property
    def beside(self) -> str:
        """Return the comment behind its value, with the space before it."""
        end = self.value.end_mark
        return self.source.lines[end.line][end.column :].rstrip() if end.line < self.end else ""

    def called(self, key: str) -> list[str]:
        """Return its lines with another key."""
        return [key + self.lines[0].removeprefix(self.key), *self.lines[1:]]


class Source(NamedTuple):
    """A file of declarations."""

    file: Path
    lines: Sequence[str]
    entries: Sequence[Part]

    @classmethod
    def read(cls, file: Path) -> "Source":
        """Read the file."""
        text = file.read_text()
        source = cls(file, text.splitlines(), [])
        try:
            root = yaml.compose(text, Loader=LOADER)
        except yaml.YAMLError as error:
            raise SystemExit(f"template/{file.name} is no YAML: {error}") from error
        return source._replace(entries=source.parts(root, -1, len(source.lines))) if root else source

    def parts(self, node: yaml.Node, begin: int, end: int) -> list[Part]:
        """Return the parts of a mapping or a list that stands on lines of its own from `begin` to `end`."""
        if not isinstance(node, yaml.CollectionNode) or not node.value or node.flow_style:
            raise self.wrong(node.start_mark.line, "here is a mapping or a list, each part of it on a line of its own")
        is_mapping = isinstance(node, yaml.MappingNode)
        places = [(key.value, key.start_mark, value) for key, value in node.value] if is_mapping else [("", item.start_mark, item) for item in node.value]
        if twice := {key for key, _, _ in places if is_mapping and [one[0] for one in places].count(key) > 1}:
            raise self.wrong(begin, f"{min(twice)} stands here twice")
        starts = [begin + 1, *(self._with_comments(mark.line) for _, mark, _ in places[1:]), end]
        found = []
        for (key, mark, value), start, until in zip(places, starts, starts[1:], strict=False):
            lines = [line[mark.column :].rstrip() for line in self.lines[mark.line : until]]
            while not lines[-1]:
                lines.pop()
            above = [line.strip() for line in self.lines[start : mark.line] if line.strip()]
            found.append(Part(key, above, lines, value, self, mark.line, mark.line + len(lines)))
        return found

    def _with_comments(self, line: int) -> int:
        """Return where the comments begin that stand right above a line."""
        while self.lines[line - 1].lstrip().startswith("#"):
            line -= 1
        return line

    def wrong(self, line: int, why: str) -> SystemExit:
        """Return what ends the program, with the place."""
        return SystemExit(f"template/{self.file.name}:{line + 1}: {why}")


def render() -> str:
    """Return the template as it should be: what is written by hand, and the blocks. Say where a source is wrong, and end the program."""
    by_hand, *marks = re.split(f"({re.escape(CONDITIONS_MARK)}|{re.escape(CONDITIONS_END)}|{re.escape(MARK)})", TEMPLATE.read_text())
    if marks[::2] != [CONDITIONS_MARK, CONDITIONS_END, MARK]:
        raise SystemExit(f"template.yaml has lost one of the lines between which it is written:\n{CONDITIONS_MARK}{CONDITIONS_END}{MARK}")
    read = [Source.read(file) for file in sources()]
    conditions = [line for source in read for entry in source.entries if _is_function(entry) for line in _condition(_handler(entry))]
    remediations = [line for source in read for entry in source.entries if _is_function(entry) for line in _named(entry)]
    blocks = (line for source in read for line in _section(source, remediations))
    parts = by_hand, CONDITIONS_MARK, _text(conditions), CONDITIONS_END, marks[3], MARK, _text(blocks)
    return "".join(parts)


def _text(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def sources() -> list[Path]:
    """Return the files with the declarations: Snapback's own functions first, then service by service."""
    return sorted((ROOT / "template").glob("*.yaml"), key=lambda file: (file.stem != "snapback", file.stem))


def _section(source: Source, remediations: Sequence[str]) -> list[str]:
    """Write all blocks of a service. `remediations`: what stands for all functions of remediations."""
    written = ["", f"  # {f' template/{source.file.name}':->76}"]
    for entry in source.entries:
        written += ["", *_indented(2, entry.above), *_indented(2, _function(entry) if _is_function(entry) else _copied(entry, remediations))]
    for comment in _comments(source.lines) - _comments(written):
        raise source.wrong(next(number for number, line in enumerate(source.lines) if line.endswith(comment)), "this comment would be lost: put it above")
    return written


def _comments(lines: Iterable[str]) -> Counter[str]:
    """Count the comments by their text."""
    return Counter(comment[0] for line in lines if (comment := re.search(r"(?<!\S)#.*", line)))


def _copied(entry: Part, remediations: Sequence[str]) -> Iterator[str]:
    """Write another resource as it is, and all remediations where it asks for them."""
    for line in entry.lines:
        if (words := line.lstrip()) == "Resource: every remediation":
            yield from _indented(len(line) - len(words), ["Resource:", *_indented(2, remediations)])
        else:
            yield line


def _named(entry: Part) -> Iterator[str]:
    """Write the function's ARN as an item, of whichever region: a role's policies may have 10,240 characters in all."""
    arn = f'!Sub "arn:${{AWS::Partition}}:lambda:*:*:function:${{{entry.key}}}"'
    condition = next((str(part.value.value) for part in entry.parts if part.key == "Condition"), "")
    if entry.source.file.stem != "snapback":
        item = f"!If [{condition}, {arn}, !Ref AWS::NoValue]" if condition else arn
        yield f"- {item} # its name is this stack's alone"


def _is_function(entry: Part) -> bool:
    return all(part.key != "Type" for part in entry.parts)


def _is_on(handler: Path) -> str:
    """Return the condition that `SwitchedOff` does not name the remediation; empty for what cannot be off: reports, and what serves Snapback itself."""
    if handler.stem.startswith("report_") or handler.parent.name == "snapback":
        return ""
    return f"On{logical_id(handler.stem)}"


def _condition(handler: Path) -> Iterator[str]:
    """Write that condition: the list, split where the name stands between its commas and joined again, is as it was where the name is not in it.

    A function that has several remediations is on if one of them is.
    """
    several = SEVERAL.get(handler)
    if several:
        for stem in several:
            yield from _condition(handler.with_stem(stem))
        yield f"  {_is_on(handler)}: !Or [{', '.join(f'Condition: {_is_on(handler.with_stem(stem))}' for stem in several)}]"
    elif condition := _is_on(handler):
        name = handler.stem.replace("_", "-")
        yield f'  {condition}: !Equals [!Join ["", !Split [",{name},", !Sub ",${{SwitchedOff}},"]], !Sub ",${{SwitchedOff}},"]'


def _switched_off(handler: Path) -> list[str]:
    """Write the variable by which a function knows that it, or one of the several remediations that it has, is off."""
    if several := SEVERAL.get(handler):
        off = ", ".join(f'!If [{_is_on(handler.with_stem(stem))}, "", {stem.replace("_", "-")}]' for stem in several)
        return [f'SWITCHED_OFF: !Join [",", [{off}]]']
    # No Ref: checkov puts the parameter's default there, and stumbles over it.
    return [f'MODE: !If [{is_on}, !Sub "${{Mode}}", "off"]'] if (is_on := _is_on(handler)) else []


def _function(entry: Part) -> Iterator[str]:
    """Write the block of a function."""
    own = {part.key: part for part in entry.parts}
    properties = [part for key, part in own.items() if key[0].isupper() and key not in _FRAME]
    if unknown := own.keys() - {part.key for part in properties} - _WORDS:
        raise own[min(unknown)].wrong(f"nothing is written from {min(unknown)}")
    handler = _handler(entry)
    yield f"{entry.key}:"
    yield "  Type: AWS::Serverless::Function"
    yield from _indented(2, _as_it_is(own.get("Condition")))
    yield "  Properties:"
    yield f"    Description: {_scalar(_summary(handler))}"
    yield f"    CodeUri: functions/{handler.parent.name}"
    yield f"    Handler: {handler.stem}.handler"
    for part in properties:
        yield from _indented(4, _as_it_is(part))
        if part.key == "AutoPublishAlias":
            yield from _indented(4, _published(own.get("environment"), _is_on(handler)))
    yield from _indented(4, _environment(entry.key, own.get("environment"), _switched_off(handler)))
    permissions = own.get("permissions")
    yield from _indented(4, ["Policies:", "  - !Ref Shared"] if permissions else ["Policies: [!Ref Shared]"])
    if permissions:
        yield from _indented(6, permissions.above)
        yield '      - Version: "2012-10-17"'
        yield "        Statement:"
        yield from _indented(10, (line for statement in permissions.parts for line in _statement(statement)))
    yield from _indented(4, _events(own, _is_on(handler)))


def _published(environment: Part | None, is_on: str) -> list[str]:
    """Write what a function that is called by its alias needs for that."""
    values = [value for _, value in environment.value.value] if environment else []
    described = " ".join(f"${{{name}}}" for name in (*_DESCRIBED_BY, *(value.value for value in values if value.tag == "!Ref")))
    values_of = f'{{ Layer: !Select [7, !Split [":", !Ref SnapbackLayer]], SwitchedOff: !If [{is_on}, "", "!"] }}'
    return [
        "AutoPublishAliasAllProperties: true",
        "VersionDeletionPolicy: Delete",
        f'VersionDescription: !Sub ["{described}${{SwitchedOff}}", {values_of}] # its version alone: 256 characters are all',
        "SnapStart: { ApplyOn: !Ref SnapStart }",
    ]


def _environment(name: str, part: Part | None, switched_off: Sequence[str]) -> list[str]:
    """Write the variables, on one line where the source has them on one. What is off knows it: an event may be on its way, or waits for a later look."""
    common = [f"ROLE_ARN: !GetAtt {name}Role.Arn", *switched_off]
    role = ", ".join(common)
    if part is None:
        return [f"Environment: {{ Variables: {{ {role} }} }}"]
    if isinstance(part.value, yaml.MappingNode) and part.value.flow_style:
        return [*part.above, f"Environment: {{ Variables: {{ {role}, {part.inner} }} }}{part.beside}"]
    return [*part.above, "Environment:", "  Variables:", *_indented(4, common), *_indented(2, part.lines[1:])]


def _statement(part: Part) -> Iterator[str]:
    """Write a statement; what is no mapping, such as an `!If`, is left as it is."""
    yield from part.above
    if not isinstance(part.value, yaml.MappingNode):
        yield from _item(part.lines)
        return
    sid, *rest = part.parts
    if sid.key != "Sid" or any(one.key == "Effect" for one in rest):
        raise part.wrong("a statement begins with its Sid, and is given its Effect")
    yield from _item([*sid.lines, "Effect: Allow", *(line for one in rest for line in _as_it_is(one))])


def _events(own: Mapping[str, Part], is_on: str) -> Iterator[str]:
    """Write the rules and the schedule."""
    triggers, schedule, state = own.get("triggers"), own.get("schedule") or own.get("ends"), own.get("State")
    if triggers is None and schedule is None:
        return
    on = f"{state.value.value if state else 'ENABLED'}, DISABLED]{state.beside if state else ''}"
    switched = [f"State: !If [{is_on}, {on}"] if is_on else _as_it_is(state)
    letters = "    DeadLetterConfig: { Arn: !GetAtt DeadLetters.Arn }"
    yield from triggers.above if triggers else ()
    yield "Events:"
    rules = [] if triggers is None else triggers.parts if isinstance(triggers.value, yaml.MappingNode) else [triggers._replace(key="Trigger", above=())]
    for rule in rules:
        yield from _indented(2, rule.above)
        news = _news(rule) if is_on else []
        yield from _indented(2, [f"{rule.key}:", "  Type: EventBridgeRule", "  Properties:", *_indented(4, [] if news else switched)])
        yield from _indented(6, _pattern(rule, news, is_on))
        yield from _indented(2, [letters])
    if schedule:
        name, _, times = schedule.inner.partition(": ")
        switched = [f"State: !If [{is_on}, ENABLED, DISABLED]"] if is_on and "ends" not in own else []
        yield from _indented(2, [*schedule.above, f"{name}:", "  Type: ScheduleV2", "  Properties:", *_indented(4, switched)])
        yield from _indented(2, [f"    ScheduleExpression: {times}{schedule.beside}", *_indented(4, _BY_THE_CLOCK), letters])


def _news(rule: Part) -> list[Part]:
    """Return the triggers that a remediation keeps when it is off."""
    if isinstance(rule.value, yaml.MappingNode):
        return []
    return [trigger for trigger in rule.parts if any(part.key == "source" and part.texts[0] in _NEWS for part in trigger.parts)]


def _pattern(rule: Part, news: Sequence[Part], is_on: str) -> list[str]:
    """Write the pattern of a rule: as it is, or by its triggers; when the remediation is off, by those that it keeps."""
    if isinstance(rule.value, yaml.MappingNode):
        return rule.called("Pattern")
    if not news or len(news) == len(rule.parts):
        return ["Pattern:", *_indented(2, _any_of(rule.parts))]
    kept = [part._replace(above=()) for part in news]
    return ["Pattern:", "  Fn::If:", f"    - {is_on}", *_indented(4, _item(_any_of(rule.parts))), *_indented(4, _item(_any_of(kept)))]


def _any_of(triggers: Sequence[Part]) -> list[str]:
    """Write what matches any of the triggers."""
    matched = [one for trigger in triggers for one in _matched(trigger)]
    if len(matched) == 1:
        return [*matched[0].above, *matched[0].lines]
    return ["$or:", *(line for one in matched for line in _indented(2, [*one.above, *_item(one.lines)]))]


class _Pattern(NamedTuple):
    """One of a rule's patterns, and the comments above it."""

    lines: Sequence[str]
    above: Sequence[str] = ()


def _matched(trigger: Part) -> list[_Pattern]:
    """Return what matches the trigger's events."""
    first, *others = trigger.parts
    keys = [part.key for part in trigger.parts]
    if called := re.fullmatch(r"calls to ([a-z0-9-]+)", first.key):
        return [_Pattern(_calls(called[1], first, others), trigger.above)]
    if keys == ["controls", "resources"]:
        asff, ocsf = _findings(first, others[0])
        return [_Pattern(asff, trigger.above), _Pattern(ocsf)]
    if keys == ["this stack"]:
        return [_Pattern(_own_stack(first), trigger.above)]
    if {*keys} <= {"source", "detail-type", "detail"}:
        return [_Pattern(trigger.lines, trigger.above)]
    raise trigger.wrong(
        f"a trigger is `calls to` a service, `controls` with `resources`, `this stack`, or a pattern with source, detail-type and detail, not {', '.join(keys)}"
    )


def _calls(service: str, names: Part, narrower: Sequence[Part]) -> list[str]:
    """Match the records of calls that did not fail."""
    return [
        f"source: [aws.{service}]",
        "detail-type: [AWS API Call via CloudTrail]",
        "detail:",
        f"  eventSource: [{service}.amazonaws.com]",
        *_indented(2, names.called("eventName")),
        *(line for part in narrower for line in _indented(2, _as_it_is(part))),
        "  errorCode: [{ exists: false }]",
    ]


def _findings(controls: Part, resources: Part) -> tuple[list[str], list[str]]:
    """Match the findings of failed controls: as Security Hub has always written them, and as it writes them in OCSF."""
    failed, types = ", ".join(controls.texts), resources.texts
    spelled = [finding_type(one) for one in types]
    asff = [
        f"source: [aws.securityhub]{controls.beside}",
        "detail-type: [Security Hub Findings - Imported, Security Hub Findings - Custom Action]",
        "detail:",
        "  findings:",
        f"    Compliance: {{ Status: [FAILED], SecurityControlId: [{failed}] }}",
        "    RecordState: [ACTIVE]",
        "    Workflow: { Status: [NEW, NOTIFIED] }",
        f"    Resources: {{ Type: [{', '.join(spelled)}] }}{resources.beside}",
    ]
    ocsf = [
        "source: [aws.securityhub]",
        "detail-type: [Findings Imported V2]",
        "detail:",
        "  findings:",
        f"    compliance: {{ status_id: [3], control: [{failed}] }}",
        "    status: [New]",
        f"    resources: {{ type: [{', '.join([*types, *spelled])}] }}",
    ]
    return asff, ocsf


def _own_stack(statuses: Part) -> list[str]:
    """Match what Snapback's own stack comes to."""
    return [
        f"source: [aws.cloudformation]{statuses.beside}",
        "detail-type: [CloudFormation Stack Status Change]",
        f"detail: {{ stack-id: [!Ref AWS::StackId], status-details: {{ status: [{', '.join(statuses.texts)}] }} }}",
    ]


def _handler(entry: Part) -> Path:
    """Return the handler that a block is named after."""
    folder = ROOT / "functions" / entry.source.file.stem
    for file in folder.glob("*.py"):
        if logical_id(file.stem) == entry.key:
            return file
    raise entry.wrong(f"there is no handler for {entry.key} in functions/{folder.name}")


def _summary(handler: Path) -> str:
    """Return the first line of a handler's manual, without its full stop."""
    return handler.read_text().removeprefix('"""').partition("\n")[0].removesuffix('"""').removesuffix(".")


def _scalar(text: str) -> str:
    """Return a text as YAML has it, in quotes where it needs some."""
    try:
        is_plain = yaml.safe_load(f"text: {text}") == {"text": text}
    except yaml.YAMLError:
        is_plain = False
    return text if is_plain else json.dumps(text, ensure_ascii=False)


def _as_it_is(part: Part | None) -> list[str]:
    """Return the comments above a part and its lines, or nothing."""
    return [*part.above, *part.lines] if part else []


def _item(lines: Sequence[str]) -> list[str]:
    """Return the lines as an item of a list."""
    return [f"{'  ' if number else '- '}{line}".rstrip() for number, line in enumerate(lines)]


def _indented(by: int, lines: Iterable[str]) -> list[str]:
    return [f"{' ' * by}{line}".rstrip() for line in lines]


if __name__ == "__main__":
    TEMPLATE.write_text(render())
