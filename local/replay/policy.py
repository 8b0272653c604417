"""Write docs/replay-policy.json: what a replay of CloudTrail's event history has to be allowed.

    make catalogue

What is wrong today is looked at by a survey's look, so for that it takes docs/survey-policy.json besides; without it, `--no-look`. A test fails when the file
does not hold what this would write, or when a replay makes a call that neither allows.
"""

import json
from pathlib import Path
from typing import Final

from local.remediations import ROOT

POLICY: Final[Path] = ROOT / "docs" / "replay-policy.json"

ACTIONS: Final = ("cloudtrail:LookupEvents", "ec2:DescribeRegions")
"""Who asks may be asked without a permission (sts:GetCallerIdentity)."""


def render() -> str:
    """Return the file's text."""
    statement = {"Sid": "ReplayReadsTheEventHistory", "Effect": "Allow", "Action": list(ACTIONS), "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=1) + "\n"


if __name__ == "__main__":
    POLICY.write_text(render())
