"""`make invoke`: whoever names a function as an alert does is understood, and whoever names none hears which there are."""

from pathlib import Path

import pytest

from local import invoke


@pytest.mark.parametrize("given", ["BlockPublicBucket", "block-public-bucket", "block_public_bucket"])
def test_a_function_is_known_by_each_of_its_spellings(given: str) -> None:
    assert invoke.function_named(given) == "BlockPublicBucket"


def test_a_name_that_is_spelled_wrong_is_answered_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert invoke.main(["block-public-buckets"]) == 2
    said = capsys.readouterr().err
    assert "There is no function block-public-buckets. BlockPublicBucket" in said
    assert len(said) < 200


def test_what_is_no_json_is_no_event(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    event = tmp_path / "event.json"
    for text in (None, "{"):
        if text:
            event.write_text(text)
        assert invoke.main(["BlockPublicBucket", str(event)]) == 2
        assert f"{event} is no event: " in capsys.readouterr().err
