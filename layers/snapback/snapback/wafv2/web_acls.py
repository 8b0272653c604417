"""Words for web ACLs, and which of them stands in front of a resource."""

from snapback.engine.clients import aws


def web_acl_of(resource: str) -> str | None:
    """Return the ARN of the web ACL in front of the resource, or None; whoever has put it there, Firewall Manager too.

    https://docs.aws.amazon.com/waf/latest/APIReference/API_GetWebACLForResource.html
    """
    found = aws("wafv2").get_web_acl_for_resource(ResourceArn=resource).get("WebACL")
    return found["ARN"] if found else None


def associate(resource: str, web_acl: str) -> None:
    """Put the web ACL in front of the resource; while the resource is new, WAF answers `WAFUnavailableEntityException`, which passes.

    https://docs.aws.amazon.com/waf/latest/APIReference/API_AssociateWebACL.html
    """
    aws("wafv2").associate_web_acl(WebACLArn=web_acl, ResourceArn=resource)


def disassociate(resource: str, web_acl: str) -> None:
    """Take the web ACL away, if it is this one.

    https://docs.aws.amazon.com/waf/latest/APIReference/API_DisassociateWebACL.html
    """
    if web_acl_of(resource) == web_acl:
        aws("wafv2").disassociate_web_acl(ResourceArn=resource)
