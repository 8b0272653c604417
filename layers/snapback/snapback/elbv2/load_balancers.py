"""Words for application, network and gateway load balancers: their attributes, their listeners, and which of them an event names."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from snapback.engine.answers import Answer, the_one
from snapback.engine.clients import aws
from snapback.engine.errors import IncompleteAnswer, OnlyPeople

Listener = Mapping[str, Any]
"""A listener as ELB describes it. One of a gateway load balancer has neither `Protocol` nor `Port`: it takes all that comes."""

MADE = {"CreateLoadBalancer": "responseElements.loadBalancers[].loadBalancerArn"}
"""The entry of `named_by` for a new load balancer. A call of the same name makes a Classic one, which has no ARN: rules tell them apart by the apiVersion."""

ATTRIBUTES_SET = {"ModifyLoadBalancerAttributes": "requestParameters.loadBalancerArn"}
"""The same for a change of its attributes."""

LISTENER_MADE_OR_SET: Final[Mapping[str, str | Callable[[Mapping[str, Any]], object]]] = {
    "CreateListener": "requestParameters.loadBalancerArn",
    "ModifyListener": lambda record: load_balancer_of(record["requestParameters"]["listenerArn"]),
}
"""The load balancer whose listener was made or changed."""

LISTENER_ITSELF = {"CreateListener": "[responseElements.listeners][].listenerArn", "ModifyListener": "requestParameters.listenerArn"}
"""The listener that was made or changed."""

_LOGS, _LOG_BUCKET, _LOG_PREFIX = "access_logs.s3.enabled", "access_logs.s3.bucket", "access_logs.s3.prefix"

_OLD_PROTOCOLS = frozenset({"SSLv2", "SSLv3", "TLSv1", "TLSv1.0", "TLSv1.1"})

_HTTPS = "443"


def load_balancer_of(listener: str) -> str:
    """Return the ARN of the listener's load balancer: `...:listener/app/web/1/2` -> `...:loadbalancer/app/web/1`."""
    return listener.rpartition("/")[0].replace(":listener/", ":loadbalancer/")


def is_application(arn: str) -> bool:
    """Tell whether the ARN is that of an application load balancer, or of a listener of one."""
    return arn.split("/")[1] == "app"


def is_public(arn: str) -> bool:
    """Tell whether this is an application load balancer that faces the internet; raises `LoadBalancerNotFound` if there is no such load balancer.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeLoadBalancers.html
    """
    found = the_one(aws("elbv2").describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"])
    return bool(found["Type"] == "application" and found["Scheme"] == "internet-facing")


def attributes(arn: str) -> Mapping[str, str]:
    """Return the load balancer's attributes.

    `{"deletion_protection.enabled": "false", "access_logs.s3.bucket": "", ...}`; raises `LoadBalancerNotFound` if there is no such load balancer.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeLoadBalancerAttributes.html
    """
    found = aws("elbv2").describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
    return Answer("elbv2:DescribeLoadBalancerAttributes.Attributes", {attribute["Key"]: attribute["Value"] for attribute in found})


def set_attributes(arn: str, wanted: Mapping[str, str]) -> None:
    """Set these attributes; all others stay.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyLoadBalancerAttributes.html
    """
    aws("elbv2").modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=[{"Key": key, "Value": value} for key, value in wanted.items()])


def access_logs(arn: str) -> Mapping[str, str]:
    """Return whether and where the load balancer writes access logs: `{"access_logs.s3.enabled": "false", "access_logs.s3.bucket": "", ...}`."""
    now = attributes(arn)
    return {_LOGS: now.get(_LOGS, "false"), _LOG_BUCKET: now.get(_LOG_BUCKET, ""), _LOG_PREFIX: now.get(_LOG_PREFIX, "")}


def is_logging(logs: Mapping[str, str]) -> bool:
    """Tell whether these are the access logs of a load balancer that writes them."""
    return logs[_LOGS] == "true"


def begin_access_logs(arn: str, bucket: str) -> None:
    """Write access logs into the bucket; their prefix stays."""
    set_attributes(arn, {_LOGS: "true", _LOG_BUCKET: bucket})


def end_access_logs(arn: str, former: Mapping[str, str]) -> None:
    """Write none any more, and name the former bucket again, if there was one: ELB takes no empty name."""
    named = {_LOG_BUCKET: former[_LOG_BUCKET]} if former[_LOG_BUCKET] else {}
    set_attributes(arn, {_LOGS: "false", **named})


def listeners(arn: str) -> Sequence[Listener]:
    """Return the listeners of a load balancer; raises `LoadBalancerNotFound` if there is no such load balancer.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeListeners.html
    """
    pages = aws("elbv2").get_paginator("describe_listeners").paginate(LoadBalancerArn=arn)
    return [listener for page in pages for listener in page["Listeners"]]


def protocol(listener: Listener) -> str:
    """Return the listener's protocol; none for a gateway load balancer's, which takes whatever comes and has neither protocol nor port.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateListener.html
    """
    return "" if ":listener/gwy/" in listener["ListenerArn"] else str(listener["Protocol"])


def forwards_in_the_clear(listener: Listener) -> bool:
    """Tell whether this is an HTTP listener whose default is to forward."""
    return protocol(listener) == "HTTP" and any(action["Type"] == "forward" for action in listener["DefaultActions"])


def redirectable(found: Sequence[Listener]) -> tuple[list[Listener], str]:
    """Return the HTTP listeners whose requests arrive at the same targets over HTTPS, and the port to redirect to.

    Raises `OnlyPeople` if there is no HTTPS listener, no telling which, or if it sends what comes elsewhere: another application would answer, or nobody.
    """
    wrong = [listener for listener in found if forwards_in_the_clear(listener)]
    if not wrong:
        return [], ""
    https = _https_listener(found)
    served = _target_groups(https)
    alike = [listener for listener in wrong if _target_groups(listener) <= served]
    if not alike:
        raise OnlyPeople(
            f"its HTTP listener on port {wrong[0]['Port']} forwards by default to a target group to which its HTTPS listener on port {https['Port']} does not "
            "by default: redirect to where the same application answers"
        )
    return alike, str(https["Port"])


def _target_groups(listener: Listener) -> set[str]:
    """Return the target groups that get requests by the listener's default.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ForwardActionConfig.html
    """
    groups: set[str] = set()
    for action in listener["DefaultActions"]:
        if action["Type"] == "forward":
            weighted = action.get("ForwardConfig", {}).get("TargetGroups", [])
            named = {one["TargetGroupArn"] for one in weighted if one.get("Weight", 1)} or {one for one in [action.get("TargetGroupArn")] if one}
            if not named:
                raise IncompleteAnswer(f"AWS's answer to elasticloadbalancing:DescribeListeners does not say where {listener['ListenerArn']} forwards to")
            groups |= named
    return groups


def _https_listener(found: Sequence[Listener]) -> Listener:
    """Return the HTTPS listener to redirect to: the one on port 443, or the only one."""
    encrypted = {str(listener["Port"]): listener for listener in found if protocol(listener) == "HTTPS" and not _leads_back(listener)}
    ports = list(encrypted)
    if _HTTPS in ports or len(ports) == 1:
        return encrypted[_HTTPS if _HTTPS in ports else ports[0]]
    raise OnlyPeople(
        f"it has HTTPS listeners on the ports {', '.join(ports)}: redirect its HTTP listener to the right one"
        if ports
        else "its HTTP listener forwards, and it has no HTTPS listener to redirect to: give it one, with a certificate"
    )


def _leads_back(listener: Listener) -> bool:
    """Tell whether an HTTPS listener redirects to HTTP: then a redirect to it would never end."""
    return any(action.get("RedirectConfig", {}).get("Protocol") == "HTTP" for action in listener.get("DefaultActions", []))


def redirect(port: str) -> Mapping[str, Any]:
    """Return the action that sends a client to the same place over HTTPS.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RedirectActionConfig.html
    """
    same = {"Host": "#{host}", "Path": "/#{path}", "Query": "#{query}"}
    return {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": port, **same, "StatusCode": "HTTP_301"}}


def default_actions(arn: str) -> Mapping[str, Any]:
    """Return the default actions of the load balancer's HTTP listeners, by listener."""
    return {one["ListenerArn"]: one["DefaultActions"] for one in listeners(arn) if protocol(one) == "HTTP"}


def set_default_actions(listener: str, actions: Any) -> None:  # noqa: ANN401 - AWS's actions, as they are described
    """Set what the listener does by default; its rules and all else stay.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyListener.html
    """
    aws("elbv2").modify_listener(ListenerArn=listener, DefaultActions=actions)


def security_policy(listener: str) -> str | None:
    """Return the listener's TLS policy, or None if it speaks no TLS; raises `ListenerNotFound` if there is no such listener."""
    found = the_one(aws("elbv2").describe_listeners(ListenerArns=[listener])["Listeners"])
    return found["SslPolicy"] if protocol(found) in ("HTTPS", "TLS") else None


def old_protocols(policy: str) -> Sequence[str]:
    """Return the protocols older than TLS 1.2 that the policy allows.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeSSLPolicies.html
    """
    described = the_one(aws("elbv2").describe_ssl_policies(Names=[policy])["SslPolicies"])
    return sorted(_OLD_PROTOCOLS.intersection(described["SslProtocols"]))


def set_security_policy(listener: str, policy: str) -> None:
    """Set the listener's TLS policy; certificates, actions and rules stay."""
    aws("elbv2").modify_listener(ListenerArn=listener, SslPolicy=policy)
