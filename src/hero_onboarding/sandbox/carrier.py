"""Tell endpoints of events, in order, as late and as often as it is wanted."""

import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Generic, Literal, TypeVar

import msgspec

from hero_onboarding.sandbox.clock import SettableClock
from hero_onboarding.sandbox.ids import new_id
from hero_onboarding.sandbox.posting import post_letter

State = Literal["held", "waiting", "delivered", "failed", "dropped"]
STATES: Final[Mapping[str, State]] = {"on": "waiting", "held": "held", "off": "dropped"}

_TIMEOUT_SECONDS: Final = 10
_DONE_MAX: Final = 5000
_SUCCESSES: Final = range(200, 300)


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt to tell one endpoint of one event.

    Attributes:
        due_at: Unix seconds by the settable clock.
        attempt: 1 for the first.
        tries: How many there will be at most.
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
    state: State = "waiting"
    status: int = 0


DeliveryT = TypeVar("DeliveryT", bound=Delivery)
Letter = tuple[bytes, Mapping[str, str]]


class Carrier(Generic[DeliveryT]):
    """A queue of deliveries and the one thread that makes them, in order."""

    def __init__(
        self,
        clock: SettableClock,
        seal: Callable[[DeliveryT], Letter],
        retry_seconds: Sequence[int],
    ) -> None:
        """Take what turns a delivery into its body and headers when it is made."""
        self._clock = clock
        self._seal = seal
        self._retry_seconds = retry_seconds
        self._changed = threading.Condition()
        self._queue: list[DeliveryT] = []
        self._done: deque[DeliveryT] = deque(maxlen=_DONE_MAX)
        self._untold: dict[str, set[str]] = {}
        self._under_way: DeliveryT | None = None
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

    def post(self, deliveries: Sequence[DeliveryT]) -> None:
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
        """Forget every delivery; nobody hears of the one that is under way."""
        with self._changed:
            self._under_way = None
            for held in (self._queue, self._done, self._untold):
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

    def repeat(self, event: str, **changes: object) -> int:
        """Make a new first attempt for each endpoint that an event was meant for; say how many."""
        latest = {one.endpoint: one for one in self.list_deliveries() if one.event == event}
        now = self._clock.now().timestamp()
        fresh = {"attempt": 1, "due_at": now, "state": "waiting", "status": 0}
        again = [
            msgspec.structs.replace(one, id=new_id("wd_"), **fresh, **changes)
            for one in latest.values()
        ]
        self.post(again)
        return len(again)

    def wake(self) -> None:
        """Look at the clock again, since it was moved."""
        with self._changed:
            self._changed.notify_all()

    def untold(self, event: str) -> int:
        """Count the endpoints that have not taken an event yet."""
        with self._changed:
            return len(self._untold.get(event, ()))

    def list_deliveries(self) -> list[DeliveryT]:
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
            body, headers = self._seal(delivery)
            kind = {"Content-Type": "application/json; charset=utf-8"}
            status = post_letter(delivery.url, body, {**kind, **headers}, _TIMEOUT_SECONDS)
            self._finish(delivery, status)

    def _take(self) -> DeliveryT:
        now = self._clock.now().timestamp()
        due = next(one for one in self._queue if one.state == "waiting" and one.due_at <= now)
        self._queue.remove(due)
        self._under_way = due
        return due

    def _finish(self, delivery: DeliveryT, status: int) -> None:
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

    def _next(self, delivery: DeliveryT) -> DeliveryT:
        due_at = self._clock.now().timestamp() + self._retry_seconds[delivery.attempt - 1]
        return msgspec.structs.replace(
            delivery, id=new_id("wd_"), attempt=delivery.attempt + 1, due_at=due_at
        )
