"""GuardDuty's features as AWS keeps them: moto's own lie about them, put right at this one place.

moto replaces all features by those that UpdateDetector names. On AWS the others stay as they are, and every detector answers all of them.
https://docs.aws.amazon.com/guardduty/latest/APIReference/API_UpdateDetector.html
"""

from typing import Any

from moto.guardduty.models import Detector

_ALWAYS = ("CLOUD_TRAIL", "DNS_LOGS", "FLOW_LOGS")
_CHOSEN = (
    "S3_DATA_EVENTS",
    "EKS_AUDIT_LOGS",
    "EBS_MALWARE_PROTECTION",
    "RDS_LOGIN_EVENTS",
    "EKS_RUNTIME_MONITORING",
    "LAMBDA_NETWORK_LOGS",
    "RUNTIME_MONITORING",
)

_update, _to_json = Detector.update, Detector.to_json


def as_on_aws() -> None:
    """Let a detector have every feature, and an update change those that it names."""
    Detector.update = _merge  # type: ignore[method-assign,assignment]  # in the place of moto's own
    Detector.to_json = _answer  # type: ignore[method-assign,assignment]


def _merge(detector: Any, enable: Any, frequency: Any, sources: Any, features: Any) -> None:  # noqa: ANN401 - moto's
    named = {feature["name"]: feature for feature in [*detector.features, *(features or [])]}
    assert not {"EKS_RUNTIME_MONITORING", "RUNTIME_MONITORING"} <= {feature["name"] for feature in features or []}, "AWS takes one of the two"
    _update(detector, enable, frequency, sources, list(named.values()))


def _answer(detector: Any) -> dict[str, Any]:  # noqa: ANN401
    named = {feature["name"]: feature for feature in detector.features}
    features = [{"name": name, "status": "ENABLED"} for name in _ALWAYS] + [named.get(name, {"name": name, "status": "DISABLED"}) for name in _CHOSEN]
    return {**_to_json(detector), "features": [{**feature, "updatedAt": detector.created_at.timestamp()} for feature in features]}
