"""How answers are written for people: plain lines, and nothing in them that came out of an event can move a terminal's cursor."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from snapback.engine.names import shown

LONGEST = 2_000
"""Characters of one value; the journal and `--json` have all of it."""


def plain(value: object, most: int = LONGEST) -> str:
    """Return any value on one line of printable ASCII."""
    return shown(value if isinstance(value, str) else json.dumps(value), most)


def many(number: int, one: str, several: str = "") -> str:
    """Return `1 finding`, or `2,000 findings`."""
    return f"{number:,} {one if number == 1 else several or f'{one}s'}"


def moment(at: float) -> str:
    """Return `2026-11-24 03:10:00`, UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")


def table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> Iterator[str]:
    """Yield lines in columns as wide as they need to be; the last one is as it is."""
    cells = [list(heads), *([plain(cell) for cell in row] for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(heads) - 1)]
    for line in cells:
        yield "  ".join([*(cell.ljust(width) for cell, width in zip(line, widths, strict=False)), line[-1]]).rstrip()


def item(one: object) -> str:
    """Spell a piece of evidence or a call: `ec2.RevokeSecurityGroupIngress GroupId=sg-...`."""
    if not isinstance(one, Mapping):
        return plain(one)
    if one.keys() == {"service", "operation", "parameters"}:
        return f"{plain(one['service'])}.{plain(one['operation'])} {item(one['parameters'])}".rstrip()
    return " ".join(f"{plain(key)}={plain(value)}" for key, value in one.items())
