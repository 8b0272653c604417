"""The template's own rules, as they would be deployed, and which of them hear what a trail records."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from local.intrinsics import Place, Resolver
from local.remediations import CHORES, ROOT, declared, heard_by
from local.replay import matching
from local.replay.matching import Field, Part, Pattern, Test
from local.survey import template

FROM_TRAILS: Final = frozenset(
    {
        "AWS API Call via CloudTrail",
        "AWS Console Action via CloudTrail",
        "AWS Console Sign In via CloudTrail",
        "AWS Console Signin via CloudTrail",
        "AWS Insight via CloudTrail",
        "AWS Network Activity Event via CloudTrail",
        "AWS Service Event via CloudTrail",
    }
)
"""The detail-types under which CloudTrail's records come to EventBridge; of a sign-in's two, one is what events have and the other what the page says.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
"""

ALL_CALLS: Final = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"

_SCHEDULED: Final = "Scheduled Event"


class Rule(NamedTuple):
    """One rule of EventBridge's, with what it wakes."""

    name: str
    """Its logical id: `RevokeOpenIngressTrigger`."""
    function: str
    """The logical id of the function that it wakes: `RevokeOpenIngress`."""
    remediation: str
    """The name of what that function is for: `revoke-open-ingress`. The rule of a function that has several remediations is there once for each."""
    pattern: Pattern
    """For one of several: what of the rule's it hears."""
    hears_reads: bool
    """It is given calls that only read, too."""
    is_home_only: bool
    """It is deployed in one region of the partition, where calls to global services are recorded, and nowhere else."""


def rules(given: Mapping[str, str] | None = None, place: Place | None = None) -> tuple[Rule, ...]:
    """Return the rules that hear what CloudTrail records, in the template's order.

    `given`: parameter of the template -> its value, where that is not its default. `place`: where the stack would be: the partition's first region has all
    rules, the others fewer. The names of the stack's own parts are made up, as CloudFormation would.

    Raises `ConfigurationError` for a parameter that is none, or cannot have that value.
    """
    return tuple(rule for rule in _all(given or {}, place or Place()) if FROM_TRAILS & set(detail_types(rule.pattern)))


def elsewhere(given: Mapping[str, str] | None = None, place: Place | None = None) -> Mapping[str, Sequence[str]]:
    """Return what is in no trail: remediation -> the detail-types that it hears besides, or alone: findings, Config, Health, sweeps.

    Raises `ConfigurationError` as `rules` does.
    """
    place, found = place or Place(), dict[str, dict[str, None]]()
    for rule in _all(given or {}, place):
        for kind in detail_types(rule.pattern):
            if kind not in FROM_TRAILS:
                found.setdefault(rule.remediation, {})[kind] = None
    for name, block in _functions(given or {}, place):
        if any(event["Type"] == "ScheduleV2" for event in block.get("Events", {}).values()):
            found.setdefault(name, {})[_SCHEDULED] = None
    return {name: sorted(kinds) for name, kinds in sorted(found.items())}


def detail_types(pattern: Pattern) -> tuple[str, ...]:
    """Return the detail-types that the pattern takes, as it names them."""
    return tuple(dict.fromkeys(_detail_types(matching.parsed(pattern))))


def _detail_types(part: Part) -> Iterator[str]:
    named = part.fields.get("detail-type")
    if isinstance(named, Field):
        yield from (test.operand for test in named.tests if isinstance(test, Test) and test.word == "equals")
    for several in part.choices:
        for one in several:
            yield from _detail_types(one)


def _functions(given: Mapping[str, str], place: Place) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the name of each remediation that is deployed there, and its function's properties."""
    for _, name, block, _ in _deployed(given, place):
        yield name, block["Properties"]


def _deployed(given: Mapping[str, str], place: Place) -> Iterator[tuple[str, str, Mapping[str, Any], Resolver]]:
    template.check(given)
    resolver = Resolver(given, place, template.template())
    for logical, block in template.functions().items():
        module = block["Properties"]["Handler"].partition(".")[0]
        if module not in _CHORES and resolver.is_made(logical):
            yield logical, module.replace("_", "-"), block, resolver


_CHORES: Final = frozenset(file.stem for file in CHORES)


def _all(given: Mapping[str, str], place: Place) -> Iterator[Rule]:
    for logical, _, block, resolver in _deployed(given, place):
        for event, what in block["Properties"].get("Events", {}).items():
            if what["Type"] == "EventBridgeRule":
                asked = what["Properties"]
                state = resolver.resolve(asked.get("State", "ENABLED"))
                if state == "DISABLED":
                    continue
                pattern, is_home_only = resolver.resolve(asked["Pattern"]), block.get("Condition") == "IsHomeRegion"
                for one, heard in _heard(block, pattern, given.get("SwitchedOff", "").split(",")):
                    yield Rule(f"{logical}{event}", logical, one, heard, state == ALL_CALLS, is_home_only)


def _heard(block: Mapping[str, Any], pattern: Pattern, switched_off: Sequence[str]) -> Iterator[tuple[str, Pattern]]:
    """Yield the remediations of a function, each with what of its rule's pattern it hears; of several in one function those that are on."""
    properties = block["Properties"]
    file = ROOT / properties["CodeUri"] / f"{properties['Handler'].partition('.')[0]}.py"
    several = declared(file)
    if len(several) == 1:
        yield several[0].name, pattern
        return
    yield from ((one.name, heard_by(one, pattern)) for one in several if one.name not in switched_off)
