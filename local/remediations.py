"""Where the remediations are: a file each, in the folder of the service whose problem it puts right; and which function of the template has them."""

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]

_TOGETHER = re.compile(r"^together = Together\(__name__, (.+)\)$", re.MULTILINE)

CHORES = sorted(ROOT.glob("functions/snapback/*.py"))
"""What Snapback does for itself, which remedies nothing."""

_OTHERS = [file for file in sorted(ROOT.glob("functions/*/*.py")) if file not in CHORES]

SEVERAL = {file: re.findall(r'"(\w+)"', found[1]) for file in _OTHERS if (found := _TOGETHER.search(file.read_text()))}
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
