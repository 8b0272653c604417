"""exemptions: all fields, always with an end."""

import pytest

from snapback.engine.errors import CommandError
from snapback.engine.exemptions import Exemption, UnreadableExemptions, exempting, parse

NOW = 1_795_000_000.0  # 2026-11-18
GOOD = {"resource": "sg-1", "owner": "Jo", "reason": "migration", "until": "2026-12-31"}


@pytest.mark.parametrize("missing", GOOD)
def test_every_field_is_required(missing: str) -> None:
    for empty in ({}, {missing: "  "}, {missing: 5}):
        with pytest.raises(CommandError, match=missing):
            Exemption.granted({**{field: value for field, value in GOOD.items() if field != missing}, **empty}, NOW)


@pytest.mark.parametrize("until", ["2020-01-01", "2099-01-01", "soon", "2026-11-17"])
def test_the_end_must_be_a_date_ahead_within_a_year(until: str) -> None:
    with pytest.raises(CommandError, match="until"):
        Exemption.granted({**GOOD, "until": until}, NOW)


@pytest.mark.parametrize("resource", ["*", "**"])
def test_everything_cannot_be_exempt(resource: str) -> None:
    with pytest.raises(CommandError, match="the command 'mode'"):
        Exemption.granted({**GOOD, "resource": resource}, NOW)


def test_a_date_alone_means_the_end_of_that_day() -> None:
    assert Exemption(**{**GOOD, "until": "2026-12-31"}).ends == Exemption(**{**GOOD, "until": "2027-01-01T00:00:00Z"}).ends


@pytest.mark.parametrize(
    ("granted", "resource", "expected"), [("sg-1", "sg-1", True), ("sg-1", "sg-12", False), ("sg-1*", "sg-12", True), ("sg-2*", "sg-12", False)]
)
def test_a_resource_is_covered_by_its_name_or_the_beginning_of_it(granted: str, resource: str, *, expected: bool) -> None:
    assert bool(exempting(resource, [Exemption(**{**GOOD, "resource": granted})], NOW)) is expected


def test_what_has_ended_exempts_nothing() -> None:
    assert exempting("sg-1", [Exemption(**GOOD)], NOW + 365 * 86400) is None


@pytest.mark.parametrize("stored", ["", "[{", "{}x", '[{"resource": "sg-1"}]', '[{"resource":"a","owner":"b","reason":"c","until":"never"}]', "[5]"])
def test_what_snapback_did_not_write_is_not_read_as_no_exemption(stored: str) -> None:
    with pytest.raises(UnreadableExemptions):
        parse(stored)
