"""Start and stop a stand-in for Stripe, from a test or from a command."""

from functools import partial
from typing import Final

import msgspec

from hero_onboarding.kernel.clock import Clock, SystemClock
from hero_onboarding.sandbox.clock import SettableClock
from hero_onboarding.sandbox.loopback import listen_on, origin_of
from hero_onboarding.sandbox.request_log import RequestLog
from hero_onboarding.sandbox.stand_in import StandIn
from hero_onboarding.sandbox.stripe import dashboard
from hero_onboarding.sandbox.stripe.account import Account
from hero_onboarding.sandbox.stripe.api import sweep
from hero_onboarding.sandbox.stripe.application import answer_request
from hero_onboarding.sandbox.stripe.endpoints import notices
from hero_onboarding.sandbox.stripe.objects import Object
from hero_onboarding.sandbox.stripe.postman import Postman
from hero_onboarding.sandbox.stripe.switches import Fault, Settings, Switches

API_KEY: Final = "sk_test_sandbox"


class SandboxStripe(StandIn):
    """An account at Stripe on loopback, in memory: it is gone when the stand-in stops.

    Attributes:
        secret_key: A key that may do everything; so may any other that begins with ``sk_test_``.
    """

    secret_key = API_KEY

    def __init__(
        self,
        *,
        listen: str = "127.0.0.1:0",
        settings: Settings | None = None,
        clock: Clock | None = None,
    ) -> None:
        listener = listen_on(listen)
        settable = SettableClock(clock or SystemClock())
        switches = Switches(settings or Settings(), Fault)
        self._account = Account(origin_of(listener), settable, switches, Postman(settable))
        answer = partial(answer_request, self._account)
        super().__init__(listener, answer, self._account.postman, self._account.stopping)

    @property
    def switches(self) -> Switches:
        """What it is told to do wrong."""
        return self._account.switches

    @property
    def log(self) -> RequestLog:
        """What was asked of it."""
        return self._account.log

    @property
    def postman(self) -> Postman:
        """What its endpoints were told, and are to be told."""
        return self._account.postman

    def add_endpoint(self, url: str, *, secret: str = "", events: tuple[str, ...] = ("*",)) -> str:
        """Add an endpoint on this machine, and return the secret that it is told with."""
        with self._account.visit() as visit:
            return notices.open_endpoint(visit, url, list(events), secret)[1]

    def act(self, name: str, **order: object) -> Object:
        """Do what the control room's route ``/sandbox/stripe/<name>`` does."""
        with self._account.visit() as visit:
            return dashboard.ACTS[name](visit, msgspec.json.encode(order))

    def now(self) -> int:
        """Read its clock, in Unix seconds."""
        return int(self._account.clock.now().timestamp())

    def clear(self) -> None:
        """Be a new account: nothing there, nothing wrong; only the clock stays where it is."""
        self._account.clear()

    def advance(self, seconds: float) -> None:
        """Move its clock forward, and let happen what that brings about."""
        self._account.clock.advance(seconds)
        with self._account.visit() as visit:
            sweep(visit)
        self._account.postman.wake()
