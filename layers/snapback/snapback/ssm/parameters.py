"""Words for the parameters of Systems Manager's Parameter Store, and for what looks like a secret in one.

A value is read to be looked at, and to be written again under another type. It leaves this module for nowhere but AWS: not into evidence, the journal, a log or
an alert (AWS's model marks it as sensitive, so the record of the call hides it, too).
"""

import json
import math
import re
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from snapback.engine.answers import the_one
from snapback.engine.clients import aws
from snapback.engine.errors import OnlyPeople
from snapback.engine.refusals import code_of
from snapback.engine.tags import STACK

if TYPE_CHECKING:
    from mypy_boto3_ssm.literals import ParameterTypeType as Type

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
"""One word of `db_password`, `DB_PASSWORD` or `dbPassword`."""

_SECRET = re.compile(r"\b(password|passwd|passphrase|pwd|secrets?|tokens?|credentials?|(api|private|secret|access|signing|encryption) ?keys?)\b")

_ABOUT_A_SECRET = re.compile(
    r"\b(algorithm|alias|arn|audience|count|days|disabled|enabled|endpoint|expiration|expires|expiry|file|header|host|hours|ids?|issuer|length|lifetime|location"
    r"|minutes|names?|path|policy|port|prefix|region|role|rotation|seconds|size|suffix|ttl|type|uri|url|user|username|version)\b"
)
"""Words that, behind the secret, make a name tell only of it: `token-url`, `password-length`, `access-key-id`."""

_RANDOM_BUT_OPEN = re.compile(r"\b(cert|certificate|checksum|commit|digest|etag|fingerprint|hash|public|sha)\b")

_POINTER = re.compile(r"arn:|alias/|https?://|s3://|(true|false)$|\{\{resolve:|/[\w.-]+/", re.IGNORECASE)
_PLACEHOLDER: Final = frozenset({"change-me", "change_me", "changeme", "dummy", "n/a", "none", "null", "placeholder", "tbd", "todo", "unset"})

_FORM = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----"
    r"|\b[a-z][a-z0-9+.-]*://[^\s/:@]+:[^\s/@]+@"  # a URL with a password in it
    r"|(?i:\b(password|pwd|accountkey|sharedaccesskey)=[^;\s]+)"  # a connection string
    r"|\b(gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{50,}|glpat-[\w-]{20,}|xox[abeprs]-[\w-]{10,}|[sr]k_live_[A-Za-z0-9]{20,}|AIza[\w-]{35}"
    r"|SG\.[\w-]{16,}\.[\w-]{16,}|npm_[A-Za-z0-9]{36}|eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,})"
)
"""What private keys, URLs with a password and the tokens of GitHub, GitLab, Slack, Stripe, Google, SendGrid, npm and JWT look like."""

_TOKEN = re.compile(r"[A-Za-z0-9+/_-]{32,200}={0,2}")
_LEAST_ENTROPY = 4.3
"""Bits per character, of a token of 32 and more. Random base64 has 4.5 and more; hexadecimal has at most 4, and so have UUIDs, hashes and commits."""


def plain_secret(name: str) -> list[Mapping[str, Any]]:
    """Return the version of the parameter that keeps a secret as plain text, if it does; never what is in it.

    Not: what is a list or names an image, what AWS itself keeps here, and what CloudFormation has made, which cannot make a SecureString.
    https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html
    """
    parameter = aws("ssm").get_parameter(Name=name)["Parameter"]
    if parameter["Type"] != "String" or parameter.get("DataType", "text") != "text" or name.lower().startswith(("/aws/", "/cdk-bootstrap/")):
        return []
    if not looks_secret(name, parameter["Value"]) or STACK in _tags(name):
        return []
    return [{"Type": "String", "Version": parameter["Version"]}]


def looks_secret(name: str, value: str) -> bool:
    """Tell whether a parameter is a secret by its name, or by the form or the randomness of its value."""
    words = " ".join(_WORD.findall(name.rpartition("/")[2])).lower()
    if _FORM.search(value):
        return True
    if _POINTER.match(value) or value.strip().lower() in _PLACEHOLDER:
        return False
    named = list(_SECRET.finditer(words))
    if named:
        return not _ABOUT_A_SECRET.search(words, named[-1].end())
    return not _ABOUT_A_SECRET.search(words) and not _RANDOM_BUT_OPEN.search(words) and _is_random(value)


def type_and_version(name: str) -> dict[str, Any]:
    """Return the parameter's type and version, which no two writes have in common."""
    parameter = aws("ssm").get_parameter(Name=name)["Parameter"]
    return {"Type": parameter["Type"], "Version": parameter["Version"]}


def write_as(name: str, kind: "Type") -> None:
    """Write the parameter's value again under another type, as a new version; description, pattern, tier, policies and tags stay.

    AWS says that it does not change types "in a hierarchy" and to make a new parameter there: where it refuses for that, `OnlyPeople` is raised.
    https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
    """
    parameter = aws("ssm").get_parameter(Name=name, WithDecryption=True)["Parameter"]
    kept, value, seen = _metadata(name), parameter["Value"], parameter["Version"]
    while (written := _put(name, value, kind, kept)) > seen + 1:
        # Somebody wrote another value between the two calls: theirs is the one to keep.
        value, seen = aws("ssm").get_parameter(Name=f"{name}:{written - 1}", WithDecryption=True)["Parameter"]["Value"], written


def _put(name: str, value: str, kind: "Type", kept: Mapping[str, Any]) -> int:
    """Write a new version; return its number."""
    try:
        return aws("ssm").put_parameter(**kept, Name=name, Value=value, Type=kind, Overwrite=True).get("Version", 0)
    except ClientError as error:
        if code_of(error) == "HierarchyTypeMismatchException":
            raise OnlyPeople("AWS does not change the type of this parameter: make a new one of type SecureString, and delete this one") from error
        raise


def _metadata(name: str) -> dict[str, Any]:
    """Return what is kept beside the value, in the form in which PutParameter takes it."""
    pages = aws("ssm").get_paginator("describe_parameters").paginate(ParameterFilters=[{"Key": "Name", "Option": "Equals", "Values": [name]}])
    found = the_one([parameter for page in pages for parameter in page["Parameters"]], "ssm:DescribeParameters.Parameters")
    kept = {part: found[part] for part in ("Description", "AllowedPattern", "Tier", "DataType") if found.get(part)}
    policies = [json.loads(policy["PolicyText"]) for policy in found.get("Policies", [])]
    return {**kept, **({"Policies": json.dumps(policies)} if policies else {})}


def _tags(name: str) -> frozenset[str]:
    return frozenset(tag["Key"] for tag in aws("ssm").list_tags_for_resource(ResourceType="Parameter", ResourceId=name)["TagList"])


def _is_random(value: str) -> bool:
    """Tell whether the value is one long random token: of capitals, small letters and digits, and not made of words."""
    if not _TOKEN.fullmatch(value) or value.startswith("AQICAH") or re.search("[a-z]{7}", value):  # what KMS has encrypted begins so; a word
        return False
    longest = max(re.split(r"[-_/]", value), key=len)
    is_mixed = len(longest) >= 16 and all(re.search(kind, longest) for kind in ("[A-Z]", "[a-z]", "[0-9]"))  # noqa: PLR2004 - longer than CloudFormation's own
    entropy = -sum(n / len(value) * math.log2(n / len(value)) for n in Counter(value).values())
    return is_mixed and entropy >= _LEAST_ENTROPY
