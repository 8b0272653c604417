"""Running a play: to its end, then until all is calm again; and what was found, as the shortest story."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from tests.simulation import choices
from tests.simulation.choices import Choices
from tests.simulation.plays import Play
from tests.simulation.promises import broken
from tests.simulation.reality import Reality
from tests.simulation.stage import Stage, on_stage, playing
from tests.simulation.world import DAY, World

_ROUNDS = 3
"""How often what failed is given again, in the calm after the play, before it counts as lost."""


CHANGED = ("MODE", "DISRUPTIVE_MODE", "MAX_FIXES_PER_HOUR", "MAX_FIXES_PER_RESOURCE", "STORM_AFTER")
"""The settings with which plays begin, and which operators change."""


@dataclass(frozen=True)
class Run:
    """What became of one run."""

    play: Play
    faults: int
    switches: int
    choices: Sequence[int]
    story: Sequence[str]
    broken: Sequence[str]

    @property
    def kinds(self) -> frozenset[str]:
        """Return which promises were broken."""
        return frozenset(one.partition(":")[0] for one in self.broken)

    def __str__(self) -> str:
        return "\n".join([f"{self.play.name} {list(self.choices)}", *self.story, *(f"  BROKEN: {one}" for one in self.broken)])


def run(play: Play, choose: Choices, *, faults: int, switches: int) -> Run:
    """Run the play once, with these choices."""
    before = {name: os.environ.get(name) for name in {*CHANGED, *play.settings}}
    stage = Stage(choose, faults=faults, switches=switches)
    os.environ.update(play.settings)
    try:
        with playing(stage):
            stage.world = world = Reality(stage, is_real=True, scene=play.scene) if play.scene else World(stage)
            play.begin(world)
            stage.run()
            _calm(play, stage, world)
            return Run(play, faults, switches, [chosen for chosen, _ in choose.made], stage.story, broken(world))
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _calm(play: Play, stage: Stage, world: World) -> None:
    """Let nothing more go wrong: dead letters are redriven, operators give again what failed, and a day passes."""
    stage.faults, stage.switches, stage._spells = 0, 0, {}  # noqa: SLF001 - a part of it
    for number in range(_ROUNDS):
        letters, commands = list(world.dead_letters), list(world.failed_commands)
        if not letters and not commands:
            break
        stage.tell("all is calm")
        world.dead_letters.clear()
        world.failed_commands.clear()
        world.let_pass(60)
        for remediation, command in commands:
            world.command(remediation, command, name=f"operator, again {number}")
        stage.run()
        if letters:
            world.let_pass(play.redriven_after)
        for remediation, event in letters:
            world.deliver(remediation, event, name=f"redrive {number} of {event.get('id', next(iter(event)))}")
        stage.run()
    for number in range(_ROUNDS):
        if world.queue:
            world.digest(name=f"digest {number}")
            stage.run()
    world.let_pass(DAY)
    for hours in (0, 2):  # the end of what ends by itself: of each that was there a day ago
        if world.ticking:
            world.let_pass(hours * 3600)
            world.deliver(world.ticking, world.tick(), name=f"tick {hours}")
            stage.run()


def every(play: Play, *, faults: int, switches: int) -> Iterator[Run]:
    """Run the play in every way in which so many faults happen, and somebody goes on before another has come to an end so often, at most."""
    with on_stage(play.scene.set() if play.scene else None):
        yield from choices.all_of(lambda choose: run(play, choose, faults=faults, switches=switches))


def one_by_one(play: Play, *, faults: int, switches: int, most: int) -> Iterator[Run]:
    """Run the play as is most ordinary, then with one choice other than that: each such run, or so many of them, from all parts of the story."""

    def again(row: Sequence[int]) -> Run:
        return run(play, Choices(row), faults=faults, switches=switches)

    with on_stage(play.scene.set() if play.scene else None):
        choose = Choices()
        yield run(play, choose, faults=faults, switches=switches)
        rows = [[*[0] * at, other] for at, (_, options) in enumerate(choose.made) for other in range(1, options)]
        step = max(1.0, len(rows) / max(most, 1))
        yield from (again(rows[int(number * step)]) for number in range(min(most, len(rows))))


def random_runs(play: Play, seeds: Iterable[int], *, faults: int = 3, switches: int = 4) -> Iterator[Run]:
    """Run the play with more going wrong, each time as the seed says."""
    return random_runs_of([play], seeds, faults=faults, switches=switches)


def random_runs_of(plays: Sequence[Play], seeds: Iterable[int], *, faults: int = 3, switches: int = 4) -> Iterator[Run]:
    """Run several plays of one scene, which is set once for all."""
    scene = plays[0].scene
    with on_stage(scene.set() if scene else None):
        for seed in seeds:
            for play in plays:
                yield choices.at_random(partial(run, play, faults=faults, switches=switches), seed)


def shortest(told: Run) -> Run:
    """Return the shortest story in which one of the same promises is broken."""

    def again(row: Sequence[int]) -> Run:
        return run(told.play, Choices(row), faults=told.faults, switches=told.switches)

    with on_stage(told.play.scene.set() if told.play.scene else None):
        return again(choices.shortest(told.choices, lambda row: bool(again(row).kinds & told.kinds)))
