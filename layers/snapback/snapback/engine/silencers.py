"""Words for calls after which findings or records reach nobody any more, and which no remediation takes back: people hear of them.

None of these calls has been seen in a real record: their parts are called after the API's. What cannot be read is told.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from snapback.engine.events import items_of, request_of

Request = Mapping[str, Any]

ARCHIVED_BY_HAND: Final = "ArchiveFindings"
"""The only one of these calls that is daily work."""

_SHOWN_ON: Final = frozenset({"NEW", "NOTIFIED"})
"""The states of a finding's workflow in which Snapback hears of it. https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_WorkflowUpdate.html"""

_NEW: Final = "1"
"""The same in the newer Security Hub, which numbers them.

https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_AutomationRulesFindingFieldsUpdateV2.html
"""


def silenced_by(record: Mapping[str, Any]) -> str | None:
    """Return in words what a CloudTrail record of such a call silenced; empty if it did no harm, None if the call is of another kind."""
    service = str(record.get("eventSource")).partition(".")[0]
    judge = _CALLS.get((service, str(record.get("eventName"))))
    if judge is None:
        return None
    request = request_of(record)
    return judge({} if "omitted" in request else request)


def _always(what: str) -> Callable[[Request], str]:
    return lambda _: what


def _if_trusted(request: Request) -> str:
    """Judge a list of what GuardDuty is to trust: one that is not active does nothing, and a new name changes nothing.

    https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_upload-lists.html
    """
    is_harmless = request.get("activate") in (False, "false") or (request and not request.keys() & {"activate", "location"})
    return "" if is_harmless else "made GuardDuty trust a list of addresses or domains: whatever comes from there is no finding any more"


def _if_it_hides(request: Request) -> str:
    """Judge automation rules of Security Hub, which change findings before anybody hears of them.

    https://docs.aws.amazon.com/securityhub/latest/userguide/automation-rules.html
    """
    rules = items_of(request.get("updateAutomationRulesRequestItems")) or [request]
    return "made or changed a rule by which Security Hub takes findings out of sight before Snapback hears of them" if any(map(_hides, rules)) else ""


def _hides(rule: Request) -> bool:
    if rule.get("ruleStatus") == "DISABLED":
        return False
    if "actions" not in rule:  # then the rule does what it did, to other findings or for the first time
        return not rule or bool(rule.keys() & {"criteria", "ruleStatus"})
    updates = [action.get("findingFieldsUpdate") or {} for action in items_of(rule["actions"])]
    states = [((one.get("workflow") or {}).get("status", "NEW"), str(one.get("statusId", _NEW))) for one in updates]
    return not states or any(status not in _SHOWN_ON or number != _NEW for status, number in states)


def _if_it_keeps_less(request: Request) -> str:
    """Judge a change of an event data store. https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_UpdateEventDataStore.html."""
    switched_off = any(request.get(switch) in (False, "false") for switch in ("multiRegionEnabled", "organizationEnabled", "terminationProtectionEnabled"))
    may_be_less = switched_off or not request or bool(request.keys() & {"advancedEventSelectors", "retentionPeriod"})
    return "changed what an event data store of CloudTrail Lake records, or how long it keeps that" if may_be_less else ""


def _if_action(word: str, what: str) -> Callable[[Request], str]:
    """Judge a filter of findings, which only sorts them unless its action is that word; an update that names no action leaves it as it was."""
    return lambda request: what if request.get("action", word) == word else ""


_TRUSTING: Final = ("CreateIPSet", "UpdateIPSet", "CreateTrustedEntitySet", "UpdateTrustedEntitySet")
_RULING: Final = ("CreateAutomationRule", "BatchUpdateAutomationRules", "CreateAutomationRuleV2", "UpdateAutomationRuleV2")

_CALLS: Final[Mapping[tuple[str, str], Callable[[Request], str]]] = {
    **{("guardduty", name): _if_trusted for name in _TRUSTING},
    ("guardduty", ARCHIVED_BY_HAND): _always("archived findings by hand: one that is archived within minutes is told by nobody"),
    **{("securityhub", name): _if_it_hides for name in _RULING},
    ("securityhub", "DisableSecurityHubV2"): _always("switched the newer Security Hub off: its findings reach nobody any more"),
    ("cloudtrail", "StopEventDataStoreIngestion"): _always("stopped an event data store of CloudTrail Lake: it records nothing any more"),
    ("cloudtrail", "DeleteEventDataStore"): _always("deleted an event data store of CloudTrail Lake: RestoreEventDataStore brings it back for seven days"),
    ("cloudtrail", "UpdateEventDataStore"): _if_it_keeps_less,
    **{
        ("access-analyzer", name): _always("made or changed a rule by which Access Analyzer archives findings by itself")
        for name in ("CreateArchiveRule", "UpdateArchiveRule")
    },
    **{
        ("inspector2", name): _if_action("SUPPRESS", "made or changed a filter by which Inspector suppresses findings")
        for name in ("CreateFilter", "UpdateFilter")
    },
    **{
        ("macie2", name): _if_action("ARCHIVE", "made or changed a filter by which Macie archives findings by itself")
        for name in ("CreateFindingsFilter", "UpdateFindingsFilter")
    },
}
"""Service and call -> what says in words what it silenced."""
