"""All remediations, which controls of Security Hub each answers, and which frameworks ask for those. Read only where something is told.

controls.json is written by `make catalogue` from the rules in the template and from AWS's table of controls (local/frameworks.py).
"""

import json
from functools import cache
from pathlib import Path


@cache
def _all() -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = json.loads(Path(__file__).with_name("controls.json").read_text())
    return found


def switchable() -> frozenset[str]:
    """Return the names of all remediations that can be switched off: all but reports."""
    return frozenset(name for name in _all() if not name.startswith("report-"))


def of(remediation: str) -> dict[str, list[str]]:
    """Return `controls` and `frameworks` of a remediation by its name; both empty where no control asks for it."""
    return _all().get(remediation, {"controls": [], "frameworks": []})
