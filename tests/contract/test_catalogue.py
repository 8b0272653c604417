"""The README's catalogue says what is true."""

from local.catalogue import README, in_readme
from tests.harness.discovery import HANDLERS


def test_the_readme_holds_the_catalogue_as_it_would_be_written_now() -> None:
    text = README.read_text()
    assert in_readme(text) == text, "run: make catalogue"


def test_every_remediation_stands_in_it() -> None:
    text = README.read_text()
    assert [handler.stem for handler in HANDLERS if f"**{handler.stem}**" not in text] == []
