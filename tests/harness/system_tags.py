"""Tags that AWS gives itself (`aws:cloudformation:stack-name`): whoever else gives one is refused, which moto does in a few services only.

https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html: a key that begins
with aws: is AWS's own to create, change and delete.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from botocore.exceptions import ClientError

_REFUSALS: Final = {
    "ec2": ("InvalidParameterValue", "Tag keys starting with 'aws:' are reserved for internal use"),
    "kms": ("TagException", "Tags beginning with aws: are reserved"),
    "s3": ("InvalidTag", "System tags cannot be added/updated by requester"),
    "shield": ("InvalidParameterException", "Tag keys beginning with aws: are reserved"),
}
"""How the services say it that are known to; all others say it in the general way."""

_WITHOUT_TAGS: Final = ("Describe", "Get", "List", "Search", "Publish", "PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems")
"""Reads, and the calls to Snapback's own topic and journal, every second one in the tests."""


def refuse(service: str, operation: str, parameters: Mapping[str, Any]) -> None:
    """Raise what AWS does if a call gives a tag that begins with `aws:`, wherever in its parameters."""
    if operation.startswith(_WITHOUT_TAGS):
        return
    if any(key.lower().startswith("aws:") for key in _tag_keys(parameters)):
        code, message = _REFUSALS.get(service, ("ValidationException", "aws: prefixed tag key names are not allowed for external use."))
        raise ClientError({"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": 400}}, operation)  # type: ignore[typeddict-item]


def _tag_keys(value: object) -> Iterator[str]:
    """Yield the keys of all tags in a call's parameters: lists of Key and Value, and maps, under a name that says so."""
    if isinstance(value, Mapping):
        for name, part in value.items():
            if name.lower().endswith(("tags", "tagset", "tagslist", "taglist")):
                yield from part if isinstance(part, Mapping) else (one.get("Key", one.get("key", "")) for one in part)
            yield from _tag_keys(part)
    elif isinstance(value, list):
        for one in value:
            yield from _tag_keys(one)
