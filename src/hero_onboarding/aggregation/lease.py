"""The lease on a billing repository: one worker reads it at a time.

The lease only keeps workers from doing the same work twice. What makes it safe is the epoch: each
taking raises it, and every commit of a pass locks the repository's row and checks it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select, update

from hero_onboarding.aggregation.errors import RepositoryBusyError, RepositoryTakenOverError
from hero_onboarding.aggregation.tables import repositories, repository_heads
from hero_onboarding.database import Database, Transaction

LEASE_SECONDS: Final = 120
WAIT_SECONDS_MAX: Final = 300.0
POLL_SECONDS: Final = 0.05


@dataclass(frozen=True, slots=True)
class RepositoryLease:
    """The right to read a repository; ``head`` is the last commit that was wholly processed."""

    repository: str
    epoch: int
    head: str | None


def take_lease(
    database: Database, repository: str, sleep: Callable[[float], None]
) -> RepositoryLease:
    """Take the lease on a repository, waiting while another worker has it.

    Raises:
        RepositoryBusyError: If another worker keeps it for five minutes.
    """
    waited = 0.0
    while waited < WAIT_SECONDS_MAX:
        with database.transaction() as tx:
            lease = _try_lease(tx, repository)
        if lease is not None:
            return lease
        sleep(POLL_SECONDS)
        waited += POLL_SECONDS
    raise RepositoryBusyError(repository)


def _try_lease(tx: Transaction, repository: str) -> RepositoryLease | None:
    c = repositories.c
    insert = tx.insert(repositories).on_conflict_do_nothing()
    tx.execute(insert.values(name=repository, epoch=0, lease_until=0, failure=""))
    server = tx.server_micros()
    row = tx.execute(
        update(repositories)
        .where(c.name == repository, c.lease_until <= server)
        .values(epoch=c.epoch + 1, lease_until=_until(server))
        .returning(c.epoch, c.head)
    ).first()
    return None if row is None else RepositoryLease(repository, row.epoch, row.head)


def keep_lease(tx: Transaction, lease: RepositoryLease) -> None:
    """Lock the repository's row, check the epoch and prolong the lease.

    Raises:
        RepositoryTakenOverError: If another worker has taken the repository; roll back.
    """
    _change(tx, lease, lease_until=_until(tx.server_micros()))


def finish_head(tx: Transaction, lease: RepositoryLease, head: str, now: datetime) -> None:
    """Store the head of a pass that left nothing out, and log it.

    Raises:
        RepositoryTakenOverError: If another worker has taken the repository; roll back.
    """
    _change(tx, lease, head=head)
    values = {"repository": lease.repository, "head": head, "processed_at": now}
    tx.execute(repository_heads.insert().values(values))


def give_back_lease(
    database: Database, lease: RepositoryLease, failure: str, now: datetime
) -> None:
    """Let others read the repository, and note when and how the pass ended.

    Does nothing when the lease was lost.
    """
    c = repositories.c
    with database.transaction() as tx:
        tx.execute(
            update(repositories)
            .where(c.name == lease.repository, c.epoch == lease.epoch)
            .values(lease_until=0, passed_at=now, failure=failure[:500])
        )


def end_repository_leases(tx: Transaction) -> None:
    """Free the repositories of workers that are certainly gone.

    Only for the process that has just taken the lock of an SQLite database.
    """
    tx.execute(update(repositories).values(lease_until=0))


def list_heads(tx: Transaction, repository: str) -> list[str]:
    """List the heads that were processed, oldest first."""
    c = repository_heads.c
    query = select(c.head).where(c.repository == repository).order_by(c.number)
    return list(tx.execute(query).scalars())


def _until(server_micros: int) -> int:
    return server_micros + LEASE_SECONDS * 1_000_000


def _change(tx: Transaction, lease: RepositoryLease, **values: object) -> None:
    c = repositories.c
    statement = update(repositories).where(c.name == lease.repository, c.epoch == lease.epoch)
    if not tx.execute(statement.values(**values)).rowcount:
        raise RepositoryTakenOverError(lease.repository)
