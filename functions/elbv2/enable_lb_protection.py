"""Protect a load balancer from being deleted by accident.

Problem: A load balancer can be deleted by one call. Severity: medium.

Why it matters: a deleted load balancer takes its name, its addresses and every site behind it with it, and a new one gets others.

Wrong when: the deletion protection of an application, network or gateway load balancer is off.
Fix: switches it on. Undo switches it off.
Leaves alone: all other attributes, and Classic load balancers, which have no such protection. Whoever wants to delete the load balancer (a stack, too, or
a controller in Kubernetes) has to switch the protection off first, and finds it on again unless the load balancer is exempt: exempt those that come and go.
Class: disruptive, because a stack, an environment or an Ingress that is deleted, rolled back or replaces the load balancer cannot delete it.
"""

from snapback import Setting
from snapback.elbv2.load_balancers import ATTRIBUTES_SET, MADE, attributes, set_attributes

PROTECTION = "deletion_protection.enabled"

remediation = Setting(
    declared_in=__name__,
    resource="AWS::ElasticLoadBalancingV2::LoadBalancer",
    named_by={**MADE, **ATTRIBUTES_SET},
    settles=tuple(MADE),
    reader=lambda load_balancer: {PROTECTION: attributes(load_balancer)[PROTECTION]},
    wanted={PROTECTION: "true"},
    writer=set_attributes,
    disruptive=True,
    controls=("ELB.6",),
)
