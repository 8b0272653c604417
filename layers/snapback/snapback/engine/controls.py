"""Which controls of Security Hub a remediation answers, and which frameworks ask for those. Read only where something is told.

controls.json is written by `make catalogue` from the rules in the template and from AWS's table of controls (local/frameworks.py).
"""

import json
from functools import cache
from pathlib import Path


@cache
def _all() -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = json.loads(Path(__file__).with_name("controls.json").read_text())
    return found


def of(remediation: str) -> dict[str, list[str]]:
    """Return `controls` and `frameworks` of a remediation by its name; both empty where no control asks for it."""
    return _all().get(remediation, {"controls": [], "frameworks": []})
