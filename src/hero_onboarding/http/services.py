"""What the handlers of both applications are given; built once in ``bootstrap``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from litestar.datastructures import State

from hero_onboarding.aggregation import Aggregator, Pusher
from hero_onboarding.contacts import EmailDesk
from hero_onboarding.database import Database
from hero_onboarding.exchange import RateKeeper
from hero_onboarding.kernel.clock import Clock
from hero_onboarding.kernel.server import Mode, Role
from hero_onboarding.languages import Locale
from hero_onboarding.mail import Mailer
from hero_onboarding.payments import Cashier, Inbox
from hero_onboarding.sign_in import Messenger, SecretBox
from hero_onboarding.usage import GroupCommit, Intake


@dataclass(frozen=True, slots=True)
class Services:
    """Everything a handler may use.

    ``run_due`` runs the jobs that are due until none is, and returns how many ran and failed.
    ``is_secret`` compares a presented admin secret in constant time; without a configured secret
    it is always false. ``box`` seals under the server's secret key. ``messenger`` is there where a
    mycelium daemon is set. ``mailer`` carries mail, and ``email_desk`` is where users claim
    addresses. ``cashier`` takes payments through the providers that are set, and
    ``rates`` keeps what other currencies are worth; ``inbox`` stores notices that come together.
    ``locales`` holds each language of the site by its code.
    """

    mode: Mode
    role: Role
    version: str
    node_name: str
    public_origin: str
    admin_origin: str
    database: Database
    clock: Clock
    intake: Intake
    group_commit: GroupCommit
    pusher: Pusher
    aggregator: Aggregator
    is_secret: Callable[[str], bool]
    box: SecretBox
    has_rate_limits: bool
    messenger: Messenger | None
    mailer: Mailer
    email_desk: EmailDesk
    cashier: Cashier
    rates: RateKeeper
    inbox: Inbox
    run_due: Callable[[], tuple[int, int]]
    locales: Mapping[str, Locale]

    @property
    def is_https(self) -> bool:
        """Whether browsers reach the site over https, so that cookies can be kept to it."""
        return self.public_origin.startswith("https://")


def services_of(state: State) -> Services:
    """Return what the application was made with."""
    services = state["services"]
    assert isinstance(services, Services), services
    return services
