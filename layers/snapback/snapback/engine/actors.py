"""Who made the change, as CloudTrail tells it."""

from collections.abc import Mapping
from typing import Any, NamedTuple, Self

from snapback.engine.names import shown

_TOOLS = {
    # First match wins; each is how the tool names itself in the user agent, in small letters.
    "Terraform": ("terraform", "opentofu"),
    "Pulumi": ("pulumi",),
    "AWS CDK": ("aws-cdk", "cdk-"),
    "Ansible": ("ansible",),
    "Crossplane": ("crossplane",),
    "CloudFormation": ("cloudformation",),
    "the AWS CLI": ("aws-cli",),
    "boto3": ("boto3", "botocore"),
    "the AWS console": ("console", "aws internal", "mozilla"),
}

_PIPELINES = frozenset({"Terraform", "Pulumi", "AWS CDK", "Ansible", "Crossplane", "CloudFormation"})


class Actor(NamedTuple):
    """Who called, from where and with what. Every text is already safe to show."""

    name: str
    """The user, role or service, with account where it is known."""
    arn: str = ""
    session: str = ""
    """The role session's name: often the person behind a role."""
    address: str = ""
    tool: str = ""
    issuer: str = ""
    """ARN of the role whose session made the call, untouched: compared with this function's own role."""

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Self:
        """Read the actor from a CloudTrail record; missing and odd parts become empty, never an error."""
        identity = _mapping(record.get("userIdentity"))
        issuer = _mapping(_mapping(identity.get("sessionContext")).get("sessionIssuer"))
        arn = _text(identity.get("arn"))
        invoked_by = _text(identity.get("invokedBy"))
        agent = _text(record.get("userAgent"))
        return cls(
            name=shown(_name(identity, issuer, arn, invoked_by)),
            arn=shown(arn, 300),
            session=shown(arn.rsplit("/", 1)[-1]) if identity.get("type") == "AssumedRole" and "/" in arn else "",
            address=shown(_text(record.get("sourceIPAddress"))),
            tool=_tool(invoked_by, agent),
            issuer=_text(issuer.get("arn")),
        )

    def is_role(self, arn: str) -> bool:
        """Tell whether a session of that role made the call: with a function's own role the change was Snapback's own. False where the role is not known."""
        return bool(arn) and self.issuer == arn

    @property
    def is_pipeline(self) -> bool:
        """Tell whether a deploy tool made the change, so that it will come back with the next deployment."""
        return self.tool in _PIPELINES

    def __str__(self) -> str:
        """Return `alice (session …) from 198.51.100.7 with the AWS CLI`."""
        parts = [self.name]
        if self.session:
            parts.append(f"(session {self.session})")
        if self.address:
            parts.append(f"from {self.address}")
        if self.tool:
            parts.append(f"with {self.tool}")
        return " ".join(parts)


def _name(identity: Mapping[str, Any], issuer: Mapping[str, Any], arn: str, invoked_by: str) -> str:
    match identity.get("type"):
        case "Root":
            return f"the root user of account {_text(identity.get('accountId'))}"
        case "AssumedRole":
            return f"role {_text(issuer.get('userName')) or arn}"
        case "AWSService":
            return f"the service {invoked_by}"
        case "IdentityCenterUser":
            return f"user {_text(_mapping(identity.get('onBehalfOf')).get('userId')) or 'unknown'} of IAM Identity Center"
        case "AWSAccount":
            return f"account {_text(identity.get('accountId'))}"
        case _:
            return _text(identity.get("userName")) or arn or _text(identity.get("principalId")) or "somebody unknown"


def _tool(invoked_by: str, agent: str) -> str:
    if invoked_by == "cloudformation.amazonaws.com":
        return "CloudFormation"
    small = agent.lower()
    return next((tool for tool, words in _TOOLS.items() if any(word in small for word in words)), shown(agent, 60))


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
