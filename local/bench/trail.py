"""A trail that never was: plausible records of CloudTrail's in gzip files, the same for the same seed.

Most of an account's records are reads by machines; the rest are changes that no rule is for, and some hundredths are what the template's rules ask about:
the samples, by many people, some of them refused.
"""

import gzip
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from local.remediations import ROOT
from local.replay.rules import FROM_TRAILS

ACCOUNT: Final = "111122223333"

_BEGIN: Final = datetime(2026, 8, 1, tzinfo=UTC)

_READS: Final[Mapping[str, Sequence[str]]] = {
    "ec2": ("DescribeInstances", "DescribeSecurityGroups", "DescribeVolumes", "DescribeNetworkInterfaces", "DescribeTags", "DescribeSubnets"),
    "elasticloadbalancing": ("DescribeTargetHealth", "DescribeLoadBalancers", "DescribeListeners"),
    "iam": ("GetRole", "ListAttachedRolePolicies", "GetPolicyVersion", "ListRoles", "GetInstanceProfile"),
    "kms": ("DescribeKey", "ListAliases", "GetKeyRotationStatus"),
    "lambda": ("ListFunctions20150331", "GetFunction20150331v2", "GetPolicy20150331v2"),
    "logs": ("DescribeLogGroups", "DescribeLogStreams"),
    "monitoring": ("DescribeAlarms", "GetMetricData", "ListMetrics"),
    "s3": ("GetBucketAcl", "GetBucketPolicy", "GetBucketLocation", "ListBuckets", "GetBucketPublicAccessBlock"),
    "secretsmanager": ("GetSecretValue", "DescribeSecret"),
    "ssm": ("DescribeInstanceInformation", "GetParameters", "ListAssociations"),
    "sts": ("GetCallerIdentity",),
}

_CHANGES: Final[Mapping[str, Sequence[str]]] = {
    "autoscaling": ("SetDesiredCapacity", "CompleteLifecycleAction", "UpdateAutoScalingGroup"),
    "ec2": ("CreateTags", "CreateNetworkInterface", "DeleteNetworkInterface", "StartInstances", "TerminateInstances", "AttachVolume"),
    "ecs": ("RunTask", "UpdateService", "RegisterTaskDefinition", "DeregisterContainerInstance"),
    "kms": ("Decrypt", "GenerateDataKey", "CreateGrant"),
    "logs": ("CreateLogStream", "CreateLogGroup"),
    "ssm": ("UpdateInstanceInformation", "PutInventory"),
    "sts": ("AssumeRole", "AssumeRole", "AssumeRole", "AssumeRoleWithWebIdentity"),
}

_HUNDREDTHS: Final = (84, 13, 3)
"""Of reads, other changes, and samples."""


def write(folder: Path, records: int, *, seed: int = 0, each: int = 1000) -> int:
    """Write so many records into the folder, `each` to a file, as a trail lays them out; return the bytes that the files hold when they are unpacked."""
    chance, unpacked = random.Random(seed), 0  # noqa: S311 - no secret
    kinds = _kinds(chance)
    for number, first in enumerate(range(0, records, each)):
        time = _BEGIN + timedelta(minutes=5 * number % (90 * 24 * 60))
        region = chance.choice(("us-east-1", "us-east-1", "eu-west-1"))
        day = folder / "AWSLogs" / ACCOUNT / "CloudTrail" / region / f"{time:%Y/%m/%d}"
        day.mkdir(parents=True, exist_ok=True)
        text = f'{{"Records":[{",".join(_records(chance, kinds, time, region, min(each, records - first)))}]}}'.encode()
        unpacked += len(text)
        file = day / f"{ACCOUNT}_CloudTrail_{region}_{time:%Y%m%dT%H%MZ}_{number:016d}.json.gz"
        file.write_bytes(gzip.compress(text, 5, mtime=0))
    return unpacked


def _records(chance: random.Random, kinds: Sequence[Sequence[str]], time: datetime, region: str, count: int) -> Iterator[str]:
    moments = [f"{time + timedelta(seconds=second):%Y-%m-%dT%H:%M:%SZ}" for second in range(300)]
    draw = chance.random
    for group in chance.choices(kinds, _HUNDREDTHS, k=count):
        yield group[int(draw() * len(group))] % {
            "time": moments[int(draw() * 300)],
            "id": _uuid(chance),
            "request": _uuid(chance),
            "region": region,
            "who": int(draw() * 400),
            "what": chance.getrandbits(68),
        }


def _uuid(chance: random.Random) -> str:
    digits = f"{chance.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _kinds(chance: random.Random) -> Sequence[Sequence[str]]:
    """Return the records' texts, with holes for what differs: reads, changes that nobody asks about, and samples."""
    return (
        [_machine(chance, service, name, reads=True) for service, names in _READS.items() for name in names for _ in range(4)],
        [_machine(chance, service, name, reads=False) for service, names in _CHANGES.items() for name in names for _ in range(4)],
        [text for record in _samples() for text in _versions(record)],
    )


def _machine(chance: random.Random, service: str, name: str, *, reads: bool) -> str:
    role = chance.choice(("config-recorder", "cluster-autoscaler", "deployment", "monitoring-agent", "inventory", "node-instance"))
    size = chance.randrange(1, 9)
    record = {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "AssumedRole",
            "principalId": "AROAEXAMPLE0000000000:i-%(what)017x",
            "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}-%(who)03d/i-%(what)017x",
            "accountId": ACCOUNT,
            "accessKeyId": "ASIAEXAMPLE000000000",
            "sessionContext": {
                "sessionIssuer": {
                    "type": "Role",
                    "principalId": "AROAEXAMPLE0000000000",
                    "arn": f"arn:aws:iam::{ACCOUNT}:role/{role}-%(who)03d",
                    "accountId": ACCOUNT,
                    "userName": f"{role}-%(who)03d",
                },
                "attributes": {"creationDate": "%(time)s", "mfaAuthenticated": "false"},
            },
        },
        "eventTime": "%(time)s",
        "eventSource": f"{service}.amazonaws.com",
        "eventName": name,
        "awsRegion": "%(region)s",
        "sourceIPAddress": "10.0.%(who)03d.7",
        "userAgent": "aws-sdk-go-v2/1.30.3 ua/2.1 os/linux lang/go#1.22.5 md/GOOS#linux md/GOARCH#amd64 api/" + service,
        "requestParameters": {
            "filterSet": {"items": [{"name": f"tag:part-{part}", "valueSet": {"items": [{"value": "%(what)017x"}]}} for part in range(size)]}
        },
        "responseElements": None if reads else {"requestId": "%(request)s", "_return": True, "resource": f"arn:aws:{service}:%(region)s:{ACCOUNT}:%(what)017x"},
        "requestID": "%(request)s",
        "eventID": "%(id)s",
        "readOnly": reads,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Management",
        "tlsDetails": {"tlsVersion": "TLSv1.3", "cipherSuite": "TLS_AES_128_GCM_SHA256", "clientProvidedHostHeader": f"{service}.%(region)s.amazonaws.com"},
    }
    return json.dumps(record, separators=(",", ":"))


def _samples() -> Iterator[dict[str, Any]]:
    for file in sorted((ROOT / "events").glob("*/*.json")):
        event = json.loads(file.read_text())
        if event.get("detail-type") in FROM_TRAILS and event["detail"].get("userIdentity", {}).get("type") != "Root":
            yield event["detail"]


def _versions(record: dict[str, Any]) -> Iterator[str]:
    """Yield the sample as it is, by somebody else, and refused."""
    text = json.dumps(record, separators=(",", ":")).replace("%", "%%")
    same = json.loads(text) | {
        "eventTime": "%(time)s",
        "eventID": "%(id)s",
        "requestID": "%(request)s",
        "awsRegion": "%(region)s",
        "recipientAccountId": ACCOUNT,
    }
    for version in (same, same | {"errorCode": "AccessDenied", "errorMessage": "not authorized"}):
        yield json.dumps(version, separators=(",", ":"))
    yield json.dumps(same, separators=(",", ":")).replace("alice", "person-%(who)03d")
