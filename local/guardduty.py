"""docs/guardduty.md: every type of GuardDuty finding, and what becomes of it. Written by `make catalogue` from the list of types and what answers them."""

from collections.abc import Iterator, Sequence

from snapback.engine.findings import answered_by
from tests.harness.discovery import ROOT
from tests.harness.guardduty.finding_types import FAMILIES, Shape

PAGE = ROOT / "docs" / "guardduty.md"

_GUIDE = "https://docs.aws.amazon.com/guardduty/latest/ug"

_SEVERITIES = {"Low": 2, "Medium": 5, "High, Critical": 8}

_INTRODUCTION = """\
# What becomes of each GuardDuty finding

Written by `make catalogue`, and replayed type by type by tests/contract/test_guardduty.py. Do not edit.

A finding of Medium severity or more either is answered by a remediation, which tells what it did, or is **told** by report_finding: once, and again if its
severity changes. That holds for types that GuardDuty does not have yet as well. Archived findings are left alone; of sample findings one in an hour is told.

- Remediations that may stop a workload (isolate_instance, quarantine_user, revoke_role_sessions, stop_task, contain_function, deactivate_exposed_key
  where GuardDuty is all that speaks against the key) follow `DisruptiveMode`: in preview, as it is unless you change it, they tell what they would
  do.
- Some act besides, and are no answer, because they may find nothing to do: block_attacker_ip blocks remote addresses, restrict_db_instance and
  restrict_cluster_endpoint close databases and clusters to the internet. So people may hear of such a finding and of the fix.
- What answers a finding may find that its resource is gone, or stopped by now: then nobody is told.
"""


def render() -> str:
    """Return the page."""
    return "\n".join([_INTRODUCTION, *_sections()])


def _sections() -> Iterator[str]:
    for family in FAMILIES:
        yield f"## {family.title}\n\n[{family.page}]({_GUIDE}/{family.page}.html)\n"
        yield f"| Finding type | {' | '.join(_SEVERITIES)} |\n| --- |{' --- |' * len(_SEVERITIES)}"
        for kind, shapes in sorted(family.types.items()):
            yield f"| {kind} | {' | '.join(_cell(kind, shapes, severity) for severity in _SEVERITIES.values())} |"
        yield ""


def _cell(kind: str, shapes: Sequence[Shape], severity: float) -> str:
    """Return what becomes of findings of the type at that severity; for each of their forms where that differs."""
    ends = {shape.about: _end(shape, kind, severity) for shape in shapes}
    if len(set(ends.values())) == 1:
        return next(iter(ends.values()))
    return "; ".join(f"{about}: {end}" for about, end in ends.items())


def _end(shape: Shape, kind: str, severity: float) -> str:
    answers = answered_by(shape.event(kind, severity)["detail"])
    medium = 4
    return ", ".join(name.replace("-", "_") for name in answers) or ("told" if severity >= medium else "-")


if __name__ == "__main__":
    PAGE.write_text(render())
