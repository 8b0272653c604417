"""Setting: violation, fix, undo and the comparison before an undo follow from how a setting is read, should be, and is written."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from snapback import Setting

KEPT: dict[str, dict[str, Any]] = {}
"""The settings of the resources of a service, as it keeps them."""


def a_setting(wanted: Mapping[str, Any] | Callable[[Mapping[str, Any]], Mapping[str, Any]], wrong: Mapping[str, Any] | None = None) -> Setting:
    return Setting(
        declared_in=__name__,
        resource="AWS::RDS::DBInstance",
        named_by={"ModifyDBInstance": "name"},
        reader=lambda name: dict(KEPT[name]),
        wanted=wanted,
        writer=lambda name, values: KEPT[name].update(values),
        wrong=wrong,
    )


def seven_days_or_more(now: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"Days": max(7, now["Days"])}


@pytest.fixture(autouse=True)
def empty() -> None:
    KEPT.clear()


def test_its_name_is_that_of_the_handler_that_declares_it() -> None:
    assert a_setting({"Protected": True}).name == "test-setting"
    assert a_setting({"Protected": True}).summary.startswith("Setting: violation, fix, undo")


def test_what_is_not_as_wanted_is_written_as_wanted_and_back_as_it_was() -> None:
    setting = a_setting({"Protected": True})
    KEPT["db"] = {"Protected": False, "Since": "yesterday"}
    wrong = setting.violation("db")
    assert wrong == [{"Protected": False, "Since": "yesterday"}], "all of the setting, with what an undo needs besides"
    setting.fix("db", wrong)
    assert KEPT["db"] == {"Protected": True, "Since": "yesterday"}
    assert setting.violation("db") == []
    assert setting.undo
    setting.undo("db", wrong)
    assert KEPT["db"] == {"Protected": False, "Since": "yesterday"}


def test_where_there_is_no_such_setting_nothing_is_wrong() -> None:
    KEPT["db"] = {}
    assert a_setting({"Protected": True}).violation("db") == []
    assert a_setting(seven_days_or_more).violation("db") == []


def test_a_state_that_is_neither_wrong_nor_wanted_is_left_alone_where_one_state_is_wrong() -> None:
    setting = a_setting({"Tokens": "required"}, wrong={"Tokens": "optional"})
    KEPT.update(old={"Tokens": "optional"}, newer={"Tokens": "of a kind that AWS came up with later"})
    assert setting.violation("old") == [{"Tokens": "optional"}]
    assert setting.violation("newer") == []


def test_where_several_states_are_right_each_is_left_as_it_is() -> None:
    setting = a_setting(seven_days_or_more)
    KEPT.update(short={"Days": 1}, long={"Days": 30})
    assert setting.violation("short") == [{"Days": 1}]
    assert setting.violation("long") == []
    setting.fix("short", [{"Days": 1}])
    assert KEPT["short"] == {"Days": 7}


def test_only_where_several_states_are_right_an_undo_has_to_compare() -> None:
    KEPT["db"] = {"Days": 7}
    assert a_setting({"Days": 7}).setting is None, "whoever changed it since has made it wrong again"
    compared = a_setting(seven_days_or_more).setting
    assert compared
    assert compared("db") == {"Days": 7}
