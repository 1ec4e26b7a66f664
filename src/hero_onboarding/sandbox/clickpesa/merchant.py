"""The merchant's account behind the stand-in."""

import threading
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from hero_onboarding.sandbox.carrier import STATES, Carrier
from hero_onboarding.sandbox.clickpesa import notices
from hero_onboarding.sandbox.clickpesa.gate import Gate
from hero_onboarding.sandbox.clickpesa.notices import Notice
from hero_onboarding.sandbox.clickpesa.records import Endpoint, Json, Store, Subscriber
from hero_onboarding.sandbox.clickpesa.switches import Settings, Switches
from hero_onboarding.sandbox.clock import SettableClock
from hero_onboarding.sandbox.desk import Desk
from hero_onboarding.sandbox.ids import new_id
from hero_onboarding.sandbox.request_log import RequestLog

CALLBACK: Final = "callback"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the merchant's dashboard shows once."""

    client_id: str
    api_key: str
    checksum_key: str


@dataclass(frozen=True, slots=True)
class Merchant:
    """The account's parts.

    Attributes:
        root_url: The origin it answers on, without a final slash.
        lock: Held by whoever reads or changes the store.
        stopping: Set when nobody is to wait any more.
    """

    root_url: str
    credentials: Credentials
    clock: SettableClock
    switches: Switches
    gate: Gate
    postman: Carrier[Notice]
    store: Store = field(default_factory=Store)
    log: RequestLog = field(default_factory=RequestLog)
    lock: threading.RLock = field(default_factory=threading.RLock)
    stopping: threading.Event = field(default_factory=threading.Event)

    @property
    def desk(self) -> Desk:
        """The rooms that all stand-ins share."""
        return Desk(self.switches, self.postman, self.log, self.clock)

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self.switches.settings

    def now(self) -> datetime:
        """Give the instant."""
        return self.clock.now()

    def clear(self) -> None:
        """Be a new account: nothing there, nothing wrong; only the clock stays where it is."""
        self.switches.reset()
        with self.lock:
            self.store.clear()
            self.gate.clear()
        self.log.reset()
        self.postman.clear()

    def subscriber(self, phone: str) -> Subscriber:
        """Say whose number it is."""
        return self.store.subscribers.get(phone) or Subscriber(phone=phone)

    def emit(self, event: str, data: Json, *, key: str | None = None) -> None:
        """Tell of an event; without the right key it is a forgery."""
        summed_with = self.credentials.checksum_key if key is None else key
        body, headers = notices.seal(event, data, self.settings, summed_with)
        self._post(event, self._endpoints(event), body, headers)

    def call_back(self, url: str, data: Json) -> None:
        """Post a flat object, without a checksum, to the address that a link was made with."""
        self._post(CALLBACK, [Endpoint(CALLBACK, url, (), "application")], notices.spell_json(data))

    def _endpoints(self, event: str) -> list[Endpoint]:
        fitting = [one for one in self.store.endpoints if {"*", event} & set(one.events)]
        of_application = [one for one in fitting if one.level == "application"]
        is_for_merchants = event == notices.DEPOSITED
        if is_for_merchants or not of_application:
            return [one for one in fitting if one.level == "merchant"]
        return of_application

    def _post(
        self,
        event: str,
        endpoints: list[Endpoint],
        body: bytes,
        headers: dict[str, str] | None = None,
    ) -> None:
        settings = self.settings
        event_id = new_id("evt_")
        due_at = self.clock.now().timestamp() + settings.webhook_delay_seconds
        made = [
            Notice(
                id=new_id("wd_"),
                event=event_id,
                type=event,
                endpoint=endpoint.id,
                url=endpoint.url,
                body=body,
                headers=headers or {},
                due_at=due_at,
                tries=settings.webhook_tries,
                state=STATES[settings.webhooks],
            )
            for endpoint in endpoints
            for _ in range(settings.webhook_copies)
        ]
        self.postman.post(made)
