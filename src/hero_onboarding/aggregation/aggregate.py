"""One pass of the centre: read every repository, then charge every user."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from hero_onboarding.aggregation.charging import charge_users
from hero_onboarding.aggregation.domain import PassCounts
from hero_onboarding.aggregation.read_repository import RepositoryReader
from hero_onboarding.database import Database
from hero_onboarding.kernel.clock import Clock
from hero_onboarding.kernel.errors import HeroError


@dataclass(frozen=True, slots=True)
class Aggregator:
    """Reads repositories in order of name and posts what follows from them."""

    database: Database
    clock: Clock
    readers: Sequence[RepositoryReader]
    turn: threading.Lock = field(default_factory=threading.Lock)

    def aggregate(self) -> PassCounts:
        """Make one pass; a call during a pass waits for it, then makes its own.

        A repository that can't be read counts as a failure and holds up no other; the charges of
        what was read are posted all the same.
        """
        counts = PassCounts()
        with self.turn:
            for reader in sorted(self.readers, key=lambda reader: reader.repository):
                counts.repositories += 1
                try:
                    reader.read(counts)
                except HeroError:
                    counts.failures += 1
            counts.transfers = charge_users(self.database, self.clock)
        return counts
