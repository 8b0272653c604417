"""Service settings of Systems Manager, which moto lacks: kept in its backend, so that they go with the account, and behind botocore's own validation.

https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ServiceSetting.html
"""

from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.ssm.responses import SimpleSystemManagerResponse

DEFAULTS = {"/ssm/documents/console/public-sharing-permission": "Enable", "/ssm/parameter-store/high-throughput-enabled": "false"}


def as_on_aws() -> None:
    """Let the account have settings."""
    response: Any = SimpleSystemManagerResponse
    response.get_service_setting, response.update_service_setting, response.reset_service_setting = _get, _update, _reset


def _get(response: Any) -> ActionResult:  # noqa: ANN401 - moto's
    setting = response._get_param("SettingId")  # noqa: SLF001 - as moto's own responses do
    value, status = _set(response).get(setting), "Customized"
    if value is None:
        value, status = DEFAULTS[setting], "Default"
    return ActionResult({"ServiceSetting": {"SettingId": setting, "SettingValue": value, "Status": status}})


def _update(response: Any) -> EmptyResult:  # noqa: ANN401
    _set(response)[response._get_param("SettingId")] = response._get_param("SettingValue")  # noqa: SLF001
    return EmptyResult()


def _reset(response: Any) -> ActionResult:  # noqa: ANN401
    _set(response).pop(response._get_param("SettingId"), None)  # noqa: SLF001
    return _get(response)


def _set(response: Any) -> dict[str, str]:  # noqa: ANN401
    """Return the settings that were set, in the backend."""
    kept: dict[str, str] = vars(response.ssm_backend).setdefault("service_settings", {})
    return kept
