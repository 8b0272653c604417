"""The function's settings, read from the environment that `template.yaml` gives it.

Nothing has a default here: defaults stand once, in the template's parameters, where the person who deploys can see them.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from snapback.engine.errors import ConfigurationError

_ENGINE = frozenset(
    {
        "MODE",
        "DISRUPTIVE_MODE",
        "MAX_FIXES_PER_HOUR",
        "MAX_FIXES_PER_RESOURCE",
        "STORM_AFTER",
        "STORM_QUEUE",
        "EXEMPT_DAYS_AFTER_UNDO",
        "READ_TAGS",
        "RESOLVE_FINDINGS",
        "JOURNAL_DAYS",
        "JOURNAL_TABLE",
        "TOPIC_ARN",
        "ALERTS",
        "ROLE_ARN",
        "SETTLE_MINUTES",
        "WARN_MINUTES",
        "DISRUPTIVE_WARN_MINUTES",
        "CLOCK",
        "SWITCHED_OFF",
    }
)
"""What is about how Snapback works, and not about what a remediation takes for right: always as it is now."""

_read: dict[str, str] = {}
_former: Mapping[str, str] = {}


def begin() -> None:
    """Begin to note which settings are read."""
    _read.clear()


def read_since() -> dict[str, str]:
    """Return the settings of the remediation's own that were read since `begin`: by these it took something for wrong."""
    return dict(_read)


@contextmanager
def as_they_were(former: Mapping[str, str]) -> Iterator[None]:
    """Give the remediation, inside the block, the settings by which a fix was made: what was wrong then is judged by what held then."""
    global _former  # noqa: PLW0603 - a Lambda environment handles one event at a time
    _former, before = former, _former
    try:
        yield
    finally:
        _former = before


def _value(name: str) -> str:
    value = _former[name] if name in _former else os.environ.get(name, "")
    if name not in _ENGINE:
        _read[name] = value
    return value


def text(name: str) -> str:
    """Return the variable `name`; raise `ConfigurationError` if it is missing or empty."""
    value = _value(name)
    if not value:
        raise ConfigurationError(f"the environment variable {name} is not set; template.yaml sets it for every function that needs it")
    return value


def number(name: str) -> int:
    """Return the variable `name` as a whole number above zero; raise `ConfigurationError` if it is anything else."""
    value = text(name)
    if not value.isdecimal() or not int(value):
        raise ConfigurationError(f"{name} must be a whole number above zero, not {value[:40]!r}")
    return int(value)


def whole(name: str) -> int:
    """Return the variable `name` as a whole number, which may be 0; raise `ConfigurationError` if it is anything else."""
    return 0 if text(name) == "0" else number(name)


def numbers(name: str) -> frozenset[int]:
    """Return the variable `name`, a comma-separated list such as "22,3389", as a set of numbers."""
    values = [part.strip() for part in text(name).split(",")]
    if not all(value.isdecimal() for value in values):
        raise ConfigurationError(f"{name} must be numbers separated by commas, not {','.join(values)[:40]!r}")
    return frozenset(int(value) for value in values)


def words(name: str) -> frozenset[str]:
    """Return the variable `name`, a comma-separated list that may be empty or missing, as a set of words."""
    return frozenset(part.strip() for part in _value(name).split(",") if part.strip())


def is_among(name: str, given: str) -> bool:
    """Tell whether the variable `name`, such a list, names what is given; a `*` at the end of a word stands for the rest."""
    return any(given.startswith(one[:-1]) if one.endswith("*") else given == one for one in words(name))


def optional(name: str) -> str:
    """Return the variable `name`; empty if it is missing."""
    return _value(name)


def is_on(name: str) -> bool:
    """Return whether the switch `name` is "on"; raise `ConfigurationError` if it is neither "on" nor "off"."""
    value = text(name)
    if value not in {"on", "off"}:
        raise ConfigurationError(f"{name} must be 'on' or 'off', not {value[:40]!r}")
    return value == "on"


def reads_tags() -> str:
    """Return how far tags are read: `off`, `on` (they may exempt), or `opt-in` (and nothing is changed that has not opted in)."""
    value = text("READ_TAGS")
    if value not in {"off", "on", "opt-in"}:
        raise ConfigurationError(f"READ_TAGS must be 'off', 'on' or 'opt-in', not {value[:40]!r}")
    return value


def is_switched_off(remediation: str) -> bool:
    """Tell whether the deployment has switched it off, by the template's parameter SwitchedOff; of a function of several remediations perhaps only this one."""
    return optional("MODE") == "off" or remediation in words("SWITCHED_OFF")


def previews(*, disruptive: bool) -> bool:
    """Tell whether fixes of this class are only shown (`preview`) instead of made (`enforce`)."""
    name = "DISRUPTIVE_MODE" if disruptive else "MODE"
    mode = text(name)
    if mode not in {"enforce", "preview"}:
        raise ConfigurationError(f"{name} must be 'enforce' or 'preview', not {mode[:40]!r}")
    return mode == "preview"


def own_account() -> str:
    """Return the account in which this function runs, from its role."""
    return text("ROLE_ARN").split(":")[4]
