"""The programs that `make bench` runs, each in an environment of its own: `python contenders.py WHO PROBLEM EVENT.json`.

It handles the event once, then once more for every line that it reads, and prints for each time the calls it made and the CPU it took. Only what a contender's
own path needs is imported: this file is read by all three.
"""

from __future__ import annotations

import json
import os
import sys
import time
import types
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Event = dict[str, Any]
    Handle = Callable[[Event], object]

TOPIC = "arn:aws:sns:us-east-1:111122223333:Alerts"


def snapback(problem: str) -> Handle:
    """Return Snapback's handler as it was built, with journal and all guards."""
    import importlib  # noqa: PLC0415

    module = {"open ssh": "revoke_open_ingress", "public bucket": "block_public_bucket", "stale key": "deactivate_stale_key"}[problem]
    handler = importlib.import_module(module).handler
    context = types.SimpleNamespace(
        function_name="snapback",
        invoked_function_arn="arn:aws:lambda:us-east-1:111122223333:function:snapback",
        get_remaining_time_in_millis=lambda: 60_000,
    )

    def handle(event: Event) -> None:
        context.aws_request_id = event["id"]
        [outcome] = handler(event, context)["outcomes"]
        assert outcome["outcome"] == "FIXED", outcome  # noqa: S101 - a race that is not run counts for nothing

    return handle


def custodian(problem: str) -> Handle:
    """Return Cloud Custodian's Lambda entry point with a policy for the problem (https://cloudcustodian.io/docs/aws/lambda.html)."""
    tell = {"type": "notify", "to": ["security@example.com"], "transport": {"type": "sns", "topic": TOPIC}}
    policy = {
        "open ssh": {
            "resource": "aws.security-group",
            "mode": _mode("ec2", "AuthorizeSecurityGroupIngress", "requestParameters.groupId"),
            "filters": [{"type": "ingress", "Ports": [22, 3389], "Cidr": {"value": "0.0.0.0/0"}}],
            "actions": [{"type": "remove-permissions", "ingress": "matched"}, tell],
        },
        "public bucket": {
            "resource": "aws.s3",
            "mode": _mode("s3", "DeleteBucketPublicAccessBlock", "requestParameters.bucketName"),
            "filters": [{"type": "check-public-block"}],
            "actions": [{"type": "set-public-block"}, tell],
        },
        "stale key": {
            "resource": "aws.iam-user",
            "mode": _mode("iam", "CreateAccessKey", "requestParameters.userName"),
            "filters": [{"type": "access-key", "key": "Status", "value": "Active"}],
            "actions": [{"type": "remove-keys", "disable": True, "age": 90}, tell],
        },
    }[problem]
    options = {"account_id": "111122223333", "region": "us-east-1", "output_dir": "/tmp"}  # noqa: S108 - as it does in Lambda
    with open("config.json", "w", encoding="utf-8") as file:  # noqa: PTH123 - where its entry point looks for it
        json.dump({"execution-options": options, "policies": [{"name": "bench", **policy}]}, file)
    from c7n import handler  # noqa: PLC0415

    context = types.SimpleNamespace(get_remaining_time_in_millis=lambda: 60_000, function_name="custodian-bench", aws_request_id="1")
    return lambda event: handler.dispatch_event(event, context)


def _mode(service: str, name: str, ids: str) -> dict[str, Any]:
    return {"type": "cloudtrail", "role": "arn:aws:iam::111122223333:role/c", "events": [{"source": f"{service}.amazonaws.com", "event": name, "ids": ids}]}


def boto3(problem: str) -> Handle:
    """Return nothing but the fix: read, write, publish; no journal, no guard, no second look, no undo."""
    import boto3 as sdk  # noqa: PLC0415

    clients: dict[str, Any] = {}

    def client(service: Any) -> Any:  # noqa: ANN401 - of any service
        return clients.get(service) or clients.setdefault(service, sdk.client(service))

    def open_ssh(event: Event) -> None:
        group = event["detail"]["requestParameters"]["groupId"]
        rules = client("ec2").describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])["SecurityGroupRules"]
        wrong = [rule["SecurityGroupRuleId"] for rule in rules if rule.get("CidrIpv4") == "0.0.0.0/0" and rule.get("FromPort") == 22]  # noqa: PLR2004
        client("ec2").revoke_security_group_ingress(GroupId=group, SecurityGroupRuleIds=wrong)
        client("sns").publish(TopicArn=TOPIC, Message=f"closed {group}")

    def public_bucket(event: Event) -> None:
        bucket = event["detail"]["requestParameters"]["bucketName"]
        try:
            client("s3").get_public_access_block(Bucket=bucket)
        except client("s3").exceptions.ClientError:
            names = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
            client("s3").put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=dict.fromkeys(names, True))
            client("sns").publish(TopicArn=TOPIC, Message=f"blocked {bucket}")

    def stale_key(event: Event) -> None:
        user = event["detail"]["requestParameters"]["userName"]
        for key in client("iam").list_access_keys(UserName=user)["AccessKeyMetadata"]:
            if key["Status"] == "Active" and time.time() - key["CreateDate"].timestamp() > 90 * 24 * 3600:
                client("iam").update_access_key(UserName=user, AccessKeyId=key["AccessKeyId"], Status="Inactive")
                client("sns").publish(TopicArn=TOPIC, Message=f"deactivated a key of {user}")

    return {"open ssh": open_ssh, "public bucket": public_bucket, "stale key": stale_key}[problem]


def main(who: str, problem: str, file: str) -> None:
    """Handle the event, then again for every line."""
    said = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # logs and metrics go to CloudWatch, not to the race
    with open(file, encoding="utf-8") as opened:  # noqa: PTH123
        event = json.load(opened)
    handle = {"snapback": snapback, "custodian": custodian, "boto3": boto3}[who](problem)
    import botocore.client  # noqa: PLC0415 - every contender has these by now
    import botocore.httpsession  # noqa: PLC0415

    sent: list[str] = []
    send = botocore.httpsession.URLLib3Session.send

    def counted(session: Any, request: Any) -> Any:  # noqa: ANN401 - botocore's
        sent.append(request.url)
        return send(session, request)

    botocore.httpsession.URLLib3Session.send = counted  # type: ignore[assignment,method-assign]  # every call goes through it
    spent: list[float] = []
    call = botocore.client.BaseClient._make_api_call  # type: ignore[attr-defined]  # noqa: SLF001 - and every call of a client through this

    def timed(*arguments: Any) -> Any:  # noqa: ANN401
        began = time.process_time()
        try:
            return call(*arguments)
        finally:
            spent.append(time.process_time() - began)

    botocore.client.BaseClient._make_api_call = timed  # type: ignore[attr-defined]  # noqa: SLF001
    for number, _ in enumerate(_once_and_for_every_line()):
        sent.clear()
        spent.clear()
        cpu, wall = time.process_time(), time.perf_counter()
        handle({**event, "id": f"{event['id']}-{os.getpid()}-{number}"})
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        result = {"calls": len(sent), "cpu": cpu, "cpu_of_calls": sum(spent), "wall": wall, "megabytes": peak_megabytes()}
        print(json.dumps(result), file=said, flush=True)


def peak_megabytes() -> float:
    """Return the most memory that this process has had: not getrusage's, which counts what it was before it became this program."""
    with open("/proc/self/status", encoding="ascii") as status:  # noqa: PTH123
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))


def _once_and_for_every_line() -> Iterator[object]:
    yield "once"
    yield from sys.stdin


if __name__ == "__main__":
    main(*sys.argv[1:])
