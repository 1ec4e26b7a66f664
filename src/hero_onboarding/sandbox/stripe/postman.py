"""Tell endpoints of events: signed, tried again, and wrong in every way that is asked for."""

import threading
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Mapping, Sequence
from http.client import HTTPException
from typing import Final, Literal
from urllib.parse import urlsplit

import msgspec

from hero_onboarding.kernel.overriding import override
from hero_onboarding.sandbox.clock import SettableClock
from hero_onboarding.sandbox.loopback import is_loopback_name
from hero_onboarding.sandbox.stripe.objects import new_id
from hero_onboarding.sandbox.stripe.signing import SignatureSwitch, faulty_header

RETRY_SECONDS: Final = (3600, 3 * 3600)
State = Literal["held", "waiting", "delivered", "failed", "dropped"]

_TIMEOUT_SECONDS: Final = 10
_DONE_MAX: Final = 5000
_SUCCESSES: Final = range(200, 300)


class Secret(msgspec.Struct, frozen=True):
    """One secret of an endpoint; a rolled one ends at some instant, in Unix seconds."""

    text: str
    ends_at: int | None = None


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt to tell one endpoint of one event.

    Attributes:
        due_at: Unix seconds by the settable clock.
        attempt: 1 for the first.
        tries: How many there will be at most.
        is_tampered: Whether the body is changed after it was signed.
        status: What the endpoint answered; 0 if it did not.
    """

    id: str
    event: str
    type: str
    endpoint: str
    url: str
    body: bytes
    due_at: float
    attempt: int = 1
    tries: int = 3
    signature: SignatureSwitch = "right"
    is_tampered: bool = False
    state: State = "waiting"
    status: int = 0


class Postman:
    """A queue of deliveries and the one thread that makes them, in order."""

    def __init__(self, clock: SettableClock) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._queue: list[Delivery] = []
        self._done: deque[Delivery] = deque(maxlen=_DONE_MAX)
        self._untold: dict[str, set[str]] = {}
        self._secrets: dict[str, tuple[Secret, ...]] = {}
        self._under_way: Delivery | None = None
        self._is_stopping = False
        self._thread = threading.Thread(target=self._run, name="sandbox-notices", daemon=True)

    def start(self) -> None:
        """Deliver from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Leave what is waiting, and return when nothing is under way; twice is harmless."""
        with self._changed:
            self._is_stopping = True
            self._changed.notify_all()
        if self._thread.ident is not None:
            self._thread.join(_TIMEOUT_SECONDS + 1)

    def set_secrets(self, endpoint: str, secrets: Sequence[Secret]) -> None:
        """Say with what an endpoint's deliveries are signed."""
        with self._changed:
            self._secrets[endpoint] = tuple(secrets)

    def secrets_of(self, endpoint: str) -> tuple[Secret, ...]:
        """List the secrets of an endpoint that are in force, the newest first."""
        now = self._clock.now().timestamp()
        with self._changed:
            held = self._secrets.get(endpoint, ())
        return tuple(one for one in held if one.ends_at is None or now < one.ends_at)

    def post(self, deliveries: Sequence[Delivery]) -> None:
        """Take deliveries in the order in which they are to be made."""
        with self._changed:
            for delivery in deliveries:
                self._untold.setdefault(delivery.event, set()).add(delivery.endpoint)
                lost = delivery.state == "dropped"
                (self._done if lost else self._queue).append(delivery)
            self._changed.notify_all()

    def release(self, order: Literal["made", "reversed"]) -> int:
        """Let go of what is held, in one order or the other; say how many."""
        with self._changed:
            held = [one for one in self._queue if one.state == "held"]
            kept = [one for one in self._queue if one.state != "held"]
            freed = [msgspec.structs.replace(one, state="waiting") for one in held]
            self._queue = kept + (freed if order == "made" else freed[::-1])
            self._changed.notify_all()
            return len(held)

    def clear(self) -> None:
        """Forget every delivery and secret; nobody hears of the one that is under way."""
        with self._changed:
            self._under_way = None
            for held in (self._queue, self._done, self._untold, self._secrets):
                held.clear()

    def hurry(self) -> int:
        """Make every waiting attempt due now; say how many."""
        now = self._clock.now().timestamp()
        with self._changed:
            waiting = [one for one in self._queue if one.state == "waiting"]
            self._queue = [
                msgspec.structs.replace(one, due_at=now) if one.state == "waiting" else one
                for one in self._queue
            ]
            self._changed.notify_all()
            return len(waiting)

    def wake(self) -> None:
        """Look at the clock again, since it was moved."""
        with self._changed:
            self._changed.notify_all()

    def untold(self, event: str) -> int:
        """Count the endpoints that have not taken an event yet."""
        with self._changed:
            return len(self._untold.get(event, ()))

    def list_deliveries(self) -> list[Delivery]:
        """List attempts: those made, in their order, then those to come."""
        with self._changed:
            under_way = [self._under_way] if self._under_way else []
            return [*self._done, *under_way, *self._queue]

    def wait_until_idle(self, seconds: float) -> bool:
        """Wait until nothing is due and nothing under way; say whether that was so in time."""
        with self._changed:
            return self._changed.wait_for(self._is_idle, seconds)

    def wait_until_tried(self, event: str, seconds: float) -> bool:
        """Wait until each endpoint was told of an event once, whatever it answered."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._is_coming(event), seconds)

    def _is_coming(self, event: str) -> bool:
        now = self._clock.now().timestamp()
        coming = [one for one in self._queue if one.state == "waiting" and one.due_at <= now]
        under_way = [self._under_way] if self._under_way else []
        return any(one.event == event for one in [*coming, *under_way])

    def _is_idle(self) -> bool:
        return self._under_way is None and self._seconds_to_next() > 0

    def _seconds_to_next(self) -> float:
        now = self._clock.now().timestamp()
        dues = [one.due_at for one in self._queue if one.state == "waiting"]
        return min(dues) - now if dues else threading.TIMEOUT_MAX

    def _run(self) -> None:
        while True:
            with self._changed:
                if self._is_stopping:
                    return
                seconds = self._seconds_to_next()
                if seconds > 0:
                    self._changed.notify_all()
                    self._changed.wait(min(seconds, threading.TIMEOUT_MAX))
                    continue
                delivery = self._take()
            self._finish(delivery, self._send(delivery))

    def _take(self) -> Delivery:
        now = self._clock.now().timestamp()
        due = next(one for one in self._queue if one.state == "waiting" and one.due_at <= now)
        self._queue.remove(due)
        self._under_way = due
        return due

    def _send(self, delivery: Delivery) -> int:
        moment = int(self._clock.now().timestamp())
        secrets = [one.text for one in self.secrets_of(delivery.endpoint)]
        header = faulty_header(delivery.signature, secrets, moment, delivery.body)
        body = delivery.body + b" " if delivery.is_tampered else delivery.body
        headers = {} if header is None else {"Stripe-Signature": header}
        return _post(delivery.url, body, headers)

    def _finish(self, delivery: Delivery, status: int) -> None:
        is_taken = status in _SUCCESSES
        done = msgspec.structs.replace(
            delivery, status=status, state="delivered" if is_taken else "failed"
        )
        with self._changed:
            if self._under_way is not delivery:
                return
            self._under_way = None
            self._done.append(done)
            if is_taken:
                self._untold.get(delivery.event, set()).discard(delivery.endpoint)
            elif delivery.attempt < delivery.tries:
                self._queue.append(self._next(delivery))
            self._changed.notify_all()

    def _next(self, delivery: Delivery) -> Delivery:
        due_at = self._clock.now().timestamp() + RETRY_SECONDS[delivery.attempt - 1]
        return msgspec.structs.replace(
            delivery, id=new_id("wd_"), attempt=delivery.attempt + 1, due_at=due_at
        )


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    @override
    def redirect_request(self, *_: object, **__: object) -> None:
        return None


def _post(url: str, body: bytes, headers: Mapping[str, str]) -> int:
    assert is_loopback_name(urlsplit(url).hostname or ""), url
    request = urllib.request.Request(  # noqa: S310 - the scheme was checked when the endpoint was made
        url,
        body,
        {"Content-Type": "application/json; charset=utf-8", "User-Agent": "Stripe/1.0", **headers},
        method="POST",
    )
    # No proxy is asked: the receiver is on this machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirects())
    try:
        with opener.open(request, timeout=_TIMEOUT_SECONDS) as response:
            return int(response.status)
    except urllib.error.HTTPError as refusal:
        refusal.close()
        return refusal.code
    except (OSError, HTTPException):
        return 0
