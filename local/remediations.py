"""Where the remediations are: a file each, in the folder of the service whose problem it puts right."""

from pathlib import Path

ROOT = Path(__file__).parents[1]

CHORES = sorted(ROOT.glob("functions/snapback/*.py"))
"""What Snapback does for itself, which remedies nothing."""

REMEDIATIONS = [file for file in sorted(ROOT.glob("functions/*/*.py")) if file not in CHORES]
