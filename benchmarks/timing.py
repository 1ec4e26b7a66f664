"""Time two ways of doing the same thing, turn by turn, and compare their medians."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many times as fast ours was as the other; ``aim`` is what we want."""

    name: str
    ours_seconds: float
    other_seconds: float
    amount: int
    aim: str
    ratio: float

    def line(self) -> str:
        """Say it on one line."""
        ours, other = self.amount / self.ours_seconds, self.amount / self.other_seconds
        rates = f"{ours:>10,.0f}/s against {other:>10,.0f}/s"
        return f"{self.name:<58} {self.ratio:5.2f}  (aim {self.aim})  {rates}"


def clock(work: Callable[[], None]) -> float:
    """Return the seconds that something takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def compare(
    name: str,
    ours: Callable[[], float],
    other: Callable[[], float],
    *,
    amount: int,
    aim: str,
    rounds: int = ROUNDS,
) -> Ratio:
    """Run both in turn and compare medians; each call sets itself up and returns its seconds."""
    pairs = [(ours(), other()) for _ in range(rounds)]
    mine = statistics.median(pair[0] for pair in pairs)
    theirs = statistics.median(pair[1] for pair in pairs)
    return Ratio(name, mine, theirs, amount, aim, theirs / mine)
