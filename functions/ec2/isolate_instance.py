"""Isolate an EC2 instance that GuardDuty accuses, and keep its volumes as evidence.

Problem: GuardDuty accuses an instance. Severity: high.

Why it matters: a compromised instance attacks others and sends data out for as long as it has a network, and it destroys its traces.

Wrong when: GuardDuty has a finding of High severity (7 or more) of an EC2 or Runtime type about the instance, and the instance is not isolated.
Fix: every network interface into the group snapback-isolation (no rules; made in the VPC if need be), then, if AWS refused none of them, the tag
snapback:isolated, then a snapshot of every EBS volume. Undo gives the interfaces their former groups and takes the tag away; it keeps the group, and the
snapshots as evidence, without their tag.
Taken off: who gives an isolated instance other groups or another interface otherwise than by undo is told as high, and it is isolated again, or asked about, by
the mode.
Leaves alone: victims (a probed port; an attack that came in, which is a NETWORK_CONNECTION that the instance did not open, with resourceRole TARGET), nodes
of container findings, attack sequences, and the instance itself: it runs on, and an Auto Scaling group may replace it. Connections that
its groups track already live until they time out; only a network ACL, which the whole subnet shares, would cut them.
Of instances that an AWS service manages (EKS Auto Mode), AWS lets nobody change the interfaces: the alert says so, and the rest is done.
Class: disruptive, because the instance serves nobody any more.
"""

from functools import cache, partial

from snapback import Evidence, Remediation
from snapback.ec2 import instances
from snapback.engine.findings import suspect

TAKEN_OFF_BY = ("AttachNetworkInterface", "ModifyInstanceAttribute", "ModifyNetworkInterfaceAttribute")


def violation(instance_id: str) -> Evidence:
    """Return the steps that are still to do, in their order."""
    instance = instances.described(instance_id)
    return [*instances.interfaces_in_touch(instance), *instances.missing_tag(instance), *instances.unsaved_volumes(instance)]


def fix(instance_id: str, steps: Evidence) -> None:
    """Take them: the network first, because that stops the bleeding."""
    cutting = instances.Cutting(cache(instances.isolation_group))
    mark, save = partial(instances.mark, instance_id, cutting), partial(instances.save, instance_id)
    instances.take(steps, {"NetworkInterfaceId": cutting.cut_off, "Tag": mark, "Snapshot": save})


def undo(instance_id: str, steps: Evidence) -> None:
    """Take them back, except that the snapshots are kept."""
    unmark, keep = partial(instances.unmark, instance_id), partial(instances.keep, instance_id)
    instances.take(steps, {"NetworkInterfaceId": instances.reconnect, "Tag": unmark, "Snapshot": keep})


remediation = Remediation(
    resource="AWS::EC2::Instance",
    named_by={"GuardDuty Finding": suspect, **dict.fromkeys(TAKEN_OFF_BY, instances.given_groups)},
    taken_off_by=TAKEN_OFF_BY,
    violation=violation,
    fix=fix,
    contained="Isolated",
    undo=undo,
    disruptive=True,
)
handler = remediation.handler
