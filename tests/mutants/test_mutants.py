"""The list of mutants does not rot: each still applies, and has its test. Whether that kills it, `make mutants` shows."""

import ast
from collections import Counter
from functools import cache

import pytest

from tests.harness.discovery import ROOT
from tests.mutants.mutants import LAYER, MUTANTS, Mutant


@cache
def _tests_in(file: str) -> frozenset[str]:
    return frozenset(node.name for node in ast.walk(ast.parse((ROOT / file).read_text())) if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_each_mutant_still_applies_and_has_a_test_that_is_to_kill_it(mutant: Mutant) -> None:
    source = (ROOT / LAYER / mutant.file).read_text()
    assert source.count(mutant.before) == 1, "its lines stand once in the file: else change the list"
    ast.parse(source.replace(mutant.before, mutant.after))
    assert mutant.after != mutant.before
    assert mutant.test_name in _tests_in(mutant.test_file)


def test_each_mutant_has_a_name_of_its_own() -> None:
    assert [name for name, number in Counter(mutant.name for mutant in MUTANTS).items() if number > 1] == []
