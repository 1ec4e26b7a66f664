"""Push: bring the journal's changed buckets into the billing repository.

The repository is the state of deduplication: each bucket's file is read, merged by key and
written only when its set of records grows. Losing every local mark costs time, nothing else.
"""

import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from hero_onboarding.aggregation.layout import KEPT, file_name, hour_text, kept_path_of
from hero_onboarding.aggregation.looking import Fetched, fetch_each, fetch_folders
from hero_onboarding.aggregation.plan_bucket import (
    BucketPlan,
    Existing,
    failure_incident,
    forge_incident,
    plan_bucket,
)
from hero_onboarding.database import Database
from hero_onboarding.forge import (
    REGULAR_FILE_MODE,
    Commit,
    Forge,
    ForgeAnswerError,
    ForgeMovedError,
    ForgeRefusedError,
    ForgeUnavailableError,
    TreeEntry,
)
from hero_onboarding.incidents import Incident, open_incident
from hero_onboarding.kernel.clock import Clock, from_unix
from hero_onboarding.otoml import BYTES_MAX
from hero_onboarding.usage import (
    Bucket,
    ChangedBucket,
    list_bucket_records,
    list_buckets,
    mark_pushed,
    raise_size,
)

FILES_TOGETHER: Final = 100
BYTES_TOGETHER: Final = 16 * 1024 * 1024
ATTEMPTS_MAX: Final = 10
OUTAGES_MAX: Final = 3
WAIT_SECONDS_MIN: Final = 0.1
WAIT_SECONDS_MAX: Final = 8.0

Folders = Mapping[str, Mapping[str, TreeEntry]]


@dataclass(slots=True)
class PushCounts:
    """What one push did; ``buckets`` = ``pushed`` + ``unchanged`` + ``failures``."""

    buckets: int = 0
    pushed: int = 0
    unchanged: int = 0
    records: int = 0
    conflicts: int = 0
    failures: int = 0


@dataclass(frozen=True, slots=True)
class Pusher:
    """Pushes one database's journal to one forge, as one author."""

    database: Database
    forge: Forge
    clock: Clock
    repository: str
    author: str
    bytes_max: int = BYTES_MAX
    chance: random.Random = field(default_factory=random.Random)
    sleep: Callable[[float], None] = time.sleep

    def push(self, *, full: bool = False) -> PushCounts:
        """Push what changed since the last push, or look at every bucket again.

        Repeating is safe. What can't be pushed now stays marked and counts as a failure.
        """
        with self.database.reading() as tx:
            candidates = list_buckets(tx, only_changed=not full)
        counts = PushCounts(buckets=len(candidates))
        for some in _groups(candidates):
            self._push_some(some, counts)
        return counts

    def _push_some(self, some: Sequence[ChangedBucket], counts: PushCounts) -> None:
        """Push buckets in one commit, looking again after every doubt."""
        remaining = {seen.bucket: seen for seen in some}
        sent: dict[Bucket, BucketPlan] = {}
        outages = 0
        for attempt in range(ATTEMPTS_MAX):
            try:
                self._attempt(remaining, sent, counts)
            except ForgeMovedError:
                pass
            except ForgeUnavailableError:
                outages += 1
                if outages == OUTAGES_MAX:
                    break
            except (ForgeRefusedError, ForgeAnswerError) as error:
                self._push_apart(list(remaining.values()), error, counts)
                return
            if not remaining:
                return
            ceiling = min(WAIT_SECONDS_MAX, WAIT_SECONDS_MIN * 2**attempt)
            self.sleep(self.chance.uniform(0, ceiling))
        counts.failures += len(remaining)

    def _push_apart(
        self,
        refused: Sequence[ChangedBucket],
        error: ForgeRefusedError | ForgeAnswerError,
        counts: PushCounts,
    ) -> None:
        """Try what was refused for several nodes together for each by itself.

        So the fault of one is not the others'. What was too much at once is tried by halves. What
        is refused all the same stays marked.
        """
        parts = _by_node(refused)
        is_too_large = isinstance(error, ForgeRefusedError) and error.is_too_large
        if len(parts) == 1 and is_too_large and len(refused) > 1:
            half = len(refused) // 2
            parts = [refused[:half], refused[half:]]
        if len(parts) > 1:
            for part in parts:
                self._push_some(part, counts)
            return
        self._report(forge_incident(self.repository, str(error)))
        counts.failures += len(refused)

    def _attempt(
        self,
        remaining: dict[Bucket, ChangedBucket],
        sent: dict[Bucket, BucketPlan],
        counts: PushCounts,
    ) -> None:
        """Look, merge and write once; what is certain leaves ``remaining``."""
        plans = self._plan(list(remaining.values()))
        for plan in plans:
            if plan.failure:
                del remaining[plan.seen.bucket]
                self._give_up(plan, counts)
            elif not plan.changes:
                del remaining[plan.seen.bucket]
                self._settle(plan, sent.get(plan.seen.bucket), counts)
        writing = [plan for plan in plans if plan.changes]
        if not writing:
            return
        self._announce_replacements(writing)
        is_ours = self._write(writing, sent)
        for plan in writing:
            del remaining[plan.seen.bucket]
            self._settle(plan, plan if is_ours else None, counts)

    def _write(self, writing: Sequence[BucketPlan], sent: dict[Bucket, BucketPlan]) -> bool:
        """Write one commit; return False when another server wrote the very same before.

        What may have landed without an answer stays in ``sent``, so that it is counted when it is
        seen there.
        """
        doubted = sent.keys() & {plan.seen.bucket for plan in writing}
        sent.update({plan.seen.bucket: plan for plan in writing})
        changes = [change for plan in writing for change in plan.changes]
        try:
            return self.forge.push_files(changes, self._commit(writing)) is not None
        except ForgeMovedError:
            for bucket in {plan.seen.bucket for plan in writing} - doubted:
                del sent[bucket]
            raise

    def _plan(self, some: Sequence[ChangedBucket]) -> list[BucketPlan]:
        """Look at the repository and decide for each bucket what to write."""
        folders = fetch_folders(self.forge, {seen.bucket.node_id for seen in some})
        entries = {
            seen.bucket: entry
            for seen in some
            if (entry := folders[seen.bucket.node_id].get(file_name(seen.bucket.hour)))
        }
        ids = sorted({e.id for e in entries.values() if e.mode == REGULAR_FILE_MODE})
        fetched = fetch_each(self.forge, ids, bytes_max=self.bytes_max)
        return [self._plan_one(seen, entries.get(seen.bucket), fetched, folders) for seen in some]

    def _plan_one(
        self,
        seen: ChangedBucket,
        entry: TreeEntry | None,
        fetched: Mapping[str, Fetched],
        folders: Folders,
    ) -> BucketPlan:
        existing = None
        if entry is not None:
            if entry.mode != REGULAR_FILE_MODE:
                return BucketPlan(seen, failure=f"has mode {entry.mode}, so it is no plain file")
            file = fetched[entry.id]
            if file.content is None:
                size = self.bytes_max + 1 if file.is_too_large else 0
                return BucketPlan(seen, size=size, failure=file.failure)
            is_kept = self._is_kept(seen.bucket, entry.id, folders)
            existing = Existing(entry.id, file.content, is_kept)
        with self.database.reading() as tx:
            records = list_bucket_records(tx, seen.bucket)
        return plan_bucket(
            seen, records, existing, repository=self.repository, bytes_max=self.bytes_max
        )

    def _is_kept(self, bucket: Bucket, blob_id: str, folders: Folders) -> bool:
        """Whether the folder of kept files has a copy of this very file."""
        kept = folders[bucket.node_id].get(KEPT)
        if kept is None:
            return False
        name = kept_path_of(bucket, blob_id).rsplit("/", 1)[1]
        return any(entry.name == name for entry in self.forge.fetch_tree(kept.id))

    def _commit(self, writing: Sequence[BucketPlan]) -> Commit:
        """Describe a commit so that the same buckets always give the same one."""
        newest = max(plan.seen.bucket.hour for plan in writing)
        if len(writing) == 1:
            bucket = writing[0].seen.bucket
            message = f"usage {bucket.node_id} {hour_text(bucket.hour)}\n"
        else:
            message = f"usage of {len(writing)} buckets up to {hour_text(newest)}\n"
        mail = f"{self.author}@nodes.invalid"
        return Commit(message, self.author, mail, from_unix((newest + 1) * 3600))

    def _announce_replacements(self, writing: Sequence[BucketPlan]) -> None:
        """Report broken files before they are replaced: afterwards there is no trace of it here."""
        replaced = [plan.replaced for plan in writing if plan.replaced is not None]
        if not replaced:
            return
        with self.database.transaction() as tx:
            for incident in replaced:
                open_incident(tx, incident, self.clock.now())

    def _settle(self, plan: BucketPlan, sent: BucketPlan | None, counts: PushCounts) -> None:
        """Clear the mark of a bucket whose records are all in the repository now."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            mark_pushed(tx, plan.seen, size=plan.size, now=now)
            new = sum(open_incident(tx, incident, now) for incident in plan.conflicts)
        counts.conflicts += new
        if sent is None:
            counts.unchanged += 1
        else:
            counts.pushed += 1
            counts.records += sent.added

    def _give_up(self, plan: BucketPlan, counts: PushCounts) -> None:
        """Leave a bucket marked that can't be pushed; one that is full takes no more records."""
        bucket = plan.seen.bucket
        incident = failure_incident(bucket, self.repository, plan.failure)
        with self.database.transaction() as tx:
            raise_size(tx, bucket, plan.size)
            open_incident(tx, incident, self.clock.now())
        counts.failures += 1

    def _report(self, incident: Incident) -> None:
        """Say once that somebody has to act; the buckets stay marked."""
        with self.database.transaction() as tx:
            open_incident(tx, incident, self.clock.now())


def _by_node(some: Iterable[ChangedBucket]) -> list[Sequence[ChangedBucket]]:
    """Part buckets by node, in order."""
    parts: dict[str, list[ChangedBucket]] = {}
    for seen in some:
        parts.setdefault(seen.bucket.node_id, []).append(seen)
    return list(parts.values())


def _groups(candidates: Sequence[ChangedBucket]) -> Iterator[list[ChangedBucket]]:
    """Cut candidates into what one commit carries, by number and by size."""
    group: list[ChangedBucket] = []
    size = 0
    for seen in candidates:
        if group and (len(group) == FILES_TOGETHER or size + seen.size > BYTES_TOGETHER):
            yield group
            group, size = [], 0
        group.append(seen)
        size += seen.size
    if group:
        yield group
