"""In sandbox mode both listeners answer to names of this machine alone, over real sockets."""

import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from sqlalchemy import func, select

from hero_onboarding.database import open_database
from hero_onboarding.http import SECRET_HEADER, Mode
from hero_onboarding.identity import list_users
from hero_onboarding.identity.tables import sessions
from hero_onboarding.kernel.server import is_loopback_host
from tests.conftest import NewUrl
from tests.support.world import World
from tests.web.served import SECRET, Served, served
from tests.web.states import empty_world

FOREIGN = [
    ["Host: evil.example"],
    ["Host: localhost.evil.example"],
    ["Host: 127.0.0.1.evil.example"],
    ["Host: localhost@evil.example"],
    ["Host: localhost:80@evil.example"],
    ["Host: localhost:evil"],
    ["Host: [::1].evil.example"],
    ["Host: 169.254.169.254"],
    ["Host: 0.0.0.0"],
    ["Host:"],
    ["Host: localhost", "Host: evil.example"],
    ["Host: localhost", "Host: localhost"],
    ["Host: localhost", "X-Forwarded-For: 203.0.113.7"],
    ["Host: localhost", "X-Forwarded-For: 127.0.0.1, 203.0.113.7"],
    ["Host: localhost", "X-Forwarded-For: 127.0.0.1", "X-Forwarded-For: 203.0.113.7"],
    ["Host: localhost", "X-Forwarded-For:"],
    ["Host: localhost", "X-Forwarded-Host: evil.example"],
    ["Host: localhost", "X-Real-IP: 203.0.113.7"],
    ["Host: localhost", "Forwarded: for=203.0.113.7"],
    ["Host: localhost", "Forwarded: for=127.0.0.1;host=evil.example"],
    ["Host: localhost", 'Forwarded: for="[2001:db8::1]:4711"'],
    ["Host: localhost", "Forwarded: for=unknown"],
    ["Host: localhost", "Forwarded: proto=https"],
]
OURS = [
    ["Host: localhost"],
    ["Host: LOCALHOST:9920"],
    ["Host: 127.0.0.1:1"],
    ["Host: 127.8.9.10"],
    ["Host: [::1]:9920"],
    ["Host: hero.localhost"],
    ["Host: localhost", "X-Forwarded-For: 127.0.0.1, ::1", "X-Forwarded-Host: localhost:80"],
    ["Host: localhost", 'Forwarded: for="[::1]:80";host=localhost;proto=http'],
    ["Host: localhost", "X-Real-IP: 127.0.0.1"],
]


def ask(origin: str, headers: list[str], start: str, body: str = "") -> int:
    """Send a request as it is written here; return the status of the answer."""
    where = urlsplit(origin)
    lines = [start, *headers, f"Content-Length: {len(body)}", "Connection: close", "", body]
    with socket.create_connection((where.hostname, where.port), timeout=10) as connection:
        connection.sendall("\r\n".join(lines).encode())
        answer = connection.makefile("rb").read()
    return int(answer.split(b" ", 2)[1])


@pytest.fixture
def world(new_database_url: NewUrl) -> Iterator[World]:
    database = open_database(new_database_url("sqlite"))
    yield empty_world(database)
    database.close()


@pytest.fixture
def here(world: World) -> Iterator[Served]:
    with served(world) as where:
        yield where


def create_user(here: Served, headers: list[str], version: str = "1.1") -> int:
    secret = [f"{SECRET_HEADER}: {SECRET}", "Content-Type: application/json"]
    start = f"POST /v1/users HTTP/{version}"
    return ask(here.site, [*headers, *secret], start, '{"sid":"ada"}')


def sign_in(here: Served, headers: list[str], version: str = "1.1") -> int:
    form = ["Content-Type: application/x-www-form-urlencoded", "Sec-Fetch-Site: same-origin"]
    start = f"POST /sign-in HTTP/{version}"
    return ask(here.admin, [*headers, *form], start, f"secret={SECRET.replace(' ', '+')}")


def changes(world: World) -> tuple[int, int]:
    """Count users and sessions."""
    with world.database.reading() as tx:
        opened = tx.execute(select(func.count()).select_from(sessions)).scalar_one()
        return len(list_users(tx, None).items), opened


def test_a_request_from_or_for_elsewhere_is_refused_and_changes_nothing(
    here: Served, world: World
) -> None:
    for headers in FOREIGN:
        answers = (
            create_user(here, headers),
            sign_in(here, headers),
            ask(here.site, headers, "GET /health HTTP/1.1"),
            ask(here.site, headers, "GET / HTTP/1.1"),
            ask(here.admin, headers, "GET /health HTTP/1.1"),
        )
        assert answers == (421,) * 5, headers

    assert changes(world) == (0, 0)


def test_a_request_that_names_no_host_is_refused_and_changes_nothing(
    here: Served, world: World
) -> None:
    answers = (create_user(here, [], "1.0"), sign_in(here, [], "1.0"))

    assert answers == (421, 421)
    assert changes(world) == (0, 0)


def test_a_request_under_a_name_of_this_machine_is_served(here: Served, world: World) -> None:
    for headers in OURS:
        assert create_user(here, headers) in {200, 201}, headers
        assert sign_in(here, headers) == 303, headers

    assert changes(world) == (1, len(OURS))


def test_production_is_served_under_any_name(world: World) -> None:
    with served(world, mode=Mode.PRODUCTION) as here:
        for headers in (*FOREIGN[:3], FOREIGN[12]):
            assert ask(here.site, headers, "GET /health HTTP/1.1") == 200
            assert ask(here.admin, headers, "GET /health HTTP/1.1") == 200


@pytest.mark.parametrize("host", ["::1", "[::1]", "127.0.0.1", "localhost:65535", " localhost "])
def test_a_name_of_this_machine_is_known(host: str) -> None:
    assert is_loopback_host(host)


@pytest.mark.parametrize(
    "host",
    ["", ":80", "::2", "[::1", "::1]", "[localhost]x", "localhost:", "localhost/x", "١٢٧.0.0.1"],
)
def test_what_is_no_name_of_this_machine_is_not_taken_for_one(host: str) -> None:
    assert not is_loopback_host(host)
