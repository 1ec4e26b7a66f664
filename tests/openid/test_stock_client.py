"""A stock client of another library signs a user in, over HTTP and real servers."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest

from examples.relying_party.relying_party import (
    SESSION,
    STATES,
    STATES_MAX,
    Registration,
    Service,
    make_client,
    make_server,
)
from tests.openid.party import FROM_HERE, PAGE, location_of, sealed_in
from tests.support.programs import SERVER, Program, environment_of, serving
from tests.support.shell import Shell

PORTLESS = "http://127.0.0.1/callback"
"""Any port of loopback will do, so that the service may take one that is free."""


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """A real server on a free port."""
    folder = tmp_path_factory.mktemp("provider") / "data"
    with serving(environment_of(folder, SCHEDULER="off")) as found:
        yield found


def origin_of(program: Program) -> str:
    return program.origins[SERVER]


@contextmanager
def registered(program: Program) -> Iterator[Service]:
    """Register the sample by command, serve it, and say where."""
    shell = Shell(program.environment)
    made = shell("clients", "create", "--name", "Notes", "--redirect-uri", PORTLESS, "--json").json
    unbound = Registration(origin_of(program), made["id"], made["secret"], "http://127.0.0.1:0")
    with make_server(unbound, 0) as server:
        origin = f"http://127.0.0.1:{server.server_address[1]}"
        bound = Registration(origin_of(program), made["id"], made["secret"], origin)
        service: Service = server.RequestHandlerClass.service  # type: ignore[attr-defined]
        service.registration, service.client = bound, make_client(bound)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield service
        finally:
            server.shutdown()
            thread.join(10)


@contextmanager
def ada_at(program: Program) -> Iterator[httpx.Client]:
    """Open the window in which Ada is signed in here."""
    shell = Shell(program.environment)
    shell("users", "create", "--sid", "ada", "--name", "Ada")
    with httpx.Client() as here:
        entered = here.post(
            f"{origin_of(program)}/sandbox/sign-in", data={"user_sid": "ada"}, headers=FROM_HERE
        )
        assert entered.status_code == 303, entered.text
        yield here


def allow(here: httpx.Client, location: str) -> str:
    """Let the sample know who signs in; return where that leads."""
    page = here.get(location, headers=PAGE)
    if page.status_code == 303:
        return location_of(page)
    assert page.status_code == 200, page.text
    form = {"request": sealed_in(page), "decision": "continue"}
    url = page.url.copy_with(path="/oauth/authorize", query=None)
    return location_of(here.post(url, data=form, headers=FROM_HERE))


def begin(there: httpx.Client, service: Registration) -> str:
    return there.get(f"{service.origin}/sign-in").headers["Location"]


def test_a_stock_client_signs_a_user_in(program: Program) -> None:
    with registered(program) as found, ada_at(program) as here, httpx.Client() as there:
        service = found.registration
        begun = begin(there, service)
        assert begun.startswith(f"{origin_of(program)}/oauth/authorize?")
        given = allow(here, begun)
        back = there.get(given)

        assert (back.status_code, back.headers.get("Location")) == (303, "/"), back.text
        assert there.cookies[SESSION]
        assert STATES not in there.cookies
        shown = there.get(service.origin).text
        assert "You are signed in" in shown
        assert "<dt>hero_sid</dt><dd>ada</dd>" in shown
        assert "<dt>sub</dt>" in shown
        assert there.get(given).status_code == 403, "an address with a code works once"


def test_two_windows_of_one_browser_sign_in_beside_each_other(program: Program) -> None:
    with registered(program) as found, ada_at(program) as here, httpx.Client() as there:
        begun = [begin(there, found.registration) for _ in range(STATES_MAX + 1)]
        statuses = [there.get(allow(here, one)).status_code for one in begun]
        assert statuses == [403] + [303] * STATES_MAX, "so many at a time"
        assert STATES not in there.cookies


@pytest.mark.parametrize("changes", [{"iss": None}, {"iss": "http://evil.example"}, {"code": None}])
def test_a_stock_client_takes_no_answer_without_its_parts(
    program: Program, changes: dict[str, str | None]
) -> None:
    with registered(program) as found, ada_at(program) as here, httpx.Client() as there:
        url = urlsplit(allow(here, begin(there, found.registration)))
        query = {**dict(parse_qsl(url.query)), **changes}
        left = urlencode({name: value for name, value in query.items() if value is not None})
        refused = there.get(url._replace(query=left).geturl())
        assert (refused.status_code, SESSION in there.cookies) == (403, False)
        assert "Nobody was signed in" in refused.text


@pytest.mark.parametrize("state", ["y", "%C3%A9", ""])
def test_a_stock_client_takes_no_answer_that_it_did_not_ask_for(
    program: Program, state: str
) -> None:
    with registered(program) as found, httpx.Client() as there:
        begin(there, found.registration)
        where = f"{found.registration.origin}/callback?code=x&iss={origin_of(program)}"
        assert there.get(f"{where}&state={state}").status_code == 403


def test_a_stock_client_takes_no_token_for_another_nonce(program: Program) -> None:
    with registered(program) as found, ada_at(program) as here, httpx.Client() as there:
        url = urlsplit(begin(there, found.registration))
        query = urlencode({**dict(parse_qsl(url.query)), "nonce": "another"})
        refused = there.get(allow(here, url._replace(query=query).geturl()))
        assert (refused.status_code, SESSION in there.cookies) == (403, False)


def test_a_stock_client_takes_no_token_of_the_future(program: Program) -> None:
    """The last one here: nothing turns the program's clock back."""
    with registered(program) as found, ada_at(program) as here, httpx.Client() as there:
        assert Shell(program.environment)("sandbox", "clock", "--advance", "3600").code == 0
        refused = there.get(allow(here, begin(there, found.registration)))
        assert (refused.status_code, SESSION in there.cookies) == (403, False)
