"""Security Hub's standards, which moto lacks: kept in moto's own hub, so that they come and go with it.

https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchEnableStandards.html
"""

import json
from typing import Any

from moto.securityhub import urls
from moto.securityhub.exceptions import SecurityHubClientError
from moto.securityhub.models import SecurityHubBackend
from moto.securityhub.responses import SecurityHubResponse

_enable, _disable = SecurityHubBackend.enable_security_hub, SecurityHubBackend.disable_security_hub


def as_on_aws() -> None:
    """Let a hub have standards, and be enabled only once."""
    for path in ("register", "get", "deregister"):
        urls.url_paths[f"{{0}}/standards/{path}$"] = SecurityHubResponse.dispatch
    response: Any = SecurityHubResponse
    response.batch_enable_standards = _register
    response.get_enabled_standards = _get
    response.batch_disable_standards = _deregister
    backend: Any = SecurityHubBackend
    backend.enable_security_hub = _enable_once
    backend.disable_security_hub = _disable_with_standards


def _enable_once(backend: Any, **given: Any) -> Any:  # noqa: ANN401 - moto's
    if backend.enabled:
        raise SecurityHubClientError("ResourceConflictException", "Account is already subscribed to Security Hub")
    return _enable(backend, **given)


def _disable_with_standards(backend: Any) -> Any:  # noqa: ANN401
    backend.standards = {}
    return _disable(backend)


def _standards(response: Any) -> dict[str, Any]:  # noqa: ANN401
    backend = response.securityhub_backend
    if not backend.enabled:
        raise SecurityHubClientError("InvalidAccessException", f"Account {backend.account_id} is not subscribed to AWS Security Hub")
    found: dict[str, Any] = backend.__dict__.setdefault("standards", {})
    return found


def _subscription_arn(response: Any, arn: str) -> str:  # noqa: ANN401
    _, _, standard = arn.partition("/")
    return f"arn:aws:securityhub:{response.region}:{response.current_account}:subscription/{standard}"


def _register(response: Any) -> str:  # noqa: ANN401
    standards = _standards(response)
    for asked in json.loads(response.body)["StandardsSubscriptionRequests"]:
        arn = _subscription_arn(response, asked["StandardsArn"])
        given = {"StandardsArn": asked["StandardsArn"], "StandardsInput": asked.get("StandardsInput", {})}
        standards[arn] = {"StandardsSubscriptionArn": arn, **given, "StandardsStatus": "PENDING"}
    return json.dumps({"StandardsSubscriptions": list(standards.values())})


def _get(response: Any) -> str:  # noqa: ANN401
    return json.dumps({"StandardsSubscriptions": list(_standards(response).values())})


def _deregister(response: Any) -> str:  # noqa: ANN401
    gone = [_standards(response).pop(arn, None) for arn in json.loads(response.body)["StandardsSubscriptionArns"]]
    return json.dumps({"StandardsSubscriptions": [{**one, "StandardsStatus": "DELETING"} for one in gone if one]})
