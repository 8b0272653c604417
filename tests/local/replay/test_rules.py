import pytest

from local.intrinsics import Place
from local.replay import matching
from local.replay.rules import FROM_TRAILS, detail_types, elsewhere, rules
from local.survey import template
from snapback.engine.errors import ConfigurationError
from tests.harness.discovery import HANDLERS, Handler
from tests.harness.rules import rules as every_rule
from tests.harness.template import source


def test_the_template_is_read_as_sam_reads_it() -> None:
    assert template.template() == source()


def test_the_rules_are_those_that_are_deployed_and_can_hear_a_record() -> None:
    by_name = {rule.name: rule for rule in rules()}
    together = {handler.logical_id for handler in HANDLERS if len(handler.together) > 1}
    for rule in every_rule():
        if rule.pattern is None or rule.function == "SendCanary":
            continue
        found = by_name.get(f"{rule.function}{rule.name}")
        assert (found is not None) == bool(FROM_TRAILS & set(detail_types(rule.pattern))), str(rule)
        assert found is None or (found.function, found.hears_reads) == (rule.function, rule.hears_reads)
        assert found is None or found.pattern == rule.pattern or rule.function in together


def test_a_rule_bears_the_name_of_its_remediation_and_is_there_once_for_each() -> None:
    names = {(handler.logical_id, handler.remediation.name) for handler in HANDLERS}
    assert {(rule.function, rule.remediation) for rule in rules()} == {
        (function, name) for function, name in names if function in {one.function for one in rules()}
    }


@pytest.mark.parametrize("handler", [handler for handler in HANDLERS if len(handler.together) > 1], ids=str)
def test_of_a_rule_that_several_share_each_hears_its_own_samples(handler: Handler) -> None:
    [rule] = [rule for rule in rules() if rule.remediation == handler.remediation.name]
    for name, event in handler.samples.items():
        assert matching.matches(rule.pattern, event), name


def test_a_parameter_that_is_given_stands_in_the_patterns() -> None:
    topic = "444455556666:of-the-hub"
    changed = [rule for rule, default in zip(rules({"AlertsTopic": topic}), rules(), strict=True) if rule != default]
    assert [rule.name for rule in changed] == ["ReportTamperingTriggerByAlerts"]
    assert "of-the-hub" in str(changed[0].pattern)


def test_a_parameter_that_is_none_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="NoSuchParameter"):
        rules({"NoSuchParameter": "1"})


def test_rules_about_global_services_are_in_the_partitions_first_region_only() -> None:
    first, other = rules(), rules(place=Place(region="eu-west-1"))
    gone = {rule.name for rule in first} - {rule.name for rule in other}
    assert gone == {rule.name for rule in first if rule.is_home_only}
    assert "RequireMfaTrigger" in gone


def test_what_is_in_no_trail_is_named() -> None:
    found = elsewhere()
    assert "GuardDuty Finding" in found["block-attacker-ip"], "which hears of nothing else"
    assert "Scheduled Event" in found["block-attacker-ip"]
    assert "Access Analyzer Finding" in found["block-public-bucket"], "which hears calls as well"
    assert not {kind for kinds in found.values() for kind in kinds} & FROM_TRAILS
    assert {rule.remediation for rule in rules()} | set(found) == {handler.remediation.name for handler in HANDLERS}
