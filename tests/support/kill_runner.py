"""Run one push, retry and pass again and again, killed at another point each time.

A program of its own with no threads, so that it can fork: each kill point is a fork of this warm
process on a fresh copy of the forge and of the database; PostgreSQL's is put back to what it was.
Reads a plan as JSON from standard input and prints what it found as one JSON object.
"""

import gc
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import msgspec
from sqlalchemy import text

from hero_onboarding.aggregation import check_books, count_quarantine
from hero_onboarding.database import Database, open_database
from hero_onboarding.forge import Forge, forgejo, git
from hero_onboarding.incidents import list_incidents
from hero_onboarding.wallet import get_wallet
from tests.fakes.clock import FakeClock
from tests.support import compiled
from tests.support.saved import SavedDatabase
from tests.support.world import World


class Plan(msgspec.Struct, frozen=True):
    """Where everything lies; ``part`` of ``parts`` says which kill points are ours."""

    engine: str
    database: str
    folder: str
    repository: str
    users: list[str]
    part: int
    parts: int
    sandbox: dict[str, str] | None = None


@dataclass
class KillAt:
    """A trace that kills the process at its n-th point, or only counts."""

    at: int | None
    points: int = 0

    def __call__(self, _: str) -> None:
        self.points += 1
        if self.points == self.at:
            os.kill(os.getpid(), signal.SIGKILL)


@dataclass(frozen=True)
class Place:
    """A copy of the database and of the forge, for one kill point."""

    plan: Plan
    name: str
    saved: SavedDatabase | None

    @property
    def folder(self) -> Path:
        return Path(self.plan.folder) / self.name

    @property
    def url(self) -> str:
        if self.saved is not None:
            return self.saved.url
        return f"sqlite:///{self.folder}/hero.sqlite"

    def make(self) -> None:
        self.folder.mkdir()
        if self.saved is not None:
            self.saved.restore()
        else:
            shutil.copy(self.plan.database, self.folder / "hero.sqlite")
        if self.plan.sandbox is None:
            shutil.copytree(self.plan.repository, self.folder / "forge.git")
        else:
            self._make_sandbox_repository(self.plan.sandbox)

    def _make_sandbox_repository(self, sandbox: dict[str, str]) -> None:
        response = httpx.post(
            f"{sandbox['url']}/api/v1/user/repos",
            json={"name": self.name, "default_branch": "main"},
            headers={"Authorization": f"token {sandbox['token']}"},
            trust_env=False,
            verify=False,  # no TLS here, and reading the authorities takes longest of all
        )
        response.raise_for_status()
        shutil.copytree(
            self.plan.repository,
            Path(sandbox["root"]) / "sandbox" / f"{self.name}.git",
            dirs_exist_ok=True,
        )

    def drop(self) -> None:
        shutil.rmtree(self.folder)

    def forge(self, trace: Callable[[str], None]) -> Forge:
        sandbox = self.plan.sandbox
        if sandbox is None:
            address = git.folder_address(self.folder / "forge.git")
            return git.connect(
                git.GitSettings(address, self.folder / "clone.git", "main"), trace=trace
            )
        root = forgejo.read_root(sandbox["url"])
        settings = forgejo.ForgejoSettings(root, f"sandbox/{self.name}", "main", sandbox["token"])
        return forgejo.connect(settings, trace=trace)

    def run(self, trace: Callable[[str], None]) -> World:
        database = open_database(self.url, trace=trace)
        world = World(database, self.forge(trace), FakeClock())
        world.push()
        world.retry()
        world.aggregate()
        return world


def in_child(work: Callable[[], Any]) -> tuple[int, Any]:
    """Do something in a fork; return how it ended and what it answered."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        answer = work()
        os.write(writing, json.dumps(answer).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read()
    _, status = os.waitpid(pid, 0)
    return status, json.loads(said) if said else None


def outcome(world: World, users: list[str]) -> dict[str, Any]:
    """What must be the same however often it was killed."""
    with world.database.reading() as tx:
        return {
            "nets": {sid: get_wallet(tx, sid).net for sid in users},
            "quarantine": count_quarantine(tx),
            "incidents": sorted(one.kind for one in list_incidents(tx, None).items),
            "wrong": [check.name for check in check_books(tx) if not check.ok],
        }


def finish(place: Place) -> dict[str, Any]:
    """Start anew where a killed process left off, as a server does."""
    end_leases(open_database(place.url))
    return outcome(place.run(lambda _: None), place.plan.users)


def end_leases(database: Database) -> None:
    """Let the dead worker's lease run out; on SQLite taking the lock does it at once."""
    with database.transaction() as tx:
        tx.execute(text("UPDATE repositories SET lease_until = 0"))
    database.close()


def count_points(plan: Plan, saved: SavedDatabase | None) -> tuple[int, dict[str, Any]]:
    """Run once to the end: how many points there are, and what comes out."""
    place = Place(plan, f"clean_{plan.part}", saved)
    place.make()

    def work() -> Any:  # noqa: ANN401 - two values
        counter = KillAt(None)
        world = place.run(counter)
        points, found = counter.points, outcome(world, plan.users)
        world.database.close()
        return points, found

    answer = work()
    place.drop()
    return answer[0], answer[1]


def warm_up(plan: Plan, saved: SavedDatabase | None) -> tuple[int, dict[str, Any]]:
    """Count the points in this process, so that no fork compiles its statements again."""
    compiled.share()
    found = count_points(plan, saved)
    gc.collect()
    gc.freeze()  # or else each fork copies all pages that its collector goes through
    return found


def kill_at(place: Place, point: int, clean: dict[str, Any]) -> str:
    """Kill at one point and finish; return what differs, if anything."""
    place.make()
    status, _ = in_child(lambda: outcome(place.run(KillAt(point)), place.plan.users))
    if not os.WIFSIGNALED(status) or os.WTERMSIG(status) != signal.SIGKILL:
        return f"point {point} was never reached: {status}"
    status, found = in_child(lambda: finish(place))
    place.drop()
    if status or found != clean:
        return f"point {point}: {found} instead of {clean}"
    return ""


def main() -> None:
    plan = msgspec.json.decode(sys.stdin.buffer.read(), type=Plan)
    saved = SavedDatabase.of(plan.database) if plan.engine == "postgresql" else None
    points, clean = warm_up(plan, saved)
    ours = [n for n in range(1, points + 1) if n % plan.parts == plan.part]
    places = {n: Place(plan, f"kill_{plan.part}_{n}", saved) for n in ours}
    found = [kill_at(place, n, clean) for n, place in places.items()]
    problems = [problem for problem in found if problem]
    print(json.dumps({"points": points, "killed": len(ours), "clean": clean, "wrong": problems}))


if __name__ == "__main__":
    main()
