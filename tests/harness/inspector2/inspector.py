"""Amazon Inspector as on AWS: it tells the state of each account that is asked for, where moto leaves out those that it was never on in.

https://docs.aws.amazon.com/inspector/v2/APIReference/API_BatchGetAccountStatus.html
"""

from typing import Any

from moto.inspector2.models import AccountStatus, Inspector2Backend


def as_on_aws() -> None:
    """Let an account in which Inspector was never on be one in which it is off."""
    Inspector2Backend.batch_get_account_status = _status  # type: ignore[method-assign,assignment]  # in the place of moto's own


def _status(backend: Any, account_ids: list[str]) -> list[dict[str, Any]]:  # noqa: ANN401 - moto's
    return [(backend.account_status.get(one) or AccountStatus(one)).to_batch_json() for one in account_ids]
