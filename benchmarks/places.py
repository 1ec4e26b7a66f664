"""Fresh databases on both engines, and records to fill them with."""

import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg

from hero_onboarding.database import Database, open_database
from hero_onboarding.migrations import upgrade
from hero_onboarding_schema import OTime, UsageRecord
from tests.support import postgresql

HOUR = 492_322
KINDS = ("cpu", "memory", "storage", "network")


@contextmanager
def engines() -> Iterator[dict[str, "Engine"]]:
    """Give both engines; PostgreSQL only where its server programs are."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=".")))
        found: dict[str, Engine] = {"sqlite": Engine(folder, None)}
        if postgresql.find_programs() is not None:
            place = Path("/tmp") / f"hero-bench-{uuid.uuid4().hex[:12]}"
            stack.callback(shutil.rmtree, place, ignore_errors=True)
            found["postgresql"] = Engine(folder, stack.enter_context(postgresql.server(place)))
        yield found


class Engine:
    """Makes fresh databases with the newest schema."""

    def __init__(self, folder: Path, server: str | None) -> None:
        self._folder = folder
        self._server = server

    @contextmanager
    def database(self) -> Iterator[Database]:
        """Give an empty database and drop it afterwards."""
        with self.database_url() as url:
            database = open_database(url)
            try:
                upgrade(database)
                yield database
            finally:
                database.close()

    @contextmanager
    def database_url(self) -> Iterator[str]:
        """Give the address of a new database, for another process, and drop it afterwards."""
        name = f"bench_{uuid.uuid4().hex[:12]}"
        url = self._make(name)
        try:
            yield url
        finally:
            self._drop(name)

    def _make(self, name: str) -> str:
        if self._server is None:
            return f"sqlite:///{self._folder.resolve()}/{name}.sqlite"
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self._server.replace("/postgres", f"/{name}")

    def _drop(self, name: str) -> None:
        if self._server is None:
            for path in self._folder.glob(f"{name}.sqlite*"):
                path.unlink()
            return
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def records(count: int, *, node: str = "node-a", hour: int = HOUR) -> list[UsageRecord]:
    """Make records of one bucket with keys in no order of time."""
    return [
        UsageRecord(
            node_id=node,
            user_sid=f"user{n % 200:03}",
            amount_cents=n % 97,
            resource_kind=KINDS[n % 4],
            idempotency_key=f"{(n * 2_654_435_761) % 2**32:08x}-{hour}-{n}",
            occurred_at=OTime(hour * 3600 + n % 3600),
        )
        for n in range(count)
    ]
