"""Words for calls after which less is detected or recorded, or findings reach nobody any more, and which no remediation takes back: people hear of them.

None of these calls has been seen in a real record: their parts are called after the API's. What cannot be read is told.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from snapback.engine.events import items_of, request_of
from snapback.engine.names import shown

Request = Mapping[str, Any]

ARCHIVED_BY_HAND: Final = frozenset({"ArchiveFindings", "UpdateFindings"})
"""GuardDuty's and Access Analyzer's: the only ones of these calls that are daily work."""

_CLOUDFORMATION: Final = "cloudformation.amazonaws.com"

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
    if service == "config" and _is_by_a_service(record):
        return ""
    request = request_of(record)
    return judge({} if "omitted" in request else request)


def _is_by_a_service(record: Mapping[str, Any]) -> bool:
    """Tell whether a service made the call for itself: Security Hub and conformance packs delete their own Config rules, and what makes them is heard.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
    """
    identity = record.get("userIdentity")
    by = str(identity.get("invokedBy")) if isinstance(identity, Mapping) else ""
    return by.endswith(".amazonaws.com") and by != _CLOUDFORMATION


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


def _unless(part: str, harmless: str, what: str) -> Callable[[Request], str]:
    """Judge a call that does harm unless its request has that word there."""
    return lambda request: "" if request.get(part) == harmless else what


def _if_off(switch: str, what: str) -> Callable[[Request], str]:
    """Judge a call that does harm if it switches that off; one that does not name it leaves it as it was."""
    return lambda request: what if not request or request.get(switch, True) not in (True, "true") else ""


def _if_no_threats(request: Request) -> str:
    """Judge a change of a list of known threats, which does harm where it is switched off or has another content; a name changes nothing."""
    is_harmless = request and request.get("activate") not in (False, "false") and "location" not in request
    return "" if is_harmless else "made GuardDuty know fewer threats: it finds nothing any more by the list as it was"


def _if_a_control_goes(request: Request) -> str:
    """Judge which of Security Hub's controls are on in which of its standards.

    https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchUpdateStandardsControlAssociations.html
    """
    updates = items_of(request.get("standardsControlAssociationUpdates"))
    off = [shown(one.get("securityControlId")) for one in updates if one.get("associationStatus") != "ENABLED"]
    return f"switched controls of Security Hub off: {', '.join(sorted(set(off)))}" if off else "" if updates else _A_CONTROL


def _if_macie_tells_less(request: Request) -> str:
    """Judge which findings Macie passes on to Security Hub. https://docs.aws.amazon.com/macie/latest/APIReference/findings-publication-configuration.html."""
    published = request.get("securityHubConfiguration")
    is_all = isinstance(published, Mapping) and all(
        published.get(kind) in (True, "true") for kind in ("publishPolicyFindings", "publishClassificationFindings")
    )
    return "" if is_all else "made Macie pass fewer findings on to Security Hub"


def _if_a_cluster_logs_less(request: Request) -> str:
    """Judge a change of an EKS cluster, which may be one of its control plane's logs or of anything else.

    https://docs.aws.amazon.com/eks/latest/APIReference/API_UpdateClusterConfig.html
    """
    logging = request.get("logging")
    setups = items_of(logging.get("clusterLogging")) if isinstance(logging, Mapping) else []
    off = {str(kind) for one in setups if one.get("enabled") in (False, "false") for kind in one.get("types") or ["all"]}
    return f"switched logs of the EKS cluster {shown(request.get('name'))} off: {shown(', '.join(sorted(off)))}" if off else ""


def _if_new_accounts_are_left_out(request: Request) -> str:
    """Judge what an administrator has switched on in accounts that join, service by service spelled otherwise.

    https://docs.aws.amazon.com/guardduty/latest/APIReference/API_UpdateOrganizationConfiguration.html
    """
    is_off = not request or any(value in (False, "false", "NONE") for value in _values(request))
    return "left something off in accounts that join the organisation" if is_off else ""


def _values(value: object) -> Iterator[object]:
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else None
    if inner is None:
        yield value
    else:
        for one in inner:
            yield from _values(one)


def _if_detecting(request: Request) -> str:
    """Judge what an organisation takes from a service: of interest are those that detect and record."""
    service = str(request.get("servicePrincipal", ""))
    return f"took the organisation from {shown(service) if service else 'a service'}" if not service or service.partition(".")[0] in _DETECTING else ""


_A_CONTROL: Final = "switched a control of Security Hub off"
_DETECTING: Final = frozenset(
    {"access-analyzer", "cloudtrail", "config", "config-multiaccountsetup", "detective", "guardduty", "health", "inspector2", "macie", "malware-protection"}
    | {"securityhub"}
)
"""The services that detect or record, as an organisation knows them.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_integrate_services_list.html
"""

_FEWER: Final = "took accounts from %s, or its findings from whoever watches over them"
_TRUSTING: Final = ("CreateIPSet", "UpdateIPSet", "CreateTrustedEntitySet", "UpdateTrustedEntitySet")
_PARTING: Final = ("DisableOrganizationAdminAccount", "DisassociateFromAdministratorAccount", "DisassociateFromMasterAccount")
_RULING: Final = ("CreateAutomationRule", "BatchUpdateAutomationRules", "CreateAutomationRuleV2", "UpdateAutomationRuleV2")

_CALLS: Final[Mapping[tuple[str, str], Callable[[Request], str]]] = {
    **{("guardduty", name): _if_trusted for name in _TRUSTING},
    ("guardduty", "ArchiveFindings"): _always("archived findings by hand: one that is archived within minutes is told by nobody"),
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
    # What sees, covers or hears less from then on.
    ("eks", "UpdateClusterConfig"): _if_a_cluster_logs_less,
    ("wafv2", "DeleteLoggingConfiguration"): _always("ended the log of a web ACL"),
    **{
        ("route53resolver", name): _always("ended the log of what a network asks DNS for")
        for name in ("DeleteResolverQueryLogConfig", "DisassociateResolverQueryLogConfig")
    },
    ("access-analyzer", "UpdateFindings"): _unless("status", "ACTIVE", "archived findings by hand: one that is archived within minutes is told by nobody"),
    ("access-analyzer", "DeleteServiceLinkedAnalyzer"): _always("deleted an analyzer of Access Analyzer that belongs to a service of AWS"),
    **{
        ("config", f"Delete{name}"): _always("deleted rules of Config: nothing is judged by them any more")
        for name in ("ConfigRule", "ConformancePack", "OrganizationConfigRule", "OrganizationConformancePack")
    },
    ("config", "DeleteServiceLinkedConfigurationRecorder"): _always("deleted a recorder of Config that belongs to a service of AWS"),
    ("config", "PutRetentionConfiguration"): _always("changed how long Config keeps what it recorded"),
    **{
        ("guardduty", name): _always(_FEWER % "GuardDuty")
        for name in (*_PARTING, "DeleteMembers", "DisassociateMembers", "StopMonitoringMembers", "UpdateMemberDetectors")
    },
    **{("guardduty", name): _if_no_threats for name in ("UpdateThreatEntitySet", "UpdateThreatIntelSet")},
    **{
        ("guardduty", name): _always("made GuardDuty know fewer threats: it finds nothing any more by what was deleted")
        for name in ("DeleteCustomDetectionRuleAssociation", "DeleteThreatEntitySet", "DeleteThreatIntelSet")
    },
    ("guardduty", "UpdateCustomDetectionRuleAssociation"): _unless("mode", "LIVE", "made a detection rule of GuardDuty find nothing any more"),
    ("guardduty", "DeleteMalwareProtectionPlan"): _always("took a bucket from GuardDuty's malware protection"),
    ("guardduty", "UpdateMalwareScanSettings"): _always("changed what GuardDuty scans for malware"),
    **{("inspector2", name): _always(_FEWER % "Inspector") for name in ("DisableDelegatedAdminAccount", "DisassociateMember")},
    ("inspector2", "UpdateEc2DeepInspectionConfiguration"): _if_off("activateDeepInspection", "switched Inspector's deep inspection off"),
    **{("macie2", name): _always(_FEWER % "Macie") for name in (*_PARTING, "DeleteMember", "DisassociateMember")},
    ("macie2", "UpdateMemberSession"): _unless("status", "ENABLED", "paused Macie in another account"),
    ("macie2", "UpdateAutomatedDiscoveryConfiguration"): _unless("status", "ENABLED", "switched off that Macie looks for sensitive data by itself"),
    ("macie2", "PutFindingsPublicationConfiguration"): _if_macie_tells_less,
    **{("macie2", name): _always("made or changed a list of what Macie passes over") for name in ("CreateAllowList", "UpdateAllowList")},
    **{(service, "UpdateOrganizationConfiguration"): _if_new_accounts_are_left_out for service in ("guardduty", "inspector2", "macie2", "securityhub")},
    **{("organizations", name): _if_detecting for name in ("DeregisterDelegatedAdministrator", "DisableAWSServiceAccess")},
    ("organizations", "LeaveOrganization"): _always("took the account out of its organisation, with its policies and central detection"),
    **{("securityhub", name): _always(_FEWER % "Security Hub") for name in (*_PARTING, "DeleteMembers", "DisassociateMembers")},
    ("securityhub", "BatchUpdateStandardsControlAssociations"): _if_a_control_goes,
    ("securityhub", "UpdateStandardsControl"): _unless("controlStatus", "ENABLED", _A_CONTROL),
    ("securityhub", "UpdateSecurityControl"): _always("changed by which parameters a control of Security Hub judges"),
    ("securityhub", "UpdateSecurityHubConfiguration"): _if_off("autoEnableControls", "made Security Hub leave new controls off"),
    ("securityhub", "DisableImportFindingsForProduct"): _always("stopped Security Hub from taking the findings of a product"),
    ("securityhub", "DisableSecurityHubFeatureV2"): _always("switched a feature of the newer Security Hub off"),
    **{
        ("securityhub", name): _always("changed or ended by which regions Security Hub's findings are brought together")
        for name in ("DeleteAggregatorV2", "DeleteFindingAggregator", "UpdateAggregatorV2", "UpdateFindingAggregator")
    },
    **{
        ("securityhub", name): _always("changed, deleted, gave or took off a central configuration of Security Hub")
        for name in (
            *("DeleteConfigurationPolicy", "StartConfigurationPolicyAssociation"),
            *("StartConfigurationPolicyDisassociation", "UpdateConfigurationPolicy"),
        )
    },
}
"""Service and call -> what says in words what it silenced."""
