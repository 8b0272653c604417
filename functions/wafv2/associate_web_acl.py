"""Put a web ACL in front of a public load balancer that has none.

Problem: A public load balancer has no web ACL. Severity: medium.

Why it matters: without one, every attack on the application that is known by heart reaches it.

Wrong when: an application load balancer that faces the internet has no web ACL.
Fix: associates the web ACL BaselineWebAclArn. Undo takes it away again, if it is still that one.
Leaves alone: load balancers with any other web ACL (Firewall Manager's, too), internal, network and gateway load balancers. Without BaselineWebAclArn it is
only reported. What the web ACL blocks is for you to choose: begin with rules that count.
Class: disruptive, because a web ACL may block requests that were served until now.
"""

from snapback import Evidence, Remediation, settings
from snapback.elbv2.load_balancers import MADE, is_public
from snapback.engine.errors import OnlyPeople
from snapback.wafv2.web_acls import associate, disassociate, web_acl_of


def violation(load_balancer: str) -> Evidence:
    """Return the web ACL that should be in front of it, if none is."""
    if not is_public(load_balancer) or web_acl_of(load_balancer):
        return []
    if baseline := settings.optional("BASELINE_WEB_ACL_ARN"):
        return [{"WebACLArn": baseline}]
    raise OnlyPeople("it has no web ACL, and Snapback has none for it: set its parameter BaselineWebAclArn, or associate one yourself")


def fix(load_balancer: str, missing: Evidence) -> None:
    """Associate it."""
    associate(load_balancer, missing[0]["WebACLArn"])


def undo(load_balancer: str, missing: Evidence) -> None:
    """Take it away again."""
    disassociate(load_balancer, missing[0]["WebACLArn"])


remediation = Remediation(
    resource="AWS::ElasticLoadBalancingV2::LoadBalancer",
    named_by={**MADE, "DisassociateWebACL": "requestParameters.resourceArn"},
    settles=tuple(MADE),
    violation=violation,
    shows_steps=True,
    fix=fix,
    undo=undo,
    setting=web_acl_of,
    disruptive=True,
)
handler = remediation.handler
