"""restrict_cluster_endpoint: from the world to the cluster's own network in one change, and nothing is judged while EKS is at work."""

from typing import Any

import boto3
import pytest

from functions.eks.restrict_cluster_endpoint import remediation
from tests.harness.account import Account, ApiCall, error
from tests.harness.discovery import Handler
from tests.harness.eks import clusters
from tests.harness.rules import rules
from tests.harness.scenario import Scenario

clusters.as_on_aws()

CLUSTER = "live"
ENDPOINT = ("endpointPrivateAccess", "endpointPublicAccess", "publicAccessCidrs")


def cluster(name: str = CLUSTER, *, private: bool = False, public: bool = True, blocks: tuple[str, ...] = ("0.0.0.0/0",)) -> str:
    network: Any = {"subnetIds": ["subnet-1", "subnet-2"], "securityGroupIds": ["sg-1"]}
    network |= {"endpointPrivateAccess": private, "endpointPublicAccess": public, "publicAccessCidrs": list(blocks)}
    boto3.client("eks").create_cluster(name=name, roleArn="arn:aws:iam::111122223333:role/cluster", resourcesVpcConfig=network, tags={"team": "blue"})
    return name


def broken() -> str:
    cluster("neighbour")
    return cluster(blocks=("203.0.113.0/24", "0.0.0.0/0"))


def described(name: str) -> Any:  # noqa: ANN401 - AWS's shape
    return boto3.client("eks").describe_cluster(name=name)["cluster"]


def state(name: str) -> dict[str, Any]:
    own = described(name)
    own.pop("clientRequestToken", None)  # of the last change, whatever it was
    endpoint = [own["resourcesVpcConfig"].pop(key) for key in ENDPOINT]
    return {"endpoint": endpoint, "cluster": own, "neighbour": described("neighbour")}


scenario = Scenario(sample="shop-cluster", broken=broken, state=state, touched=frozenset({"endpoint"}), environment={})


def sample(name: str = CLUSTER, event: str = "restrict_cluster_endpoint") -> dict[str, Any]:
    return scenario.event(Handler("eks", "restrict_cluster_endpoint").samples[event], name)


@pytest.mark.parametrize("private", [True, False])
def test_it_can_be_reached_from_its_own_network_afterwards(account: Account, *, private: bool) -> None:
    cluster(private=private)
    assert account.deliver(remediation, sample()) == ["FIXED"]
    network = described(CLUSTER)["resourcesVpcConfig"]
    assert (network["endpointPrivateAccess"], network["endpointPublicAccess"]) == (True, False)
    assert len(account.writes) == 1, "never a moment without any endpoint"


@pytest.mark.parametrize(
    ("made", "outcome"),
    [
        pytest.param({"blocks": ("203.0.113.0/24", "198.51.100.7/32")}, "ALREADY_OK", id="some blocks"),
        pytest.param({"public": False, "private": True}, "ALREADY_OK", id="not public"),
        pytest.param({"blocks": ("203.0.113.0/24", "::/0")}, "FIXED", id="the world of IPv6"),
        pytest.param({"blocks": ("0.0.0.0/1", "128.0.0.0/1")}, "FIXED", id="the world in two halves"),
        pytest.param({"blocks": ("2000::/4",)}, "FIXED", id="half of what is given out of IPv6"),
        pytest.param({"blocks": ("128.0.0.0/2", "2000::/5")}, "ALREADY_OK", id="a quarter"),
    ],
)
def test_only_the_whole_internet_or_half_of_it_is_too_much(account: Account, made: dict[str, Any], outcome: str) -> None:
    cluster(**made)
    assert account.deliver(remediation, sample()) == [outcome]


def busy(looks: int) -> Any:  # noqa: ANN401 - an interference
    """Show the cluster in change for so many looks."""
    left = looks

    def interfere(call: ApiCall, _: int, really: Any) -> Any:  # noqa: ANN401
        nonlocal left
        answer = really()
        if call.operation == "DescribeCluster" and left:
            left -= 1
            private = {**answer["cluster"]["resourcesVpcConfig"], "endpointPublicAccess": False}
            return {"cluster": {**answer["cluster"], "status": "UPDATING", "resourcesVpcConfig": private}}
        return answer

    return interfere


def test_a_cluster_in_change_shows_its_former_state_so_the_verdict_waits(account: Account) -> None:
    cluster()
    with account.interfered(busy(20)):
        assert account.deliver(remediation, sample()) == ["FIXED"]


def test_a_cluster_that_is_in_change_for_long_is_looked_at_again_by_the_next_attempt(account: Account) -> None:
    cluster()
    with account.interfered(busy(60)):
        assert account.deliver(remediation, sample()) == ["FIXED"]
    assert account.outcomes() == ["FIXED"]


def test_a_cluster_that_never_comes_to_rest_ends_as_a_dead_letter(account: Account) -> None:
    cluster()
    with account.interfered(busy(1000)):
        assert account.deliver(remediation, sample()) == []
    assert account.dead_letters[0][1].startswith("StillChanging")
    assert account.writes == []


def test_a_cluster_that_is_being_deleted_is_as_good_as_gone(account: Account) -> None:
    """EKS refuses the change with the same code as while it is at work on a cluster: each would end as a dead letter."""
    cluster()

    def deleting(call: ApiCall, _: int, really: Any) -> Any:  # noqa: ANN401
        if call.operation == "UpdateClusterConfig":
            raise error("ResourceInUseException", 409, call.operation)
        answer = really()
        return {"cluster": {**answer["cluster"], "status": "DELETING"}} if call.operation == "DescribeCluster" else answer

    with account.interfered(deleting):
        assert account.deliver(remediation, sample()) == ["GONE"]
    assert account.writes == []


def test_undo_lets_both_halves_of_the_internet_in_again(account: Account) -> None:
    cluster("neighbour")
    cluster(blocks=("0.0.0.0/1", "128.0.0.0/1"))
    before = state(CLUSTER)
    account.deliver(remediation, sample())
    assert account.invoke(remediation, {"undo": account.alerts()[0]["id"]})["outcome"] == "UNDONE"
    assert state(CLUSTER) == before


def test_an_undo_is_refused_if_somebody_let_the_office_in_since(account: Account) -> None:
    cluster()
    account.deliver(remediation, sample())
    office: Any = {"endpointPublicAccess": True, "publicAccessCidrs": ["203.0.113.0/24"]}
    boto3.client("eks").update_cluster_config(name=CLUSTER, resourcesVpcConfig=office)
    assert account.invoke(remediation, {"undo": account.alerts()[0]["id"]})["outcome"] == "UNDO_REFUSED"
    assert described(CLUSTER)["resourcesVpcConfig"]["publicAccessCidrs"] == ["203.0.113.0/24"]


def test_a_finding_about_what_runs_in_the_cluster_wakes_nobody_here() -> None:
    event = sample(event="restrict_cluster_endpoint-guardduty")
    assert [rule.function for rule in rules() if rule.matches(event)].count("RestrictClusterEndpoint") == 1
    event["detail"]["type"] = "Execution:Runtime/ReverseShell"
    assert "RestrictClusterEndpoint" not in [rule.function for rule in rules() if rule.matches(event)]


def test_a_cluster_that_is_gone_is_an_outcome(account: Account) -> None:
    assert account.deliver(remediation, sample()) == ["GONE"]


def test_it_is_disruptive() -> None:
    assert remediation.disruptive


def test_a_public_endpoint_without_a_list_of_blocks_is_open_to_everybody(account: Account) -> None:
    """A cluster may be described without the list; then EKS's own stands for it."""
    cluster()

    def without_blocks(call: ApiCall, _: int, really: Any) -> Any:  # noqa: ANN401 - any answer
        answer = really()
        if call.operation == "DescribeCluster":
            del answer["cluster"]["resourcesVpcConfig"]["publicAccessCidrs"]
        return answer

    with account.interfered(without_blocks):
        assert account.deliver(remediation, sample()) == ["FIXED"]
    assert account.alerts()[0]["before"][0]["publicAccessCidrs"] == ["0.0.0.0/0"]
