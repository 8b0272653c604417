"""Alerts as programs get them, by docs/alert.schema.json."""

import json
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "alert.schema.json").read_text())
_KNOWN = Draft202012Validator(SCHEMA)


def alert(outcome: str = "FAILED", at: str = "2026-11-24T03:10:00Z", **further: Any) -> dict[str, Any]:  # noqa: ANN401 - any of its members
    """Return one of an open port."""
    given: dict[str, Any] = {
        "version": "2.0",
        "id": "sb-00000000000000a1",
        "in_journal": True,
        "outcome": outcome,
        "title": "NOT fixed: AWS refused. The internet can reach an administration port",
        "headline": "NOT fixed: AWS refused",
        "problem": "The internet can reach an administration port",
        "severity": "high",
        "severity_score": 70,
        "needs_person": outcome not in ("FIXED", "UNDONE", "EXEMPTED", "ACCEPTED", "CHOSEN"),
        "threat": False,
        "remediation": "revoke-open-ingress",
        "summary": "Revoke security group rules that open SSH or RDP to the whole internet.",
        "service": "ec2",
        "disruptive": False,
        "account": "111122223333",
        "account_alias": "",
        "region": "eu-central-1",
        "partition": "aws",
        "resource": {
            "type": "AWS::EC2::SecurityGroup",
            "name": "sg-0123456789abcdef0",
            "arn": "arn:aws:ec2:eu-central-1:111122223333:security-group/sg-0123456789abcdef0",
        },
        "owner": None,
        "dedup_key": "111122223333/eu-central-1/revoke-open-ingress/sg-0123456789abcdef0",
        "trigger": {"from": "AuthorizeSecurityGroupIngress", "event": "e-1", "at": at, "cloudtrail_event_id": None, "finding_arn": None},
        "told_at": at,
        "actor": None,
        "stack": None,
        "reason": "AccessDenied: an explicit deny in a service control policy",
        "before": [{"CidrIpv4": "0.0.0.0/0", "FromPort": 22}],
        "before_count": 1,
        "left": [],
        "left_count": 0,
        "after": None,
        "calls": [],
        "calls_count": 0,
        "finding": None,
        "controls": ["EC2.13"],
        "frameworks": [],
        "links": {"runbook": "https://wiki.example/runbook#partial-unverified-failed-not-or-not-certainly-put-right"},
        "commands": {"retry": "aws lambda invoke ..."},
    }
    said = given | further
    _KNOWN.validate(said)
    return said


def brought(*alerts: dict[str, Any] | str) -> dict[str, Any]:
    """Return the event with which SNS invokes a function: https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html."""
    return {
        "Records": [
            {"EventSource": "aws:sns", "Sns": {"MessageId": f"m-{number}", "Message": one if isinstance(one, str) else json.dumps(one)}}
            for number, one in enumerate(alerts)
        ]
    }
