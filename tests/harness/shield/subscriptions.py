"""Shield's GetSubscriptionState, which moto lacks, from the subscription that moto keeps.

https://docs.aws.amazon.com/waf/latest/DDOSAPIReference/API_GetSubscriptionState.html
"""

import json
from typing import Any

from moto.shield.responses import ShieldResponse


def as_on_aws() -> None:
    """Let moto answer the call."""
    ShieldResponse.get_subscription_state = _get_subscription_state  # type: ignore[attr-defined]  # what moto lacks


def _get_subscription_state(response: Any) -> str:  # noqa: ANN401 - moto's
    return json.dumps({"SubscriptionState": "ACTIVE" if response.shield_backend.subscription else "INACTIVE"})
