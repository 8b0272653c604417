"""Close an EKS cluster's API server to the internet.

Problem: The internet can reach a cluster's API server. Severity: high.

Why it matters: whoever gets hold of a credential or finds a flaw reaches the cluster from anywhere, and anybody may try.

Wrong when: the public endpoint of the API server is on and open to the whole internet, or to half of it (0.0.0.0/1, or 2000::/4 of IPv6).
Fix: switches the private endpoint on and the public one off, in one change, and waits the minutes that EKS takes for it. Undo puts both and the list of
blocks back as they were.
Leaves alone: public endpoints with a list of blocks of their own, and everything in the cluster. While EKS changes the cluster, the event waits for that.
Class: disruptive, because people, pipelines and nodes outside of the cluster's network are locked out.
At once, because the internet reaches the cluster from the moment that it is there.
"""

from snapback import Setting
from snapback.eks.clusters import endpoint, kept_inside, set_endpoint

remediation = Setting(
    declared_in=__name__,
    resource="AWS::EKS::Cluster",
    named_by={
        **dict.fromkeys(("CreateCluster", "UpdateClusterConfig"), "requestParameters.name"),
        "GuardDuty Finding": "resource.eksClusterDetails.name",
    },
    reader=endpoint,
    wanted=kept_inside,
    writer=set_endpoint,
    contained="Closed to the internet",
    disruptive=True,
)
handler = remediation.handler
