"""Fill me in: say in one sentence what this puts right.

Problem: What is wrong, in a short sentence. Severity: medium.

Why it matters: what happens, and to whom, where nobody puts it right.

Wrong when: the state of the live resource that is wrong, whatever the event says.
Fix: the smallest change that puts it right. Undo takes exactly that back.
Leaves alone: all that somebody may ask about. Reported only: what only people can put right.
Class: safe, because it stops no workload, pipeline, log delivery or sign-in; or disruptive, because of what.
"""

from snapback.policies.resource_policies import ResourcePolicy


def reader(resource: str) -> str | None:
    """Return the text of the live policy, None if there is none."""
    raise NotImplementedError(f"fill me in: read the policy of {resource}")


def writer(resource: str, document: str | None) -> None:
    """Put the policy, or remove it where None is left of it."""
    raise NotImplementedError(f"fill me in: put the policy {document} of {resource}")


remediation = ResourcePolicy(
    declared_in=__name__,
    resource="AWS::Fill::MeIn",
    named_by={"FillMeIn": "requestParameters.fillMeIn"},
    reader=reader,
    writer=writer,
    given_as="policy",
    lags=True,
)
handler = remediation.handler
