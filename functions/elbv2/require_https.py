"""Redirect a load balancer's HTTP requests to HTTPS.

Problem: A load balancer answers over plain HTTP. Severity: medium.

Why it matters: what is sent over HTTP, passwords and cookies too, everybody on the way can read and change.

Wrong when: an HTTP listener of an application load balancer forwards by default, though the load balancer has an HTTPS listener that by default forwards to
the same target groups.
Fix: the default action becomes a redirect (301) to the HTTPS listener on port 443, or to the only one. Undo puts the former default actions back.
Leaves alone: the listener's rules, which are asked before its default, redirects and fixed responses. Reported only: a load balancer without an HTTPS listener
(people have to give it a certificate), or with several and none on port 443, or whose HTTPS listener by default forwards elsewhere, so that another application
would answer, or nobody (its rules are not weighed); an HTTPS listener that redirects to HTTP is no place to redirect to.
Class: disruptive, because what follows no redirect (programs, WebSockets, POSTs, a CDN in front, CodeDeploy) stops working, and browsers keep a 301 after an
undo.
"""

from snapback import Evidence, Remediation
from snapback.elbv2.load_balancers import LISTENER_MADE_OR_SET, default_actions, listeners, redirect, redirectable, set_default_actions
from snapback.engine.refusals import try_each


def violation(load_balancer: str) -> Evidence:
    """Return the HTTP listeners that forward, with their default actions, and the port to redirect to."""
    wrong, port = redirectable(listeners(load_balancer))
    return [{"ListenerArn": one["ListenerArn"], "DefaultActions": one["DefaultActions"], "RedirectTo": port} for one in wrong]


def fix(_: str, wrong: Evidence) -> None:
    """Redirect each of them."""
    try_each(wrong, lambda listener: set_default_actions(listener["ListenerArn"], [redirect(listener["RedirectTo"])]))


def undo(_: str, wrong: Evidence) -> None:
    """Let each of them forward again."""
    try_each(wrong, lambda listener: set_default_actions(listener["ListenerArn"], listener["DefaultActions"]))


remediation = Remediation(
    resource="AWS::ElasticLoadBalancingV2::LoadBalancer",
    named_by=LISTENER_MADE_OR_SET,
    settles=("CreateListener",),
    violation=violation,
    fix=fix,
    undo=undo,
    setting=default_actions,
    disruptive=True,
)
handler = remediation.handler
