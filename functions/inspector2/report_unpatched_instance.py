"""Tell people of an EC2 instance with a critical weakness for which there is an exploit.

Problem: An instance has a critical, exploitable weakness. Severity: critical.

Why it matters: the tool that breaks in is already written, and so is the patch.

Told: a finding of Inspector of critical severity about a package for which there are both an exploit and a fix; once, for as long as Inspector goes on about
it. With it: what Systems Manager knows of the instance, and the command that installs its patches, ready to paste, or what stands in the way.
Leaves alone: the instance. To install takes minutes, brings in whatever the patch baseline approves, may break the workload and cannot be taken back, and the
weakness often stays until a restart: nothing that could be called fixed before Inspector has looked again. Also findings of ports that can be reached
(revoke_open_ingress closes those), without a fix or without an exploit; and instances of other accounts, of which an administrator of Inspector hears.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from snapback import Report, settings
from snapback.engine import clock, counts
from snapback.engine.errors import BelongsElsewhere
from snapback.engine.names import checked, shown
from snapback.inspector2.patching import outlook

INSTANCE = "AWS::EC2::Instance"


def facts(finding: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Return the weakness, what to update, and what is known of the instance; nothing if that was told before."""
    if finding["awsAccountId"] != settings.own_account():
        raise BelongsElsewhere("the instance is another account's")
    which, when = (hashlib.sha256(finding[part].encode()).hexdigest()[:16] for part in ("findingArn", "updatedAt"))
    if not counts.is_burst(f"{remediation.name}#{which}", when, number=1, seconds=clock.DAY):
        return []
    packages = [
        f"{shown(package['name'])} {shown(package['version'])}, fixed in {shown(package.get('fixedInVersion'))}"
        for package in finding["packageVulnerabilityDetails"]["vulnerablePackages"][:10]
    ]
    instances = [resource["id"] for resource in finding["resources"] if resource["type"] == "AWS_EC2_INSTANCE"]
    return [{"Weakness": shown(finding["title"]), "Packages": packages, **outlook(checked(INSTANCE, instance))} for instance in instances]


remediation = Report(
    resource=INSTANCE,
    named_by={"Inspector2 Finding": "resources[?type=='AWS_EC2_INSTANCE'].id"},
    facts=facts,
)
handler = remediation.handler
