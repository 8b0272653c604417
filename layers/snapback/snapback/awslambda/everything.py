"""Everything of Lambda's type, by name: the functions. Their versions and aliases, which may have a policy or a URL of their own, are not among them."""

from collections.abc import Mapping
from typing import Final

from snapback.engine.clients import aws
from snapback.engine.listing import Lister, each

ALL: Final[Mapping[str, Lister]] = {"AWS::Lambda::Function": lambda: each(aws("lambda"), "list_functions", "Functions", "FunctionName")}
