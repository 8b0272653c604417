"""Write docs/survey-policy.json: what a survey has to be allowed.

    make catalogue

It is what the functions are allowed to read (tests/contract/test_permissions.py holds that to what they call), with the lists that a survey makes besides. A
test fails when the file does not hold what this would write, or when a survey makes a call that it does not allow.
"""

import json
import re
from pathlib import Path
from typing import Final

from local.remediations import ROOT
from local.survey import subjects
from tests.harness.permissions import grants
from tests.harness.template import switches

POLICY: Final[Path] = ROOT / "docs" / "survey-policy.json"

_READ: Final = re.compile(r"(BatchGet|Describe|Generate|Get|List|Lookup|Search|Simulate)")

_LISTS: Final = (
    "cloudfront:ListDistributions",
    "cloudtrail:DescribeTrails",
    "cognito-identity:ListIdentityPools",
    "dynamodb:ListTables",
    "ec2:DescribeRegions",
    "ec2:DescribeVpcEndpointServiceConfigurations",
    "eks:ListClusters",
    "elasticache:DescribeReplicationGroups",
    "guardduty:ListDetectors",
    "guardduty:ListFilters",
    "iam:GetAccountAuthorizationDetails",
    "iam:ListGroups",
    "iam:ListPolicies",
    "iam:ListRoleTags",
    "iam:ListRoles",
    "iam:ListUserTags",
    "iam:ListUsers",
    "kms:ListKeys",
    "lambda:ListFunctions",
    "logs:DescribeLogGroups",
    "rds:DescribeDBClusterSnapshots",
    "rds:DescribeDBSnapshots",
    "s3:ListAllMyBuckets",
    "secretsmanager:ListSecrets",
    "ssm:DescribeParameters",
    "ssm:ListDocuments",
    "tag:GetResources",
)
"""What only a survey asks: all there is of a type, the regions, the tags that name an owner, and
IAM's details of all policies at once: the lists of groups and policies are for where those are refused. Who asks may be asked without a permission."""


def actions() -> list[str]:
    """Return all actions, sorted."""
    widest = dict.fromkeys(switches(), "on")
    asked = [one for one in subjects.surveyed() if not subjects.why_not(one)]
    granted = {grant.action for one in asked for grant in grants(one.logical_id, widest)}
    return sorted({*_LISTS, *(action for action in granted if _READ.match(action.partition(":")[2]))})


def render() -> str:
    """Return the file's text."""
    statement = {"Sid": "SurveyReadsOnly", "Effect": "Allow", "Action": actions(), "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=1) + "\n"


if __name__ == "__main__":
    POLICY.write_text(render())
