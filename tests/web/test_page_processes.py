"""Pages that other processes answer are the pages that the server itself would answer.

Here both sides of a channel live in one event loop; ``tests/end_to_end`` has real processes.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from litestar import Litestar
from litestar.types import Receive, Scope, Send

from hero_onboarding.http.page_processes import AskedElsewhere, answer_pages
from hero_onboarding.http.reading_pages import reading_paths
from hero_onboarding.identity import Origin, find_session, open_session
from hero_onboarding.web import make_site
from tests.support.world import World
from tests.web.served import SITE, services_for

PAGES = ("/", "/account", "/dashboard", "/help", "/movements", "/sign-in")


class Watched:
    """A site that counts what reaches it here."""

    def __init__(self, site: Litestar) -> None:
        self.site = site
        self.asked: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked.append(scope["path"])
        await self.site(scope, receive, send)


@asynccontextmanager
async def shown(world: World, *, processes: int = 1) -> AsyncIterator["Shown"]:
    """A site that has its pages answered through channels for the time of the block."""
    sites = [make_site(services_for(world)) for _ in range(processes)]
    pairs = [socket.socketpair() for _ in sites]
    working = [
        asyncio.create_task(answer_pages(site, theirs))
        for site, (_, theirs) in zip(sites, pairs, strict=True)
    ]
    own = make_site(services_for(world))
    watched = Watched(own)
    elsewhere = AskedElsewhere(own, [ours for ours, _ in pairs], answer_here=watched)
    await asyncio.sleep(0.01)  # for each to begin
    try:
        yield Shown(own, elsewhere, watched, working)
    finally:
        for task in working:
            task.cancel()
        await asyncio.gather(*working, return_exceptions=True)
        await asyncio.sleep(0.05)  # for the other side of each channel to see that it is closed
        for ends in pairs:
            for end in ends:
                end.close()


class Shown:
    """The site asked for itself, and through its processes."""

    def __init__(
        self,
        site: Litestar,
        elsewhere: AskedElsewhere,
        watched: Watched,
        working: "list[asyncio.Task[None]]",
    ) -> None:
        self.watched, self.working = watched, working
        self.itself, self.through = (_client(app) for app in (site, elsewhere))


def _client(application: Any) -> httpx.AsyncClient:  # noqa: ANN401 - applications have no one type
    transport = httpx.ASGITransport(application)
    return httpx.AsyncClient(transport=transport, base_url=SITE, timeout=20)


def signed_in(world: World) -> dict[str, str]:
    with world.database.transaction() as tx:
        token = open_session(tx, "ada", world.clock.now(), Origin("key"))
    return {"Cookie": f"hero_session={token}", "Accept": "text/html"}


def in_loop(test: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(asyncio.wait_for(test(), 30))


def told(answer: httpx.Response) -> tuple[int, list[tuple[str, str]], bytes]:
    return answer.status_code, sorted(answer.headers.multi_items()), answer.content


def test_every_page_that_only_reads_is_one(world: World) -> None:
    assert reading_paths(make_site(services_for(world))) == frozenset(PAGES)


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}, {"Accept-Language": "sw"}])
@pytest.mark.parametrize("is_signed_in", [True, False])
def test_pages_are_the_same(world: World, headers: dict[str, str], is_signed_in: bool) -> None:
    async def test() -> None:
        sent = {"Accept": "text/html", **(signed_in(world) if is_signed_in else {}), **headers}
        async with shown(world) as site:
            for path in (
                "/",
                "/dashboard",
                "/help",
                "/movements",
                "/movements?cursor=x",
                "/account",
            ):
                expected = await site.itself.get(path, headers=sent)
                assert told(await site.through.get(path, headers=sent)) == told(expected)
            assert site.watched.asked == []

    in_loop(test)


def test_all_else_is_answered_by_the_server_itself(world: World) -> None:
    async def test() -> None:
        async with shown(world) as site:
            await site.through.get("/health")
            await site.through.post("/sign-in")
            await site.through.head("/help")
            await site.through.request("GET", "/help", content=b"a body")
            await site.through.get("/nothing")
            assert site.watched.asked == ["/health", "/sign-in", "/help", "/help", "/nothing"]

    in_loop(test)


def test_many_pages_at_once_are_each_their_own(world: World) -> None:
    async def test() -> None:
        headers = signed_in(world)
        async with shown(world, processes=3) as site:
            expected = {path: told(await site.itself.get(path, headers=headers)) for path in PAGES}
            asked = [*PAGES] * 10
            answers = await asyncio.gather(
                *(site.through.get(path, headers=headers) for path in asked)
            )
            assert [told(one) for one in answers] == [expected[path] for path in asked]

    in_loop(test)


def test_a_page_whose_process_ends_is_answered_here(world: World) -> None:
    async def test() -> None:
        async with shown(world, processes=2) as site:
            site.working[0].cancel()
            await asyncio.gather(site.working[0], return_exceptions=True)
            for _ in range(4):
                assert (await site.through.get("/help")).status_code == 200
            assert site.watched.asked == [], "the other process answers"
            site.working[1].cancel()
            await asyncio.gather(site.working[1], return_exceptions=True)
            for _ in range(2):
                assert (await site.through.get("/help")).status_code == 200
            assert site.watched.asked == ["/help", "/help"]

    in_loop(test)


def test_a_session_that_is_seen_elsewhere_is_noted_as_seen(world: World) -> None:
    """Or it would end for not being used while somebody reads pages all day."""
    headers = signed_in(world)
    token = headers["Cookie"].partition("=")[2]
    world.clock.advance(hours=11)
    now = world.clock.now()

    async def test() -> None:
        async with shown(world) as site:
            assert (await site.through.get("/dashboard", headers=headers)).status_code == 200
            assert (await site.through.get("/dashboard", headers=headers)).status_code == 200
            assert site.watched.asked == []

    in_loop(test)

    with world.database.reading() as tx:
        session = find_session(tx, token, now)
    assert session is not None
    assert session.seen_at == now
