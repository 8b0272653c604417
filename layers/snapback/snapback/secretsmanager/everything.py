"""Everything of Secrets Manager's type, by ARN: secrets that wait for their deletion included."""

from collections.abc import Mapping
from typing import Final

from snapback.engine.clients import aws
from snapback.engine.listing import Lister, each

ALL: Final[Mapping[str, Lister]] = {
    "AWS::SecretsManager::Secret": lambda: each(aws("secretsmanager"), "list_secrets", "SecretList", "ARN", IncludePlannedDeletion=True)
}
