"""Both applications over one world: in process, or on free ports of this machine."""

import hmac
import re
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from html import unescape

import httpx
import uvicorn
from litestar import Litestar
from litestar.testing import TestClient

from hero_onboarding.admin import make_dashboard
from hero_onboarding.contacts import EmailDesk
from hero_onboarding.exchange import RateKeeper
from hero_onboarding.http import Mode, Role, Services
from hero_onboarding.languages import NO_BREAK, load_locales
from hero_onboarding.mail import Mailer, Outbox, SandboxMailbox, Sender, load_texts
from hero_onboarding.payments import Cashier, Inbox, PaymentProvider
from hero_onboarding.scheduling import report_mail
from hero_onboarding.sign_in import SecretBox
from hero_onboarding.usage import GroupCommit, Intake, Outcome, record_usage
from hero_onboarding.web import make_site
from hero_onboarding_schema import UsageRecord
from tests.fakes.cards import FakeCardProvider
from tests.fakes.mobile import FakeMobile
from tests.fakes.post import FakeBox
from tests.support.world import World

SECRET = "a secret of at least twenty characters"
SITE = "http://hero.localhost:9920"
ADMIN = "http://127.0.0.1:9921"
_START_SECONDS = 10


def mailer_for(world: World, public_origin: str, sender: Sender | None) -> Mailer:
    """Who carries a site's mail."""
    outbox = Outbox(sender is not None, FakeBox(), load_texts())
    return Mailer(world.database, world.clock, outbox, sender, public_origin, report_mail)


def services_for(
    world: World,
    *,
    mode: Mode = Mode.SANDBOX,
    role: Role = Role.ALL,
    public_origin: str = SITE,
    admin_origin: str = ADMIN,
    sender: Sender | None = None,
) -> Services:
    """What a server would be given, over the world's own parts; the sandbox keeps its mails."""
    if sender is None and mode is Mode.SANDBOX:
        sender = SandboxMailbox(world.database)
    mailer = mailer_for(world, public_origin, sender)

    def commit(records: Sequence[UsageRecord]) -> Sequence[Outcome]:
        with world.database.transaction() as tx:
            return record_usage(tx, records, Intake())

    providers: dict[str, PaymentProvider] = {
        "stripe": FakeCardProvider(),
        "clickpesa": FakeMobile(),
    }
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
        mailer=mailer,
        email_desk=EmailDesk(mailer.outbox, b"a key of the tests", has_limits=False),
        rates=RateKeeper(world.database, world.clock, None, 200),
        cashier=(cashier := Cashier(world.database, world.clock, providers, public_origin)),
        inbox=Inbox(cashier),
        run_due=lambda: (0, 0),
        box=SecretBox.of(["a key of the tests"]),
        has_rate_limits=False,
        locales=load_locales(),
        messenger=None,
    )


@dataclass(frozen=True)
class Browser:
    """Sends what a browser would send that has script switched off."""

    client: TestClient[Litestar]

    def get(self, path: str, **headers: str) -> httpx.Response:
        asked = {"Accept": "text/html,*/*;q=0.8", **_dashed(headers)}
        return self.client.get(path, headers=asked, follow_redirects=False)

    def post(self, path: str, form: dict[str, str] | None = None, **headers: str) -> httpx.Response:
        sent = {"Accept": "text/html,*/*;q=0.8", **_dashed(headers)}
        return self.client.post(path, data=form or {}, headers=sent, follow_redirects=False)

    def submit(self, path: str, **form: str) -> httpx.Response:
        """Send a form from a page of the site's own."""
        return self.post(path, form, sec_fetch_site="same-origin")

    def sign_in(self, sid: str) -> None:
        assert self.submit("/sandbox/sign-in", user_sid=sid).status_code == 303


def words(html: str) -> str:
    """Return what a person reads in the main part of a page, on one line."""
    main = html.partition("<main")[2].partition(">")[2].partition("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).replace(NO_BREAK, " ").split())


def _dashed(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


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
