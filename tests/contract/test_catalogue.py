"""The catalogue says what is true, and the README is short enough to be read."""

import json
from inspect import getdoc

from local.catalogue import CONTROLS, PAGES, README, pages
from local.frameworks import FRAMEWORKS
from snapback.engine.severities import SCORES
from tests.harness.discovery import HANDLERS

LONGEST_README = 12 * 1024
LONGEST_MATTER = 52
"""Characters, so that a subject of a hundred has room for the account, the outcome and the resource."""


def test_every_page_is_as_it_would_be_written_now_and_there_is_no_other() -> None:
    written = pages()
    assert {path: path.read_text() for path in [*PAGES.iterdir(), README, CONTROLS]} == written, "run: make catalogue"


def test_every_remediation_stands_on_its_page_and_in_the_table() -> None:
    written = pages()
    table = written[PAGES / "README.md"]
    for handler in HANDLERS:
        assert f"\n## {handler.stem}\n" in written[PAGES / f"{handler.service}.md"]
        assert f"| [{handler.stem}]({handler.service}.md#{handler.stem}) |" in table


def test_the_readme_is_short() -> None:
    assert len(README.read_bytes()) <= LONGEST_README


def test_of_every_control_that_is_heard_the_frameworks_are_known_and_no_others_are_kept() -> None:
    heard = {control for one in json.loads(CONTROLS.read_text()).values() for control in one["controls"]}
    known = {control for some in FRAMEWORKS.values() for control in some.split()}
    assert heard == known


def test_every_manual_says_what_is_wrong_in_a_short_sentence_and_how_bad_it_is() -> None:
    for handler in HANDLERS:
        matter, severity = handler.remediation.matter, handler.remediation.severity
        assert f"Problem: {matter}. Severity: {severity}." in (getdoc(handler.module) or ""), handler.module
        assert len(matter) <= LONGEST_MATTER, matter
        assert severity in SCORES
