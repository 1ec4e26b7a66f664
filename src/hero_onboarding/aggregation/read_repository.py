"""Stage A, one repository: read only what changed since the last pass (hash-resume)."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from hero_onboarding.aggregation import repository_store
from hero_onboarding.aggregation.accepted_store import has_claims
from hero_onboarding.aggregation.apply_file import FileApplier
from hero_onboarding.aggregation.domain import PassCounts
from hero_onboarding.aggregation.layout import (
    KEPT,
    folder_of,
    is_node_name,
    is_smoke,
    read_file_name,
)
from hero_onboarding.aggregation.lease import (
    RepositoryLease,
    finish_head,
    give_back_lease,
    keep_lease,
    take_lease,
)
from hero_onboarding.aggregation.looking import BLOBS_TOGETHER, fetch_each, fetch_node_trees
from hero_onboarding.aggregation.quarantine_store import Source
from hero_onboarding.aggregation.repository_store import GONE, KnownFile
from hero_onboarding.database import Database
from hero_onboarding.forge import (
    DIRECTORY_MODE,
    REGULAR_FILE_MODE,
    Forge,
    ForgeAnswerError,
    ForgeUnavailableError,
    TreeEntry,
)
from hero_onboarding.incidents import Incident, IncidentKind, open_incident
from hero_onboarding.kernel.clock import Clock
from hero_onboarding.kernel.errors import HeroError
from hero_onboarding.otoml import BYTES_MAX
from hero_onboarding.usage import Bucket

OUTAGES_MAX: Final = 3
"""After so many nodes in a row that can't be fetched the forge itself is taken to be down."""


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """A file of a node whose blob is not the one that was read last."""

    known: KnownFile
    blob_id: str


@dataclass(frozen=True, slots=True)
class RepositoryReader:
    """Reads one repository of billing files into the database."""

    database: Database
    forge: Forge
    clock: Clock
    repository: str
    bytes_max: int = BYTES_MAX
    sleep: Callable[[float], None] = time.sleep

    def read(self, counts: PassCounts) -> None:
        """Make one pass over the repository; a repeat after any failure goes on where it ended.

        Raises:
            HeroError: If the forge or the database fails; what was committed stays.
        """
        lease = take_lease(self.database, self.repository, self.sleep)
        failure = "the pass was ended from outside"
        try:
            failure = self._read_changes(lease, counts)
        except HeroError as error:
            failure = f"{error.code}: {error}"
            raise
        finally:
            give_back_lease(self.database, lease, failure, self.clock.now())

    def _read_changes(self, lease: RepositoryLease, counts: PassCounts) -> str:
        """Read what is new since the last head; return what went wrong, if anything."""
        head = self.forge.fetch_head()
        if head == lease.head:
            counts.unchanged += 1
            return ""
        if head is None:
            evidence = {"head_before": lease.head}
            self._report(lease, IncidentKind.BRANCH_MISSING, "", evidence)
            counts.failures += 1
            return "the branch is missing"
        if lease.head is not None and not self.forge.is_ancestor(lease.head, head):
            evidence = {"head_before": lease.head, "head": head}
            self._report(lease, IncidentKind.HISTORY_REWRITTEN, "", evidence)
        failures = self._read_nodes(lease, head, counts)
        if failures:
            counts.failures += 1
            return "; ".join(failures)
        with self.database.transaction() as tx:
            finish_head(tx, lease, head, self.clock.now())
        return ""

    def _read_nodes(self, lease: RepositoryLease, head: str, counts: PassCounts) -> list[str]:
        """Read each node whose tree changed, in order of path; return whose turns ended early."""
        trees = fetch_node_trees(self.forge, head)
        with self.database.reading() as tx:
            known = repository_store.list_node_trees(tx, self.repository)
        there = {name for name, entry in trees.items() if entry.mode == DIRECTORY_MODE}
        for node_id in sorted(known.keys() - there):
            self._read_missing_node(lease, node_id, head)
        changed: dict[str, str] = {}
        for name in sorted(trees, key=lambda name: f"{name}/"):
            entry = trees[name]
            if is_smoke(name) or known.get(name) == entry.id:
                continue
            if is_node_name(name) and name in there:
                changed[name] = entry.id
            else:
                self._report_unexpected(lease, f"nodes/{name}", entry)
        return self._read_each(lease, changed, head, counts)

    def _read_each(
        self, lease: RepositoryLease, changed: Mapping[str, str], head: str, counts: PassCounts
    ) -> list[str]:
        """Read nodes by their tree ids; one that can't be fetched ends its own turn only.

        Raises:
            ForgeUnavailableError: If several in a row can't be fetched.
        """
        applier = FileApplier(self.database, self.clock, lease, counts, self.bytes_max)
        failures: list[str] = []
        outages = 0
        for node_id, tree_id in changed.items():
            try:
                failure = self._read_node(applier, node_id, tree_id, head)
                outages = 0
            except (ForgeAnswerError, ForgeUnavailableError) as error:
                outages += isinstance(error, ForgeUnavailableError)
                if outages == OUTAGES_MAX:
                    raise
                failure = f"{folder_of(node_id)}: {error}"
            if failure:
                failures.append(failure)
        return failures

    def _read_node(self, applier: FileApplier, node_id: str, tree_id: str, head: str) -> str:
        """Read the changed files of a node; return why its turn ended early, if it did."""
        entries = {entry.name: entry for entry in self.forge.fetch_tree(tree_id)}
        changed = self._changed_files(applier.lease, node_id, entries, head)
        for start in range(0, len(changed), BLOBS_TOGETHER):
            some = changed[start : start + BLOBS_TOGETHER]
            ids = sorted({file.blob_id for file in some})
            fetched = fetch_each(self.forge, ids, bytes_max=self.bytes_max)
            for file in some:
                result = fetched[file.blob_id]
                source = self._source(file, head)
                if result.content is not None:
                    applier.apply(source, result.content, file.known)
                elif result.is_too_large:
                    applier.refuse(source, 0, result.failure, file.known)
                else:
                    return f"{file.known.path} {result.failure}"
        with self.database.transaction() as tx:
            keep_lease(tx, applier.lease)
            now = self.clock.now()
            repository_store.store_node_tree(tx, self.repository, node_id, tree_id, now)
        return ""

    def _changed_files(
        self,
        lease: RepositoryLease,
        node_id: str,
        entries: Mapping[str, TreeEntry],
        head: str,
    ) -> list[ChangedFile]:
        """List a node's files whose blobs are new, by path, and report what should not be."""
        with self.database.reading() as tx:
            known = repository_store.list_files(tx, self.repository, node_id)
        folder = folder_of(node_id)
        changed: list[ChangedFile] = []
        for name in sorted(entries):
            entry, path = entries[name], f"{folder}/{name}"
            hour = read_file_name(name)
            if name == KEPT and entry.mode == DIRECTORY_MODE:
                continue
            if hour is None or entry.mode != REGULAR_FILE_MODE:
                self._report_unexpected(lease, path, entry)
                continue
            file = known.pop(path, None) or self._add_file(lease, Bucket(node_id, hour), path)
            if file.blob_id != entry.id:
                changed.append(ChangedFile(file, entry.id))
        for file in known.values():
            self._report_missing_file(lease, file, head)
        return changed

    def _add_file(self, lease: RepositoryLease, bucket: Bucket, path: str) -> KnownFile:
        with self.database.transaction() as tx:
            keep_lease(tx, lease)
            now = self.clock.now()
            repository_store.begin_node(tx, self.repository, bucket.node_id, now)
            return repository_store.add_file(tx, self.repository, bucket, path)

    def _read_missing_node(self, lease: RepositoryLease, node_id: str, head: str) -> None:
        """Report the files of a directory that is gone; nothing is unbilled."""
        with self.database.reading() as tx:
            files = repository_store.list_files(tx, self.repository, node_id)
        for file in files.values():
            self._report_missing_file(lease, file, head)
        with self.database.transaction() as tx:
            keep_lease(tx, lease)
            repository_store.forget_node_tree(tx, self.repository, node_id)

    def _report_missing_file(self, lease: RepositoryLease, file: KnownFile, head: str) -> None:
        """Report a file that is gone, once; should it come back it is read anew.

        One that never was read wholly is reported when records of it were taken in.
        """
        if file.blob_id == GONE:
            return
        evidence = {"blob_id_before": file.blob_id, "head": head}
        with self.database.transaction() as tx:
            keep_lease(tx, lease)
            repository_store.store_blob(tx, file.number, GONE)
            if file.blob_id or has_claims(tx, file.number):
                kind = IncidentKind.FILE_VANISHED
                incident = Incident(kind, self.repository, file.path, evidence)
                open_incident(tx, incident, self.clock.now())

    def _report_unexpected(self, lease: RepositoryLease, path: str, entry: TreeEntry) -> None:
        evidence = {"mode": entry.mode, "id": entry.id}
        self._report(lease, IncidentKind.UNEXPECTED_FILE, path, evidence)

    def _report(
        self,
        lease: RepositoryLease,
        kind: IncidentKind,
        path: str,
        evidence: Mapping[str, object],
    ) -> None:
        with self.database.transaction() as tx:
            keep_lease(tx, lease)
            incident = Incident(kind, self.repository, path, evidence)
            open_incident(tx, incident, self.clock.now())

    def _source(self, file: ChangedFile, head: str) -> Source:
        known = file.known
        return Source(self.repository, head, known.path, file.blob_id, known.bucket, known.number)
