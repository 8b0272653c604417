"""docs/threats.md: what intruders do, and what becomes of it. Written by `make catalogue` from the table that the tests replay."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence

from local.remediations import REMEDIATIONS
from tests.harness.discovery import ROOT
from tests.harness.threats import ATTACK, INTRUSIONS, STRATUS, Call, Technique

PAGE = ROOT / "docs" / "threats.md"

_INTRODUCTION = """\
# What becomes of what intruders do

Written by `make catalogue`, and replayed technique by technique by tests/contract/test_threats.py. Do not edit.

Two lists that nobody of Snapback wrote: the techniques of an emulation of attacks on AWS, and those of MITRE ATT&CK for IaaS.

- **Asked** is a preview, as everything is unless `Mode` and `DisruptiveMode` are set: an alert with the calls that would be made and a command for them.
- **Told** is an alert, where only people can decide. **Silent** is silent.

It all needs something that tells: *a trail* that records calls that write, in each region (CloudTrail passes nothing on without one), or *GuardDuty*, where a
technique is no call, or a call like any other. Access Analyzer tells of strangers as well, but later.

**Calls that only read are not heard**, nor that somebody makes many of them: who takes stock of an account with a key for the first time (GetCallerIdentity,
ListBuckets, GetAccountAuthorizationDetails).
[EventBridge gets none of them](https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail-management.html) unless a rule asks for all
that there are, thousands an hour, each a run of a function; and one of them says nothing, only many do, by somebody to whom that is new.
[GuardDuty](https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-types-iam.html) knows what is usual for each identity: its findings of
*Recon*, *Discovery* and *CredentialAccess* are told or acted on from Medium severity on ([guardduty.md](guardduty.md)); one of Low severity, as
Discovery:IAMUser/AnomalousBehavior is unless it knows more, reaches nobody. What root reads is told once an hour.
"""

_STRATUS = """\
## Stratus Red Team

{answered} of {number} are answered as it is deployed, and {silent} are silent: reads, refused calls, daily work, data events, and what only Kubernetes sees.

| Technique | Calls | By default | If enforced | By | Needs | What it cannot do |
|---|---|---|---|---|---|---|"""

_INTRUSIONS = """
## Other intrusions

What public reports of intrusions tell of. The calls are replayed, too; what else belongs to them is answered by the remediations beside it.

| Intrusion | Calls that are told | Answered besides by | What is not heard |
|---|---|---|---|"""

_ATTACK = """
## MITRE ATT&CK for IaaS (18.1)

Who answers calls by which a technique is made, in the whole or in part: their manuals say which. Of {number}, {nobody} are answered by nobody.

| Technique | Answered by | What it cannot do |
|---|---|---|"""


def render() -> str:
    """Return the page."""
    return "\n".join([_INTRODUCTION, *_stratus(), *_intrusions(), *_attack(), ""])


def _stratus() -> Iterator[str]:
    ends = Counter(one.default for one in STRATUS)
    yield _STRATUS.format(answered=len(STRATUS) - ends["silent"], number=len(STRATUS), silent=ends["silent"])
    for one in STRATUS:
        cells = (f"{one.title} (`{one.name}`)", _calls(one), one.default, one.enforced, _linked(one.by), one.needs, one.limit)
        yield f"| {' | '.join(cells)} |"


def _calls(one: Technique) -> str:
    """Return the calls, each once; of a sample that is of a finding its type."""
    named = [f"{event.service}:{event.name}" if isinstance(event, Call) else _named_in(event) for event in one.events]
    return ", ".join(f"`{name}`" for name in dict.fromkeys(named)) or "-"


def _named_in(sample: str) -> str:
    detail = json.loads((ROOT / "events" / f"{sample}.json").read_text())["detail"]
    return f"{detail['eventSource'].partition('.')[0]}:{detail['eventName']}" if "eventName" in detail else f"GuardDuty {detail['type']}"


def _intrusions() -> Iterator[str]:
    yield _INTRUSIONS
    for one in INTRUSIONS:
        named = ", ".join(f"`{name}`" for name in dict.fromkeys(f"{call.service}:{call.name}" for call in one.calls))
        yield f"| {one.title} | {named} | {_linked(one.also)} | {one.silent} |"


def _attack() -> Iterator[str]:
    yield _ATTACK.format(number=len(ATTACK), nobody=sum(not one.by for one in ATTACK))
    for one in ATTACK:
        yield f"| {one.id} {one.name} | {_linked(one.by)} | {one.limit} |"


def _linked(stems: Sequence[str]) -> str:
    return ", ".join(f"[{stem}](remediations/{_SERVICES[stem]}.md#{stem})" for stem in stems) or "nobody"


_SERVICES = {file.stem: file.parent.name for file in REMEDIATIONS}


if __name__ == "__main__":
    PAGE.write_text(render())
