"""Answers that AWS itself gave, as other projects recorded them, end no look in anything but a verdict or an error of ours."""

import contextlib
import functools
import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from botocore.exceptions import ClientError, PaginationError

from snapback.engine.errors import SnapbackError
from tests.contract.conftest import Broken
from tests.harness.account import ApiCall

RECORDED = Path(__file__).parents[3] / "shared" / "recorded" / "answers.jsonl.gz"


@functools.cache
def recorded() -> dict[tuple[str, str], list[tuple[int, dict[str, Any]]]]:
    """Return the answers, each with its HTTP status, by service and operation."""
    found: dict[tuple[str, str], list[tuple[int, dict[str, Any]]]] = {}
    with gzip.open(RECORDED, "rt") as lines:
        for line in lines:
            row = json.loads(line, object_hook=_as_botocore_gives_it)
            found.setdefault((row["service"], row["operation"]), []).append((row["status"], row["answer"]))
    return found


def _as_botocore_gives_it(value: dict[str, Any]) -> Any:  # noqa: ANN401 - a time, or what it was
    if value.get("__class__") != "datetime":  # policies of IAM come quoted, as they were recorded beneath botocore, which unquotes and reads them
        return {name: json.loads(unquote(one)) if isinstance(one, str) and one.startswith("%7B") else one for name, one in value.items()}
    return datetime(value["year"], value["month"], value["day"], value["hour"], value["minute"], value["second"], tzinfo=UTC)


@pytest.mark.skipif(not RECORDED.exists(), reason="the answers of AWS that others recorded are not part of the repository")
def test_whatever_aws_answered_the_look_ends_in_a_verdict_or_an_error_that_says_what_is_missing(broken: Broken) -> None:
    asked = {(call.service, call.operation) for call in looked(broken, lambda _, __, really: really()) if not call.own}
    tried: set[tuple[str, str]] = set()
    while waiting := sorted(asked - tried):
        tried.add(waiting[0])
        for status, answer in recorded().get(waiting[0], []):

            def answered(call: ApiCall, _: int, really: Callable[[], Any], *, status: int = status, answer: Any = answer) -> Any:  # noqa: ANN401
                if (call.service, call.operation) != waiting[0]:
                    return really()
                if status >= 400:
                    raise ClientError(answer, call.operation)
                return answer

            asked |= {(call.service, call.operation) for call in looked(broken, answered) if not call.own}


def looked(broken: Broken, interference: Callable[[ApiCall, int, Callable[[], Any]], Any]) -> list[ApiCall]:
    """Look at the resource and at its setting; return the calls."""
    with broken.account.interfered(interference):
        for look in (broken.remediation.violation, broken.remediation.setting, broken.remediation.remember, broken.remediation.resolve):
            if look:
                with contextlib.suppress(ClientError, PaginationError, SnapbackError):
                    look(broken.resource)
    return list(broken.account.calls)
