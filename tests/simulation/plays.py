"""The plays: who is in the world, and what they are about to do. In what order it happens, and what goes wrong, is chosen anew in each run."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from tests.harness.discovery import Handler
from tests.simulation.reality import Reality, Scene
from tests.simulation.remediations import block_address, close_doors, close_new_doors, report_visit, switch_on
from tests.simulation.world import ADDRESS, DAY, GROUP, VPC, World

_close, _new, _switch, _block, _report = (module.remediation for module in (close_doors, close_new_doors, switch_on, block_address, report_visit))


@dataclass(frozen=True)
class Play:
    """One."""

    name: str
    begin: Callable[[World], None]
    settings: Mapping[str, str] = field(default_factory=dict)
    redriven_after: float = 600
    """Seconds after which dead letters are given again."""
    scene: Scene | None = None
    """The real remediation that is played with, if it is one."""


def _two_open_doors(world: World, *, group: str = GROUP) -> Mapping[str, Any]:
    world.doors[group] = ["door-1", "door-2"]
    return world.event("Door Opened", group, f"{group} was opened")


def _one_delivery(world: World) -> None:
    world.deliver(_close, _two_open_doors(world))


def _one_switch(world: World) -> None:
    world.levels[VPC] = 0
    world.deliver(_switch, world.event("Switched Off", VPC, "it was switched off"))


def _the_same_twice(world: World) -> None:
    event = _two_open_doors(world)
    world.deliver(_close, event)
    world.deliver(_close, event)


def _two_events(world: World) -> None:
    event = _two_open_doors(world)
    world.deliver(_close, event)
    world.deliver(_close, {**event, "id": "another"})


def _an_exemption_meanwhile(world: World) -> None:
    world.deliver(_close, _two_open_doors(world))
    world.command(_close, world.exemption(GROUP))


def _the_same_twice_and_an_exemption(world: World) -> None:
    _the_same_twice(world)
    world.command(_close, world.exemption(GROUP))
    world.command(_close, lambda: _undo_of(world, GROUP), name="another operator", at=world.stage.time + 400)


def _a_release_of_what_is_at_work(world: World) -> None:
    held = f"NOTICE#{_close.name}#HELD"
    world.table.rows[held] = {"pk": {"S": held}, "resources": {"SS": [GROUP]}}
    world.deliver(_close, _two_open_doors(world))
    world.command(_close, {"release": GROUP})
    world.command(_close, lambda: _undo_of(world, GROUP), name="another operator", at=world.stage.time + 400)


def _a_preview_meanwhile(world: World) -> None:
    world.deliver(_close, _two_open_doors(world))
    world.act("a deployment", ("switches to preview", world.switch(MODE="preview", DISRUPTIVE_MODE="preview")))


def _an_undo(world: World) -> None:
    world.deliver(_close, _two_open_doors(world))
    world.command(_close, lambda: _undo_of(world, GROUP), at=world.stage.time + 400)


def _two_equal_doors(world: World) -> None:
    event = _two_open_doors(world)
    world.doors[GROUP] = ["door-1", "door-1"]  # the call for the first closes both, and AWS refuses the one for the second
    world.deliver(_close, event)
    world.command(_close, lambda: _undo_of(world, GROUP), at=world.stage.time + 400)


def _an_undo_of_a_setting(world: World) -> None:
    _one_switch(world)
    world.command(_switch, lambda: _undo_of(world, VPC), at=world.stage.time + 400)


def _an_undo_and_a_late_event(world: World) -> None:
    event = _two_open_doors(world)
    world.deliver(_close, event)
    world.command(_close, lambda: _undo_of(world, GROUP), at=world.stage.time + 400)
    world.deliver(_close, {**event, "id": "late"}, at=world.stage.time + 400)


def _undo_of(world: World, resource: str) -> Mapping[str, Any] | None:
    """Undo what the journal has of the resource, whatever became of it."""
    found = [key for key, row in world.table.rows.items() if key.startswith("FIX#") and json.loads(row["about"]["S"])["resource"] == resource]
    return {"undo": found[0].removeprefix("FIX#"), "reason": "needed"} if found else None


def _a_mode_is_chosen_meanwhile(world: World, mode: str) -> None:
    event = _two_open_doors(world)
    world.deliver(_close, event)
    world.command(_close, {"mode": mode})
    world.deliver(_close, {**event, "id": "another"})


def _chosen_and_chosen_otherwise(world: World) -> None:
    event = _two_open_doors(world)
    world.command(_close, {"mode": "enforce"})
    world.deliver(_close, event, at=world.stage.time + 100)
    world.command(_close, {"mode": "default"}, name="another operator", at=world.stage.time + 100)


def _shown_and_applied(world: World) -> None:
    world.deliver(_close, _two_open_doors(world))
    world.command(_close, lambda: _apply_of(world), at=world.stage.time + 400)


def _shown_and_applied_by_two(world: World) -> None:
    _shown_and_applied(world)
    world.command(_close, lambda: _apply_of(world), name="another operator", at=world.stage.time + 400)


def _shown_and_applied_when_another_event_comes(world: World) -> None:
    _shown_and_applied(world)
    world.deliver(_close, world.event("Door Opened", GROUP, "another"), at=world.stage.time + 400)


def _shown_and_applied_and_exempted(world: World) -> None:
    _shown_and_applied(world)
    world.command(_close, world.exemption(GROUP), name="another operator", at=world.stage.time + 400)


def _shown_and_applied_and_armed(world: World) -> None:
    _shown_and_applied_when_another_event_comes(world)
    world.act("a deployment", ("switches to enforce", world.switch(MODE="enforce", DISRUPTIVE_MODE="enforce")), at=world.stage.time + 400)


def _shown_and_applied_and_taken_back(world: World) -> None:
    _shown_and_applied(world)

    def take_back() -> Mapping[str, Any] | None:
        applied = [key for key, row in world.table.rows.items() if key.startswith("FIX#") and "applies" in json.loads(row["about"]["S"])]
        return {"undo": applied[0].removeprefix("FIX#"), "reason": "needed"} if applied else None

    world.command(_close, take_back, name="another operator", at=world.stage.time + 420)


def _a_setting_is_shown_and_applied(world: World) -> None:
    _one_switch(world)
    world.command(_switch, lambda: _apply_of(world), at=world.stage.time + 400)


def _apply_of(world: World) -> Mapping[str, Any] | None:
    """Apply what was shown, if it was."""
    shown = [key for key, row in world.table.rows.items() if key.startswith("FIX#") and row["status"]["S"] == "WOULD_FIX"]
    return {"apply": shown[0].removeprefix("FIX#")} if shown else None


def _held_and_released(world: World) -> None:
    groups = [f"sg-0000000{letter}" for letter in "abc"]
    for at, group in enumerate(groups):
        world.deliver(_close, _two_open_doors(world, group=group), at=world.stage.time + at * 200)
    world.command(_close, {"release": groups[2]}, at=world.stage.time + 1200)


def _held_meanwhile(world: World) -> None:
    event = _two_open_doors(world)
    world.deliver(_close, event)
    world.deliver(_close, _two_open_doors(world, group="sg-0000000b"))
    world.deliver(_close, {**event, "id": "another"})


def _opened_again(world: World) -> None:
    event = _two_open_doors(world)
    world.deliver(_close, event)

    def again() -> None:
        world.doors[GROUP] = ["door-1", "door-2"]
        world.deliver(_close, world.event("Door Opened", GROUP, "it was opened again"))

    world.act("a person", (f"opens {GROUP} again", again))


def _a_storm(world: World) -> None:
    for at, letter in enumerate("abc"):
        world.deliver(_close, _two_open_doors(world, group=f"sg-0000000{letter}"), at=world.stage.time + at * 20)
    world.digest(at=world.stage.time + 45)


def _a_storm_of_visits(world: World) -> None:
    for at, visitor in enumerate(("Eve", "Mallory", "Trudy")):
        world.deliver(_report, world.event("Visit", GROUP, f"the visit of {visitor}", visitor=visitor), at=world.stage.time + at * 20)
    world.digest(at=world.stage.time + 45)


def _a_release_meanwhile(world: World) -> None:
    world.deliver(_close, _two_open_doors(world))
    world.deliver(_close, _two_open_doors(world, group="sg-0000000b"), at=world.stage.time + 20)
    world.command(_close, {"release": "sg-0000000b"}, at=world.stage.time + 50)


def _a_command_and_another_meanwhile(world: World) -> None:
    world.deliver(_close, _two_open_doors(world))
    world.command(_close, lambda: _undo_of(world, GROUP), at=world.stage.time + 400)
    world.command(_close, lambda: _undo_of(world, GROUP), name="another operator", at=world.stage.time + 400)


def _two_visits(world: World) -> None:
    event = world.event("Visit", GROUP, "the visit", visitor="Eve")
    world.deliver(_report, event)
    world.deliver(_report, event)


def _two_visits_of_one_request(world: World) -> None:
    event = world.event("Visit", GROUP, "the visit", visitor="Eve")
    world.deliver(_report, event, request="one")
    world.deliver(_report, event, request="one")


def _an_end_of_exemption(world: World) -> None:
    world.doors[GROUP] = []
    world.command(_close, world.exemption(GROUP))
    world.command(_close, {"unexempt": GROUP}, name="another operator", at=world.stage.time + 300)


def _blocked(world: World) -> None:
    world.attackers.add(ADDRESS)
    world.ticking = _block
    world.deliver(_block, world.event("GuardDuty Finding", ADDRESS, "an attack", type="Attack"))


_PREVIEW = {"MODE": "preview", "DISRUPTIVE_MODE": "preview"}

SMALL = (
    Play("one delivery", _one_delivery),
    Play("one delivery, redriven after two days", _one_delivery, redriven_after=2.1 * DAY),
    Play("one setting", _one_switch),
    Play("the same event twice", _the_same_twice),
    Play("two events of one problem", _two_events),
    Play("an exemption meanwhile", _an_exemption_meanwhile),
    Play("the same event twice, and an exemption", _the_same_twice_and_an_exemption),
    Play("a release of what is at work", _a_release_of_what_is_at_work),
    Play("preview meanwhile", _a_preview_meanwhile),
    Play("two events in preview", _two_events, settings={"MODE": "preview", "DISRUPTIVE_MODE": "preview"}),
    Play("an undo", _an_undo),
    Play("two equal doors, and an undo", _two_equal_doors),
    Play("an undo of a setting", _an_undo_of_a_setting),
    Play("an undo and a late event", _an_undo_and_a_late_event),
    Play("held and released", _held_and_released, settings={"MAX_FIXES_PER_HOUR": "1"}),
    Play("held and released in preview", _held_and_released, settings={"MAX_FIXES_PER_HOUR": "1", "MODE": "preview", "DISRUPTIVE_MODE": "preview"}),
    Play("preview is chosen meanwhile", partial(_a_mode_is_chosen_meanwhile, mode="preview")),
    Play("off is chosen meanwhile", partial(_a_mode_is_chosen_meanwhile, mode="off")),
    Play("enforce is chosen meanwhile", partial(_a_mode_is_chosen_meanwhile, mode="enforce"), settings=_PREVIEW),
    Play("chosen, and chosen otherwise", _chosen_and_chosen_otherwise, settings=_PREVIEW),
    Play("shown and applied", _shown_and_applied, settings=_PREVIEW),
    Play("shown and applied by two", _shown_and_applied_by_two, settings=_PREVIEW),
    Play("shown and applied when another event comes", _shown_and_applied_when_another_event_comes, settings=_PREVIEW),
    Play("shown, applied and exempted", _shown_and_applied_and_exempted, settings=_PREVIEW),
    Play("shown, applied and armed", _shown_and_applied_and_armed, settings=_PREVIEW),
    Play("shown, applied and taken back", _shown_and_applied_and_taken_back, settings=_PREVIEW),
    Play("a setting is shown and applied", _a_setting_is_shown_and_applied, settings=_PREVIEW),
    Play("held meanwhile", _held_meanwhile, settings={"MAX_FIXES_PER_HOUR": "2"}),
    Play("opened again meanwhile", _opened_again),
    Play("a storm", _a_storm, settings={"STORM_AFTER": "1"}),
    Play("a storm that is held", _a_storm, settings={"STORM_AFTER": "1", "MAX_FIXES_PER_HOUR": "2"}),
    Play("a storm of visits", _a_storm_of_visits, settings={"STORM_AFTER": "1"}),
    Play("a release meanwhile", _a_release_meanwhile, settings={"MAX_FIXES_PER_HOUR": "1"}),
    Play("an undo, given by two", _a_command_and_another_meanwhile),
    Play("a visit, delivered twice", _two_visits),
    Play("a visit, delivered twice as one request", _two_visits_of_one_request),
    Play("an exemption and its end", _an_end_of_exemption),
    Play("an attacker is blocked", _blocked),
)


# With a clock.

_CLOCK = {"CLOCK": "clock clock-role dead-letters", "SETTLE_MINUTES": "10", "WARN_MINUTES": "0", "DISRUPTIVE_WARN_MINUTES": "0"}
_WARNED = {**_CLOCK, "WARN_MINUTES": "30", "DISRUPTIVE_WARN_MINUTES": "30"}


def _made(world: World) -> None:
    world.doors[GROUP] = ["door-1", "door-2"]
    world.deliver(_new, world.call_event("CreateDoors", GROUP, "it was made"))


def _made_and_opened_further(world: World) -> None:
    _made(world)
    for at in (60, 580, 900):
        world.deliver(_new, world.call_event("OpenDoor", GROUP, f"opened after {at}"), at=world.stage.time + at)


def _made_and_changed_meanwhile(world: World, doors: list[str]) -> None:
    """Its maker goes on, or somebody else does."""
    _made(world)

    def change() -> None:
        world.doors[GROUP] = list(doors)

    world.act("a person", (f"changes {GROUP}", change), at=world.stage.time + 590)


def _made_and_exempted(world: World) -> None:
    _made(world)
    world.command(_new, world.exemption(GROUP), at=world.stage.time + 590)


def _made_and_chosen_otherwise(world: World, mode: str) -> None:
    _made(world)
    world.command(_new, {"mode": mode}, at=world.stage.time + 590)


def _made_and_put_right_and_undone(world: World) -> None:
    _made(world)
    world.command(_new, lambda: _undo_of(world, GROUP), at=world.stage.time + 1200)


def _busy(world: World, *, until: float) -> None:
    event = _two_open_doors(world)
    world.busy_until[GROUP] = world.stage.time + until
    world.deliver(_close, event)


def _busy_and_exempted(world: World) -> None:
    _busy(world, until=900)
    world.command(_close, world.exemption(GROUP), at=world.stage.time + 500)


def _warned_and_chosen_otherwise(world: World, mode: str) -> None:
    world.deliver(_close, _two_open_doors(world))
    world.command(_close, {"mode": mode}, at=world.stage.time + 1790)


def _warned_and_exempted(world: World) -> None:
    world.deliver(_close, _two_open_doors(world))
    world.command(_close, world.exemption(GROUP), at=world.stage.time + 1790)


def _warned_and_applied(world: World) -> None:
    world.deliver(_close, _two_open_doors(world))
    world.command(_close, lambda: _apply_of(world), at=world.stage.time + 1790)


CLOCKED = (
    Play("made, and looked at later", _made, settings=_CLOCK),
    Play("made, looked at later and redriven after two days", _made, settings=_CLOCK, redriven_after=2.1 * DAY),
    Play("made, and opened further", _made_and_opened_further, settings=_CLOCK),
    Play("made, and put right by its maker", partial(_made_and_changed_meanwhile, doors=[]), settings=_CLOCK),
    Play("made, and changed meanwhile", partial(_made_and_changed_meanwhile, doors=["door-2", "door-3"]), settings=_CLOCK),
    Play("made, and exempted", _made_and_exempted, settings=_CLOCK),
    Play("made, and preview chosen", partial(_made_and_chosen_otherwise, mode="preview"), settings=_CLOCK),
    Play("made, and off chosen", partial(_made_and_chosen_otherwise, mode="off"), settings=_CLOCK),
    Play("made in preview, and enforce chosen", partial(_made_and_chosen_otherwise, mode="enforce"), settings={**_CLOCK, **_PREVIEW}),
    Play("made, put right and undone", _made_and_put_right_and_undone, settings=_CLOCK),
    Play("busy", partial(_busy, until=900), settings=_CLOCK),
    Play("busy for ever", partial(_busy, until=30 * DAY), settings=_CLOCK),
    Play("busy, and exempted", _busy_and_exempted, settings=_CLOCK),
    Play("warned", _two_events, settings=_WARNED),
    Play("warned, and off chosen", partial(_warned_and_chosen_otherwise, mode="off"), settings=_WARNED),
    Play("warned, and preview chosen", partial(_warned_and_chosen_otherwise, mode="preview"), settings=_WARNED),
    Play("warned, and exempted", _warned_and_exempted, settings=_WARNED),
    Play("warned, and applied", _warned_and_applied, settings=_WARNED),
    Play("warned, and opened again", _opened_again, settings=_WARNED),
    Play("an exemption that ends by the clock", _an_exemption_meanwhile, settings=_CLOCK),
    Play("an attacker is blocked, and let go by the clock", _blocked, settings=_CLOCK),
)


# With the real ones.


def _really_one_delivery(world: World) -> None:
    assert isinstance(world, Reality)
    world.deliver(world.remediation, world.real_event("the event"))
    world.ticking = world.remediation if world.remediation.expires_after else None


def _really_two_events(world: World) -> None:
    assert isinstance(world, Reality)
    for name in ("the event", "another"):
        world.deliver(world.remediation, world.real_event(name))


def _really_an_exemption_meanwhile(world: World) -> None:
    _really_one_delivery(world)
    assert isinstance(world, Reality)
    world.command(world.remediation, world.exemption(world.scene.resource))


def _really_a_preview_meanwhile(world: World) -> None:
    _really_one_delivery(world)
    world.act("a deployment", ("switches to preview", world.switch(MODE="preview", DISRUPTIVE_MODE="preview")))


def _really_shown_and_applied(world: World) -> None:
    assert isinstance(world, Reality)
    world.deliver(world.remediation, world.real_event("the event"))
    world.command(world.remediation, lambda: _apply_of(world), at=world.stage.time + 400)


def _really_an_undo_and_a_late_event(world: World) -> None:
    assert isinstance(world, Reality)
    world.deliver(world.remediation, world.real_event("the event"))
    world.command(world.remediation, lambda: _any_undo(world), at=world.stage.time + 400)
    world.deliver(world.remediation, world.real_event("a late one"), at=world.stage.time + 400)


def _any_undo(world: World) -> Mapping[str, Any] | None:
    found = [key for key in world.table.rows if key.startswith("FIX#")]
    return {"undo": found[0].removeprefix("FIX#"), "reason": "needed"} if found else None


def _really_broken_again(world: World) -> None:
    assert isinstance(world, Reality)
    world.deliver(world.remediation, world.real_event("the event"))

    def again() -> None:
        world.break_again()
        world.deliver(world.remediation, world.real_event("the same again"))

    world.act("a person", (f"breaks {world.scene.resource} again", again), at=world.stage.time + 300)


def _really_broken_again_and_released(world: World) -> None:
    _really_broken_again(world)
    assert isinstance(world, Reality)
    world.command(world.remediation, {"release": world.scene.resource}, at=world.stage.time + 1200)


def _a_silence_meanwhile(world: World) -> None:
    assert isinstance(world, Reality)
    until = world.exemption("-")["exempt"]["until"]
    finding = {"owner": "Jo", "reason": "known", "until": until, "finding": world.real_event("-")["detail"]["type"]}
    for number in (1, 2):
        world.deliver(world.remediation, world.real_event(f"event {number}", id=f"finding {number}"), at=world.stage.time + number * 20)
    world.command(world.remediation, {"silence": finding})
    world.command(world.remediation, {"unsilence": finding["finding"]}, name="another operator", at=world.stage.time + 50)


_SCENES = [
    Scene(Handler(service, stem))
    for service, stem in (
        ("ec2", "revoke_open_ingress"),
        ("s3", "block_public_bucket"),
        ("iam", "deactivate_exposed_key"),
        ("ec2", "isolate_instance"),
        ("wafv2", "block_attacker_ip"),
        ("cloudtrail", "restart_trail"),
    )
]
_FINDINGS = Scene(Handler("guardduty", "report_finding"))

REAL = (
    *(
        Play(f"{scene.handler.stem}: {name}", begin, settings={**scene.handler.scenario.environment, **settings}, redriven_after=after, scene=scene)
        for scene in _SCENES
        for name, begin, settings, after in (
            ("one delivery", _really_one_delivery, {}, 600.0),
            ("one delivery, redriven after two days", _really_one_delivery, {}, 2.1 * DAY),
            ("two events", _really_two_events, {}, 600.0),
            ("an exemption meanwhile", _really_an_exemption_meanwhile, {}, 600.0),
            ("preview meanwhile", _really_a_preview_meanwhile, {}, 600.0),
            ("shown and applied", _really_shown_and_applied, {"MODE": "preview", "DISRUPTIVE_MODE": "preview"}, 600.0),
            ("an undo and a late event", _really_an_undo_and_a_late_event, {}, 600.0),
            ("broken again", _really_broken_again, {}, 600.0),
            ("broken again, and released", _really_broken_again_and_released, {"MAX_FIXES_PER_RESOURCE": "1"}, 600.0),
        )
    ),
    Play("report_finding: a silence meanwhile", _a_silence_meanwhile, scene=_FINDINGS),
    Play("report_finding: a silence meanwhile, in a storm", _a_silence_meanwhile, settings={"STORM_AFTER": "1"}, scene=_FINDINGS),
)
