"""An application and a client that has its secret."""

import asyncio
import json
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import httpx
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import select

from hero_onboarding.aggregation import check_books
from hero_onboarding.bootstrap.program import opened
from hero_onboarding.bootstrap.settings import read_settings
from hero_onboarding.database.metadata import metadata
from hero_onboarding.http import SECRET_HEADER, Mode, Role, Services
from hero_onboarding.scheduling import JobRunner, job_handlers
from hero_onboarding.usage import count_journal
from hero_onboarding.web import make_site
from tests.fakes.account import AccountedProvider

SECRET = "the-admin-secret-of-the-tests"
HEADERS = {SECRET_HEADER: SECRET, "Content-Type": "application/json"}
ORIGIN = "http://127.0.0.1"
T = TypeVar("T")


@dataclass(frozen=True)
class Api:
    """One running application."""

    app: Litestar
    services: Services
    client: TestClient[Litestar]
    folder: Path

    def get(self, path: str) -> httpx.Response:
        return self.client.get(path, headers=HEADERS)

    def post(self, path: str, body: object = None) -> httpx.Response:
        return self.send(path, b"" if body is None else json.dumps(body).encode())

    def send(self, path: str, content: bytes, **headers: str) -> httpx.Response:
        """Post bytes as they are."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(path, content=content, headers={**HEADERS, **named})

    def delete(self, path: str) -> httpx.Response:
        return self.client.delete(path, headers=HEADERS)

    def record(self, key: str = "k1", **changes: object) -> httpx.Response:
        return self.post("/record_usage", a_use(key, **changes))

    def batch(self, *records: Mapping[str, object]) -> Any:  # noqa: ANN401 - JSON
        response = self.post("/v1/usage/batch", records)
        assert response.status_code == 200, response.text
        return response.json()

    def together(self, requests: Sequence[tuple[str, object]]) -> list[httpx.Response]:
        """Post many bodies at once, over one loop."""

        async def ask() -> list[httpx.Response]:
            transport = httpx.ASGITransport(self.app)  # type: ignore[arg-type]  # typed otherwise
            async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
                posts: list[Coroutine[Any, Any, httpx.Response]] = [
                    client.post(path, json=body, headers=HEADERS, timeout=60)
                    for path, body in requests
                ]
                return await asyncio.gather(*posts)

        return asyncio.run(ask())

    def journal(self) -> tuple[int, int]:
        """Count records and buckets."""
        with self.services.database.reading() as tx:
            return count_journal(tx)

    def contents(self) -> dict[str, list[str]]:
        """Read all rows of all tables, to prove that a refusal changed nothing."""
        with self.services.database.reading() as tx:
            return {
                table.name: sorted(repr(row) for row in tx.execute(select(table)))
                for table in metadata.sorted_tables
            }

    def assert_books(self) -> None:
        with self.services.database.reading() as tx:
            assert [check for check in check_books(tx) if not check.ok] == []


def a_use(key: str = "k1", **changes: object) -> dict[str, object]:
    """The fields of a record, changed where a test cares; None takes one out."""
    fields: dict[str, object] = {
        "node_id": "node-a",
        "user_sid": "ada",
        "amount_cents": 5,
        "resource_kind": "cpu",
        "idempotency_key": key,
        "occurred_at": "2026-03-01 10:15:00",
    }
    return {name: value for name, value in (fields | changes).items() if value is not None}


@contextmanager
def served(database_url: str, folder: Path, **changes: str) -> Iterator[Api]:
    """Build an application as its program does, and stop it after the block."""
    environment = {
        "DATA_DIR": str(folder),
        "DATABASE_URL": database_url,
        "ADMIN_SECRET": SECRET,
        "NODE_NAME": "node-a",
        **changes,
    }
    settings = read_settings({f"HERO_ONBOARDING_{name}": v for name, v in environment.items()})
    with opened(settings) as parts, application_for(parts.services) as app:
        parts.services.group_commit.start()
        parts.services.inbox.start()
        try:
            with TestClient(app, base_url=ORIGIN) as client:
                yield Api(app, parts.services, client, folder)
        finally:
            parts.services.inbox.stop()
            parts.services.group_commit.stop()


@cache
def idle_applications(mode: Mode, role: Role) -> list[Litestar]:  # noqa: ARG001 - the key
    """Applications of a mode and role that no test uses now."""
    return []


@contextmanager
def application_for(services: Services) -> Iterator[Litestar]:
    """Lend an application that serves these services, made before if there is one.

    Which routes it has depends on mode and role alone, and making them takes longer than most
    tests do; all else it looks up in its state.
    """
    idle = idle_applications(services.mode, services.role)
    app = idle.pop() if idle else make_site(services)
    app.state["services"] = services
    try:
        yield app
    finally:
        idle.append(app)


def with_provider(api: Api) -> tuple[Api, AccountedProvider]:
    """Let an application take payments through a provider in memory, until its test ends."""
    provider = AccountedProvider()
    cashier = replace(api.services.cashier, providers={provider.name: provider})
    services = replace(api.services, cashier=cashier)
    runner = JobRunner(services.database, services.clock, job_handlers(services))
    services = replace(services, run_due=runner.run_due)
    api.app.state["services"] = services
    return replace(api, services=services), provider


def problem(response: httpx.Response) -> tuple[int, str]:
    """Return status and code of a problem that is one in every respect."""
    found = response.json()
    assert response.headers["content-type"] == "application/problem+json", response.headers
    assert set(found) == {"type", "title", "status", "code", "detail"}, found
    assert found["type"] == "about:blank"
    assert found["title"], found
    assert found["status"] == response.status_code
    return response.status_code, found["code"]
