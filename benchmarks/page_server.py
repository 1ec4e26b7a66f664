"""A server of its own process for the benchmark of pages: the product's site, or a bare framework.

It prints its port and the cookie of a signed-in user, and ends with its standard input.
"""

import os
import socket
import sys
import threading

import uvicorn
from litestar import Litestar, MediaType, get
from litestar.types import ASGIApp

from hero_onboarding.bootstrap.page_processes import pages_elsewhere
from hero_onboarding.bootstrap.reading import default_page_processes
from hero_onboarding.bootstrap.serving import tune_collector
from hero_onboarding.database import Database, open_database
from hero_onboarding.identity import Origin, open_session
from hero_onboarding.migrations import upgrade
from hero_onboarding.web import make_site
from tests.web.served import services_for
from tests.web.states import PEOPLE, lived_in_world

BARE_BYTES = 8 * 1024


def bare() -> Litestar:
    """Make an application that answers with as many bytes as a page has, and does nothing else."""
    body = "x" * BARE_BYTES

    @get(["/", "/dashboard", "/movements"], media_type=MediaType.HTML, sync_to_thread=False)
    def show() -> str:
        return body

    return Litestar([show], openapi_config=None, logging_config=None)


def product(database_url: str) -> tuple[Litestar, Database, str]:
    """Make the site over a world with use in it, and sign somebody in; return its cookie too."""
    database = open_database(database_url)
    upgrade(database)
    world = lived_in_world(database)
    with database.transaction() as tx:
        token = open_session(tx, PEOPLE.normal, world.clock.now(), Origin("key"))
    return make_site(services_for(world)), database, f"hero_session={token}"


def main() -> None:
    """Serve one of the two."""
    which, database_url = sys.argv[1], sys.argv[2]
    if which == "bare":
        serve(bare(), "")
        return
    site, database, cookie = product(database_url)
    with pages_elsewhere(site, database, default_page_processes(is_sandbox=False)) as shown:
        serve(shown, cookie)


def serve(application: ASGIApp, cookie: str) -> None:
    """Serve until standard input ends."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(2048)
    options = {"http": "httptools", "loop": "uvloop", "log_config": None, "access_log": False}
    server = uvicorn.Server(uvicorn.Config(application, lifespan="off", **options))  # type: ignore[arg-type]  # as named
    tune_collector()
    threading.Thread(target=_end_with_input, args=(server,), daemon=True).start()
    sys.stdout.write(f"{listener.getsockname()[1]} {cookie}\n")
    sys.stdout.flush()
    server.run(sockets=[listener])


def _end_with_input(server: uvicorn.Server) -> None:
    os.read(0, 1)
    server.should_exit = True


if __name__ == "__main__":
    main()
