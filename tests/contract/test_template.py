"""template.yaml: every function is wired as every other, whoever added it, and there is room for many more."""

import importlib
import json
import re
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cache
from typing import Any, NamedTuple

import boto3
import pytest

from local import template
from local.cli.stack import remediation_of, several_in
from local.remediations import SEVERAL, logical_id
from snapback.engine import controls
from snapback.engine.outcomes import NEEDS_PERSON, TOLD
from tests.contract.conftest import broken_by
from tests.harness.account import Account
from tests.harness.discovery import CHORES, FIXERS, HANDLERS, REPORTS, ROOT, Handler
from tests.harness.rules import rules
from tests.harness.template import (
    HERE,
    MOST_BYTES,
    MOST_RESOURCES,
    deployed,
    functions,
    grown_to,
    of_type,
    resolved,
    resources,
    source,
    transformed,
)

FUNCTIONS = list(functions())

MANY = 60
"""Functions, as the catalogue will have in the end."""
MOST_RULES = 300
"""On one event bus (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html)."""

MOST_WITH_WILDCARDS = 30
"""Rules of one event bus whose patterns may have wildcards, those of others included. This quota cannot be raised (the same page)."""


@pytest.fixture(params=HANDLERS, ids=str)
def handler(request: pytest.FixtureRequest) -> Handler:
    found = request.param
    assert isinstance(found, Handler)
    return found


def properties(name: str) -> Any:  # noqa: ANN401 - whatever the resource has
    return deployed()[name]["Properties"]


def only(kind: str) -> Any:  # noqa: ANN401
    [resource] = of_type(kind).values()
    return resource["Properties"]


def test_the_template_holds_what_its_sources_say() -> None:
    how = "change a function's block in template/<service>.yaml, not here, and run: make template (PYTHONPATH=layers/snapback python -m local.template)"
    assert template.render() == template.TEMPLATE.read_text(), how


def test_every_handler_has_its_block_by_service_in_alphabetical_order() -> None:
    assert [
        one.logical_id for one in sorted({handler.function for handler in (*CHORES, *HANDLERS)}, key=lambda one: (one.service != "snapback", one))
    ] == FUNCTIONS


def test_a_block_runs_the_handler_that_it_is_named_after(handler: Handler) -> None:
    block = functions()[handler.logical_id]["Properties"]
    assert (block["CodeUri"], block["Handler"]) == (f"functions/{handler.service}", f"{handler.function.stem}.handler")
    assert (ROOT / block["CodeUri"] / f"{handler.function.stem}.py").is_file()


def test_a_block_is_described_by_the_first_line_of_the_handlers_manual(handler: Handler) -> None:
    manual = importlib.import_module(f"functions.{handler.service}.{handler.function.stem}").__doc__ or ""
    assert f"{properties(handler.logical_id)['Description']}." == manual.partition("\n")[0]


def test_a_block_gives_the_settings_that_the_handler_is_tested_with(handler: Handler) -> None:
    own = functions()[handler.logical_id]["Properties"]["Environment"]["Variables"]
    of_each = {name for one in handler.together for name in one.environment}
    shared = {"SWITCHED_OFF"} if len(handler.together) > 1 else set()  # report_finding has it for itself
    assert own.keys() - {"MODE", "ROLE_ARN"} == of_each | shared


@cache
def global_services() -> frozenset[str]:
    """Return the services, as boto3 names them, that are in no region. Some folders are named otherwise, all of them of regional ones: awslambda, cognito."""
    session = boto3.Session()
    return frozenset(service for service in session.get_available_services() if not session.get_available_regions(service))


def test_functions_of_global_services_stand_only_where_those_are_recorded(handler: Handler) -> None:
    is_global = handler.service in global_services()
    parts = [part for rule in rules() if rule.function == handler.logical_id for part in rule.alternatives]
    # Calls to all services, sign-ins, and GuardDuty's findings about users arise in every region.
    hears_other_regions = any(source in part["source"] for part in parts for source in ({"prefix": "aws."}, "aws.guardduty", "aws.signin"))
    assert functions()[handler.logical_id].get("Condition") == ("IsHomeRegion" if is_global and not hears_other_regions else None)


def test_the_stack_says_which_functions_have_several_remediations() -> None:
    said = several_in(resolved(source()["Outputs"]["Together"]["Value"]))
    assert said == {remediation_of(logical_id(file.stem)): [stem.replace("_", "-") for stem in stems] for file, stems in SEVERAL.items()}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_runs_in_a_role_of_its_own_and_knows_it(function: str) -> None:
    role = {"Fn::GetAtt": [f"{function}Role", "Arn"]}
    assert properties(function)["Role"] == role
    assert properties(function)["Environment"]["Variables"]["ROLE_ARN"] == role, "or its own changes would wake it again"


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_may_keep_the_journal_and_tell_the_topic(function: str) -> None:
    assert {"Ref": "Shared"} in properties(f"{function}Role")["ManagedPolicyArns"]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_an_event_that_a_function_cannot_handle_is_kept(function: str) -> None:
    assert properties(function)["DeadLetterConfig"] == {"TargetArn": {"Fn::GetAtt": ["DeadLetters", "Arn"]}}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_logs_to_the_shared_group(function: str) -> None:
    assert properties(function)["LoggingConfig"] == {"LogFormat": "JSON", "LogGroup": {"Ref": "Logs"}}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_is_traced_if_the_parameter_says_so(function: str) -> None:
    assert properties(function)["TracingConfig"] == {"Mode": {"Ref": "Tracing"}}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_has_all_common_settings_as_they_are(function: str) -> None:
    common, own = source()["Globals"]["Function"]["Environment"]["Variables"], properties(function)["Environment"]["Variables"]
    knows_by_mode = f"On{function}" in source()["Conditions"] and "SWITCHED_OFF" not in own  # one of several is off by its name
    mode = {"Fn::If": [f"On{function}", {"Fn::Sub": "${Mode}"}, "off"]} if knows_by_mode else common["MODE"]
    assert own.items() >= {**common, "MODE": mode}.items()


@pytest.mark.parametrize("rule", of_type("AWS::Events::Rule"))
def test_an_event_that_a_rule_cannot_deliver_is_kept(rule: str) -> None:
    [target] = properties(rule)["Targets"]
    assert target["DeadLetterConfig"] == {"Arn": {"Fn::GetAtt": ["DeadLetters", "Arn"]}}


def test_eventbridge_may_put_what_it_cannot_deliver_into_the_queue_under_the_condition_that_aws_shows() -> None:
    [statement] = properties("DeadLettersPolicy")["PolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
    assert resolved(statement["Condition"]) == {"ArnLike": {"aws:SourceArn": f"arn:aws:events:{HERE.region}:{HERE.account}:rule/*"}}


def test_logs_are_kept_for_as_long_as_the_parameter_says() -> None:
    assert only("AWS::Logs::LogGroup")["RetentionInDays"] == {"Ref": "LogRetentionDays"}


def test_the_journal_is_encrypted_backed_up_and_forgets_what_is_old() -> None:
    journal = only("AWS::DynamoDB::Table")
    assert journal["SSESpecification"] == {"SSEEnabled": True}
    assert journal["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert journal["TimeToLiveSpecification"] == {"AttributeName": "expires", "Enabled": True}


def test_alerts_are_encrypted_wherever_they_wait() -> None:
    assert only("AWS::SNS::Topic")["KmsMasterKeyId"]
    assert all(properties(queue)["SqsManagedSseEnabled"] is True for queue in of_type("AWS::SQS::Queue"))


def test_what_is_to_be_told_together_is_hidden_for_longer_than_it_takes_to_tell_it() -> None:
    [queue] = [properties(queue) for queue in of_type("AWS::SQS::Queue") if queue == "Storms"]
    window = only("AWS::Lambda::EventSourceMapping")["MaximumBatchingWindowInSeconds"]  # in which what came first waits, and is hidden already
    assert queue["VisibilityTimeout"] >= 6 * properties("SendDigest")["Timeout"] + window, "as Lambda's guide has it"


CANARY_VPC = "vpc-0a1b2c3d4e5f60718"
ALL_OF_IT = {"CanaryVpc": CANARY_VPC, "ResolveFindings": "on"}
"""Parameters with which every alarm and every metric is there."""
ELSEWHERE = {"AlertsTopic": "security-alerts"}
"""Parameters with which the topic, and its alarm, are another account's."""


def _widgets(kind: str = "", parameters: dict[str, str] | None = None) -> list[dict[str, Any]]:
    """Return the properties of the dashboard's widgets."""
    body = json.loads(resolved(only("AWS::CloudWatch::Dashboard")["DashboardBody"], parameters))
    return [widget["properties"] for widget in body["widgets"] if kind in ("", widget["type"])]


class Metric(NamedTuple):
    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...] = ()


def _shown() -> dict[Metric, set[str]]:
    """Return the metrics that the dashboard names, and under which ids; a dot stands for what the metric above has at that place."""
    found: dict[Metric, set[str]] = {}
    for widget in _widgets("metric"):
        above: list[str] = []
        for row in widget["metrics"]:
            names = [part for part in row if isinstance(part, str)]
            if not names:
                continue  # an expression
            above = [above[place] if name == "." else name for place, name in enumerate(names)]
            namespace, name, *dimensions = above
            ids = {part["id"] for part in row if isinstance(part, dict) and "id" in part}
            found.setdefault(Metric(namespace, name, tuple(zip(dimensions[::2], dimensions[1::2], strict=True))), set()).update(ids)
    return found


def _written() -> set[Metric]:
    """Return the metrics that the template makes of the functions' log, one for each value that a dimension can have."""
    found = set()
    for one in resources(ALL_OF_IT).values():
        if one["Type"] != "AWS::Logs::MetricFilter":
            continue
        [made] = one["Properties"]["MetricTransformations"]
        metric = Metric(made["MetricNamespace"], made["MetricName"])
        if dimensions := made.get("Dimensions"):
            [dimension] = dimensions
            values = re.findall(rf'{re.escape(dimension["Value"])} = "(\w+)"', one["Properties"]["FilterPattern"])
            found |= {metric._replace(dimensions=((dimension["Key"], value),)) for value in values}
        else:
            found.add(metric)
    return found


AWS_OWN = {
    Metric("AWS/Lambda", "Throttles"): "https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html",
    Metric("AWS/SQS", "ApproximateNumberOfMessagesVisible", (("QueueName", resolved({"Fn::GetAtt": ["DeadLetters", "QueueName"]})),)): (
        "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html"
    ),
}
"""What AWS writes by itself, and where it says so."""


def test_every_metric_on_the_dashboard_is_written_by_this_stack_or_by_aws_itself() -> None:
    assert _shown().keys() - _written() - AWS_OWN.keys() == set()
    assert {namespace for namespace, *_ in _written()} == {f"Snapback/{HERE.stack}"}, "one stack's metrics never mix with another's"


def test_the_dashboard_is_one_of_those_that_cost_nothing() -> None:
    statistics = [row for widget in _widgets("metric") for row in widget["metrics"]]
    assert len(statistics) <= 50, "https://aws.amazon.com/cloudwatch/pricing/: three dashboards of up to 50 metrics are free"
    assert "SEARCH(" not in json.dumps(_widgets()), "it may find more than that"


def test_what_it_costs_to_watch_is_as_the_page_on_it_says() -> None:
    said = (ROOT / "docs/performance.md").read_text().partition("## What it costs to watch")[2]
    alarms = [sum(one["Type"] == "AWS::CloudWatch::Alarm" for one in resources(parameters).values()) for parameters in ({}, ALL_OF_IT)]
    assert "| " + ", ".join(f"{number * 0.10 * 12:.2f}" for number in alarms) + " |" in said
    hour = 0.30 / 730
    canary = [2 * 365 * hour, 8_760 * hour, 2 * 2 * 365 * hour]
    assert all(f"| {cost:.2f} |" in said for cost in canary)
    assert f"**{canary[0]:.2f}, {sum(canary):.2f}**" in said
    assert f"(it has {sum(isinstance(row[0], str) for widget in _widgets('metric') for row in widget['metrics'])})" in said


def test_every_expression_on_the_dashboard_is_made_of_metrics_that_stand_beside_it() -> None:
    for widget in _widgets("metric"):
        ids = {part["id"] for row in widget["metrics"] for part in row if isinstance(part, dict) and "expression" not in part and "id" in part}
        asked = {name for row in widget["metrics"] for part in row if isinstance(part, dict) for name in re.findall(r"[a-z]\w*", part.get("expression", ""))}
        assert asked == ids, widget["title"]


@pytest.mark.parametrize("parameters", [{}, ALL_OF_IT, ELSEWHERE], ids=["as it is", "with a canary", "with another's topic"])
def test_the_dashboard_has_the_state_of_every_alarm(parameters: dict[str, str]) -> None:
    [alarms] = _widgets("alarm", parameters)
    there = {one["Name"] for one in resources(parameters).values() if one["Type"] == "AWS::CloudWatch::Alarm"}
    assert sorted(alarms["alarms"]) == sorted(f"arn:aws:cloudwatch:{HERE.region}:{HERE.account}:alarm:{name}" for name in there)


def test_the_numbers_of_a_day_are_of_the_last_24_hours_whatever_range_is_chosen_and_nought_where_nothing_was() -> None:
    [day] = [widget for widget in _widgets("metric") if widget["view"] == "singleValue" and len(widget["metrics"]) > 1]
    assert (day["start"], day["setPeriodToTimeRange"], day["stat"]) == ("-PT24H", True, "Sum")
    expressions = {row[0]["label"]: row[0]["expression"] for row in day["metrics"] if "expression" in row[0]}
    assert list(expressions) == ["Fixed", "Asked (WOULD_FIX)", "Told (REPORTED)", "Held", "Not fixed, or not seen to be"]
    assert all(re.sub(r"FILL\(\w+, 0\)", "", expression).strip(" +") == "" for expression in expressions.values())


def test_widgets_lie_beside_each_other_within_the_dashboards_24_columns() -> None:
    body = json.loads(resolved(only("AWS::CloudWatch::Dashboard")["DashboardBody"]))
    squares = [
        (x, y)
        for one in body["widgets"]
        for x in range(one["x"], one["x"] + one["width"])
        for y in range(one["y"], one["y"] + one["height"])
    ]  # fmt: skip
    assert len(squares) == len(set(squares))
    assert max(x for x, _ in squares) == 23


def test_the_dashboards_cost_is_that_of_the_memory_which_the_functions_have() -> None:
    gigabytes = source()["Globals"]["Function"]["MemorySize"] / 1024
    [query] = [widget["query"] for widget in _widgets("log") if "billedDurationMs" in widget["query"]]
    assert f"/ 1000 * {gigabytes:g} * " in query


def _lines(account: Account, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> dict[str, Any]:
    """Return the line that a fix leaves in the log."""
    broken_by(Handler("ec2", "revoke_open_ingress"), account, monkeypatch).deliver()
    [line] = [vars(record) for record in caplog.records if record.getMessage() == "FIXED"]
    return line


def test_what_metrics_are_made_of_stands_in_the_log(account: Account, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    line = _lines(account, monkeypatch, caplog)
    assert (line["outcome"], line["message"]) == ("FIXED", "FIXED")
    assert line["seconds_to_fix"] >= 0
    made = {one["Properties"]["MetricTransformations"][0]["MetricName"]: one["Properties"] for one in of_type("AWS::Logs::MetricFilter").values()}
    assert made["SecondsToFix"]["MetricTransformations"][0]["MetricValue"] == "$.seconds_to_fix"
    assert "$.seconds_to_fix" in made["SecondsToFix"]["FilterPattern"]


def test_the_outcomes_that_people_hear_of_are_counted_and_no_others() -> None:
    counted = {dict(metric.dimensions)["outcome"] for metric in _written() if metric.name == "Outcomes"}
    assert counted == {outcome.value for outcome in TOLD}, "what is quiet would keep metrics alive, hour by hour, at 3.60 USD a year each"


def test_an_alarm_that_rings_where_a_line_is_missing_in_the_log_is_given_a_nought_for_the_lines_that_are_there() -> None:
    waiting = {one["Properties"]["MetricName"] for one in of_type("AWS::CloudWatch::Alarm").values() if one["Properties"]["TreatMissingData"] == "breaching"}
    counted = [filters["Properties"]["MetricTransformations"][0] for filters in of_type("AWS::Logs::MetricFilter").values()]
    assert [(one["MetricName"], one.get("DefaultValue")) for one in counted if one["MetricName"] in waiting] == [("CanariesHeard", 0)]
    noughts = {one["MetricName"] for one in counted if "DefaultValue" in one}
    assert noughts == waiting, "any other is paid for by the hours in which nothing happens: 3.60 USD a year (docs/performance.md)"


def test_the_dashboard_asks_the_log_for_what_every_outcome_leaves_there(
    account: Account, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    line = _lines(account, monkeypatch, caplog)
    group = resolved(only("AWS::Logs::LogGroup")["LogGroupName"])
    queries = [widget["query"] for widget in _widgets("log")]
    assert all(query.startswith(f"SOURCE '{group}' | ") for query in queries)
    waiting, last, triggers, _ = queries
    found = re.fullmatch(r"SOURCE '\S+' \| fields @timestamp, ([\w, ]+) \| filter isPresent\((\w+)\) \| sort @timestamp desc \| dedup (\w+)", triggers)
    assert found
    fields, filtered, distinct = found.groups()
    assert {*fields.split(", "), filtered, distinct} <= line.keys()
    assert line[distinct] == "AWS API Call via CloudTrail"
    found = re.search(r"fields @timestamp, ([\w, ]+)\n\| filter (\w+) in ", last)
    assert found
    assert {*found[1].split(", "), found[2]} - line.keys() == {"reason"}, "which is there where there is one"
    assert {*re.findall(r"latest\((\w+)\)", waiting), "remediation", "resource"} - line.keys() == {"reason"}
    assert last.endswith("| limit 20")


def test_what_waits_for_a_person_is_what_a_person_must_act_on_or_may_apply() -> None:
    waiting, last, *_ = [widget["query"] for widget in _widgets("log")]
    [skipped, waits] = [set(re.findall(r"'(\w+)'", part)) for part in re.findall(r"in \[(.*?)\]", waiting)]
    assert waits == {outcome.value for outcome in NEEDS_PERSON}
    assert skipped == {"NO_CHANGE", "HANDLED", "OWN_CHANGE", "ELSEWHERE", "DEFERRED"}, "which say nothing of how the resource is"
    [told] = [set(re.findall(r"'(\w+)'", part)) for part in re.findall(r"in \[(.*?)\]", last)]
    assert told == {outcome.value for outcome in TOLD}


@pytest.mark.parametrize("alarm", of_type("AWS::CloudWatch::Alarm"))
def test_an_alarm_is_named_so_that_report_alarm_tells_it(alarm: str) -> None:
    name = resolved(properties(alarm)["AlarmName"])
    [rule] = [rule for rule in rules() if rule.function == "ReportAlarm"]
    event = Handler("cloudwatch", "report_alarm").samples["report_alarm"]
    assert rule.matches({**event, "detail": {**event["detail"], "alarmName": name}})


def _parameters_in(value: Any) -> set[str]:  # noqa: ANN401 - any part of a template
    """Return the parameters on which this part depends, be it through a condition."""
    if isinstance(value, list):
        return set().union(*map(_parameters_in, value))
    if not isinstance(value, dict):
        return set()
    found = set().union(*map(_parameters_in, value.values()))
    if "Ref" in value:
        found |= {value["Ref"]} & source()["Parameters"].keys()
    if "Fn::Sub" in value:
        found |= set(re.findall(r"\$\{(\w+)\}", json.dumps(value["Fn::Sub"]))) & source()["Parameters"].keys()
    if "Fn::If" in value:
        found |= _parameters_in(source()["Conditions"][value["Fn::If"][0]])
    return found


@pytest.mark.parametrize("function", [name for name, block in functions().items() if "AutoPublishAlias" in block["Properties"]])
def test_whatever_changes_a_function_that_is_called_by_its_alias_publishes_a_new_version(function: str) -> None:
    own, shared = functions()[function]["Properties"], source()["Globals"]["Function"]
    described, layer = own["VersionDescription"]["Fn::Sub"]
    assert described.startswith("${Layer} ")
    off = {"Fn::If": [f"On{function}", "", "!"]}
    assert layer == {"Layer": {"Fn::Select": [7, {"Fn::Split": [":", {"Ref": "SnapbackLayer"}]}]}, "SwitchedOff": off}, "its version"
    of_the_layer = source()["Resources"]["SnapbackLayer"]["Properties"]["Description"]
    depends_on = _parameters_in([own["Environment"], shared["Environment"], shared["Runtime"], shared["Tracing"]])
    never_set_on_aws = {"EndpointUrl"}
    assert depends_on - never_set_on_aws - _parameters_in({"Fn::Sub": described}) - _parameters_in(of_the_layer) == set(), (
        "or the alias would go on with the old settings (local/template.py has the list)"
    )
    assert own["AutoPublishAliasAllProperties"] is True


def test_the_clock_may_give_events_to_snapbacks_functions_and_nothing_else_may_use_it() -> None:
    made = resources()
    [trusted] = made["ClockRole"]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    group = "arn:aws:scheduler:us-east-1:111122223333:schedule-group/"
    assert trusted["Principal"] == {"Service": "scheduler.amazonaws.com"}
    assert trusted["Condition"] == {"StringEquals": {"aws:SourceAccount": "111122223333", "aws:SourceArn": f"{group}{made['Clock']['Name']}"}}
    invoke, send = made["ClockPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert (invoke["Action"], invoke["Resource"]) == ("lambda:InvokeFunction", "arn:aws:lambda:us-east-1:111122223333:function:snapback-*")
    assert (send["Action"], send["Resource"].rpartition(":")[2]) == ("sqs:SendMessage", made["DeadLetters"]["Name"].rpartition("/")[2])
    assert made["ClockPolicy"]["Properties"]["Roles"] == [made["ClockRole"]["Name"]]


def test_functions_may_put_schedules_into_the_stacks_group_and_hand_over_the_clocks_role_to_the_scheduler_only() -> None:
    made = resources()
    allowed = {one["Action"]: one for one in made["Shared"]["Properties"]["PolicyDocument"]["Statement"] if isinstance(one["Action"], str)}
    assert allowed["scheduler:CreateSchedule"]["Resource"] == f"arn:aws:scheduler:us-east-1:111122223333:schedule/{made['Clock']['Name']}/*"
    assert allowed["iam:PassRole"]["Resource"].endswith(f":role/{made['ClockRole']['Name']}")
    assert allowed["iam:PassRole"]["Condition"] == {"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}}
    assert deployed()["Clock"]["DeletionPolicy"] == "Delete", "and with the group go its schedules"


def test_sixty_functions_fit_into_one_stack_and_one_event_bus() -> None:
    resources = list(transformed(grown_to(MANY))["Resources"].values())
    rules_by_text = [json.dumps(resource) for resource in resources if resource["Type"] == "AWS::Events::Rule"]
    assert sum(resource["Type"] == "AWS::Lambda::Function" for resource in resources) >= MANY
    assert len(resources) < MOST_RESOURCES
    assert len(json.dumps(resources)) < MOST_BYTES
    assert len(rules_by_text) < MOST_RULES
    assert sum('"wildcard"' in rule for rule in rules_by_text) < MOST_WITH_WILDCARDS, "say it by prefix or suffix"


KEPT: dict[str, dict[str, set[str] | None]] = {
    "block-attacker-ip": {"BlockAttackerIpHourlyExpiry": None},  # which takes back what is blocked, and blocks nothing
    "block-public-bucket": {"BlockPublicBucketTrigger": {"aws.access-analyzer", "aws.macie"}},
    "deactivate-exposed-key": {"DeactivateExposedKeyTrigger": {"aws.health", "aws.trustedadvisor"}},
    "remove-external-access": {"RemoveExternalAccessTrigger": {"aws.access-analyzer"}},
    "restrict-role-trust": {"RestrictRoleTrustTrigger": {"aws.access-analyzer"}},
    "restrict-secret-policy": {"RestrictSecretPolicyTrigger": {"aws.access-analyzer"}},
}
"""Remediation -> the rules that it keeps when it is off, with the sources of what is heard then: people hear of that all the same."""


@cache
def made_with(**parameters: str) -> Mapping[str, Mapping[str, Any]]:
    return resources(parameters, template=_written_out())


@cache
def _written_out() -> Mapping[str, Any]:
    return transformed(source())


SCHEDULES = of_type("AWS::Scheduler::Schedule")


@cache
def ticks() -> Sequence[Mapping[str, Any]]:
    """Return the samples that are of a schedule."""
    found = [json.loads(file.read_text()) for file in sorted((ROOT / "events").glob("*/*.json"))]
    return [event for event in found if event.get("detail-type") == "Scheduled Event"]


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_a_schedule_gives_its_function_an_event_in_the_role_of_the_clock_and_what_it_cannot_deliver_is_kept(schedule: str) -> None:
    made = made_with(CanaryVpc=CANARY_VPC)
    target, group = made[schedule]["Properties"]["Target"], made["Clock"]["Name"]
    assert target["RoleArn"].endswith(f":role/{made['ClockRole']['Name']}")
    assert target["DeadLetterConfig"]["Arn"].endswith(f":{made['DeadLetters']['Name'].rpartition('/')[2]}")
    assert made[schedule]["Properties"]["GroupName"] == group, "the role trusts no other group, and report_tampering hears of this one"
    [owner] = [name for name, block in functions().items() if schedule.removeprefix(name) in block["Properties"].get("Events", {})]
    assert target["Arn"].endswith(f":function:{made[owner]['Name']}")
    allowed = {one["Action"]: one["Resource"] for one in made["ClockPolicy"]["Properties"]["PolicyDocument"]["Statement"]}
    assert fnmatchcase(target["Arn"], allowed["lambda:InvokeFunction"])
    arn = f"arn:aws:scheduler:us-east-1:111122223333:schedule/{group}/{made[schedule]['Name']}"
    for sample in ticks():
        at = sample["time"]
        given = json.loads(target["Input"].replace("<aws.scheduler.schedule-arn>", arn).replace("<aws.scheduler.scheduled-time>", at))
        assert given == {**sample, "id": f"tick of {at}", "resources": [arn]}


def test_each_sample_of_a_tick_is_of_a_schedule_that_is_there() -> None:
    named = [sample["resources"][0].rpartition("/")[2].split("-")[1] for sample in ticks()]
    assert len(named) > 10
    assert set(named) <= set(SCHEDULES)


def test_what_the_clock_begins_within_its_window_is_not_late() -> None:
    [late] = re.findall(r"seconds_late > (\d+)", properties("LateMetric")["FilterPattern"])
    assert all(properties(one)["FlexibleTimeWindow"]["MaximumWindowInMinutes"] * 60 < int(late) / 2 for one in SCHEDULES)


def test_no_schedule_begins_in_the_midst_of_the_deployment_that_makes_it() -> None:
    assert {properties(one)["ScheduleExpression"].partition("(")[0] for one in SCHEDULES} == {"cron"}, "a rate begins at once (docs/adr/0018-template.md)"


def test_no_schedule_has_the_logical_id_of_the_rule_that_it_was_before() -> None:
    """Of the same logical id, an update would be refused: CloudFormation changes no resource's type."""
    assert [one for one in SCHEDULES if one.endswith(("Hourly", "Daily", "TwiceADay"))] == []


def enabled(off: str) -> dict[str, Any]:
    """Return the rules and schedules that are on where `off` is SwitchedOff, with the patterns that they have then."""
    made = made_with(SwitchedOff=off, Mode="enforce")
    rules = {name: one["Properties"] for name, one in made.items() if one["Type"] in ("AWS::Events::Rule", "AWS::Scheduler::Schedule")}
    return {name: rule.get("EventPattern") for name, rule in rules.items() if rule.get("State", "ENABLED") != "DISABLED"}


def heard_in(pattern: Any) -> set[str] | None:  # noqa: ANN401 - any pattern
    return {source for part in pattern.get("$or", [pattern]) for source in part["source"]} if pattern else None


def test_with_all_off_only_reports_hear_and_what_people_hear_of_all_the_same() -> None:
    on = enabled(",".join(handler.remediation.name for handler in FIXERS))
    of_reports = tuple(handler.logical_id for handler in (*REPORTS, *CHORES))
    kept = {name: heard_in(pattern) for name, pattern in on.items() if not name.startswith(of_reports)}
    assert kept == {name: sources for of_one in KEPT.values() for name, sources in of_one.items()}


@pytest.mark.parametrize(
    "off",
    [
        "encrypt-bucket",
        "encrypt-bucket,encrypt-bucket",
        "restrict-snapshot,encrypt-bucket,restrict-db-snapshot",
        "encrypt-parameter,bucket",
        "enable-db-backups,enable-table-backups,enable-table-protection",
        "",
    ],
)
def test_what_is_named_is_off_and_nothing_else(off: str) -> None:
    before, now = enabled("none"), enabled(off)
    named = {handler.logical_id: all(one.remediation.name in off.split(",") for one in handler.together) for handler in FIXERS}
    assert {name for name in before if name not in now} == {
        rule for rule in before for function, is_off in named.items() if is_off and rule.startswith(function)
    }
    made = made_with(SwitchedOff=off, Mode="enforce")
    for handler in [handler for handler in FIXERS if handler.logical_id in made]:
        variables, name = made[handler.logical_id]["Properties"]["Environment"]["Variables"], handler.remediation.name
        knows = name in variables.get("SWITCHED_OFF", "").split(",") or variables["MODE"] == "off"
        assert knows == (name in off.split(",")), "an event may be on its way"
        assert variables["MODE"] in ("enforce", "off")


def test_there_is_no_canary_where_nothing_would_close_it() -> None:
    assert "SendCanary" in made_with(CanaryVpc=CANARY_VPC)
    assert not {"SendCanary", "CanaryGroup", "DeafAlarm"} & made_with(CanaryVpc=CANARY_VPC, SwitchedOff="revoke-open-ingress").keys()


def test_the_dashboard_says_what_is_not_heard_because_it_is_off() -> None:
    [title] = [widget["title"] for widget in _widgets("log", {"SwitchedOff": "encrypt-bucket"}) if "kind of trigger" in widget["title"]]
    assert title.endswith("; off by the deployment: encrypt-bucket")


def test_what_can_be_off_is_every_remediation_that_is_no_report() -> None:
    assert controls.switchable() == {handler.remediation.name for handler in FIXERS}
