"""Let an application load balancer log who asks for what.

Why it matters: without access logs nobody can say afterwards who came, what they asked for and what they got.

Wrong when: an application load balancer writes no access logs.
Fix: writes them into the bucket LbLogBucket; ELB refuses a bucket that it may not write to. Undo switches them off, and names the bucket that was named before.
Leaves alone: the prefix, load balancers that log to another bucket, network load balancers (they log TLS connections only), gateway and Classic ones. Without
LbLogBucket it is only reported, as only people can choose a bucket. After an undo the load balancer may go on naming the bucket: ELB takes no empty name.
"""

from collections.abc import Mapping, Sequence

from snapback import Remediation, settings
from snapback.errors import OnlyPeople
from snapback.load_balancers import ATTRIBUTES_SET, MADE, attributes, is_application, set_attributes

ENABLED, BUCKET, PREFIX = "access_logs.s3.enabled", "access_logs.s3.bucket", "access_logs.s3.prefix"


def logging(load_balancer: str) -> Mapping[str, str]:
    """Return whether and where it logs."""
    now = attributes(load_balancer)
    return {ENABLED: now.get(ENABLED, "false"), BUCKET: now.get(BUCKET, ""), PREFIX: now.get(PREFIX, "")}


def violation(load_balancer: str) -> Sequence[Mapping[str, str]]:
    """Return whether and where it logs, if it does not."""
    if not is_application(load_balancer) or (now := logging(load_balancer))[ENABLED] == "true":
        return []
    if not settings.optional("LB_LOG_BUCKET"):
        raise OnlyPeople("it writes no access logs, and Snapback has no bucket for them: set its parameter LbLogBucket, or switch them on yourself")
    return [now]


def fix(load_balancer: str, _: object) -> None:
    """Let it log."""
    set_attributes(load_balancer, {ENABLED: "true", BUCKET: settings.text("LB_LOG_BUCKET")})


def undo(load_balancer: str, before: Sequence[Mapping[str, str]]) -> None:
    """Let it stop."""
    former = before[0][BUCKET]
    set_attributes(load_balancer, {ENABLED: "false", **({BUCKET: former} if former else {})})


remediation = Remediation(
    resource="AWS::ElasticLoadBalancingV2::LoadBalancer",
    named_by={**MADE, **ATTRIBUTES_SET},
    violation=violation,
    fix=fix,
    undo=undo,
    setting=logging,
)
handler = remediation.handler
