"""The local account refuses as AWS does: the bridges of local/server.py, tried without anything deployed."""

import json
import queue
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError, WaiterError
from ministack.core import lambda_runtime

from local import server
from local.account import LocalAccount
from tests.harness.iam import iam_quotas

BUCKET = "a-bucket-of-a-test"


@pytest.fixture(scope="module")
def local() -> Iterator[LocalAccount]:
    with LocalAccount() as account:
        yield account


def refusal(call: Any, **parameters: Any) -> str:  # noqa: ANN401 - one of boto3's methods
    with pytest.raises(ClientError) as refused:
        call(**parameters)
    return f"{refused.value.response['Error']['Code']}: {refused.value.response['Error']['Message']}"


def test_each_source_of_a_permission_is_a_rule_of_its_own_that_can_be_revoked_alone(local: LocalAccount) -> None:
    ec2 = local.client("ec2")
    group = ec2.create_security_group(GroupName="web", Description="of a test")["GroupId"]
    sources: Any = [{"CidrIp": "0.0.0.0/0"}, {"CidrIp": "10.0.0.0/8", "Description": "office"}]
    permission: Any = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": sources, "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])

    def inbound() -> dict[str, str]:
        rules = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])["SecurityGroupRules"]
        return {rule.get("CidrIpv4") or rule["CidrIpv6"]: rule["SecurityGroupRuleId"] for rule in rules if not rule["IsEgress"]}

    assert len(set(inbound().values())) == 3
    ec2.revoke_security_group_ingress(GroupId=group, SecurityGroupRuleIds=[inbound()["0.0.0.0/0"]])
    assert set(inbound()) == {"10.0.0.0/8", "::/0"}


def test_a_second_flow_log_that_says_the_same_is_refused(local: LocalAccount) -> None:
    ec2 = local.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    wanted: Any = {"ResourceType": "VPC", "ResourceIds": [vpc], "TrafficType": "ALL", "LogDestinationType": "s3", "LogDestination": "arn:aws:s3:::logs"}
    ec2.create_flow_logs(**wanted)
    assert refusal(ec2.create_flow_logs, **wanted).startswith("FlowLogAlreadyExists: Error. There is an existing Flow Log")
    ec2.create_flow_logs(**{**wanted, "LogDestination": "arn:aws:s3:::others"})


def test_cloudformation_makes_no_bucket_policy_where_there_is_one(local: LocalAccount) -> None:
    s3, stacks = local.client("s3"), local.client("cloudformation")
    s3.create_bucket(Bucket=BUCKET)
    statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteBucket", "Resource": f"arn:aws:s3:::{BUCKET}"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(policy))
    template = {"Resources": {"Policy": {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": BUCKET, "PolicyDocument": policy}}}}
    stacks.create_stack(StackName="late", TemplateBody=json.dumps(template))
    with pytest.raises(WaiterError):
        stacks.get_waiter("stack_create_complete").wait(StackName="late", WaiterConfig={"Delay": 1, "MaxAttempts": 20})
    reasons = [event.get("ResourceStatusReason", "") for event in stacks.describe_stack_events(StackName="late")["StackEvents"]]
    assert any("The bucket policy already exists" in reason for reason in reasons)
    s3.delete_bucket_policy(Bucket=BUCKET)
    stacks.create_stack(StackName="alone", TemplateBody=json.dumps(template))
    stacks.get_waiter("stack_create_complete").wait(StackName="alone", WaiterConfig={"Delay": 1, "MaxAttempts": 20})


def test_a_public_bucket_policy_is_refused_while_the_block_is_on(local: LocalAccount) -> None:
    s3 = local.client("s3")
    s3.create_bucket(Bucket="another-bucket-of-a-test")
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::another-bucket-of-a-test/*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    assert refusal(s3.put_bucket_policy, Bucket="another-bucket-of-a-test", Policy=policy).startswith("AccessDenied: ")


def test_inline_policies_that_are_too_long_together_are_refused(local: LocalAccount) -> None:
    iam = local.client("iam")
    iam.create_user(UserName="alice")
    iam.put_user_policy(UserName="alice", PolicyName="one", PolicyDocument=iam_quotas.filling("user"))
    more = iam_quotas.filling("user", room=1900)
    assert "Maximum policy size of 2048 bytes exceeded for user alice" in refusal(iam.put_user_policy, UserName="alice", PolicyName="two", PolicyDocument=more)
    iam.put_user_policy(UserName="alice", PolicyName="one", PolicyDocument=more)


def test_a_function_s_log_is_whole_however_late_its_lines_come_and_says_nothing_of_its_end() -> None:
    lines: queue.Queue[str] = queue.Queue()
    for line in ("first", "", "last", server.END_OF_LOG, "of the next invocation"):
        lines.put(line)
    late: Any = SimpleNamespace(_stderr_queue=SimpleNamespace(get=lambda timeout: lines.get(timeout=timeout)))  # which answers to nothing that does not wait
    assert server.whole_log(late) == "first\n\nlast"
    assert lines.get() == "of the next invocation"


def test_what_runs_a_function_ends_the_log_of_each_invocation_before_it_answers() -> None:
    script = server.with_end_of_log(lambda_runtime._PYTHON_WORKER_SCRIPT)  # noqa: SLF001 - what is bridged
    compile(script, "the script", "exec")
    assert script.index('sys.stderr.write("-- end') < script.rindex("_real_stdout.flush()")
    assert script.index('sys.stderr.write("-- end') > script.rindex('"trace": traceback.format_exc()'), "after the answer of a failure, too"
