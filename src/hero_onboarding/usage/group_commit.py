"""Single records that arrive together share one transaction."""

from collections.abc import Callable, Sequence

from hero_onboarding.database import Together
from hero_onboarding.usage.domain import Outcome
from hero_onboarding.usage.errors import IngestBusyError
from hero_onboarding_schema import UsageRecord

Commit = Callable[[Sequence[UsageRecord]], Sequence[Outcome]]
"""Records a batch in one transaction of its own and returns when that is on disk."""


class GroupCommit(Together[UsageRecord, Outcome]):
    """Records what waits, again and again."""

    def __init__(self, commit: Commit) -> None:
        super().__init__(commit, lambda: IngestBusyError("too many records wait for the disk"))

    async def record(self, record: UsageRecord) -> Outcome:
        """Record one record and return when it is on disk.

        Raises:
            IngestBusyError: If too many wait already, or the server is stopping.
            Exception: Whatever its transaction failed with; its neighbours are not affected.
        """
        return await self.store(record)
