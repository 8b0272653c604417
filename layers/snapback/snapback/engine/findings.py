"""Words for GuardDuty's findings: which of them another remediation answers, what they concern, and what a person does about the others.

An answer stops what the finding tells of, or finds it stopped. Blocking an address (block_attacker_ip) and closing a database or a cluster to the internet
(restrict_db_instance, restrict_cluster_endpoint) help, but are no answer: they may find nothing to do, and whether somebody got in, people have to find out.
https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-types-active.html
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import jmespath

from snapback.engine import severities
from snapback.engine.errors import UnreadableEvent
from snapback.engine.events import understood
from snapback.engine.names import checked, shown

Finding = Mapping[str, Any]
"""The detail of a `GuardDuty Finding` event (https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings_cloudwatch.html)."""

FINDING: Final = "AWS::GuardDuty::Finding"

HIGH: Final = 7
_LONGEST, _LONGEST_DESCRIPTION = 300, 1_000
"""Characters of what GuardDuty says."""

_REMOTE: Final = (
    "(action.*.remoteIpDetails.ipAddressV4 | [0]) || action.portProbeAction.portProbeDetails[0].remoteIpDetails.ipAddressV4"
    " || detection.sequence.endpoints[0].ip"
)
"""Where in `service` the other side's address stands (https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings-summary.html)."""

_SEVERITIES: Final = {9: "Critical", HIGH: "High", 4: "Medium", 0: "Low"}
"""Lowest value -> word (https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings-severity.html)."""

_PURPOSES_OF_IAM: Final = frozenset(
    {
        *("CredentialAccess", "DefenseEvasion", "Discovery", "Execution", "Exfiltration", "Impact", "InitialAccess", "PenTest", "Persistence"),
        *("PrivilegeEscalation", "Recon", "ResourceConsumption", "Stealth", "UnauthorizedAccess"),
    }
)
_PURPOSES_OF_S3: Final = frozenset({"CredentialAccess", "Discovery", "Exfiltration", "Impact", "PenTest", "UnauthorizedAccess"})
"""What somebody's credentials do to the data in buckets; the others are about settings (https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-types-s3.html)."""
_PURPOSES_OF_RUNTIME: Final = frozenset(
    {
        *("Backdoor", "CredentialAccess", "CryptoCurrency", "DefenseEvasion", "Discovery", "Execution", "Exfiltration", "Impact", "Persistence"),
        *("PrivilegeEscalation", "Trojan", "UnauthorizedAccess"),
    }
)
_PURPOSES_OF_LAMBDA: Final = frozenset({"Backdoor", "CryptoCurrency", "Trojan", "UnauthorizedAccess"})
"""What GuardDuty sees in a function's network traffic. Custom rules find in Lambda what people do to a function, which is not the function's doing."""


def answered_by(finding: Finding) -> list[str]:
    """Return the remediations that answer the finding; none if people have to."""
    return [name for name, answers in ANSWERS.items() if answers(finding)]


def is_sample(finding: Finding) -> bool:
    """Tell whether somebody had GuardDuty make the finding up, to try it out. No remediation acts on those."""
    return _service(finding, "additionalInfo.sample") in (True, "true")


def severity(finding: Finding) -> str:
    """Return the word for the finding's severity."""
    return next((word for lowest, word in _SEVERITIES.items() if finding["severity"] >= lowest), "Low")


def occasion(finding: Finding) -> str:
    """Return what of the finding is told once: it, however often it is updated, and again only with another severity.

    A click in the console makes hundreds of samples: one in an hour is enough to see that they arrive, and leaves room for what is real.
    """
    return f"samples of {finding['updatedAt'][:13]}" if is_sample(finding) else f"{finding['id']} {severity(finding)}"


def concerned(finding: Finding) -> str:
    """Return the name of what the finding concerns; the account where that is no single resource (attack sequences), or one that is not known here."""
    if is_sample(finding):
        return "SAMPLE"
    resource = finding.get("resource") or {}
    found = jmespath.search(_NAMES.get(resource.get("resourceType"), _ANY_NAME), resource)
    try:
        return checked(FINDING, found)
    except UnreadableEvent:
        return str(finding["accountId"])


def facts(finding: Finding) -> list[dict[str, str]]:
    """Return what people should know of the finding, and what they should do first."""
    kind = str((finding.get("resource") or {}).get("resourceType") or "no single resource")
    sample = {"Sample": "yes: somebody had GuardDuty make it up, and more like it perhaps; only one in an hour is told"} if is_sample(finding) else {}
    involved = [str(name) for name in _service(finding, "detection.sequence.resources[].name") or []]
    return [
        {"Finding": finding["type"], "Severity": f"{severity(finding)} ({finding['severity']})", **sample},
        {"Title": str(finding.get("title", ""))},
        {"Description": str(finding.get("description", ""))},
        {"Concerns": kind, "Name": concerned(finding), "Account": str(finding["accountId"]), "Region": str(finding.get("region", ""))},
        *([{"Involved": ", ".join(involved[:10])}] if involved else []),
        {"Times": str(_service(finding, "count")), "First": str(_service(finding, "eventFirstSeen")), "Last": str(_service(finding, "eventLastSeen"))},
        {"DoFirst": first_steps(finding)},
    ]


def summary(finding: Finding) -> dict[str, Any]:
    """Return the same for programs: a member for each thing that is known, empty where GuardDuty does not say."""
    score = severities.of_guardduty(finding["severity"])
    return {
        "found_by": "GuardDuty",
        "arn": shown(finding.get("arn") or "", _LONGEST),
        "id": shown(finding.get("id") or "", _LONGEST),
        "type": shown(finding["type"], _LONGEST),
        "title": shown(finding.get("title") or "", _LONGEST),
        "description": shown(finding.get("description") or "", _LONGEST_DESCRIPTION),
        "severity": severities.word_of(score),
        "severity_score": score,
        "count": count if isinstance(count := _service(finding, "count"), int) else None,
        "first_seen": shown(_service(finding, "eventFirstSeen") or ""),
        "last_seen": shown(_service(finding, "eventLastSeen") or ""),
        "remote_address": shown(_service(finding, _REMOTE) or ""),
        "first_steps": first_steps(finding),
        "sample": is_sample(finding),
    }


def named(found_by: str, which: str, kind: str) -> dict[str, Any]:
    """Return as much of a finding of another service, of which an event is known to tell: its id or ARN, and its type or control."""
    silent = dict.fromkeys(("title", "description", "first_seen", "last_seen", "remote_address", "first_steps"), "")
    unknown = dict.fromkeys(("severity", "severity_score", "count"))
    arn = shown(which, _LONGEST) if which.startswith("arn:") else ""
    return {"found_by": found_by, "arn": arn, "id": shown(which, _LONGEST), "type": shown(kind, _LONGEST), **silent, **unknown, "sample": False}


def first_steps(finding: Finding) -> str:
    """Return what a person does first, by the threat's purpose where that says more, else by the type of resource."""
    purpose, _ = _purpose_and_family(finding)
    kind = (finding.get("resource") or {}).get("resourceType")
    return _STEPS_BY_PURPOSE.get(purpose) or _STEPS.get(kind) or _STEPS_FOR_ANY


def _purpose_and_family(finding: Finding) -> tuple[str, str]:
    """Split `Backdoor:EC2/C&CActivity.B` into what it is for and what it is about (https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-format.html)."""
    purpose, _, rest = finding["type"].partition(":")
    return purpose, rest.partition("/")[0]


def _service(finding: Finding, path: str) -> Any:  # noqa: ANN401 - any JSON
    return jmespath.search(path, finding.get("service"))


def _is_about(finding: Finding, kind: str, path: str) -> bool:
    """Tell whether the finding is about this type of resource, and names one."""
    resource = finding.get("resource") or {}
    return resource.get("resourceType") == kind and bool(jmespath.search(path, resource))


def _is_high(finding: Finding) -> bool:
    return bool(finding["severity"] >= HIGH)


def suspect(finding: Mapping[str, Any]) -> object:
    """Return the instance that a GuardDuty finding accuses; raise `UnreadableEvent` if it accuses none.

    Runtime findings about containers bring the node's instanceDetails, but their resourceType is EKSCluster or ECSCluster: cutting off the node would stop
    everybody else on it. And the instance may only be the victim of what others do, which happens to every address of the internet at all times: somebody
    probes a port (the action PORT_PROBE has no other meaning), or a connection came in (NETWORK_CONNECTION) and the finding's resourceRole is TARGET.
    The role alone does not tell: findings of DNS requests and of malware say TARGET as well, and runtime findings often have no role.
    https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings-summary.html
    """
    resource, service = finding["resource"], finding["service"]
    if resource["resourceType"] != "Instance":
        raise UnreadableEvent(f"the finding is about {shown(resource['resourceType'])}, not about an instance")
    action = service.get("action") or {}
    kind = action.get("actionType")
    direction = (action.get("networkConnectionAction") or {}).get("connectionDirection")
    if kind == "PORT_PROBE" or (kind == "NETWORK_CONNECTION" and service.get("resourceRole") == "TARGET" and direction != "OUTBOUND"):
        raise UnreadableEvent("the instance is the victim in this finding, so it is not isolated")
    return resource["instanceDetails"]["instanceId"]


def _accuses_an_instance(finding: Finding) -> bool:
    if not _is_high(finding) or _purpose_and_family(finding)[1] not in ("EC2", "Runtime"):
        return False
    try:
        return bool(understood(suspect, finding))
    except UnreadableEvent:
        return False


def accused_keys(finding: Finding) -> list[str]:
    """Return the access keys by which it was done that the finding tells of: an attack sequence has them with its actors.

    https://docs.aws.amazon.com/guardduty/latest/APIReference/API_User.html
    """
    if is_sequence(finding):
        return [key for user in _actors(finding) if isinstance(key := user.get("credentialUid"), str) and key.startswith("AKIA")]
    key = jmespath.search("resource.accessKeyDetails.accessKeyId", finding)
    return [key] if isinstance(key, str) else []


def accused_users(finding: Finding) -> list[str]:
    """Return the IAM users who are actors of an attack sequence."""
    return [str(user["name"]) for user in _actors(finding) if user.get("type") == "IAMUser" and user.get("name")]


def is_sequence(finding: Finding) -> bool:
    """Tell whether the finding is of several things that were done one after the other: it is about no single resource."""
    return _purpose_and_family(finding)[0] == "AttackSequence"


def _actors(finding: Finding) -> list[Mapping[str, Any]]:
    """Return the actors' credentials, of the finding's own account."""
    found = _service(finding, "detection.sequence.actors[].user") or []
    own = finding.get("accountId")
    return [user for user in found if isinstance(user, Mapping) and jmespath.search("account.uid", user) in (None, "", own)]


def _is_of_credentials(finding: Finding) -> bool:
    """Tell whether the finding is of what somebody's credentials did, by its type."""
    purpose, family = _purpose_and_family(finding)
    return (purpose in _PURPOSES_OF_IAM and family.startswith("IAM")) or (purpose in _PURPOSES_OF_S3 and family == "S3")


def _names_a_users_key(finding: Finding) -> bool:
    family = _purpose_and_family(finding)[1]
    is_meant = severity(finding) != "Low" if family.startswith("IAM") and not is_sequence(finding) else _is_high(finding)
    is_of_a_key = family.startswith("IAM") or is_sequence(finding) or _is_of_credentials(finding)
    return is_meant and is_of_a_key and any(key.startswith("AKIA") for key in accused_keys(finding))


def _accuses_a(user_type: str) -> Callable[[Finding], bool]:
    def accuses(finding: Finding) -> bool:
        by_it = f"accessKeyDetails.userType == '{user_type}' && accessKeyDetails.userName"
        if is_sequence(finding):  # how GuardDuty names a role there is not documented
            return _is_high(finding) and user_type == "IAMUser" and bool(accused_users(finding))
        return _is_high(finding) and _is_of_credentials(finding) and any(_is_about(finding, kind, by_it) for kind in ("AccessKey", "S3Bucket"))

    return accuses


def _accuses_a_task(finding: Finding) -> bool:
    purpose, family = _purpose_and_family(finding)
    is_of_a_task = (family == "Runtime" and purpose in _PURPOSES_OF_RUNTIME) or (purpose, family) == ("Execution", "ECS")
    return _is_high(finding) and is_of_a_task and _is_about(finding, "ECSCluster", "ecsClusterDetails.taskDetails.arn")


def _accuses_a_function(finding: Finding) -> bool:
    purpose, family = _purpose_and_family(finding)
    return _is_high(finding) and family == "Lambda" and purpose in _PURPOSES_OF_LAMBDA and _is_about(finding, "Lambda", "lambdaDetails.functionName")


def _tells_of_a_public_bucket(finding: Finding) -> bool:
    return bool(finding["type"].startswith("Policy:S3/Bucket"))


ANSWERS: Final[Mapping[str, Callable[[Finding], bool]]] = {
    "block-public-bucket": _tells_of_a_public_bucket,
    "contain-function": _accuses_a_function,
    "deactivate-exposed-key": _names_a_users_key,
    "isolate-instance": _accuses_an_instance,
    "quarantine-user": _accuses_a("IAMUser"),
    "revoke-role-sessions": _accuses_a("AssumedRole"),
    "stop-task": _accuses_a_task,
}
"""Remediation -> which findings it answers. These say what the patterns of their rules say; tests hold the two together."""

_NAMES: Final[Mapping[str | None, str]] = {
    "AccessKey": "s3BucketDetails[0].name || accessKeyDetails.userName || accessKeyDetails.accessKeyId",
    "Instance": "instanceDetails.instanceId",
}
"""Type of resource -> where in `detail.resource` its name stands, where other things are named beside it."""

_ANY_NAME: Final = (
    "lambdaDetails.functionName || "
    "rdsDbInstanceDetails.dbInstanceIdentifier || "
    "rdsLimitlessDbDetails.dbShardGroupIdentifier || "
    "ecsClusterDetails.taskDetails.arn || "
    "ecsClusterDetails.name || "
    "eksClusterDetails.name || "
    "ebsSnapshotDetails.snapshotArn || "
    "ec2ImageDetails.imageArn || "
    "recoveryPointDetails.recoveryPointArn || "
    "s3BucketDetails[0].name || "
    "instanceDetails.instanceId || "
    "containerDetails.id || "
    "accessKeyDetails.userName"
)
"""The same for all others: what is inside of something else comes first (https://docs.aws.amazon.com/guardduty/latest/APIReference/API_Resource.html)."""

_STEPS_BY_PURPOSE: Final[Mapping[str, str]] = {
    "AttackSequence": (
        "Treat it as a break-in under way. Open the finding in the GuardDuty console: its signals say in which order what was done, by whom and to what. "
        "First shut out who did it (keys, sessions), then cut off what was taken over, then look for what was made or copied meanwhile."
    ),
    "Policy": (
        "Find out in CloudTrail who changed the setting, and whether on purpose. If not, set it back, and look at what else the same credentials did; "
        "then at who made use of the opening meanwhile."
    ),
}

STEPS_ONCE_CONTAINED: Final = (
    "What Snapback can cut off is cut off. Find out how it came to that and close the way in; then look in CloudTrail at what the same credentials, role "
    "and addresses did elsewhere, and take back what they changed."
)
"""What a person does first about a threat that a fix has contained."""

_OF_A_BUCKET: Final = (
    "Ask whoever used these credentials whether it was them. If not, shut them out (deactivate the key, revoke the role's sessions). Then look at what was "
    "read, changed or deleted in the bucket (data events in CloudTrail), and at its policy, lifecycle and replication."
)
_OF_A_COPY: Final = (
    "Do not restore from it, and share it with nobody. Find out from which resource it was made and since when that has had the malware: "
    "older copies may be clean. Then isolate that resource."
)

_STEPS: Final[Mapping[str | None, str]] = {
    "AccessKey": (
        "Ask the user, or the owner of the role, whether it was them. If not: deactivate the user's key or revoke the role's sessions, then look in "
        "CloudTrail at all that the same credentials did, and take it back (new users, keys, policies, instances in other regions)."
    ),
    "Container": (
        "Find out which image the container runs and who starts it. Keep its logs and the host's volumes, stop it, and look at what the host's role could "
        "reach. Do not start the image again before it is known to be clean."
    ),
    "EBSSnapshot": _OF_A_COPY,
    "EC2Image": _OF_A_COPY,
    "ECSCluster": (
        "Find the task and its image in the finding. Keep its logs, stop it, and look in CloudTrail at what its task role did. "
        "Do not let the service start the same image again before it is known to be clean."
    ),
    "EKSCluster": (
        "Find the pod or user in the finding (kubernetesDetails). If it is not expected: cut the pod off by a network policy and keep its logs, or take the "
        "user's bindings away; cordon its node; look at what its service account did in the audit log, and for new bindings and secrets read."
    ),
    "Instance": (
        "Look at what runs on the instance and with whom it talks, and who can reach it. If it is only attacked: close what need not be open. "
        "If it was taken over: isolate it (an empty security group), keep its volumes, and revoke the sessions of its role."
    ),
    "Lambda": (
        "Look at the function's code, layers and last changes in CloudTrail, and with whom it talks. If that is not expected: set its reserved concurrency "
        "to 0, revoke the sessions of its role, and put the last good version back."
    ),
    "RDSDBInstance": (
        "Ask the owner of the database user whether the login was theirs. If not: change its password, close the security group to all but the "
        "applications, and look in the database's audit log at what was read and changed."
    ),
    "RDSLimitlessDB": "Ask the owner of the database user whether the login was theirs. If not: change its password, and close the security group.",
    "S3Bucket": _OF_A_BUCKET,
    "S3Object": (
        "Do not open the object. Deny reading it (GuardDuty has tagged it if that is switched on), find out in CloudTrail who put it there and who has "
        "read it, and whether that path into the bucket is meant to be open."
    ),
}
"""Type of resource -> what a person does first (https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_remediate.html)."""

_STEPS_FOR_ANY: Final = (
    "Open the finding in the GuardDuty console: it says what was done, by whom and to what. Ask the owner whether that was expected. "
    "If not: shut out who did it, then look in CloudTrail at what else the same credentials did."
)

__all__: Sequence[str] = ["ANSWERS", "FINDING", "answered_by", "concerned", "facts", "first_steps", "is_sample", "named", "occasion", "severity", "summary"]
