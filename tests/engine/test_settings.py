"""settings: a missing or impossible value is an error that says which."""

from collections.abc import Callable

import pytest

from snapback.engine import settings
from snapback.engine.errors import ConfigurationError


@pytest.mark.parametrize(
    ("read", "bad"),
    [
        (settings.text, ["", None]),
        (settings.number, ["", "0", "-1", "1.5", "many", None]),
        (settings.numbers, ["", "22,", "22;3389", "a", None]),
        (settings.is_on, ["", "yes", "ON", None]),
        (lambda _: settings.previews(disruptive=False), ["", "Enforce", "dry-run", None]),
    ],
)
def test_a_bad_value_is_named(read: Callable[[str], object], bad: list[str | None], monkeypatch: pytest.MonkeyPatch) -> None:
    for value in bad:
        monkeypatch.delenv("MODE", raising=False)
        if value is not None:
            monkeypatch.setenv("MODE", value)
        with pytest.raises(ConfigurationError, match="MODE"):
            read("MODE")


def test_good_values_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A", "22, 3389")
    monkeypatch.setenv("MODE", "preview")
    monkeypatch.setenv("DISRUPTIVE_MODE", "enforce")
    assert settings.numbers("A") == {22, 3389}
    assert settings.words("A") == {"22", "3389"}
    assert settings.words("NOT_SET") == frozenset()
    assert settings.previews(disruptive=False)
    assert not settings.previews(disruptive=True)
