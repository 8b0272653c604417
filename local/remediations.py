"""Where the remediations are: a file each, in the folder of the service whose problem it puts right; and which function of the template has them."""

import copy
import importlib
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from snapback.engine.remediation import Remediation

ROOT = Path(__file__).parents[1]

TOGETHER = re.compile(r"^together = Together\(\s*__name__,([^)]*)\)$", re.MULTILINE)
"""How a file says that it has several."""

CHORES = sorted(ROOT.glob("functions/snapback/*.py"))
"""What Snapback does for itself, which remedies nothing."""

_OTHERS = [file for file in sorted(ROOT.glob("functions/*/*.py")) if file not in CHORES]

SEVERAL = {file: re.findall(r'"(\w+)"', found[1]) for file in _OTHERS if (found := TOGETHER.search(file.read_text()))}
"""What has several remediations in one function -> their names there: `functions/rds/set_database.py` -> `["enable_db_backups", ...]`."""

REMEDIATIONS = [file for file in _OTHERS if file not in SEVERAL]


class Function(NamedTuple):
    """A function of the template."""

    service: str
    stem: str
    """Of its file, which is its handler's module."""

    @property
    def logical_id(self) -> str:
        """Return what the template calls it: `SetDatabase`."""
        return logical_id(self.stem)


def logical_id(stem: str) -> str:
    """Return what the template calls what a file has: `RevokeOpenIngress` for `revoke_open_ingress`."""
    return "".join(word.capitalize() for word in stem.split("_"))


@cache
def function_of(service: str, stem: str) -> Function:
    """Return the function that has a remediation: its own, or one that it shares with others."""
    return next((Function(service, file.stem) for file, stems in SEVERAL.items() if file.parent.name == service and stem in stems), Function(service, stem))


def declared(file: Path) -> Sequence[Remediation]:
    """Return the remediations of a function's handler: mostly one."""
    modules = [importlib.import_module(f"functions.{file.parent.name}.{stem}") for stem in SEVERAL.get(file, [file.stem])]
    return [module.remediation for module in modules]


def heard_by(remediation: Remediation, pattern: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what of the pattern of a function that has several remediations one of them hears: its calls, its controls and its kinds of events."""
    heard = []
    for one in pattern["$or"]:
        detail = copy.deepcopy(one["detail"])
        if "eventName" in detail:
            names = detail["eventName"] = [name for name in detail["eventName"] if name in remediation.named_by]
        elif "findings" in detail:
            asked = detail["findings"].get("Compliance") or detail["findings"]["compliance"]
            control = "control" if "control" in asked else "SecurityControlId"
            names = asked[control] = [name for name in asked[control] if name in remediation.controls]
        else:
            names = [name for name in one["detail-type"] if name in remediation.named_by]
        if names:
            heard.append({**one, "detail": detail})
    return {"$or": heard}
