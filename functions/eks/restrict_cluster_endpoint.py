"""Close an EKS cluster's API server to the internet.

Why it matters: whoever gets hold of a credential or finds a flaw reaches the cluster from anywhere, and anybody may try.

Wrong when: the public endpoint of the API server is on and open to the whole internet, or to half of it (0.0.0.0/1, or 2000::/4 of IPv6).
Fix: switches the private endpoint on and the public one off, in one change, and waits the minutes that EKS takes for it. Undo puts both and the list of
blocks back as they were. It follows DisruptiveMode: people, pipelines and nodes outside of the cluster's network are locked out.
Leaves alone: public endpoints with a list of blocks of their own, and everything in the cluster. While EKS changes the cluster, the event waits for that.
"""

from snapback import Evidence, Remediation
from snapback.eks.clusters import endpoint, is_open_to_world, set_endpoint


def violation(cluster: str) -> Evidence:
    """Return how the API server can be reached, if that is from the whole internet."""
    now = endpoint(cluster)
    return [now] if is_open_to_world(now) else []


def fix(cluster: str, _: object) -> None:
    """Let it be reached from the cluster's own network only."""
    set_endpoint(cluster, {"endpointPrivateAccess": True, "endpointPublicAccess": False})


def undo(cluster: str, before: Evidence) -> None:
    """Let it be reached as before."""
    set_endpoint(cluster, before[0])


remediation = Remediation(
    resource="AWS::EKS::Cluster",
    named_by={
        **dict.fromkeys(("CreateCluster", "UpdateClusterConfig"), "requestParameters.name"),
        "GuardDuty Finding": "resource.eksClusterDetails.name",
    },
    violation=violation,
    fix=fix,
    undo=undo,
    setting=endpoint,
    disruptive=True,
)
handler = remediation.handler
