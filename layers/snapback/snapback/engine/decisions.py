"""What people have decided of a remediation: the exemptions, in one row, and the modes that were chosen (`exemptions`, `modes`).

EXEMPT#<remediation>
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from snapback.engine import modes, refusals, rows
from snapback.engine.clients import platform
from snapback.engine.exemptions import Exemption, parse

_NEVER = 99_999_999_999
"""Seconds since 1970."""


def exempt(remediation: str, exemption: Exemption) -> None:
    """Grant the exemption; one for the same resource is replaced, and what has expired is dropped."""
    _put_decided(put_of(remediation, row_of(remediation), exemption))


def choose(problem: str, remediation: str, choice: modes.Choice) -> None:
    """Write down which mode a person has chosen for the remediation."""
    row = row_of(problem)
    _put_decided(put_of(problem, row, None, modes.with_choice(row, remediation, choice)))


def _put_decided(put: Mapping[str, Any]) -> None:
    """Write down what people have decided; that it stands there already means that the answer to the first attempt was lost."""
    try:
        platform("dynamodb").put_item(**put, ReturnValuesOnConditionCheckFailure="ALL_OLD")
    except ClientError as error:
        row: Mapping[str, Any] = error.response.get("Item", {})  # type: ignore[assignment]  # as ReturnValuesOnConditionCheckFailure has it
        if refusals.code_of(error) != "ConditionalCheckFailedException" or row.get("version") != put["Item"]["version"]:
            raise


def exemptions_of(remediation: str) -> list[Exemption]:
    """Return the exemptions that are in force; raise `UnreadableExemptions` if they cannot be read."""
    row = row_of(remediation)
    return [one for one in parse(row["exemptions"]["S"]) if one.ends > rows.now()] if row else []


def row_of(remediation: str) -> Mapping[str, Any] | None:
    """Return the row of a problem, which one remediation has, or several; nothing if there is none."""
    return rows.row(f"EXEMPT#{remediation}")


def put_of(remediation: str, row: Mapping[str, Any] | None, added: Exemption | None, chosen: str = "") -> Any:  # noqa: ANN401 - a Put, typed where it is used
    """Return what writes an exemption down, or the modes, beside what else people have decided."""
    now = rows.now()
    replaced = added.resource if added else ""
    kept = [one for one in (parse(row["exemptions"]["S"]) if row else []) if one.resource != replaced and (one.ends > now or one.is_silence)]
    kept += [added] if added and added.ends > now else []
    text = json.dumps([one.as_json() for one in kept])
    chosen = chosen or (row["modes"]["S"] if row and "modes" in row else "{}")
    version = hashlib.sha256(f"{text}{chosen}{now}".encode()).hexdigest()[:16]
    latest = max((one.ends for one in kept), default=0.0)
    if chosen != "{}" or any(one.is_silence for one in kept):  # each claim has to see the modes, and that a silence has ended
        latest = _NEVER
    put: dict[str, Any] = {
        "TableName": rows.table(),
        "Item": {
            **rows.key(f"EXEMPT#{remediation}"),
            "exemptions": {"S": text},
            "version": {"S": version},
            "latest_end": rows.as_number(latest),
            "modes": {"S": chosen},
        },
        "ConditionExpression": "attribute_not_exists(pk)",
    }
    if row:
        put |= {"ConditionExpression": "version = :version", "ExpressionAttributeValues": {":version": row["version"]}}
    return put
