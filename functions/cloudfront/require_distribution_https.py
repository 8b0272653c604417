"""Redirect a CloudFront distribution's viewers from HTTP to HTTPS.

Problem: A CloudFront distribution answers over plain HTTP. Severity: medium.

Why it matters: what is sent over HTTP, passwords and cookies too, everybody on the way can read and change.

Wrong when: the default cache behavior or another one lets viewers use HTTP (allow-all).
Fix: each of those redirects to HTTPS (redirect-to-https). Undo lets just those use HTTP again.
Leaves alone: behaviors that redirect or refuse HTTP already, the connection to the origin, and the rest of the configuration, to the byte, even if somebody
else changes it at the same time. Viewers that do not follow redirects have to ask for HTTPS themselves. Reported only: a distribution with alternate domain
names and no certificate for them, as some from before 2019 are: there is nothing to redirect to.
Class: disruptive, because programs that follow no redirect fail; a POST is redirected with its body (307), but that of an HTTP/1.0 client is refused (403).
"""

from collections.abc import Mapping, Sequence

from snapback import Remediation
from snapback.cloudfront.distributions import ALLOW_ALL, REDIRECT, clear_behaviors, set_viewer_policy, viewer_policies


def violation(distribution: str) -> Sequence[Mapping[str, str | None]]:
    """Return the cache behaviors that let viewers use HTTP."""
    return clear_behaviors(distribution)


def fix(distribution: str, open_ones: Sequence[Mapping[str, str | None]]) -> None:
    """Let them redirect."""
    set_viewer_policy(distribution, open_ones, before=ALLOW_ALL, after=REDIRECT)


def undo(distribution: str, open_ones: Sequence[Mapping[str, str | None]]) -> None:
    """Let them use HTTP again."""
    set_viewer_policy(distribution, open_ones, before=REDIRECT, after=ALLOW_ALL)


remediation = Remediation(
    resource="AWS::CloudFront::Distribution",
    named_by={
        **dict.fromkeys(("CopyDistribution", "CreateDistribution", "CreateDistributionWithTags"), "responseElements.distribution.id"),
        **dict.fromkeys(("UpdateDistribution", "UpdateDistributionWithStagingConfig"), "requestParameters.id"),  # the latter takes over what was staged
    },
    settles=("CopyDistribution", "CreateDistribution", "CreateDistributionWithTags"),
    violation=violation,
    fix=fix,
    undo=undo,
    setting=viewer_policies,
    disruptive=True,
)
handler = remediation.handler
