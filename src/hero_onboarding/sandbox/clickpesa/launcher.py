"""Start and stop a stand-in for ClickPesa, from a test or from a command."""

from datetime import datetime
from functools import partial
from typing import Final

import msgspec

from hero_onboarding.kernel.clock import Clock, SystemClock
from hero_onboarding.sandbox.carrier import Carrier
from hero_onboarding.sandbox.clickpesa import dashboard, payments
from hero_onboarding.sandbox.clickpesa.api import PREFIX
from hero_onboarding.sandbox.clickpesa.application import answer_request
from hero_onboarding.sandbox.clickpesa.gate import Gate
from hero_onboarding.sandbox.clickpesa.merchant import Credentials, Merchant
from hero_onboarding.sandbox.clickpesa.notices import RETRY_SECONDS, Notice, seal_notice
from hero_onboarding.sandbox.clickpesa.records import Json
from hero_onboarding.sandbox.clickpesa.switches import Settings, Switches
from hero_onboarding.sandbox.clock import SettableClock
from hero_onboarding.sandbox.faults import Fault
from hero_onboarding.sandbox.loopback import listen_on, origin_of
from hero_onboarding.sandbox.request_log import RequestLog
from hero_onboarding.sandbox.stand_in import StandIn

DEFAULT_CREDENTIALS: Final = Credentials("sandbox-client", "sandbox-api-key", "CHKsandbox")


class SandboxClickPesa(StandIn):
    """A merchant's account at ClickPesa on loopback, in memory: gone when the stand-in stops.

    Attributes:
        credentials: What opens it, and what bodies and notices are summed with.
        api_url: What stands before the paths of its interface.
    """

    def __init__(
        self,
        *,
        listen: str = "127.0.0.1:0",
        settings: Settings | None = None,
        clock: Clock | None = None,
        credentials: Credentials = DEFAULT_CREDENTIALS,
    ) -> None:
        listener = listen_on(listen)
        settable = SettableClock(clock or SystemClock())
        gate = Gate()
        self._merchant = Merchant(
            origin_of(listener),
            credentials,
            settable,
            Switches(settings or Settings(), Fault, gate.watch),
            gate,
            Carrier[Notice](settable, seal_notice, RETRY_SECONDS),
        )
        answer = partial(answer_request, self._merchant)
        super().__init__(listener, answer, self._merchant.postman, self._merchant.stopping)
        self.credentials = credentials
        self.api_url = f"{self.url}/{PREFIX}"

    @property
    def switches(self) -> Switches:
        """What it is told to do wrong."""
        return self._merchant.switches

    @property
    def log(self) -> RequestLog:
        """What was asked of it."""
        return self._merchant.log

    @property
    def postman(self) -> Carrier[Notice]:
        """What its endpoints were told, and are to be told."""
        return self._merchant.postman

    def act(self, name: str, /, **order: object) -> Json:
        """Do what the control room's route ``/sandbox/clickpesa/<name>`` does."""
        with self._merchant.lock:
            return dashboard.ACTS[name](self._merchant, msgspec.json.encode(order))

    def now(self) -> datetime:
        """Read its clock."""
        return self._merchant.now()

    def clear(self) -> None:
        """Be a new account: nothing there, nothing wrong; only the clock stays where it is."""
        self._merchant.clear()

    def advance(self, seconds: float) -> None:
        """Move its clock forward, and let happen what that brings about."""
        self._merchant.clock.advance(seconds)
        with self._merchant.lock:
            payments.sweep(self._merchant)
        self._merchant.postman.wake()
