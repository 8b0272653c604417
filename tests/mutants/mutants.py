"""The list: which line of the engine is a guard, what it would be without, and the test that must fail then.

To add one: its name, the file, the line or lines as they stand (they must stand there once), what is put in their place, and the narrowest test that sees it.
"""

from pathlib import Path
from typing import NamedTuple

LAYER = Path("layers/snapback/snapback")


class Mutant(NamedTuple):
    """One guard, taken away."""

    name: str
    file: str
    """In the layer."""
    before: str
    after: str
    killed_by: str
    """The test, as pytest names it."""

    @property
    def test_file(self) -> str:
        return self.killed_by.partition("::")[0]

    @property
    def test_name(self) -> str:
        return self.killed_by.partition("::")[2].partition("[")[0]


def _law(test: str, handler: str = "ec2/revoke_open_ingress") -> str:
    return f"tests/contract/test_laws.py::test_{test}[{handler}]"


def _fault(test: str, of: str = "ec2/revoke_open_ingress") -> str:
    return f"tests/contract/test_faults.py::test_{test}[{of}]"


def _engine(test: str) -> str:
    return f"tests/contract/test_engine.py::test_{test}"


def _hearing(test: str, of: str = "") -> str:
    return f"tests/contract/test_hearing.py::test_{test}{of}"


def _layer(file: str, test: str) -> str:
    return f"tests/layer/test_{file}.py::test_{test}"


def _storm(test: str) -> str:
    return f"tests/functions/snapback/test_tell_storm.py::test_{test}"


MUTANTS = (
    # The claim.
    Mutant(
        "an event that was handled may begin again",
        "journal.py",
        """        "Item": _to_row(fix, now),
        "ConditionExpression": "attribute_not_exists(pk)",""",
        """        "Item": _to_row(fix, now),
        "ConditionExpression": "attribute_not_exists(nothing)",""",
        _engine("what_is_broken_again_and_named_by_an_event_that_was_handled_is_left_to_the_next_event"),
    ),
    Mutant(
        "two may be at work on a resource",
        "journal.py",
        """        "(attribute_not_exists(lease) OR lease < :now OR (request_id = :request AND taken < :retry)) "
        "AND (attribute_not_exists(released)""",
        """        "(attribute_not_exists(released)""",
        _fault("two_deliveries_at_once_end_in_one_fix_and_one_alert", "two events on one resource at once-ec2/revoke_open_ingress"),
    ),
)
