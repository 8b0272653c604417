"""The catalogue says what is true, and the README is short enough to be read."""

from local.catalogue import PAGES, README, pages
from tests.harness.discovery import HANDLERS

LONGEST_README = 12 * 1024


def test_every_page_is_as_it_would_be_written_now_and_there_is_no_other() -> None:
    written = pages()
    assert {path: path.read_text() for path in [*PAGES.iterdir(), README]} == written, "run: make catalogue"


def test_every_remediation_stands_on_its_page_and_in_the_table() -> None:
    written = pages()
    table = written[PAGES / "README.md"]
    for handler in HANDLERS:
        assert f"\n## {handler.stem}\n" in written[PAGES / f"{handler.service}.md"]
        assert f"| [{handler.stem}]({handler.service}.md#{handler.stem}) |" in table


def test_the_readme_is_short() -> None:
    assert len(README.read_bytes()) <= LONGEST_README
