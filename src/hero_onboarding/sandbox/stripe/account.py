"""The account behind the stand-in, and one visit to it."""

import copy
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

import msgspec

from hero_onboarding.sandbox.carrier import STATES
from hero_onboarding.sandbox.clock import SettableClock
from hero_onboarding.sandbox.desk import Desk
from hero_onboarding.sandbox.ids import new_id
from hero_onboarding.sandbox.request_log import RequestLog
from hero_onboarding.sandbox.stripe.cards import HeldCard
from hero_onboarding.sandbox.stripe.failures import missing
from hero_onboarding.sandbox.stripe.objects import Object, Shelf, new_id_of
from hero_onboarding.sandbox.stripe.postman import Delivery, Postman
from hero_onboarding.sandbox.stripe.replays import Replays
from hero_onboarding.sandbox.stripe.switches import Settings, Switches

WRONG_BY: Final = 100


@dataclass(frozen=True, slots=True)
class Backstage:
    """What no answer shows.

    Attributes:
        cards: The card behind a payment method; a bank account has none.
        payouts: The payout that a balance transaction is part of.
        sessions: The Checkout Session that made an intent.
        items: The lines of a Checkout Session.
        plans: What a Checkout Session's intent is made with.
        detached: Payment methods that were taken from their customers, never to be used again.
    """

    cards: dict[str, HeldCard] = field(default_factory=dict)
    payouts: dict[str, str] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)
    items: dict[str, list[Object]] = field(default_factory=dict)
    plans: dict[str, Object] = field(default_factory=dict)
    detached: set[str] = field(default_factory=set)

    def clear(self) -> None:
        """Forget it all."""
        for held in (self.cards, self.payouts, self.sessions, self.items, self.plans):
            held.clear()
        self.detached.clear()


@dataclass(frozen=True, slots=True)
class Account:
    """The account's parts.

    Attributes:
        root_url: The origin it answers on, without a final slash.
        lock: Held by whoever reads or changes the shelf.
        stopping: Set when nobody is to wait any more.
    """

    root_url: str
    clock: SettableClock
    switches: Switches
    postman: Postman
    shelf: Shelf = field(default_factory=Shelf)
    log: RequestLog = field(default_factory=RequestLog)
    replays: Replays = field(default_factory=Replays)
    backstage: Backstage = field(default_factory=Backstage)
    lock: threading.RLock = field(default_factory=threading.RLock)
    stopping: threading.Event = field(default_factory=threading.Event)

    @property
    def desk(self) -> Desk:
        """The rooms that all stand-ins share."""
        return Desk(self.switches, self.postman, self.log, self.clock)

    def clear(self) -> None:
        """Be a new account: nothing there, nothing wrong; only the clock stays where it is."""
        self.switches.reset()
        with self.lock:
            self.shelf.clear()
            self.backstage.clear()
        self.replays.clear()
        self.log.reset()
        self.postman.clear()

    @contextmanager
    def visit(self, request_id: str | None = None, key: str | None = None) -> Iterator["Visit"]:
        """Give one visitor the account; what happened is told when the visit ends."""
        visit = Visit(self, request_id, key)
        with self.lock:
            try:
                yield visit
            finally:
                visit.tell()


class Visit:
    """One visitor's hold on the account, and what caused it."""

    def __init__(self, account: Account, request_id: str | None, key: str | None) -> None:
        self.account = account
        self.has_written = False
        self._request: Object = {"id": request_id, "idempotency_key": key}
        self._events: list[Object] = []

    @property
    def shelf(self) -> Shelf:
        """The account's objects."""
        return self.account.shelf

    @property
    def backstage(self) -> Backstage:
        """What no answer shows."""
        return self.account.backstage

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self.account.switches.settings

    def now(self) -> int:
        """Give the instant in Unix seconds."""
        return int(self.account.clock.now().timestamp())

    def open(self, kind: str, fields: Mapping[str, object]) -> Object:
        """Make an object and keep it."""
        thing: Object = {
            "id": new_id_of(kind),
            "object": kind,
            "created": self.now(),
            "livemode": self.settings.is_livemode,
            **fields,
        }
        self.shelf.put(thing)
        self.has_written = True
        return thing

    def change(self, thing: Object, **fields: object) -> None:
        """Set some members of an object."""
        thing.update(fields)
        self.has_written = True

    def emit(self, kind: str, thing: Object) -> Object:
        """Note an event with the object as it is now; a twin tells of the same by another id."""
        if self.settings.has_event_twins:
            self._note(kind, thing)
        return self._note(kind, thing)

    def _note(self, kind: str, thing: Object) -> Object:
        event: Object = {
            "id": new_id_of("event"),
            "object": "event",
            "api_version": self.settings.api_version,
            "created": self.now(),
            "data": {"object": copy.deepcopy(thing)},
            "livemode": thing.get("livemode", False),
            "pending_webhooks": 0,
            "request": dict(self._request),
            "type": kind,
        }
        self.shelf.put(event)
        self.has_written = True
        self._events.append(event)
        return event

    def tell(self) -> None:
        """Hand the events to the postman, in the order that the settings want."""
        in_order = self._events if self.settings.webhook_order == "made" else self._events[::-1]
        self.account.postman.post([one for event in in_order for one in self._deliveries(event)])
        self._events = []

    def find_in(self, kind: str, thing_id: str | None, param: str) -> Object | None:
        """Return the object that a parameter names, if it names one.

        Raises:
            StripeAnswerError: If it names one that is not there.
        """
        if not thing_id:
            return None
        found = self.shelf.get(kind, thing_id, param=param)
        if found.get("deleted"):
            raise missing(kind, thing_id, param=param)
        return found

    def _deliveries(self, event: Object) -> Iterator[Delivery]:
        settings = self.settings
        for endpoint in self.shelf.list_newest("webhook_endpoint")[::-1]:
            wanted = endpoint["enabled_events"]
            if endpoint["status"] != "enabled" or not {"*", event["type"]} & set(wanted):
                continue
            told = _told(event, endpoint, settings)
            event["pending_webhooks"] += 1
            for _ in range(settings.webhook_copies):
                yield Delivery(
                    id=new_id("wd_"),
                    event=event["id"],
                    type=event["type"],
                    endpoint=endpoint["id"],
                    url=endpoint["url"],
                    body=msgspec.json.encode(told),
                    due_at=self.account.clock.now().timestamp() + settings.webhook_delay_seconds,
                    tries=settings.webhook_tries,
                    signature=settings.webhook_signature,
                    is_tampered=settings.webhook_body == "tampered",
                    state=STATES[settings.webhooks],
                )


def _told(event: Object, endpoint: Object, settings: Settings) -> Object:
    version = endpoint["api_version"] or event["api_version"]
    told = {**event, "api_version": version, "pending_webhooks": 1}
    if settings.webhook_body == "wrong-amount":
        told["data"] = with_wrong_amounts(event["data"])
    return told


def with_wrong_amounts(value: Object) -> Object:
    """Copy a value with every amount in it raised."""
    return {name: _wrong(name, held) for name, held in value.items()}


def _wrong(name: str, value: object) -> object:
    if isinstance(value, dict):
        return with_wrong_amounts(value)
    if isinstance(value, list):
        return [_wrong(name, item) for item in value]
    is_amount = name.startswith("amount") or name in {"net", "fee"}
    return value + WRONG_BY if is_amount and isinstance(value, int) else value
