"""report_tampering: whatever changes a part of Snapback is told, whoever does it and by whatever door; its own deployment is told once, not part by part."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from functions.cloudformation.report_tampering import remediation
from local.intrinsics import Place, physical_name
from snapback.engine import alerts, own_stack
from tests.harness.account import Account
from tests.harness.cloudformation.stack_events import StackEvents
from tests.harness.discovery import Handler, without_version
from tests.harness.rules import Rule, rules
from tests.harness.template import HERE, of_type, resolved

environment = {
    "STACK_ID": resolved({"Ref": "AWS::StackId"}),
    "STORMS_MAPPING": resolved({"Ref": "StormsMapping"}),
    "ALERTS_KEY": "999988887777:key/mrk-1234",
    "SWITCHED_OFF": "none",
}

HANDLER = Handler("cloudformation", "report_tampering")
RULES = [rule for rule in rules() if rule.function == HANDLER.logical_id]

FUNCTION = "snapback-RevokeOpenIngress-1A2B3C4D5E6F"
FUNCTION_ARN = f"arn:aws:lambda:us-east-1:111122223333:function:{FUNCTION}"
ROLE = "snapback-RevokeOpenIngressRole-1A2B3C4D5E6F"
SHARED = "arn:aws:iam::111122223333:policy/snapback-Shared-1A2B3C4D5E6F"
CLOCK = resolved({"Ref": "Clock"})
RULE = "snapback-RevokeOpenIngressTrigger-1A2B3C4D5E6F"
SWEEP = "snapback-RestoreTrailHourlySweep-1A2B3C4D5E6F"
TOPIC = resolved({"Ref": "Alerts"})
STORMS = resolved({"Ref": "Storms"})
JOURNAL = resolved({"Ref": "Journal"})
TABLE_ARN = resolved({"Fn::GetAtt": ["Journal", "Arn"]})
LOGS = "/snapback/snapback"
LOGS_ARN = f"arn:aws:logs:us-east-1:111122223333:log-group:{LOGS}"

BLOWS: list[tuple[str, str, dict[str, Any]]] = [
    # its roles
    ("iam", "PutRolePermissionsBoundary", {"roleName": ROLE, "permissionsBoundary": "arn:aws:iam::aws:policy/ReadOnlyAccess"}),
    ("iam", "DeleteRolePermissionsBoundary", {"roleName": ROLE}),
    ("iam", "AttachRolePolicy", {"roleName": ROLE, "policyArn": "arn:aws:iam::aws:policy/AWSDenyAll"}),
    ("iam", "DetachRolePolicy", {"roleName": ROLE, "policyArn": SHARED}),
    ("iam", "PutRolePolicy", {"roleName": ROLE, "policyName": "tidy"}),
    ("iam", "DeleteRolePolicy", {"roleName": ROLE, "policyName": "tidy"}),
    ("iam", "UpdateAssumeRolePolicy", {"roleName": ROLE}),
    ("iam", "DeleteRole", {"roleName": ROLE}),
    ("iam", "CreatePolicyVersion", {"policyArn": SHARED, "setAsDefault": True}),
    ("iam", "SetDefaultPolicyVersion", {"policyArn": SHARED, "versionId": "v1"}),
    ("iam", "DeletePolicyVersion", {"policyArn": SHARED, "versionId": "v2"}),
    ("iam", "DeletePolicy", {"policyArn": SHARED}),
    ("iam", "CreateRole", {"roleName": "snapback-SendDigestRole-AAAABBBBCCCC"}),
    # its functions, named in every way that Lambda takes
    ("lambda", "UpdateFunctionCode20150331v2", {"functionName": FUNCTION}),
    ("lambda", "UpdateFunctionConfiguration20150331v2", {"functionName": FUNCTION_ARN}),
    ("lambda", "PutFunctionConcurrency20171031", {"functionName": f"111122223333:function:{FUNCTION}"}),
    ("lambda", "DeleteFunctionConcurrency20171031", {"functionName": f"function:{FUNCTION}"}),
    ("lambda", "DeleteFunction20150331", {"functionName": f"us-east-1:111122223333:function:{FUNCTION}"}),
    ("lambda", "AddPermission20150331v2", {"functionName": f"{FUNCTION_ARN}:live", "statementId": "1"}),
    ("lambda", "RemovePermission20150331v2", {"functionName": FUNCTION, "statementId": "1"}),
    ("lambda", "PutResourcePolicy20260709", {"resourceArn": f"{FUNCTION_ARN}:live", "policy": "{}"}),
    ("lambda", "DeleteResourcePolicy", {"resourceArn": FUNCTION_ARN}),
    ("lambda", "UpdateAlias20150331", {"functionName": FUNCTION, "name": "live"}),
    ("lambda", "DeleteAlias20150331", {"functionName": FUNCTION, "name": "live"}),
    ("lambda", "PublishVersion20150331", {"functionName": FUNCTION}),
    ("lambda", "PutFunctionEventInvokeConfig", {"functionName": FUNCTION, "maximumRetryAttempts": 0}),
    ("lambda", "UpdateFunctionEventInvokeConfig", {"functionName": FUNCTION, "maximumEventAgeInSeconds": 60}),
    ("lambda", "DeleteFunctionEventInvokeConfig", {"functionName": FUNCTION}),
    ("lambda", "PutRuntimeManagementConfig", {"functionName": FUNCTION}),
    ("lambda", "CreateFunctionUrlConfig", {"functionName": FUNCTION}),
    ("lambda", "UpdateEventSourceMapping20150331", {"uUID": environment["STORMS_MAPPING"], "enabled": False}),
    ("lambda", "DeleteEventSourceMapping20150331", {"uUID": environment["STORMS_MAPPING"]}),
    ("lambda", "CreateEventSourceMapping20150331", {"eventSourceArn": resolved({"Fn::GetAtt": ["Storms", "Arn"]}), "functionName": "thief"}),
    # its clock: schedules that go are looks that nobody takes
    ("scheduler", "DeleteSchedule", {"groupName": CLOCK, "name": "look"}),
    ("scheduler", "UpdateSchedule", {"groupName": CLOCK, "name": "look", "state": "DISABLED"}),
    ("scheduler", "DeleteScheduleGroup", {"name": CLOCK}),
    ("scheduler", "UpdateSchedule", {"groupName": CLOCK, "name": SWEEP, "state": "DISABLED"}),
    # its rules
    ("events", "DisableRule", {"name": RULE}),
    ("events", "DeleteRule", {"name": RULE, "force": True}),
    ("events", "PutRule", {"name": RULE, "eventPattern": "{}"}),
    ("events", "RemoveTargets", {"rule": RULE, "ids": ["1"]}),
    ("events", "PutTargets", {"rule": RULE}),
    # its alerts
    ("sns", "SetTopicAttributes", {"topicArn": TOPIC, "attributeName": "Policy"}),
    ("sns", "DeleteTopic", {"topicArn": TOPIC}),
    ("sns", "AddPermission", {"topicArn": TOPIC, "label": "x"}),
    ("sns", "RemovePermission", {"topicArn": TOPIC, "label": "x"}),
    ("sns", "Subscribe", {"topicArn": TOPIC, "protocol": "email"}),
    ("sns", "SetSubscriptionAttributes", {"subscriptionArn": f"{TOPIC}:5f0c1b0e-7e8c-4f6e-8a60-7f9b2f1f3a11", "attributeName": "FilterPolicy"}),
    ("sns", "Unsubscribe", {"subscriptionArn": f"{TOPIC}:5f0c1b0e-7e8c-4f6e-8a60-7f9b2f1f3a11"}),
    ("sns", "PutDataProtectionPolicy", {"resourceArn": TOPIC, "dataProtectionPolicy": "{}"}),
    # its queues, by the address of today and by an old one
    ("sqs", "SetQueueAttributes", {"queueUrl": STORMS, "attributes": {"Policy": "{}"}}),
    ("sqs", "PurgeQueue", {"queueUrl": f"https://queue.amazonaws.com/111122223333/{STORMS.rpartition('/')[2]}"}),
    ("sqs", "DeleteQueue", {"queueUrl": resolved({"Ref": "DeadLetters"})}),
    ("sqs", "AddPermission", {"queueUrl": STORMS, "label": "x"}),
    (
        "sqs",
        "StartMessageMoveTask",
        {"sourceArn": resolved({"Fn::GetAtt": ["DeadLetters", "Arn"]}), "destinationArn": "arn:aws:sqs:us-east-1:111122223333:bin"},
    ),
    # its journal
    ("dynamodb", "DeleteTable", {"tableName": JOURNAL}),
    ("dynamodb", "UpdateTable", {"tableName": TABLE_ARN, "deletionProtectionEnabled": False}),
    ("dynamodb", "UpdateTimeToLive", {"tableName": JOURNAL}),
    ("dynamodb", "UpdateContinuousBackups", {"tableName": JOURNAL}),
    ("dynamodb", "PutResourcePolicy", {"resourceArn": TABLE_ARN, "policy": "{}"}),
    ("dynamodb", "DeleteResourcePolicy", {"resourceArn": TABLE_ARN}),
    # its log, and what is counted in it
    ("logs", "DeleteLogGroup", {"logGroupName": LOGS}),
    ("logs", "DeleteLogStream", {"logGroupName": LOGS, "logStreamName": "x"}),
    ("logs", "PutRetentionPolicy", {"logGroupName": LOGS, "retentionInDays": 1}),
    ("logs", "DeleteMetricFilter", {"logGroupName": LOGS, "filterName": "x"}),
    ("logs", "PutMetricFilter", {"logGroupName": LOGS, "filterName": "x"}),
    ("logs", "PutSubscriptionFilter", {"logGroupName": LOGS}),
    ("logs", "AssociateKmsKey", {"resourceIdentifier": LOGS_ARN}),
    ("logs", "PutDataProtectionPolicy", {"logGroupIdentifier": f"{LOGS_ARN}:*"}),
    # its alarms
    ("monitoring", "PutMetricAlarm", {"alarmName": "snapback-dead-letters", "threshold": 1e9}),
    ("monitoring", "DeleteAlarms", {"alarmNames": ["another", "snapback-dead-letters"]}),
    ("monitoring", "DisableAlarmActions", {"alarmNames": ["snapback-errors"]}),
    ("monitoring", "SetAlarmState", {"alarmName": "snapback-held", "stateValue": "OK"}),
    ("monitoring", "PutAlarmMuteRule", {"name": "quiet", "muteTargets": {"alarmNames": ["snapback-held"]}}),
    ("monitoring", "PutAlarmMuteRule", {"Name": "quiet", "MuteTargets": {"AlarmNames": ["snapback-held"]}}),
    ("monitoring", "DeleteDashboards", {"dashboardNames": ["snapback"]}),
    # what it blocks attackers with
    ("wafv2", "DeleteIPSet", {"name": "snapback-attackers-v4", "scope": "REGIONAL"}),
    ("wafv2", "UpdateIPSet", {"name": "snapback-attackers-v4", "scope": "REGIONAL", "addresses": []}),
    # the stack
    ("cloudformation", "UpdateStack", {"stackName": environment["STACK_ID"]}),
    ("cloudformation", "ExecuteChangeSet", {"stackName": "snapback", "changeSetName": "x"}),
    ("cloudformation", "SetStackPolicy", {"stackName": "snapback"}),
    ("cloudformation", "UpdateTerminationProtection", {"stackName": "snapback"}),
]


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> None:
    HANDLER.set_up(monkeypatch)
    own_stack._known.clear()  # noqa: SLF001 - as in a new Lambda environment


"""The date of the API's version, which some of Lambda's calls have in a record, and nobody looks for."""


def call(service: str, name: str, request: object, **changes: object) -> dict[str, Any]:
    event = copy.deepcopy(HANDLER.samples["report_tampering"])
    event["source"] = f"aws.{service}"
    event["detail"] |= {"eventSource": f"{service}.amazonaws.com", "eventName": name, "requestParameters": request, **changes}
    return event


def matching(event: dict[str, Any], among: list[Rule] = RULES) -> list[str]:
    return [rule.name for rule in among if rule.matches(event)]


@pytest.mark.parametrize(("service", "name", "request_parameters"), BLOWS, ids=[f"{name}-{number}" for number, (_, name, _) in enumerate(BLOWS)])
def test_each_way_to_make_snapback_deaf_dumb_or_harmless_is_told_once(service: str, name: str, request_parameters: dict[str, Any], account: Account) -> None:
    event = call(service, name, request_parameters)
    assert len(matching(event)) == 1, "with two, it would be told twice"
    assert account.deliver(remediation, event) == ["REPORTED"]
    [alert] = account.alerts()
    assert alert["severity"] == "high"
    assert f"{without_version(name)} of {service} changed a part of Snapback" in alert["text"]
    assert "role Admin (session mallory) from 198.51.100.7" in alert["text"]


TYPES: list[tuple[str, str, dict[str, Any], tuple[str, bool]]] = [
    ("lambda", "PutFunctionConcurrency20171031", {"functionName": FUNCTION_ARN}, ("AWS::Lambda::Function", True)),
    ("iam", "PutRolePolicy", {"roleName": ROLE}, ("AWS::IAM::Role", False)),
    ("monitoring", "DeleteAlarms", {"alarmNames": ["another", "snapback-dead-letters"]}, ("AWS::CloudWatch::Alarm", True)),
    ("cloudformation", "UpdateStack", {"stackName": environment["STACK_ID"]}, ("AWS::CloudFormation::Stack", False)),
    ("logs", "DeleteLogGroup", {"logGroupName": LOGS}, ("", False)),
]
"""Call -> the part's type, empty where the request does not tell it, and whether its name tells its ARN."""


@pytest.mark.parametrize(("service", "name", "request_parameters", "known"), TYPES, ids=[row[1] for row in TYPES])
def test_a_part_is_told_as_what_it_is(service: str, name: str, request_parameters: dict[str, Any], known: tuple[str, bool], account: Account) -> None:
    kind, has_arn = known
    account.deliver(remediation, call(service, name, request_parameters))
    [alert] = account.alerts()
    assert (alert["resource"]["type"], bool(alert["resource"]["arn"])) == (kind, has_arn)
    assert (f"\n({kind})\n" in alert["text"]) is bool(kind)
    assert alert["service"] == "cloudformation", "by which subscribers choose"


@pytest.mark.parametrize(("service", "name", "request_parameters"), BLOWS, ids=[f"{name}-{number}" for number, (_, name, _) in enumerate(BLOWS)])
def test_the_same_done_to_a_stack_whose_name_begins_alike_is_not_told(service: str, name: str, request_parameters: dict[str, Any], account: Account) -> None:
    text = (
        repr(request_parameters).replace("snapback-", "snapback-dev-").replace("'snapback'", "'snapback-dev'").replace("stack/snapback/", "stack/snapback-dev/")
    )
    others = eval(text.replace("/snapback/snapback", "/snapback/snapback-dev").replace(environment["STORMS_MAPPING"], "another"))  # noqa: S307 - a text of our own
    assert others != request_parameters
    event = call(service, name, others)
    assert not matching(event) or account.deliver(remediation, event) == ["ALREADY_OK"]
    assert account.alerts() == []


DETECTOR = "12abc34d567e8fa901bc2d34e56789f0"
LIST = {"detectorId": DETECTOR, "name": "office", "format": "TXT", "location": "s3://sample-bucket/office.txt", "activate": True}
STORE = {"eventDataStore": "arn:aws:cloudtrail:us-east-1:111122223333:eventdatastore/ee54f226-431d-4777-b1f4-fc0b2d5c1a20"}
ARN = "arn:aws:securityhub:us-east-1:111122223333:automation-rule/a1b2c3d4-5678-90ab-cdef-111111111111"
NEW_RULE = {"identifier": ARN}


def workflow(status: str) -> dict[str, Any]:
    return {"ruleName": "quiet", "criteria": {}, "actions": [{"type": "FINDING_FIELDS_UPDATE", "findingFieldsUpdate": {"workflow": {"status": status}}}]}


def status_id(number: object) -> dict[str, Any]:
    return {"ruleName": "quiet", "criteria": {}, "actions": [{"type": "FINDING_FIELDS_UPDATE", "findingFieldsUpdate": {"statusId": number}}]}


def updates(*rules: dict[str, Any]) -> dict[str, Any]:
    return {"updateAutomationRulesRequestItems": [{"ruleArn": ARN, **rule} for rule in rules]}


SEVERITY = {"criteria": {}, "actions": [{"type": "FINDING_FIELDS_UPDATE", "findingFieldsUpdate": {"severity": {"label": "HIGH"}}}]}
TICKET = {"criteria": {}, "actions": [{"type": "EXTERNAL_INTEGRATION", "externalIntegrationConfiguration": {"connectorArn": ARN}}]}

MEMBERS = {"detectorId": DETECTOR, "accountIds": ["444455556666"]}
PUBLISHED: dict[str, Any] = {"securityHubConfiguration": {"publishPolicyFindings": True, "publishClassificationFindings": True}}


def controls(*statuses: str) -> dict[str, Any]:
    standard = "arn:aws:securityhub:us-east-1::standards/aws-foundational-security-best-practices/v/1.0.0"
    updates = [{"standardsArn": standard, "securityControlId": f"EC2.{number}", "associationStatus": status} for number, status in enumerate(statuses)]
    return {"standardsControlAssociationUpdates": updates}


SILENCING: list[tuple[str, str, Any]] = [
    ("guardduty", "CreateIPSet", LIST),
    ("guardduty", "CreateTrustedEntitySet", LIST),
    ("guardduty", "UpdateIPSet", {"detectorId": DETECTOR, "ipSetId": "0cb0", "activate": True}),
    ("guardduty", "UpdateTrustedEntitySet", {"detectorId": DETECTOR, "trustedEntitySetId": "0cb0", "location": "s3://another/list.txt"}),
    ("guardduty", "UpdateIPSet", None),
    ("guardduty", "ArchiveFindings", {"detectorId": DETECTOR, "findingIds": ["1", "2"]}),
    ("securityhub", "CreateAutomationRule", workflow("SUPPRESSED")),
    ("securityhub", "CreateAutomationRule", workflow("RESOLVED")),
    ("securityhub", "CreateAutomationRule", {"omitted": True, "reason": "requestParameters too large"}),
    ("securityhub", "BatchUpdateAutomationRules", updates(SEVERITY, workflow("SUPPRESSED"))),
    ("securityhub", "BatchUpdateAutomationRules", updates({"ruleStatus": "ENABLED"})),
    ("securityhub", "BatchUpdateAutomationRules", updates({"criteria": {}})),
    ("securityhub", "CreateAutomationRuleV2", status_id(3)),
    ("securityhub", "UpdateAutomationRuleV2", {**NEW_RULE, **status_id("5")}),
    ("securityhub", "UpdateAutomationRuleV2", {**NEW_RULE, "ruleStatus": "ENABLED"}),
    ("securityhub", "DisableSecurityHubV2", None),
    ("cloudtrail", "StopEventDataStoreIngestion", STORE),
    ("cloudtrail", "DeleteEventDataStore", STORE),
    ("cloudtrail", "UpdateEventDataStore", {**STORE, "advancedEventSelectors": []}),
    ("cloudtrail", "UpdateEventDataStore", {**STORE, "terminationProtectionEnabled": False}),
    ("access-analyzer", "CreateArchiveRule", {"analyzerName": "account", "ruleName": "quiet", "filter": {}}),
    ("access-analyzer", "UpdateArchiveRule", {"analyzerName": "account", "ruleName": "quiet", "filter": {}}),
    ("inspector2", "CreateFilter", {"action": "SUPPRESS", "name": "quiet", "filterCriteria": {}}),
    ("inspector2", "UpdateFilter", {"filterArn": "arn:aws:inspector2:us-east-1:111122223333:owner/111122223333/filter/1", "filterCriteria": {}}),
    ("macie2", "CreateFindingsFilter", {"action": "ARCHIVE", "name": "quiet", "findingCriteria": {}}),
    ("macie2", "UpdateFindingsFilter", {"id": "1", "action": "ARCHIVE"}),
    ("access-analyzer", "UpdateFindings", {"status": "ARCHIVED", "ids": ["1"]}),
    ("access-analyzer", "DeleteServiceLinkedAnalyzer", {"analyzerName": "hub"}),
    ("config", "DeleteConfigRule", {"configRuleName": "restricted-ssh"}),
    ("config", "DeleteConformancePack", {"conformancePackName": "baseline"}),
    ("config", "DeleteOrganizationConfigRule", {"organizationConfigRuleName": "restricted-ssh"}),
    ("config", "DeleteOrganizationConformancePack", None),
    ("config", "DeleteServiceLinkedConfigurationRecorder", {"servicePrincipal": "securityhub.amazonaws.com"}),
    ("config", "PutRetentionConfiguration", {"retentionPeriodInDays": 30}),
    ("guardduty", "DeleteMembers", MEMBERS),
    ("guardduty", "DisassociateMembers", MEMBERS),
    ("guardduty", "StopMonitoringMembers", MEMBERS),
    ("guardduty", "UpdateMemberDetectors", {**MEMBERS, "features": [{"name": "RUNTIME_MONITORING", "status": "DISABLED"}]}),
    ("guardduty", "DisassociateFromAdministratorAccount", {"detectorId": DETECTOR}),
    ("guardduty", "DisassociateFromMasterAccount", {"detectorId": DETECTOR}),
    ("guardduty", "DisableOrganizationAdminAccount", {"adminAccountId": "444455556666"}),
    ("guardduty", "UpdateThreatIntelSet", {"detectorId": DETECTOR, "threatIntelSetId": "0cb0", "activate": False}),
    ("guardduty", "UpdateThreatEntitySet", {"detectorId": DETECTOR, "threatEntitySetId": "0cb0", "location": "s3://another/empty.txt"}),
    ("guardduty", "UpdateThreatEntitySet", None),
    ("guardduty", "DeleteThreatIntelSet", {"detectorId": DETECTOR, "threatIntelSetId": "0cb0"}),
    ("guardduty", "DeleteThreatEntitySet", {"detectorId": DETECTOR, "threatEntitySetId": "0cb0"}),
    ("guardduty", "DeleteCustomDetectionRuleAssociation", {"ruleId": "1", "associationId": "2"}),
    ("guardduty", "UpdateCustomDetectionRuleAssociation", {"ruleId": "1", "associationId": "2", "mode": "DRY_RUN"}),
    ("guardduty", "DeleteMalwareProtectionPlan", {"malwareProtectionPlanId": "1"}),
    ("guardduty", "UpdateMalwareScanSettings", {"detectorId": DETECTOR, "scanResourceCriteria": {"exclude": {}}}),
    ("inspector2", "DisassociateMember", {"accountId": "444455556666"}),
    ("inspector2", "DisableDelegatedAdminAccount", {"delegatedAdminAccountId": "444455556666"}),
    ("inspector2", "UpdateEc2DeepInspectionConfiguration", {"activateDeepInspection": False}),
    ("eks", "UpdateClusterConfig", {"name": "shop", "logging": {"clusterLogging": [{"types": ["audit", "api"], "enabled": False}]}}),
    ("route53resolver", "DeleteResolverQueryLogConfig", {"resolverQueryLogConfigId": "rqlc-1"}),
    ("route53resolver", "DisassociateResolverQueryLogConfig", {"resolverQueryLogConfigId": "rqlc-1", "resourceId": "vpc-1"}),
    ("wafv2", "DeleteLoggingConfiguration", {"resourceArn": "arn:aws:wafv2:us-east-1:111122223333:regional/webacl/shop/1"}),
    ("macie2", "DeleteMember", {"id": "444455556666"}),
    ("macie2", "DisassociateMember", {"id": "444455556666"}),
    ("macie2", "DisassociateFromAdministratorAccount", None),
    ("macie2", "UpdateMemberSession", {"id": "444455556666", "status": "PAUSED"}),
    ("macie2", "UpdateAutomatedDiscoveryConfiguration", {"status": "DISABLED"}),
    ("macie2", "PutFindingsPublicationConfiguration", PUBLISHED | {"securityHubConfiguration": {"publishPolicyFindings": False}}),
    ("macie2", "PutFindingsPublicationConfiguration", None),
    ("macie2", "CreateAllowList", {"name": "quiet", "criteria": {"regex": ".*"}}),
    ("macie2", "UpdateAllowList", {"id": "1", "name": "quiet", "criteria": {"regex": ".*"}}),
    ("organizations", "DeregisterDelegatedAdministrator", {"accountId": "444455556666", "servicePrincipal": "guardduty.amazonaws.com"}),
    ("organizations", "DisableAWSServiceAccess", {"servicePrincipal": "config-multiaccountsetup.amazonaws.com"}),
    ("organizations", "DisableAWSServiceAccess", None),
    ("organizations", "LeaveOrganization", None),
    ("securityhub", "BatchUpdateStandardsControlAssociations", controls("ENABLED", "DISABLED")),
    ("securityhub", "BatchUpdateStandardsControlAssociations", None),
    ("securityhub", "UpdateStandardsControl", {"standardsControlArn": f"{ARN}/control", "controlStatus": "DISABLED"}),
    ("securityhub", "UpdateSecurityControl", {"securityControlId": "EC2.18", "parameters": {}}),
    ("securityhub", "UpdateSecurityHubConfiguration", {"autoEnableControls": False}),
    ("securityhub", "DisableImportFindingsForProduct", {"productSubscriptionArn": ARN}),
    ("securityhub", "DisableSecurityHubFeatureV2", {"featureName": "NETWORK_SCANNING"}),
    ("securityhub", "DeleteAggregatorV2", {"aggregatorV2Arn": ARN}),
    ("securityhub", "DeleteFindingAggregator", {"findingAggregatorArn": ARN}),
    ("securityhub", "UpdateAggregatorV2", {"aggregatorV2Arn": ARN, "regionLinkingMode": "SPECIFIED_REGIONS"}),
    ("securityhub", "UpdateFindingAggregator", {"findingAggregatorArn": ARN, "regionLinkingMode": "NO_REGIONS"}),
    ("securityhub", "DeleteConfigurationPolicy", {"identifier": ARN}),
    ("securityhub", "UpdateConfigurationPolicy", {"identifier": ARN}),
    ("securityhub", "StartConfigurationPolicyDisassociation", {"configurationPolicyIdentifier": ARN}),
    ("securityhub", "StartConfigurationPolicyAssociation", {"configurationPolicyIdentifier": ARN, "target": {"accountId": "444455556666"}}),
    ("guardduty", "UpdateOrganizationConfiguration", {"detectorId": DETECTOR, "autoEnableOrganizationMembers": "NONE"}),
    ("guardduty", "UpdateOrganizationConfiguration", {"detectorId": DETECTOR, "features": [{"name": "RUNTIME_MONITORING", "autoEnable": "NONE"}]}),
    ("inspector2", "UpdateOrganizationConfiguration", {"autoEnable": {"ec2": False, "ecr": True}}),
    ("macie2", "UpdateOrganizationConfiguration", None),
    ("securityhub", "UpdateOrganizationConfiguration", {"autoEnable": True, "autoEnableStandards": "NONE"}),
    ("securityhub", "DeleteMembers", {"accountIds": ["444455556666"]}),
    ("securityhub", "DisassociateMembers", {"accountIds": ["444455556666"]}),
    ("securityhub", "DisassociateFromAdministratorAccount", None),
    ("securityhub", "DisableOrganizationAdminAccount", {"adminAccountId": "444455556666"}),
]
"""Known from the API's names alone: no real record of one of these was found, so both spellings are read, and what cannot be read is told."""


@pytest.mark.parametrize("spelled", [str, str.capitalize], ids=["camel case", "Pascal case"])
@pytest.mark.parametrize(("service", "name", "request_parameters"), SILENCING, ids=[f"{name}-{number}" for number, (_, name, _) in enumerate(SILENCING)])
def test_what_keeps_findings_and_records_from_snapback_is_told_once(
    service: str, name: str, request_parameters: object, spelled: Callable[[str], str], account: Account
) -> None:
    event = call(service, name, respelled(request_parameters, spelled))
    assert matching(event) in (["TriggerByDetection"], ["TriggerByCoverage"])
    assert account.deliver(remediation, event) == ["REPORTED"]
    [alert] = account.alerts()
    assert f"{name} of {service} " in alert["text"]
    assert "part of Snapback" not in alert["text"]
    assert "role Admin (session mallory) from 198.51.100.7" in alert["text"]


def respelled(value: object, spelled: Callable[[str], str]) -> object:
    if isinstance(value, dict):
        return {f"{spelled(key[:1])}{key[1:]}": respelled(inner, spelled) for key, inner in value.items()}
    return [respelled(inner, spelled) for inner in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    ("service", "name", "request_parameters"),
    [
        ("guardduty", "CreateIPSet", {**LIST, "activate": False}),
        ("guardduty", "UpdateIPSet", {"detectorId": DETECTOR, "ipSetId": "0cb0", "activate": False, "location": "s3://another/list.txt"}),
        ("guardduty", "UpdateTrustedEntitySet", {"detectorId": DETECTOR, "trustedEntitySetId": "0cb0", "name": "another"}),
        ("securityhub", "CreateAutomationRule", workflow("NOTIFIED")),
        ("securityhub", "CreateAutomationRule", {**workflow("SUPPRESSED"), "ruleStatus": "DISABLED"}),
        ("securityhub", "CreateAutomationRule", SEVERITY),
        ("securityhub", "BatchUpdateAutomationRules", updates(SEVERITY, {"ruleStatus": "DISABLED"}, {"ruleName": "another"})),
        ("securityhub", "CreateAutomationRuleV2", status_id(1)),
        ("securityhub", "CreateAutomationRuleV2", TICKET),
        ("cloudtrail", "UpdateEventDataStore", {**STORE, "name": "another"}),
        ("cloudtrail", "UpdateEventDataStore", {**STORE, "terminationProtectionEnabled": True}),
        ("inspector2", "CreateFilter", {"action": "NONE", "name": "view", "filterCriteria": {}}),
        ("macie2", "UpdateFindingsFilter", {"id": "1", "action": "NOOP"}),
        ("access-analyzer", "UpdateFindings", {"status": "ACTIVE", "ids": ["1"]}),
        ("guardduty", "UpdateCustomDetectionRuleAssociation", {"ruleId": "1", "associationId": "2", "mode": "LIVE"}),
        ("guardduty", "UpdateThreatIntelSet", {"detectorId": DETECTOR, "threatIntelSetId": "0cb0", "name": "another"}),
        ("guardduty", "UpdateThreatEntitySet", {"detectorId": DETECTOR, "threatEntitySetId": "0cb0", "activate": True}),
        ("inspector2", "UpdateEc2DeepInspectionConfiguration", {"activateDeepInspection": True}),
        ("inspector2", "UpdateEc2DeepInspectionConfiguration", {"packagePaths": ["/opt"]}),
        ("inspector2", "UpdateOrganizationConfiguration", {"autoEnable": {"ec2": True, "ecr": True}}),
        ("guardduty", "UpdateOrganizationConfiguration", {"detectorId": DETECTOR, "autoEnableOrganizationMembers": "ALL"}),
        ("eks", "UpdateClusterConfig", {"name": "shop", "logging": {"clusterLogging": [{"types": ["audit"], "enabled": True}]}}),
        ("eks", "UpdateClusterConfig", {"name": "shop", "resourcesVpcConfig": {"endpointPublicAccess": False}}),
        ("macie2", "UpdateMemberSession", {"id": "444455556666", "status": "ENABLED"}),
        ("macie2", "UpdateAutomatedDiscoveryConfiguration", {"status": "ENABLED"}),
        ("macie2", "PutFindingsPublicationConfiguration", PUBLISHED),
        ("organizations", "DisableAWSServiceAccess", {"servicePrincipal": "license-manager.amazonaws.com"}),
        ("securityhub", "BatchUpdateStandardsControlAssociations", controls("ENABLED")),
        ("securityhub", "UpdateStandardsControl", {"standardsControlArn": f"{ARN}/control", "controlStatus": "ENABLED"}),
        ("securityhub", "UpdateSecurityHubConfiguration", {"controlFindingGenerator": "SECURITY_CONTROL"}),
    ],
)
def test_lists_rules_and_filters_that_silence_nothing_are_not_told(service: str, name: str, request_parameters: dict[str, Any], account: Account) -> None:
    event = call(service, name, request_parameters)
    assert matching(event) in (["TriggerByDetection"], ["TriggerByCoverage"])
    assert account.deliver(remediation, event) == ["ALREADY_OK"]
    assert account.alerts() == []


@pytest.mark.parametrize("by", ["securityhub.amazonaws.com", "config-conforms.amazonaws.com"])
def test_rules_of_config_that_a_service_deletes_for_itself_are_not_told_but_those_of_a_stack_are(by: str, account: Account) -> None:
    event = call("config", "DeleteConfigRule", {"configRuleName": "securityhub-restricted-ssh-1a2b3c4d"})
    event["detail"]["userIdentity"]["invokedBy"] = by
    assert account.deliver(remediation, event) == ["ALREADY_OK"]
    event["id"], event["detail"]["userIdentity"]["invokedBy"] = "another", own_stack.CLOUDFORMATION
    assert account.deliver(remediation, event) == ["REPORTED"]


def test_the_alert_names_the_controls_that_are_switched_off(account: Account) -> None:
    account.deliver(remediation, call("securityhub", "BatchUpdateStandardsControlAssociations", controls("DISABLED", "ENABLED", "DISABLED")))
    assert "switched controls of Security Hub off: EC2.0, EC2.2" in account.alerts()[0]["text"]


@pytest.mark.parametrize(
    ("service", "name", "request_parameters"),
    [
        ("guardduty", "ArchiveFindings", {"detectorId": DETECTOR, "findingIds": ["1"]}),
        ("access-analyzer", "UpdateFindings", {"status": "ARCHIVED", "ids": ["1"]}),
    ],
)
def test_findings_that_are_archived_by_hand_are_told_once_a_month_for_each_identity(
    service: str, name: str, request_parameters: dict[str, Any], account: Account
) -> None:
    def archived(event_id: str, at: str, role: str) -> list[str]:
        event = call(service, name, request_parameters, eventTime=at, eventID=event_id)
        event["id"] = event_id
        event["detail"]["userIdentity"]["sessionContext"]["sessionIssuer"]["arn"] = f"arn:aws:iam::111122223333:role/{role}"
        return account.deliver(remediation, event)

    assert archived("1", "2026-11-20T03:00:00Z", "Analyst") == ["REPORTED"]
    assert archived("2", "2026-11-24T03:00:00Z", "Analyst") == ["HANDLED"]
    assert archived("3", "2026-11-24T03:00:00Z", "Admin") == ["REPORTED"]
    assert archived("4", "2026-12-01T03:00:00Z", "Analyst") == ["REPORTED"]
    assert len(account.alerts()) == 3


@pytest.mark.parametrize(
    "request_parameters",
    [
        {"functionName": "billing-RevokeOpenIngress"},
        {"name": "nightly"},
        {"tableName": "Orders"},
        {"stackName": "snapback-of-somebody-else"},
        {"roleName": "Admin"},
        {"roleName": "Snapback-RevokeOpenIngressRole-1A2B3C4D5E6F"},
        {"functionName": "thief", "role": f"arn:aws:iam::111122223333:role/{ROLE}"},
        None,
    ],
)
@pytest.mark.parametrize("service", ["cloudformation", "dynamodb", "events", "iam", "lambda", "logs", "monitoring", "sns", "sqs", "wafv2"])
def test_changes_to_what_is_not_snapbacks_wake_nobody(service: str, request_parameters: object) -> None:
    assert matching(call(service, "DeleteRule", request_parameters)) == []


@pytest.mark.parametrize(
    ("service", "name", "request_parameters"),
    [
        ("logs", "CreateLogStream", {"logGroupName": LOGS}),
        ("iam", "TagRole", {"roleName": ROLE}),
        ("dynamodb", "CreateBackup", {"tableName": JOURNAL}),
        ("cloudformation", "CreateChangeSet", {"stackName": "snapback"}),
        ("sns", "ConfirmSubscription", {"topicArn": TOPIC}),
        ("scheduler", "CreateSchedule", {"groupName": CLOCK, "name": "look"}),
    ],
)
def test_what_does_no_harm_wakes_nobody(service: str, name: str, request_parameters: dict[str, Any]) -> None:
    assert matching(call(service, name, request_parameters)) == []


@pytest.mark.parametrize("changes", [{"readOnly": True}, {"eventCategory": "Data"}, {"errorCode": "AccessDenied"}], ids=str)
def test_reads_rows_and_refused_calls_wake_nobody(changes: dict[str, Any]) -> None:
    """Rows above all: the function writes some itself, and would wake itself for ever where a trail records them."""
    assert matching(call("dynamodb", "UpdateItem", {"tableName": JOURNAL}, **changes)) == []


def by_cloudformation(name: str = "PutRolePolicy", request: object = None, *, at: float, answer: object = None, service: str = "iam") -> dict[str, Any]:
    request = request or {"roleName": ROLE, "policyName": "tidy"}
    event = call(service, name, request, eventTime=alerts.utc(at).replace(" UTC", "Z").replace(" ", "T"), responseElements=answer)
    event["detail"]["userIdentity"]["invokedBy"] = own_stack.CLOUDFORMATION
    return event


def test_what_another_stack_does_to_a_part_is_told_as_that(account: Account) -> None:
    stack = StackEvents(environment["STACK_ID"])
    now = account.clock.now()
    stack.say(now - 86_000, "UPDATE_IN_PROGRESS", "RevokeOpenIngressRole", "AWS::IAM::Role", ROLE)
    stack.say(now - 85_990, "UPDATE_COMPLETE", "RevokeOpenIngressRole", "AWS::IAM::Role", ROLE)
    with account.interfered(stack):
        assert account.deliver(remediation, by_cloudformation(at=now)) == ["REPORTED"]
    assert "PutRolePolicy of iam changed a part of Snapback for a stack that is not Snapback's" in account.alerts()[0]["text"]


def test_it_is_told_too_while_snapback_itself_is_being_deployed_but_changes_another_part(account: Account) -> None:
    stack = StackEvents(environment["STACK_ID"])
    now = account.clock.now()
    stack.say(now - 60, "UPDATE_IN_PROGRESS", "snapback", "AWS::CloudFormation::Stack", environment["STACK_ID"])
    stack.say(now - 50, "UPDATE_IN_PROGRESS", "SendDigestRole", "AWS::IAM::Role", "snapback-SendDigestRole-1A2B3C4D5E6F")
    stack.say(now - 400, "UPDATE_COMPLETE", "RevokeOpenIngressRole", "AWS::IAM::Role", ROLE)
    disguised = {"roleName": ROLE, "policyName": "tidy", "description": environment["STACK_ID"]}
    with account.interfered(stack):
        assert account.deliver(remediation, by_cloudformation(request=disguised, at=now)) == ["REPORTED"]


@pytest.mark.parametrize("code", ["AccessDenied", "ValidationError"])
def test_if_the_stack_cannot_be_asked_it_is_told(code: str, account: Account) -> None:
    stack = StackEvents("another" if code == "ValidationError" else environment["STACK_ID"])
    with account.interfered(stack):
        assert account.deliver(remediation, by_cloudformation(at=account.clock.now())) == ["REPORTED"]
    assert stack.asked == 1


MADE_BY_THE_STACK: list[tuple[str, str, str, dict[str, Any], Any, str, str]] = [
    ("a role's policy", "iam", "PutRolePolicy", {"roleName": ROLE}, None, "AWS::IAM::Role", ROLE),
    ("the shared policy", "iam", "CreatePolicyVersion", {"policyArn": SHARED}, None, "AWS::IAM::ManagedPolicy", SHARED),
    ("a function by its ARN", "lambda", "UpdateFunctionCode20150331v2", {"functionName": FUNCTION_ARN}, None, "AWS::Lambda::Function", FUNCTION),
    ("a permission", "lambda", "AddPermission20150331v2", {"functionName": FUNCTION, "statementId": "perm-1"}, None, "AWS::Lambda::Permission", "perm-1"),
    (
        "a version",
        "lambda",
        "PublishVersion20150331",
        {"functionName": FUNCTION},
        {"functionArn": f"{FUNCTION_ARN}:7"},
        "AWS::Lambda::Version",
        f"{FUNCTION_ARN}:7",
    ),
    ("a sweep", "scheduler", "UpdateSchedule", {"groupName": CLOCK, "name": SWEEP}, None, "AWS::Scheduler::Schedule", SWEEP),
    ("a queue's policy", "sqs", "SetQueueAttributes", {"queueUrl": STORMS}, None, "AWS::SQS::QueuePolicy", "snapback-StormsPolicy-1A2B3C4D5E6F"),
    ("a subscription", "sns", "Subscribe", {"topicArn": TOPIC}, {"subscriptionArn": "pending confirmation"}, "AWS::SNS::Subscription", f"{TOPIC}:0f3c"),
    ("a metric filter", "logs", "PutMetricFilter", {"logGroupName": LOGS, "filterName": "f-1"}, None, "AWS::Logs::MetricFilter", "f-1"),
]


@pytest.mark.parametrize("row", MADE_BY_THE_STACK, ids=[row[0] for row in MADE_BY_THE_STACK])
@pytest.mark.parametrize("status", ["CREATE_COMPLETE", ""], ids=["finished", "at it"])
def test_what_the_stacks_own_deployment_does_is_not_told_part_by_part(row: tuple[Any, ...], status: str, account: Account) -> None:
    _, service, name, request, answer, kind, physical = row
    stack = StackEvents(environment["STACK_ID"])
    now = account.clock.now()
    stack.say(now - 20, "CREATE_IN_PROGRESS", "Part", kind, "")
    stack.say(now - 10, "CREATE_IN_PROGRESS", "Part", kind, physical)
    if status:
        stack.say(now - 5, status, "Part", kind, physical)
    with account.interfered(stack):
        assert account.deliver(remediation, by_cloudformation(name, request, at=now - 12, answer=answer, service=service)) == ["ALREADY_OK"]
    assert account.alerts() == []


def test_a_deployment_of_hundreds_of_parts_asks_the_stack_a_few_times(account: Account) -> None:
    stack = StackEvents(environment["STACK_ID"])
    now = account.clock.now()
    roles = [f"snapback-Part{number}Role-1A2B3C4D5E6F" for number in range(300)]
    for number, role in enumerate(roles):
        stack.say(now - 300 + number, "UPDATE_IN_PROGRESS", f"Part{number}Role", "AWS::IAM::Role", role)
        stack.say(now - 299 + number, "UPDATE_COMPLETE", f"Part{number}Role", "AWS::IAM::Role", role)
    with account.interfered(stack):
        for number, role in enumerate(roles):
            assert account.deliver(remediation, by_cloudformation(request={"roleName": role}, at=now - 300 + number)) == ["ALREADY_OK"]
    assert stack.asked == 6, "its pages, once"


def test_that_the_stack_begins_to_be_updated_is_told_even_if_the_call_named_only_a_change_set(account: Account) -> None:
    event = HANDLER.samples["report_tampering-update"]
    assert matching(event) == ["Trigger"]
    assert account.deliver(remediation, event) == ["REPORTED"]
    assert "Snapback's stack went into the state UPDATE_IN_PROGRESS" in account.alerts()[0]["text"]
    assert "DO FIRST\n  See whether that is a deployment of yours" in account.alerts()[0]["text"]
    event["detail"]["stack-id"] = environment["STACK_ID"].replace("snapback", "snapback-dev")
    assert matching(event) == []


def test_the_fixes_that_block_an_address_are_not_told_as_tampering(account: Account) -> None:
    event = call("wafv2", "UpdateIPSet", {"name": "snapback-attackers-v4"})
    role = "snapback-BlockAttackerIpRole-1A2B3C4D5E6F"
    event["detail"]["userIdentity"]["sessionContext"]["sessionIssuer"] |= {"arn": f"arn:aws:iam::111122223333:role/{role}", "userName": role}
    assert account.deliver(remediation, event) == ["ALREADY_OK"]


def test_the_topics_own_key_is_heard_if_the_stack_knows_it(account: Account) -> None:
    event = call("kms", "DisableKey", {"keyId": "arn:aws:kms:us-east-1:999988887777:key/mrk-1234"})
    assert account.deliver(remediation, event) == ["REPORTED"]
    others = call("kms", "DisableKey", {"keyId": "arn:aws:kms:us-east-1:999988887777:key/mrk-12345"})
    assert account.deliver(remediation, others) == ["ALREADY_OK"]


KINDS = ["AWS::Lambda::Function", "AWS::IAM::Role", "AWS::Events::Rule", "AWS::Scheduler::Schedule", "AWS::SQS::Queue", "AWS::DynamoDB::Table"]
PLACES = [HERE, Place(stack="snapback-for-the-whole-platform"), Place(stack="StackSet-snapback-0f3c1b0e-7e8c-4f6e-8a60-7f9b2f1f3a11")]
"""A name of 31 characters, and a stack set's, which CloudFormation cuts."""


@pytest.mark.parametrize("place", PLACES, ids=[place.stack for place in PLACES])
@pytest.mark.parametrize("kind", KINDS)
def test_every_part_is_known_by_its_name_however_cloudformation_cuts_it(place: Place, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STACK_ID", resolved({"Ref": "AWS::StackId"}, place=place))
    assert [logical for logical in of_type(kind) if not own_stack.is_part(physical_name(kind, logical, place.stack))] == []


@pytest.mark.parametrize("other", ["snapback-dev", "snapbackup", "StackSet-snapback-0f3c1b0e-7e8c-4f6e-8a60-7f9b2f1f3a11", "snap"])
@pytest.mark.parametrize("kind", KINDS)
def test_no_part_of_another_stack_is_taken_for_a_part(kind: str, other: str) -> None:
    """Unless both names are so long that CloudFormation cuts them to the same: then it is told, to be sure."""
    assert [logical for logical in of_type(kind) if own_stack.is_part(physical_name(kind, logical, other))] == []


def test_every_name_that_the_template_gives_is_known_as_a_part(monkeypatch: pytest.MonkeyPatch) -> None:
    for place in PLACES:
        monkeypatch.setenv("STACK_ID", resolved({"Ref": "AWS::StackId"}, place=place))
        given = [one["Properties"]["AlarmName"] for one in of_type("AWS::CloudWatch::Alarm").values()]
        given += [one["Properties"]["Name"] for one in of_type("AWS::WAFv2::IPSet").values()]
        assert [name for name in given if not own_stack.is_part(resolved(name, place=place))] == []


@pytest.mark.parametrize("status", ["CREATE_COMPLETE", "UPDATE_COMPLETE"])
@pytest.mark.parametrize(
    ("off", "wrong"),
    [("encrypt-bucket,revoke-open-ingress", ""), ("encrypt-buckets,revoke-open-ingress,report-finding", "encrypt-buckets, report-finding"), ("none", "")],
)
def test_a_name_by_which_nothing_is_switched_off_is_told_once_the_stack_is_deployed(
    account: Account, monkeypatch: pytest.MonkeyPatch, status: str, off: str, wrong: str
) -> None:
    HANDLER.set_up(monkeypatch)
    monkeypatch.setenv("SWITCHED_OFF", off)
    event = copy.deepcopy(HANDLER.samples["report_tampering-update"])
    event["detail"]["status-details"]["status"] = status
    [rule] = [rule for rule in rules() if rule.function == "ReportTampering" and rule.matches(event)]
    assert rule.name == "Trigger"
    assert account.deliver(HANDLER.remediation, event) == (["REPORTED"] if wrong else ["ALREADY_OK"])
    assert [alert["before"][0]["What"].rpartition(": ")[2] for alert in account.alerts()] == ([wrong] if wrong else [])
