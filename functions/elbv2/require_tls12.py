"""Require TLS 1.2 or newer of a load balancer's clients.

Problem: A load balancer accepts TLS older than 1.2. Severity: medium.

Why it matters: TLS 1.0 and 1.1 have known weaknesses, and whoever is on the way can talk both sides into using them.

Wrong when: an HTTPS or TLS listener has a security policy that allows a protocol older than TLS 1.2, as ELB itself describes the policy.
Fix: the policy TlsPolicy. Undo puts the former policy back.
Leaves alone: certificates and actions, and policies without old protocols, whatever their ciphers, though ELB.17 may ask for newer ones.
Reported only: a FIPS policy, which people have to replace by another FIPS policy.
Class: disruptive, because clients that know nothing newer than TLS 1.1 cannot connect any more.
"""

from snapback import Evidence, Remediation, settings
from snapback.elbv2.load_balancers import LISTENER_ITSELF, old_protocols, security_policy, set_security_policy
from snapback.engine.errors import OnlyPeople


def violation(listener: str) -> Evidence:
    """Return the listener's policy with the old protocols that it allows, if there are any."""
    policy = security_policy(listener)
    old = old_protocols(policy) if policy else []
    if old and policy and "FIPS" in policy:
        raise OnlyPeople(f"its policy {policy} allows {', '.join(old)}: give it a FIPS policy without them")
    return [{"SslPolicy": policy, "Allows": old}] if old else []


def fix(listener: str, _: object) -> None:
    """Set the policy of the parameter."""
    set_security_policy(listener, settings.text("TLS_POLICY"))


def undo(listener: str, before: Evidence) -> None:
    """Put the former policy back."""
    set_security_policy(listener, before[0]["SslPolicy"])


remediation = Remediation(
    resource="AWS::ElasticLoadBalancingV2::Listener",
    named_by=LISTENER_ITSELF,
    settles=("CreateListener",),
    violation=violation,
    fix=fix,
    undo=undo,
    setting=security_policy,
    disruptive=True,
)
handler = remediation.handler
