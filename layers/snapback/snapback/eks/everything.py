"""Everything of EKS's type, by name."""

from collections.abc import Mapping
from typing import Final

from snapback.engine.clients import aws
from snapback.engine.listing import Lister, each

ALL: Final[Mapping[str, Lister]] = {"AWS::EKS::Cluster": lambda: each(aws("eks"), "list_clusters", "clusters")}
