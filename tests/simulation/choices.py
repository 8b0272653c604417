"""The choices of a run: made at random, one after the other, or as they were made before; and the fewest that still tell the story."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

_Told = TypeVar("_Told")


@dataclass
class Choices:
    """Chooses among options, of which the first is always the most ordinary, and remembers what was chosen."""

    given: Sequence[int] = ()
    further: Callable[[int], int] = lambda _: 0
    """Chooses once the given choices are used up: gets the number of options."""
    made: list[tuple[int, int]] = field(default_factory=list)
    """What was chosen, and among how many."""

    def __call__(self, options: int) -> int:
        if options < 2:
            return 0
        at = len(self.made)
        chosen = min(self.given[at] if at < len(self.given) else self.further(options), options - 1)
        self.made.append((chosen, options))
        return chosen


def all_of(run: Callable[[Choices], _Told]) -> Iterator[_Told]:
    """Run with every possible row of choices."""
    given: list[int] = []
    while True:
        choices = Choices(given)
        yield run(choices)
        made = choices.made
        while made and made[-1][0] + 1 >= made[-1][1]:
            made.pop()
        if not made:
            return
        given = [chosen for chosen, _ in made]
        given[-1] += 1


def at_random(run: Callable[[Choices], _Told], seed: int, *, boldness: float = 0.15) -> _Told:
    """Run with choices that this seed always makes: now and then another than the most ordinary."""
    chance = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret
    return run(Choices((), lambda options: chance.randrange(options) if chance.random() < boldness else 0))


def shortest(made: Sequence[int], is_the_same: Callable[[Sequence[int]], bool]) -> list[int]:
    """Return the row with the fewest extraordinary choices that still tells the same story."""
    best = _trimmed(made)
    while True:
        for shorter in _shorter(best):
            if is_the_same(shorter):
                best = _trimmed(shorter)
                break
        else:
            return best


def _shorter(row: Sequence[int]) -> Iterator[list[int]]:
    bold = [at for at, chosen in enumerate(row) if chosen]
    for size in (len(bold) // 2, len(bold) // 4, 1):
        for start in range(0, len(bold), size or 1):
            ordinary = set(bold[start : start + (size or 1)])
            yield [0 if at in ordinary else chosen for at, chosen in enumerate(row)]
    for at in range(len(row)):
        yield [*row[:at], *row[at + 1 :]]
    for at in bold:
        yield from ([*row[:at], lower, *row[at + 1 :]] for lower in range(1, row[at]))


def _trimmed(row: Sequence[int]) -> list[int]:
    length = max((at + 1 for at, chosen in enumerate(row) if chosen), default=0)
    return list(row[:length])
