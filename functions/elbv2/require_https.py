"""Redirect a load balancer's HTTP requests to HTTPS.

Why it matters: what is sent over HTTP, passwords and cookies too, everybody on the way can read and change.

Wrong when: an HTTP listener of an application load balancer forwards by default, though the load balancer has an HTTPS listener.
Fix: the default action becomes a redirect (301) to the HTTPS listener on port 443, or to the only one. Undo puts the former default actions back.
It follows DisruptiveMode: what follows no redirect (programs, WebSockets, POSTs, a CDN in front, CodeDeploy) stops working; a target group that nothing else
forwards to gets no requests any more, and deployments of an ECS service that uses it may stall; browsers keep a 301 after an undo.
Leaves alone: the listener's rules, which are asked before its default, redirects and fixed responses. Reported only: a load balancer without an HTTPS listener
(people have to give it a certificate), or with several and none on port 443; an HTTPS listener that redirects to HTTP is no place to redirect to.
"""

from snapback import Evidence, Remediation
from snapback.load_balancers import LISTENER_MADE_OR_SET, default_actions, forwards_in_the_clear, https_port, listeners, redirect, set_default_actions
from snapback.refusals import try_each


def violation(load_balancer: str) -> Evidence:
    """Return the HTTP listeners that forward, with their default actions, and the port to redirect to."""
    found = listeners(load_balancer)
    wrong = [listener for listener in found if forwards_in_the_clear(listener)]
    port = https_port(found) if wrong else ""
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
    violation=violation,
    fix=fix,
    undo=undo,
    setting=default_actions,
    disruptive=True,
)
handler = remediation.handler
