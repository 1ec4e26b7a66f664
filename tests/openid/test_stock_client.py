"""A stock client of another library signs a user in, over HTTP and real servers."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from examples.relying_party.relying_party import SESSION, Registration, make_client, make_server
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
def registered(program: Program) -> Iterator[Registration]:
    """Register the sample by command, serve it, and say where."""
    shell = Shell(program.environment)
    made = shell("clients", "create", "--name", "Notes", "--redirect-uri", PORTLESS, "--json").json
    unbound = Registration(origin_of(program), made["id"], made["secret"], "http://127.0.0.1:0")
    with make_server(unbound, 0) as server:
        origin = f"http://127.0.0.1:{server.server_address[1]}"
        bound = Registration(origin_of(program), made["id"], made["secret"], origin)
        handler = server.RequestHandlerClass
        handler.service.registration = bound  # type: ignore[attr-defined]  # the sample's own
        handler.service.client = make_client(bound)  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield bound
        finally:
            server.shutdown()
            thread.join(10)


def test_a_stock_client_signs_a_user_in(program: Program) -> None:
    shell = Shell(program.environment)
    assert shell("users", "create", "--sid", "ada", "--name", "Ada").code == 0
    with registered(program) as service, httpx.Client() as here, httpx.Client() as there:
        entered = here.post(
            f"{origin_of(program)}/sandbox/sign-in", data={"user_sid": "ada"}, headers=FROM_HERE
        )
        assert entered.status_code == 303, entered.text

        begun = there.get(f"{service.origin}/sign-in")
        assert begun.headers["Location"].startswith(f"{origin_of(program)}/oauth/authorize?")
        page = here.get(begun.headers["Location"], headers=PAGE)
        assert page.status_code == 200, page.text
        form = {"request": sealed_in(page), "decision": "continue"}
        given = here.post(f"{origin_of(program)}/oauth/authorize", data=form, headers=FROM_HERE)
        back = there.get(location_of(given))

        assert (back.status_code, back.headers.get("Location")) == (303, "/"), back.text
        assert there.cookies[SESSION]
        shown = there.get(service.origin).text
        assert "You are signed in" in shown
        assert "<dt>hero_sid</dt><dd>ada</dd>" in shown
        assert "<dt>sub</dt>" in shown

        again = there.get(location_of(given))
        assert again.status_code == 403, "an address with a code works once"


def test_a_stock_client_takes_no_answer_that_it_did_not_ask_for(program: Program) -> None:
    with registered(program) as service, httpx.Client() as there:
        there.get(f"{service.origin}/sign-in")
        answer = there.get(f"{service.origin}/callback?code=x&state=y")
        assert answer.status_code == 403
