"""Both applications over one world: in process, or on free ports of this machine."""

import hmac
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import uvicorn
from litestar import Litestar

from hero_onboarding.admin import make_dashboard
from hero_onboarding.http import Mode, Role, Services
from hero_onboarding.usage import GroupCommit, Intake, Outcome, record_usage
from hero_onboarding.web import make_site
from hero_onboarding_schema import UsageRecord
from tests.support.world import World

SECRET = "a secret of at least twenty characters"
_START_SECONDS = 10


def services_for(
    world: World,
    *,
    mode: Mode = Mode.SANDBOX,
    role: Role = Role.ALL,
    public_origin: str = "http://localhost:9920",
    admin_origin: str = "http://127.0.0.1:9921",
) -> Services:
    """What a server would be given, over the world's own parts."""

    def commit(records: Sequence[UsageRecord]) -> Sequence[Outcome]:
        with world.database.transaction() as tx:
            return record_usage(tx, records, Intake())

    return Services(
        mode=mode,
        role=role,
        version="0",
        node_name="node-a",
        public_origin=public_origin,
        admin_origin=admin_origin,
        database=world.database,
        clock=world.clock,
        intake=Intake(),
        group_commit=GroupCommit(commit),
        pusher=world.pusher,
        aggregator=world.aggregator,
        is_secret=lambda presented: hmac.compare_digest(presented.encode(), SECRET.encode()),
        run_due=lambda: (0, 0),
    )


@dataclass(frozen=True)
class Served:
    """Where the two applications are."""

    site: str
    admin: str


@contextmanager
def served(world: World, *, mode: Mode = Mode.SANDBOX) -> Iterator[Served]:
    """Serve both applications for the time of the block."""
    with ExitStack() as stack:
        site_socket, admin_socket = stack.enter_context(_bound()), stack.enter_context(_bound())
        where = Served(
            f"http://localhost:{site_socket.getsockname()[1]}",
            f"http://127.0.0.1:{admin_socket.getsockname()[1]}",
        )
        services = services_for(
            world, mode=mode, public_origin=where.site, admin_origin=where.admin
        )
        stack.enter_context(_running(make_site(services), site_socket))
        stack.enter_context(_running(make_dashboard(services), admin_socket))
        yield where


@contextmanager
def _bound() -> Iterator[socket.socket]:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        bound.listen(128)
        yield bound


@contextmanager
def _running(application: Litestar, bound: socket.socket) -> Iterator[None]:
    config = uvicorn.Config(
        application, lifespan="off", log_config=None, access_log=False, timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + _START_SECONDS
    while not server.started and thread.is_alive() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert server.started, "the server did not start"
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(_START_SECONDS)
        assert not thread.is_alive(), "the server did not stop"
