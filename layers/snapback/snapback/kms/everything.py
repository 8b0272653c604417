"""Everything of KMS's type, by name: AWS's own keys in the account included."""

from collections.abc import Mapping
from typing import Final

from snapback.engine.clients import aws
from snapback.engine.listing import Lister, each

ALL: Final[Mapping[str, Lister]] = {"AWS::KMS::Key": lambda: each(aws("kms"), "list_keys", "Keys", "KeyId")}
