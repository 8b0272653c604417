"""The AWS emulator, made to behave as AWS does where Snapback depends on it.

`local.account.LocalAccount` runs this module as `python -m local.server`. It serves ministack on 127.0.0.1, on the port and
for the account that the environment names, for as long as its standard input stays open: when whoever started it is gone,
however it went, the server and every function it runs are gone too.

Besides AWS's own APIs there are two routes. `POST /_snapback/events` plays the part of AWS's services: it takes a JSON list of complete EventBridge events and
delivers them, and answers with the names of the rules that matched, a list for each event; the tick of a schedule is given by that schedule.
`POST /_snapback/clock` takes a number of seconds, by which EventBridge Scheduler's clock is put forward, and runs what is due once by then; it answers with how
many schedules ran.

ministack differs from AWS in the ways that docs/emulators.md lists. Each is bridged here, by one function, and whatever is
private to ministack is touched in this module only. That is why its version is pinned: with another one, every bridge has to
be held against its source again.
"""

# ruff: noqa: SLF001 - to touch what is private in ministack is what this module is for

import contextlib
import contextvars
import functools
import hashlib
import http
import json
import math
import os
import queue
import re
import signal
import sys
import tempfile
import threading
import time
import types
import venv
import zipfile
from collections.abc import Awaitable, Callable, MutableMapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, ClassVar, TypeAlias

from ministack import app as gateway
from ministack.core import iam_actions, iam_evaluator, lambda_runtime, responses
from ministack.core.arn import parse_arn
from ministack.services import ec2, eventbridge, iam, lambda_svc, s3, scheduler, sqs, waf
from ministack.services.cloudformation import changesets, engine, handlers, provisioners, stacks

MINISTACK = "1.5.33"
EVENTS_PATH, CLOCK_PATH = "/_snapback/events", "/_snapback/clock"

LONGEST_PATTERN = 2048
MOST_RULES, FEW_RULES, WITH_FEW_RULES = 300, 100, {"af-south-1", "eu-south-1"}
ALL_CALLS = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
TOKENS = ("GetFederationToken", "GetSessionToken")
"""Reads by their names, which every rule is given all the same."""

END_OF_LOG = "-- end of the invocation's log --"
LOG_PATIENCE = 5.0
"""Seconds to wait for a further line."""

Json: TypeAlias = dict[str, Any]
Answer: TypeAlias = tuple[int, Json, bytes]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]

request_id: contextvars.ContextVar[str | None] = contextvars.ContextVar("request_id", default=None)
"""What the tries of one event have in common; none outside a rule's invocation."""


def main() -> None:
    """Bridge the differences, then serve until standard input ends."""
    if version("ministack") != MINISTACK:
        sys.exit(f"local/server.py knows ministack {MINISTACK} only, but {version('ministack')} is installed.")
    if os.getpgrp() != os.getpid():  # In the end the server kills its whole process group, which must be nobody else's.
        sys.exit("local/server.py is run by local.account.LocalAccount.")
    threading.Thread(target=die_with_parent, daemon=True).start()
    os.environ["BIND_HOST"] = "127.0.0.1"  # ministack's default would open the account to the whole network.
    bridge()
    gateway.app = with_own_routes(gateway.app)
    gateway.main()


def die_with_parent() -> None:
    """Kill the server and the functions it runs once nobody holds the other end of standard input."""
    sys.stdin.buffer.read()
    os.killpg(os.getpgrp(), signal.SIGKILL)


def bridge() -> None:
    """Put every bridge in the place of what it corrects."""
    eventbridge._dispatch_to_lambda = invoke_as_a_rule_does
    eventbridge._put_rule = refuse_what_is_too_much(eventbridge._put_rule)
    rule = provisioners._RESOURCE_HANDLERS["AWS::Events::Rule"]
    rule["create"] = ask_put_rule_first(rule["create"])
    lambda_svc._execute_function_dispatch = execute_as_one_request(lambda_svc._execute_function_dispatch)
    lambda_svc._route_async_failure = send_to_dead_letter_queue(lambda_svc._route_async_failure)
    lambda_svc._get_provisioned_concurrency = list_provisioned_concurrency(lambda_svc._get_provisioned_concurrency)
    iam_actions._lambda_action = name_provisioned_concurrency(iam_actions._lambda_action)
    scheduler._at_time_epoch = leave_the_hours_out(scheduler._at_time_epoch)
    iam_actions.extract_resource_arn = name_schedules_in_their_group(iam_actions.extract_resource_arn)
    lambda_svc._put_function_concurrency = reserve_what_is_provisioned(lambda_svc._put_function_concurrency)
    function = provisioners._RESOURCE_HANDLERS["AWS::Lambda::Function"]
    function["create"] = keep_function_properties(function["create"], position=1)
    function["update"] = keep_function_properties(function["update"], position=2)
    conditions = know_pseudo_parameters(engine._evaluate_conditions)
    for module in engine, changesets, handlers, provisioners, stacks:  # Each has imported the function under its own name.
        module._evaluate_conditions = conditions
    iam_evaluator._resource_matches = match_unknown_resources(iam_evaluator._resource_matches)
    iam_evaluator._resolve_condition_key = name_roles_for_their_sessions(iam_evaluator._resolve_condition_key)
    provisioners._RESOURCE_HANDLERS["AWS::WAFv2::IPSet"] = {"create": make_ip_set, "delete": remove_ip_set}
    ec2._parse_ip_permissions = one_rule_for_each_source(ec2._parse_ip_permissions)
    ec2._ACTION_MAP["CreateFlowLogs"] = refuse_second_flow_log(ec2._ACTION_MAP["CreateFlowLogs"])
    bucket_policy = provisioners._RESOURCE_HANDLERS["AWS::S3::BucketPolicy"]
    bucket_policy["create"] = refuse_second_bucket_policy(bucket_policy["create"])
    for kind in INLINE_POLICIES:
        iam._IAM_HANDLERS[f"Put{kind}Policy"] = refuse_long_policies(iam._IAM_HANDLERS[f"Put{kind}Policy"], kind)
    python, script = bare_python(), with_end_of_log(lambda_runtime._PYTHON_WORKER_SCRIPT)
    lambda_runtime.Worker._drain_stderr_bounded = whole_log
    lambda_runtime._detect_runtime_binary = lambda _runtime: (python, script)
    lambda_runtime.zipfile = types.SimpleNamespace(ZipFile=UnpackedOnce, BadZipFile=zipfile.BadZipFile, LargeFileError=zipfile.LargeZipFile)


def with_own_routes(app: Callable[[Message, Receive, Send], Awaitable[None]]) -> Callable[[Message, Receive, Send], Awaitable[None]]:
    """Return the ASGI application with the routes through which AWS's own events come in, and time passes for schedules."""
    routes: dict[str, Callable[[Any], Any]] = {EVENTS_PATH: lambda events: [deliver(event) for event in events], CLOCK_PATH: move_on}

    async def routed(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST" or scope["path"] not in routes:
            await app(scope, receive, send)
            return
        body = bytearray()
        more = True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        answer = routes[scope["path"]](json.loads(body))
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": json.dumps(answer).encode()})

    return routed


def deliver(event: Json) -> list[str]:
    """Give the event, as it is, to every rule that asks for it, and return their names.

    It arrives where AWS would put it: on the default bus of the event's own region. The tick of a schedule is given by that schedule, in its own words.
    """
    responses.set_request_account_id(os.environ["MINISTACK_ACCOUNT_ID"])
    responses.set_request_region(event["region"])
    record = eventbridge._event_from_test_payload(event)  # Unlike PutEvents, TestEventPattern reads every part of an event.
    ticking = [one for one in scheduler._schedules.values() if one["Arn"] in event.get("resources", []) and one["State"] == "ENABLED"]
    for schedule in ticking:
        eventbridge._invoke_target({**schedule["Target"], "Input": as_given(schedule, event["time"])}, record, schedule)
    wanting = {
        key: rule
        for key, rule in eventbridge._rules.items()
        if is_for(rule, event) and rule["EventBusName"] == "default" and rule.get("EventPattern") and eventbridge._matches_pattern(rule["EventPattern"], record)
    }
    for key, rule in wanting.items():
        for target in eventbridge._targets.get(key, []):
            eventbridge._invoke_target(target, record, rule)
    return [one["Name"] for one in (*ticking, *wanting.values())]


def as_given(schedule: Json, at: str) -> str:
    """Return what a schedule gives its target, with EventBridge Scheduler's own words in their places: ministack leaves them out.

    https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
    """
    given: str = schedule["Target"]["Input"]
    return given.replace("<aws.scheduler.schedule-arn>", schedule["Arn"]).replace("<aws.scheduler.scheduled-time>", at)


def leave_the_hours_out(when: Callable[[str], float | None]) -> Callable[[str], float | None]:
    """Wrap the reading of when a schedule is due: one that recurs never is by itself, or what a test sees would hang on the hour in which it runs."""

    @functools.wraps(when)
    def when_bridged(expression: str) -> float | None:
        at = when(expression)
        return math.inf if at is None else at

    return when_bridged


def move_on(seconds: float) -> int:
    """Put the clock of the schedules forward, and run those that are due then, without waiting for ministack's next round; return how many did."""
    later = time.time() + seconds
    before = set(scheduler._schedules._data)
    scheduler.time = types.SimpleNamespace(time=lambda: max(later, time.time()), sleep=time.sleep)
    scheduler._tick_schedules()
    return len(before - set(scheduler._schedules._data))


def is_for(rule: Json, event: Json) -> bool:
    """Tell whether the rule's state lets the event through.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail-management.html
    """
    name = event["detail"].get("eventName", "")
    only_reads = event["detail-type"] == "AWS API Call via CloudTrail" and name.startswith(("Describe", "Get", "List")) and name not in TOKENS
    return rule["State"] == ALL_CALLS or (rule["State"] == "ENABLED" and not only_reads)


def refuse_what_is_too_much(put: Callable[[Json], Answer]) -> Callable[[Json], Answer]:
    """Wrap PutRule with EventBridge's default quotas. AWS names the code, but documents neither message.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
    """

    @functools.wraps(put)
    def put_bridged(data: Json) -> Answer:
        pattern, bus = data.get("EventPattern") or "", data.get("EventBusName", "default")
        if len(pattern) > LONGEST_PATTERN:
            message = f"Event pattern is not valid. Reason: it has {len(pattern)} characters, and may have {LONGEST_PATTERN}"
            return _refused("InvalidEventPatternException", message)
        others = sum(rule["EventBusName"] == bus and rule["Name"] != data.get("Name") for rule in eventbridge._rules.values())
        if others >= (FEW_RULES if responses.get_region() in WITH_FEW_RULES else MOST_RULES):
            return _refused("LimitExceededException", "The requested resource exceeds the maximum number allowed.")
        return put(data)

    return put_bridged


def _refused(code: str, message: str) -> Answer:
    answer: Answer = responses.error_response_json(code, message, 400)
    return answer


def ask_put_rule_first(create: Callable[[str, Json, str], tuple[str, Json]]) -> Callable[[str, Json, str], tuple[str, Json]]:
    """Wrap CloudFormation's making of a rule: it makes it as PutRule would, which has its own opinion of the pattern."""

    @functools.wraps(create)
    def create_bridged(logical_id: str, properties: Json, stack: str) -> tuple[str, Json]:
        name, attributes = create(logical_id, properties, stack)
        rule = eventbridge._rules.pop(eventbridge._rule_key(name, "default"))
        pattern = properties.get("EventPattern", "")
        asked = {**rule, "EventPattern": json.dumps(pattern, separators=(",", ":")) if isinstance(pattern, dict) else pattern}
        eventbridge._ensure_default_bus()  # which every request to EventBridge does, and CloudFormation does not
        status, _, body = eventbridge._put_rule(asked)
        if status != http.HTTPStatus.OK:
            raise ValueError(f"AWS::Events::Rule {logical_id}: {body!r}")
        return name, attributes

    return create_bridged


def invoke_as_a_rule_does(function_arn: str, payload: str) -> None:
    """Invoke the function asynchronously: retries with a growing delay (LAMBDA_ASYNC_RETRY_BASE_SECONDS), then its queue."""
    function, config, name = lambda_svc._get_func_record_for_ref(function_arn)
    if not function:
        raise LookupError(f"A rule's target {name} does not exist.")
    invocation = lambda_svc._execution_record_for_config(function, config)
    context = contextvars.copy_context()  # The retries run in a copy of it, made when they are started.
    context.run(request_id.set, responses.new_uuid())
    context.run(lambda_svc.invoke_async_with_retry, invocation, json.loads(payload))


def execute_as_one_request(execute: Callable[..., Json]) -> Callable[..., Json]:
    """Wrap the running of a function: the tries of one event share their request id."""

    @functools.wraps(execute)
    def execute_bridged(function: Json, config: Json, event: Json, new_id: str, started: float) -> Json:
        return execute(function, config, event, request_id.get() or new_id, started)

    return execute_bridged


def with_end_of_log(script: str) -> str:
    """Return the program that runs a function, made to write a last line into the log of each invocation before it answers."""
    before, answer, after = script.rpartition("        _real_stdout.flush()\n")
    return f'{before}        sys.stderr.write("{END_OF_LOG}\\n")\n        sys.stderr.flush()\n{answer}{after}'


def whole_log(worker: lambda_runtime.Worker) -> str:
    """Return all that an invocation has logged. Ministack takes what it has after some milliseconds, and loses the rest where the machine is busy."""
    lines: list[str] = []
    with contextlib.suppress(queue.Empty):  # a process that has died writes no end
        while (line := worker._stderr_queue.get(timeout=LOG_PATIENCE)) != END_OF_LOG:
            lines.append(line)
    return "\n".join(lines)


def send_to_dead_letter_queue(route: Callable[[str, str, Json, Json], None]) -> Callable[[str, str, Json, Json], None]:
    """Wrap the giving up on an event: a dead-letter queue gets the event itself, and the reason as message attributes."""

    @functools.wraps(route)
    def route_bridged(target_arn: str, name: str, event: Json, result: Json) -> None:
        queue = parse_arn(target_arn)
        dead_letters = lambda_svc._functions[name]["config"].get("DeadLetterConfig", {})
        if queue.service != "sqs" or dead_letters.get("TargetArn") != target_arn:
            route(target_arn, name, event, result)
            return
        error = str((result.get("body") or {}).get("errorMessage", ""))
        reason = {"RequestID": request_id.get() or responses.new_uuid(), "ErrorCode": "200", "ErrorMessage": error[:1024]}
        message = {
            "QueueUrl": sqs._queue_name_to_url.get_scoped(queue.account_id, queue.region, queue.resource),
            "MessageBody": json.dumps(event),
            "MessageAttributes": {key: {"DataType": "String", "StringValue": value} for key, value in reason.items() if value},
        }
        sqs._act_send_message(message, message["QueueUrl"])

    return route_bridged


def keep_function_properties(provision: Callable[..., tuple[str, Json]], position: int) -> Callable[..., tuple[str, Json]]:
    """Wrap CloudFormation's making of a function, whose properties are its argument at `position`, so that none is lost."""

    @functools.wraps(provision)
    def provision_bridged(*arguments: Any, **named: Any) -> tuple[str, Json]:  # noqa: ANN401 - whatever CloudFormation passes
        name, attributes = provision(*arguments, **named)
        properties = arguments[position]
        function = lambda_svc._functions[name]
        function["config"]["DeadLetterConfig"] = properties.get("DeadLetterConfig", {})
        if "ReservedConcurrentExecutions" in properties:  # If not, what an operator has set stays, as on AWS.
            function["concurrency"] = int(properties["ReservedConcurrentExecutions"])
        return name, attributes

    return provision_bridged


def know_pseudo_parameters(evaluate: Callable[[Json, Json], dict[str, bool]]) -> Callable[[Json, Json], dict[str, bool]]:
    """Wrap the evaluation of a template's conditions, so that they know where the stack is, and what Join, Split and Sub make of parameters.

    AWS lets all three stand in Equals: cfn-lint, which AWS maintains, has the list.
    """

    @functools.wraps(evaluate)
    def evaluate_bridged(template: Json, parameters: Json) -> dict[str, bool]:
        place = {"AWS::Region": responses.get_region(), "AWS::AccountId": responses.get_account_id(), "AWS::Partition": "aws"}
        known = {name: {"Value": value} for name, value in place.items()} | parameters
        return evaluate({**template, "Conditions": _with_texts(template.get("Conditions", {}), known)}, known)

    return evaluate_bridged


def _with_texts(value: Any, parameters: Json) -> Any:  # noqa: ANN401, PLR0911 - any part of a template; one for each function
    """Return a part of a template with what `Fn::Join`, `Fn::Split` and `Fn::Sub` give in their places; each parameter is a text here, a list's, too."""
    if isinstance(value, list):
        return [_with_texts(one, parameters) for one in value]
    if not isinstance(value, dict):
        return value
    match value:
        case {"Fn::Sub": str(pattern)}:
            return re.sub(r"\$\{([\w:]+)}", lambda found: str(parameters[found[1]]["Value"]), pattern)
        case {"Fn::Split": [glue, {"Ref": name}]}:
            return str(parameters[name]["Value"]).split(glue)
        case {"Fn::Split": [glue, text]}:
            return _with_texts(text, parameters).split(glue)
        case {"Fn::Join": [glue, {"Ref": name}]}:
            return glue.join(str(parameters[name]["Value"]).split(","))
        case {"Fn::Join": [glue, parts]}:
            return glue.join(_with_texts(parts, parameters))
    return {key: _with_texts(one, parameters) for key, one in value.items()}


def list_provisioned_concurrency(get: Callable[[str, str | None], Any]) -> Callable[[str, str | None], Any]:
    """Wrap the answer about one version or alias: whoever names none asks for the list of all."""

    @functools.wraps(get)
    def get_or_list(name: str, qualifier: str | None) -> Any:  # noqa: ANN401 - ministack's answer
        function = lambda_svc._functions.get(name)
        if qualifier or not function:
            return get(name, qualifier)
        found = function.get("provisioned_concurrency", {})
        arn = lambda_svc._func_arn(name)
        return responses.json_response({"ProvisionedConcurrencyConfigs": [{**one, "FunctionArn": f"{arn}:{place}"} for place, one in found.items()]})

    return get_or_list


def name_provisioned_concurrency(name: Callable[[str, str], str | None]) -> Callable[[str, str], str | None]:
    """Wrap the naming of the action that a call to Lambda needs: ministack takes these for calls about the function itself, DeleteFunction among them."""
    verbs = {"GET": "List", "PUT": "Put", "DELETE": "Delete"}

    @functools.wraps(name)
    def name_bridged(method: str, path: str) -> str | None:
        if path.rstrip("/").endswith("/provisioned-concurrency"):
            return f"{verbs[method]}ProvisionedConcurrencyConfig" + ("s" if method == "GET" else "")
        return name(method, path)

    return name_bridged


def name_schedules_in_their_group(name: Callable[..., str]) -> Callable[..., str]:
    """Wrap the naming of the resource that a call is about: ministack takes every schedule for one of the default group."""

    @functools.wraps(name)
    def name_bridged(service: str, method: str, path: str, headers: Json, body: bytes, *further: Any) -> str:  # noqa: ANN401 - as ministack calls it
        found = name(service, method, path, headers, body, *further)
        group = json.loads(body).get("GroupName", "default") if service == "scheduler" and body else "default"
        return found.replace(":schedule/default/", f":schedule/{group}/") if service == "scheduler" else found

    return name_bridged


def reserve_what_is_provisioned(put: Callable[[str, Json], Any]) -> Callable[[str, Json], Any]:
    """Wrap the reserving of concurrency: AWS reserves no less than is provisioned."""

    @functools.wraps(put)
    def put_bridged(name: str, data: Json) -> Any:  # noqa: ANN401 - ministack's answer
        found = lambda_svc._functions.get(name, {}).get("provisioned_concurrency", {})
        provisioned = sum(one["RequestedProvisionedConcurrentExecutions"] for one in found.values())
        wanted = data.get("ReservedConcurrentExecutions", 0)
        if wanted < provisioned:
            message = f" ReservedConcurrentExecutions  {wanted} should not be lower than function's total provisioned concurrency [{provisioned}]."
            return responses.error_response_json("InvalidParameterValueException", message, 400)
        return put(name, data)

    return put_bridged


def match_unknown_resources(matches: Callable[[str, list[str], list[str]], bool]) -> Callable[[str, list[str], list[str]], bool]:
    """Wrap the comparing of resources: where it is not known which one a call is for, a grant of the action on any counts.

    Actions are enforced all the same; that resources are narrow is for tests/contract/test_permissions.py to say.
    """

    @functools.wraps(matches)
    def matches_bridged(resource: str, resources: list[str], not_resources: list[str]) -> bool:
        return resource == "*" or matches(resource, resources, not_resources)

    return matches_bridged


def name_roles_for_their_sessions(resolve: Callable[[str, Any], Any]) -> Callable[[str, Any], Any]:
    """Wrap the reading of condition keys: of a role's session, `aws:PrincipalArn` is the role's ARN, not the session's.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalarn
    """

    @functools.wraps(resolve)
    def resolve_bridged(key: str, context: Any) -> Any:  # noqa: ANN401 - ministack's
        value = resolve(key, context)
        if key.lower() != "aws:principalarn" or not isinstance(value, str):
            return value
        return re.sub(r":sts::(\d{12}):assumed-role/([^/]+)/.*", r":iam::\1:role/\2", value)

    return resolve_bridged


def make_ip_set(_: str, properties: Json, __: str) -> tuple[str, Json]:
    """Make an IP set as CloudFormation does; its Ref is `name|id|scope`."""
    _, _, body = waf._create_ip_set(properties)
    summary = json.loads(body)["Summary"]
    return f"{summary['Name']}|{summary['Id']}|{properties['Scope']}", {"Arn": summary["ARN"], "Id": summary["Id"]}


def remove_ip_set(physical_id: str, properties: Json) -> None:
    """Remove it again."""
    name, identifier, _ = physical_id.split("|")
    _, _, body = waf._get_ip_set({"Name": name, "Id": identifier, "Scope": properties["Scope"]})
    waf._delete_ip_set({"Name": name, "Id": identifier, "Scope": properties["Scope"], "LockToken": json.loads(body)["LockToken"]})


def one_rule_for_each_source(parse: Callable[[Json, str], list[Json]]) -> Callable[[Json, str], list[Json]]:
    """Wrap the reading of security group permissions: one with several sources is as many rules, each with its own id."""

    @functools.wraps(parse)
    def parse_bridged(parameters: Json, prefix: str) -> list[Json]:
        sources = ("IpRanges", "Ipv6Ranges", "PrefixListIds", "UserIdGroupPairs")
        rules = []
        for permission in parse(parameters, prefix):
            none: Json = {key: [] for key in sources}
            apart = [{**permission, **none, kind: [source]} for kind in sources for source in permission[kind]]
            rules += apart or [permission]
        return rules

    return parse_bridged


def refuse_second_flow_log(create: Callable[[Json], Any]) -> Callable[[Json], Any]:
    """Wrap the making of flow logs: AWS refuses one that says the same as another that is there."""

    @functools.wraps(create)
    def create_bridged(parameters: Json) -> Any:  # noqa: ANN401 - whatever ministack answers
        wanted = [ec2._p(parameters, name) for name in ("TrafficType", "LogDestination")]
        resources = ec2._parse_member_list(parameters, "ResourceId")
        for flow_log in ec2._flow_logs.values():
            if flow_log["ResourceId"] in resources and [flow_log["TrafficType"], flow_log["LogDestination"]] == wanted:
                message = "Error. There is an existing Flow Log with the same configuration and log destination."
                return ec2._error("FlowLogAlreadyExists", message, 400)
        return create(parameters)

    return create_bridged


def refuse_second_bucket_policy(create: Callable[..., tuple[str, Json]]) -> Callable[..., tuple[str, Json]]:
    """Wrap CloudFormation's making of a bucket policy: it makes none where there is one already, whoever put it."""

    @functools.wraps(create)
    def create_bridged(logical_id: str, properties: Json, stack: str) -> tuple[str, Json]:
        if properties.get("Bucket") in s3._bucket_policies:
            raise ValueError(f"The bucket policy already exists on bucket {properties['Bucket']}.")
        return create(logical_id, properties, stack)

    return create_bridged


INLINE_POLICIES = {"User": 2048, "Role": 10240, "Group": 5120}
"""How many characters all inline policies of one together may have."""


def refuse_long_policies(put: Callable[[Json], Any], kind: str) -> Callable[[Json], Any]:
    """Wrap the writing of inline policies, which all together may be only so long, white space apart."""

    @functools.wraps(put)
    def put_bridged(parameters: Json) -> Any:  # noqa: ANN401 - whatever ministack answers
        holder, policy, document = (iam._p(parameters, name) for name in (f"{kind}Name", "PolicyName", "PolicyDocument"))
        of_role = iam._roles.get(holder, {}).get("InlinePolicies")
        there = {"User": iam._user_inline_policies.get(holder), "Group": iam._group_inline_policies.get(holder), "Role": of_role}[kind]
        if sum(len("".join(one.split())) for one in {**(there or {}), policy: document}.values()) > INLINE_POLICIES[kind]:
            message = f"Maximum policy size of {INLINE_POLICIES[kind]} bytes exceeded for {kind.lower()} {holder}"
            return iam._error(409, "LimitExceeded", message, ns="iam")
        return put(parameters)

    return put_bridged


class UnpackedOnce(zipfile.ZipFile):
    """A function's or layer's archive, of which all functions get the same files, as Lambda mounts them; ministack unpacks the layer for each."""

    _unpacked: ClassVar[dict[str, Path]] = {}
    _alone = threading.Lock()

    def namelist(self) -> list[str]:
        """Return nothing: ministack asks in order to check every name by itself, at half a second a function, and `extractall` lets none escape."""
        return []

    def extractall(self, path: Any = None, members: Any = None, pwd: Any = None) -> None:  # noqa: ANN401, ARG002 - ministack gives a path only
        """Make the empty folder `path` a link to where the same archive is unpacked."""
        digest = hashlib.sha256(Path(str(self.filename)).read_bytes()).hexdigest()
        with self._alone:
            if digest not in self._unpacked:
                self._unpacked[digest] = Path(tempfile.mkdtemp(prefix="unpacked-"))
                super().extractall(self._unpacked[digest], super().namelist())
        Path(path).rmdir()
        Path(path).symlink_to(self._unpacked[digest])


def bare_python() -> str:
    """Return a Python of this version that has the standard library and nothing else, as a function's is on AWS."""
    home = Path(tempfile.gettempdir(), "python")
    venv.create(home, symlinks=True, with_pip=False)
    return str(home / "bin" / "python")


if __name__ == "__main__":
    main()
