"""Let an application load balancer log who asks for what.

Problem: A load balancer writes no access logs. Severity: medium.

Why it matters: without access logs nobody can say afterwards who came, what they asked for and what they got.

Wrong when: an application load balancer writes no access logs.
Fix: writes them into the bucket LbLogBucket; ELB refuses a bucket that it may not write to. Undo switches them off, and names the bucket that was named before.
Leaves alone: the prefix, load balancers that log to another bucket, network load balancers (they log TLS connections only), gateway and Classic ones. Without
LbLogBucket it is only reported, as only people can choose a bucket. After an undo the load balancer may go on naming the bucket: ELB takes no empty name.
Class: safe, because ELB itself tries the bucket first, and serves on whatever becomes of the logs.
"""

from snapback import Evidence, Remediation, settings
from snapback.elbv2.load_balancers import ATTRIBUTES_SET, MADE, access_logs, begin_access_logs, end_access_logs, is_application, is_logging
from snapback.engine.errors import OnlyPeople


def violation(load_balancer: str) -> Evidence:
    """Return whether and where it logs, if it does not."""
    if not is_application(load_balancer) or is_logging(logs := access_logs(load_balancer)):
        return []
    if not settings.optional("LB_LOG_BUCKET"):
        raise OnlyPeople("it writes no access logs, and Snapback has no bucket for them: set its parameter LbLogBucket, or switch them on yourself")
    return [logs]


def fix(load_balancer: str, _: object) -> None:
    """Let it log."""
    begin_access_logs(load_balancer, settings.text("LB_LOG_BUCKET"))


def undo(load_balancer: str, before: Evidence) -> None:
    """Let it stop."""
    end_access_logs(load_balancer, before[0])


remediation = Remediation(
    resource="AWS::ElasticLoadBalancingV2::LoadBalancer",
    named_by={**MADE, **ATTRIBUTES_SET},
    settles=tuple(MADE),
    violation=violation,
    fix=fix,
    undo=undo,
    setting=access_logs,
    controls=("ELB.5",),
)
