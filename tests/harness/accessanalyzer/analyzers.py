"""Analyzers of IAM Access Analyzer, which moto lacks: a small stateful fake on botocore's own hooks.

Parameters are validated by botocore as they are for AWS. What is answered, and which errors there are, is what the API reference documents:
https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_CreateAnalyzer.html and its neighbours.
The state lives with moto's backend of IAM, which forgets it when the account is emptied.
"""

from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.awsrequest import AWSResponse, HTTPHeaders
from moto.iam.models import iam_backends

from snapback.engine import clients, clock
from tests.harness.scenario import ACCOUNT, REGION

_MODELLED = {"ResourceNotFoundException": 404, "ConflictException": 409, "ServiceQuotaExceededException": 402}


class _Refused(Exception):  # noqa: N818 - an answer, not a failure
    """What AWS answers instead."""


def answer() -> None:
    """Let calls to Access Analyzer be answered: the test's own, and those of the layer."""
    for client in (boto3.client("accessanalyzer"), clients.aws("accessanalyzer")):
        client.meta.events.register("before-parameter-build.accessanalyzer.*", _keep, unique_id="analyzers-keep")
        # The last to be asked: in preview the layer answers writes first.
        client.meta.events.register_last("before-call.*.*", _answer, unique_id="analyzers-answer")  # type: ignore[arg-type]  # botocore takes answers from this hook


def _keep(params: dict[str, Any], context: dict[str, Any], **_: object) -> None:
    context["given"] = params


def _answer(model: Any, context: dict[str, Any], **_: object) -> tuple[AWSResponse, dict[str, Any]]:  # noqa: ANN401 - botocore's
    try:
        status, body = 200, _OPERATIONS[model.name](**context["given"])
    except _Refused as refused:
        code, message = refused.args
        status, body = _MODELLED[code], {"Error": {"Code": code, "Message": message}}
    metadata = {"HTTPStatusCode": status, "RequestId": "a-request"}
    return AWSResponse("https://access-analyzer.test", status, HTTPHeaders(), None), {**body, "ResponseMetadata": metadata}


def _analyzers() -> dict[str, dict[str, Any]]:
    kept: dict[str, dict[str, Any]] = iam_backends[ACCOUNT]["aws"].__dict__.setdefault("analyzers", {})
    return kept


def _create(analyzerName: str, type: str, archiveRules: Any = (), tags: Any = None, **_: object) -> dict[str, Any]:  # noqa: ANN401, N803, A002 - AWS's names
    if analyzerName in _analyzers():
        raise _Refused("ConflictException", f"An analyzer with the name {analyzerName} already exists.")
    if any(analyzer["type"] == type for analyzer in _analyzers().values()):
        raise _Refused("ServiceQuotaExceededException", f"There is an analyzer of type {type} already.")
    arn = f"arn:aws:access-analyzer:{REGION}:{ACCOUNT}:analyzer/{analyzerName}"
    made = datetime.fromtimestamp(clock.now(), UTC)
    _analyzers()[analyzerName] = {
        "summary": {"arn": arn, "name": analyzerName, "type": type, "createdAt": made, "tags": tags or {}, "status": "ACTIVE"},
        "type": type,
        "rules": [{**rule, "createdAt": made, "updatedAt": made} for rule in archiveRules],
    }
    return {"arn": arn}


def _delete(analyzerName: str, **_: object) -> dict[str, Any]:  # noqa: N803
    _known(analyzerName)
    del _analyzers()[analyzerName]
    return {}


def _list(type: str | None = None, **page: Any) -> dict[str, Any]:  # noqa: ANN401, A002
    """Answer one at a time: whoever reads only the first page misses some."""
    return _paged("analyzers", [one["summary"] for one in _analyzers().values() if type in (None, one["type"])], page)


def _list_rules(analyzerName: str, **page: Any) -> dict[str, Any]:  # noqa: ANN401, N803
    return _paged("archiveRules", _known(analyzerName)["rules"], page)


def _paged(key: str, everything: list[Any], page: dict[str, Any]) -> dict[str, Any]:
    start = int(page.get("nextToken", 0))
    more = {"nextToken": str(start + 1)} if start + 1 < len(everything) else {}
    return {key: everything[start : start + 1], **more}


def _known(name: str) -> dict[str, Any]:
    if name not in _analyzers():
        raise _Refused("ResourceNotFoundException", f"There is no analyzer {name}.")
    return _analyzers()[name]


_OPERATIONS: Any = {"CreateAnalyzer": _create, "DeleteAnalyzer": _delete, "ListAnalyzers": _list, "ListArchiveRules": _list_rules}
