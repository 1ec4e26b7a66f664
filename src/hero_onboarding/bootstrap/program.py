"""Put a server together: database, services, scheduler, applications."""

import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace

from litestar import Litestar
from litestar.types import ASGIApp

from hero_onboarding import __version__
from hero_onboarding.admin import make_dashboard
from hero_onboarding.aggregation import (
    Aggregator,
    Pusher,
    RepositoryReader,
    end_repository_leases,
)
from hero_onboarding.bootstrap.forges import reading_forge, writing_forge
from hero_onboarding.bootstrap.operator_key import make_operator_key
from hero_onboarding.bootstrap.page_processes import pages_elsewhere
from hero_onboarding.bootstrap.post import make_mailer
from hero_onboarding.bootstrap.providers import make_cashier, make_rate_keeper
from hero_onboarding.bootstrap.reading import Address
from hero_onboarding.bootstrap.rpc_socket import SocketNotOursError, bound_socket
from hero_onboarding.bootstrap.secret import make_secret, make_secret_keys, secret_check
from hero_onboarding.bootstrap.server_address import ADMIN, SERVER, announce
from hero_onboarding.bootstrap.serving import Bound, Listener, serve
from hero_onboarding.bootstrap.settings import Settings
from hero_onboarding.contacts import EmailDesk
from hero_onboarding.database import (
    Database,
    SandboxClock,
    Transaction,
    open_database,
    own_data_folder,
    own_database_file,
    sqlite_path,
    stamp_mode,
)
from hero_onboarding.http import Mode, Role, Services
from hero_onboarding.jobs import Job, end_all_leases, enqueue
from hero_onboarding.kernel.clock import Clock, SystemClock
from hero_onboarding.languages import load_locales
from hero_onboarding.mail import SEND_MAIL
from hero_onboarding.migrations import upgrade
from hero_onboarding.openid import renew_seals
from hero_onboarding.outbound import read_base_address
from hero_onboarding.overlay import MyceliumDaemon
from hero_onboarding.payments import Inbox, payment_handlers
from hero_onboarding.scheduling import (
    REFRESH_RATES,
    EmbeddedScheduler,
    JobRunner,
    embedded_actions,
    job_handlers,
)
from hero_onboarding.sign_in import Messenger, SecretBox
from hero_onboarding.usage import (
    ChargeRight,
    GroupCommit,
    Intake,
    Outcome,
    give_right,
    record_usage,
)
from hero_onboarding.web import make_rpc, make_site
from hero_onboarding_schema import UsageRecord

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Parts:
    """A server's parts before anything runs.

    Mails and payments have threads of their own: a server that does not answer holds no bill up.
    """

    services: Services
    scheduler: EmbeddedScheduler
    post: EmbeddedScheduler
    till: EmbeddedScheduler


def bring_up(database: Database, mode: Mode, clock: Clock) -> None:
    """Bring the schema up to date and mark a new database with its mode.

    A new sandbox lets every node charge every user; production gives no such right by itself.

    Raises:
        WrongModeError: If the database was made in the other mode.
    """
    upgrade(database)
    with database.transaction() as tx:
        if stamp_mode(tx, mode) and mode is Mode.SANDBOX:
            give_right(tx, ChargeRight(None, None, None), clock.now())


def build(settings: Settings, database: Database) -> Parts:
    """Build services and scheduler over an open database that is up to date."""
    clock: Clock = SandboxClock(database) if settings.mode is Mode.SANDBOX else SystemClock()
    own_node = settings.node_name if settings.role is Role.NODE else None
    intake = Intake(own_node, settings.bucket_bytes_max)
    keys = make_secret_keys(settings)
    box = SecretBox.of(keys)
    mailer = make_mailer(settings, database, clock, box)
    has_rate_limits = settings.rate_limits == "on"
    services = Services(
        mode=settings.mode,
        role=settings.role,
        version=__version__,
        node_name=settings.node_name,
        public_origin=settings.public_url,
        admin_origin=f"http://{settings.admin_listen.text}",
        database=database,
        clock=clock,
        intake=intake,
        group_commit=_group_commit(database, intake),
        pusher=Pusher(
            database,
            writing_forge(settings),
            clock,
            settings.forge_repo,
            settings.node_name,
            settings.bucket_bytes_max,
        ),
        aggregator=_aggregator(settings, database, clock),
        is_secret=secret_check(make_secret(settings)),
        box=box,
        has_rate_limits=has_rate_limits,
        messenger=_messenger(settings),
        mailer=mailer,
        email_desk=EmailDesk(mailer.outbox, keys[0].encode(), has_rate_limits),
        cashier=(cashier := make_cashier(settings, database, clock)),
        rates=make_rate_keeper(settings, cashier),
        inbox=Inbox(cashier),
        run_due=lambda: (0, 0),
        locales=load_locales(),
    )
    return _with_jobs(services)


def _with_jobs(services: Services) -> Parts:
    """Add what runs the jobs: those that send mail or ask providers apart from all others."""
    database, clock, handlers = services.database, services.clock, job_handlers(services)
    sending = {SEND_MAIL: handlers[SEND_MAIL]}
    asking = payment_handlers(services.cashier)
    others = {k: do for k, do in handlers.items() if k not in sending and k not in asking}
    runners = (
        JobRunner(database, clock, others),
        JobRunner(database, clock, sending),
        JobRunner(database, clock, asking, rest=services.inbox.give_way),
    )
    scheduler, post, till = (EmbeddedScheduler(database, clock, runner) for runner in runners)

    def run_due() -> tuple[int, int]:
        scheduler.enqueue_slots()
        return JobRunner(database, clock, handlers).run_due()

    return Parts(replace(services, run_due=run_due), scheduler, post, till)


@contextmanager
def opened(settings: Settings) -> Iterator[Parts]:
    """Open the database, alone on SQLite, and give a server's parts.

    Raises:
        DatabaseHeldError: If another process owns the data folder or the SQLite file.
        DatabaseUnavailableError: If the database can't be reached.
        WrongModeError: If the database was made in the other mode.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    with ExitStack() as stack:
        if settings.is_sqlite:
            stack.enter_context(own_data_folder(settings.data_dir))
            stack.enter_context(own_database_file(sqlite_path(settings.database_url)))
        database = open_database(settings.database_url)
        stack.callback(database.close)
        bring_up(database, settings.mode, SystemClock())
        if settings.is_sqlite:
            with database.transaction() as tx:
                _end_leases(tx)
        parts = build(settings, database)
        make_operator_key(settings, database, parts.services.clock)
        with database.transaction() as tx:
            renew_seals(tx, parts.services.box)
        yield parts


def run_server(settings: Settings, program: str) -> None:
    """Run a program in the foreground until it is told to stop.

    On SQLite either program serves both listeners; on PostgreSQL each serves its own.
    """
    with opened(settings) as parts, ExitStack() as stack:
        services = parts.services
        site = make_site(services) if settings.is_sqlite or program == SERVER else None
        wanted: list[Listener] = []
        others: list[Bound] = []
        if site is not None:
            # The copies of this process come first: later it has threads and sockets.
            shown = stack.enter_context(_shown(settings, site, services.database))
            wanted.append(Listener(SERVER, shown, settings.listen))
        if settings.role is not Role.NODE and (settings.is_sqlite or program == ADMIN):
            wanted.append(Listener(ADMIN, make_dashboard(services), settings.admin_listen))
        stack.enter_context(_running(parts, settings, schedules=site is not None))
        if site is not None:
            others = stack.enter_context(_beside(settings, site))
        serve(wanted, lambda addresses: _announce(settings, addresses), others)


def _shown(
    settings: Settings, site: Litestar, database: Database
) -> AbstractContextManager[ASGIApp]:
    """Give the site as browsers see it; a node has no pages."""
    count = 0 if settings.role is Role.NODE else settings.page_processes
    return pages_elsewhere(site, database, count)


@contextmanager
def _beside(settings: Settings, site: Litestar) -> Iterator[list[Bound]]:
    """Have the socket for machines, for the time of the block, beside the site.

    It is no reason not to start: what stands in its way is logged, and ``doctor`` says it too.
    """
    path = settings.rpc_socket
    with ExitStack() as stack:
        others: list[Bound] = []
        if path is not None:
            try:
                others = [(make_rpc(site), stack.enter_context(bound_socket(path)))]
            except (SocketNotOursError, OSError) as error:
                _log.warning("no socket for machines: %s", error)
            else:
                _log.info("the socket for machines is %s", path)
        yield others


@contextmanager
def _running(parts: Parts, settings: Settings, *, schedules: bool) -> Iterator[None]:
    """Run the threads of a server for the time of the block."""
    parts.services.group_commit.start()
    parts.services.inbox.start()
    actions = embedded_actions(settings.role, settings.scheduler) if schedules else ()
    for action in actions:
        parts.scheduler.register(action)
    running = [parts.scheduler] if actions else []
    if schedules and settings.role is not Role.NODE:
        running.append(parts.post)
        if parts.services.cashier.providers:
            running.append(parts.till)
    if schedules and settings.role is not Role.NODE and parts.services.rates.source is not None:
        with parts.services.database.transaction() as tx:
            enqueue(tx, Job(REFRESH_RATES, "start", parts.services.clock.now()))
    for scheduler in running:
        scheduler.start()
    try:
        yield
    finally:
        for scheduler in running:
            scheduler.stop()
        parts.services.inbox.stop()
        parts.services.group_commit.stop()


def _announce(settings: Settings, addresses: dict[str, Address]) -> None:
    """Say where the listeners are, to people and to the command line."""
    known = announce(settings, addresses)
    for name in addresses:
        sys.stdout.write(f"{name} listens on {known[name].origin}\n")
    sys.stdout.flush()


def _messenger(settings: Settings) -> Messenger | None:
    api = settings.mycelium_api
    return None if api is None else MyceliumDaemon(read_base_address(api))


def _group_commit(database: Database, intake: Intake) -> GroupCommit:
    def commit(records: Sequence[UsageRecord]) -> Sequence[Outcome]:
        with database.transaction() as tx:
            return record_usage(tx, records, intake)

    return GroupCommit(commit)


def _aggregator(settings: Settings, database: Database, clock: Clock) -> Aggregator:
    readers = [
        RepositoryReader(
            database, reading_forge(settings, name), clock, name, settings.bucket_bytes_max
        )
        for name in settings.forge_repos
    ]
    return Aggregator(database, clock, readers)


def _end_leases(tx: Transaction) -> None:
    """Free what a process held that had the lock before and is gone."""
    end_all_leases(tx)
    end_repository_leases(tx)
