"""Tell people when somebody changes Snapback itself, or keeps findings from it.

Problem: Snapback was changed, or findings are kept from it. Severity: high.

Why it matters: who wants to stay unseen first switches off what looks.

Told: each call that writes to a part of this stack, whichever it is: to its rules, functions (code, settings, aliases, concurrency, permissions), roles and
their boundaries, the shared policy, event source mappings, topic and subscriptions, queues, table, log group, metric filters, alarms, IP sets, dashboard and
clock; to the topic's own key, if AlertsKey names one; and each time that the stack itself begins to be updated or deleted. So an ordinary deployment is told
twice: who began it, and that it began. And once it is done, if its parameter SwitchedOff names what is no remediation.
Also told: what CloudFormation does to a part in the name of another stack. A record does not say which stack it was, so the events of this stack are asked
whether it was changing just that resource at that time; if they cannot be read, it is told.
Told as well: each call that keeps findings or records from Snapback and that no other remediation takes back. GuardDuty is made to trust a list of addresses or
domains, to know fewer threats or to scan less, or findings are archived by hand (once a month for each identity, as that is daily work); a rule or filter of
Security Hub, Access Analyzer, Inspector or Macie takes findings out of sight by itself; a control, a product, an aggregation or a central configuration of
Security Hub is switched off or changed, or the newer Security Hub; rules of Config are deleted; accounts are taken from a service that detects, or from the
organisation; an event data store of CloudTrail Lake is stopped, deleted or changed; or the log of an EKS control plane, a web ACL or a network's DNS is ended.
Leaves alone: what this stack's own deployment does, part by part; tags; schedules that are made, as every later look is one, and change sets, which change
nothing yet; backups of the journal; the log streams that Lambda makes; the addresses that block_attacker_ip puts into its IP sets; and rules of Config that a
service of AWS deletes for itself.
Not heard: rows and messages that are written, read or deleted (CloudTrail's data events), calls that were refused, service control policies (they belong to
the organisation's management account), unsubscribing by the link in an e-mail, and roles if this region is not the one where IAM is recorded (us-east-1):
there, a stack of the same name hears of the roles of all regions.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from snapback import Report
from snapback.engine import own_stack, silencers
from snapback.engine.errors import NothingLeft
from snapback.engine.events import without_date

DEPLOYED = ("CREATE_COMPLETE", "UPDATE_COMPLETE")
"""States of the stack in which a deployment is done."""

_SHUT_OUT = "Ask who that was. If it was no deployment of yours: shut them out (deactivate the key, revoke the role's sessions)"

FIRST_OF_THE_STACK = (
    "See whether that is a deployment of yours. If not: shut out who began it, see in the stack's events what it changed, and deploy Snapback again."
)
FIRST_OF_A_PART = f"{_SHUT_OUT}, and deploy Snapback again, which puts all of its parts back. What happened meanwhile, nobody may have been told."
FIRST_OF_WRONG_NAMES = "Deploy Snapback again with the names as `snapback mode` takes them; until then what was meant still acts."
FIRST_OF_FINDINGS = f"{_SHUT_OUT}, set back what the call changed, and look at the findings and records of that time yourself: they may have reached nobody."
"""What a person does first, by what was changed."""


def part(record: Mapping[str, Any]) -> str | None:
    """Return which part of the stack the event is about: the stack itself where CloudFormation tells of it."""
    if "stack-id" in record:
        return own_stack.name()
    if silencers.silenced_by(record) is not None:
        return own_stack.name()
    request = record["requestParameters"]
    if not request or "omitted" in request:
        return None
    if not (named := own_stack.part_named_in(record)):
        raise NothingLeft("it is no part of this stack")
    return named


def facts(record: Mapping[str, Any]) -> Sequence[dict[str, str]]:
    """Return what was changed, by which call, and what to do first."""
    if "stack-id" in record:
        return _facts_of_the_stack(record["status-details"]["status"])
    if (silenced := silencers.silenced_by(record)) is not None:
        return [{"What": f"{_call_in(record)} {silenced}"}, {"DoFirst": FIRST_OF_FINDINGS}] if silenced else []
    if own_stack.did(record) or _keeps_ip_sets(record):
        return []
    by = " for a stack that is not Snapback's" if record["userIdentity"].get("invokedBy") == own_stack.CLOUDFORMATION else ""
    return [{"What": f"{_call_in(record)} changed a part of Snapback{by}"}, {"DoFirst": FIRST_OF_A_PART}]


def _facts_of_the_stack(state: str) -> Sequence[dict[str, str]]:
    """Return that the stack itself changes; once that is done, only what its parameter SwitchedOff names in vain."""
    if state not in DEPLOYED:
        return [{"What": f"Snapback's stack went into the state {state}"}, {"DoFirst": FIRST_OF_THE_STACK}]
    if not (wrong := ", ".join(own_stack.wrongly_switched_off())):
        return []
    return [
        {"What": f"SwitchedOff names what is no remediation that can be off, so nothing is off by that name: {wrong}"},
        {"DoFirst": FIRST_OF_WRONG_NAMES},
    ]


def _call_in(record: Mapping[str, Any]) -> str:
    """Return `PutFunctionConcurrency of lambda`."""
    return f"{without_date(record['eventName'])} of {record['eventSource'].partition('.')[0]}"


def type_of(record: Mapping[str, Any]) -> str:
    """Return the type of the part: the stack's where it is the stack."""
    is_of_the_stack = "stack-id" in record or silencers.silenced_by(record) is not None
    return remediation.resource if is_of_the_stack else own_stack.type_of_part(record)


def told_once(record: Mapping[str, Any]) -> str:
    """Return what is told once: the event, or of the findings that one identity archives by hand those of a month."""
    if record.get("eventName") not in silencers.ARCHIVED_BY_HAND:
        return ""
    identity = record["userIdentity"]
    who = identity.get("sessionContext", {}).get("sessionIssuer", {}).get("arn") or identity.get("arn")
    return f"findings that {who} archived in {record['eventTime'][:7]}" if who else ""


def _keeps_ip_sets(record: Mapping[str, Any]) -> bool:
    """Tell whether this is a fix of ours: each block and its end changes a part of the stack."""
    issuer = record["userIdentity"].get("sessionContext", {}).get("sessionIssuer", {})
    return record["eventName"] == "UpdateIPSet" and "-BlockAttackerIpRole-" in issuer.get("arn", "") and own_stack.is_part(issuer.get("userName", ""))


remediation = Report(
    resource="AWS::CloudFormation::Stack",
    named_by={"*": part},
    facts=facts,
    type_of=type_of,
    once_per=told_once,
)
handler = remediation.handler
