"""What the stand-in is told to do wrong, for good or for the next few requests."""

import threading
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from hero_onboarding.sandbox.stripe.signing import SignatureSwitch

Positive = Annotated[int, Meta(ge=1)]
Seconds = Annotated[float, Meta(ge=0, le=120)]
FaultKind = Literal[
    "drop", "drop-after", "answer", "answer-after", "delay", "delay-after", "wrong-amount"
]


class Fault(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that goes wrong, for requests that match.

    Attributes:
        kind: What goes wrong. ``drop`` cuts the connection before anything happens, ``drop-after``
            after the effect; ``answer`` and ``answer-after`` put another status in place of the
            real answer at the same two moments; ``delay`` waits while the request's key is taken,
            ``delay-after`` once the result is kept; ``wrong-amount`` adds to every amount answered.
        method: A method, or ``*``.
        path_prefix: How the path begins, as in ``/v1/refunds``.
        count: How many requests it befalls; None goes on until it is cleared.
        status: Status of ``answer`` and ``answer-after``.
        retry_after_seconds: Sent as ``Retry-After`` with that status.
        should_retry: Sent as ``Stripe-Should-Retry`` with that status.
        is_kept: Whether ``answer-after`` is what the request's key gives from now on.
        seconds: Length of a delay.
        message: What the error says.
    """

    kind: FaultKind
    method: str = "*"
    path_prefix: str = "/"
    count: Positive | None = None
    status: Annotated[int, Meta(ge=400, le=599)] = 500
    retry_after_seconds: Annotated[int, Meta(ge=0)] | None = None
    should_retry: bool | None = None
    is_kept: bool = False
    seconds: Seconds = 0
    message: str = ""

    def matches(self, method: str, path: str) -> bool:
        """Say whether a request is one of those meant."""
        return self.method in {"*", method} and path.startswith(self.path_prefix)


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the stand-in is set up until somebody changes it.

    Attributes:
        outage: ``closed`` cuts every connection, ``unavailable`` answers 503.
        delay_seconds: Waited before every request is handled.
        api_version: Version of events and of calls that name none.
        is_livemode: What ``livemode`` says of new objects.
        tzs_per_usd: The rate at which shillings are settled.
        dispute_fee: US cents for each dispute that moves money.
        balance_transactions: ``later`` leaves them out of new charges until they are asked for.
        refunds: What becomes of new refunds; ``failed`` ones succeed first.
        has_event_twins: Whether each change makes two events, with ids of their own.
        webhooks: ``held`` keeps notices until they are released, ``off`` loses them.
        webhook_copies: How often an endpoint is told of one event.
        webhook_order: In which order the events of one change are told.
        webhook_delay_seconds: Waited before an endpoint is told, by the settable clock.
        webhook_signature: Whether deliveries are signed right, and if not, how.
        webhook_body: ``wrong-amount`` is signed right, ``tampered`` was changed after signing.
        webhook_tries: How often one delivery is tried in all.
        checkout_wait_seconds: How long the page waits for its notice before it sends people back.
    """

    outage: Literal["none", "closed", "unavailable"] = "none"
    delay_seconds: Seconds = 0
    api_version: str = "2026-10-28.endive"
    is_livemode: bool = False
    tzs_per_usd: Positive = 2500
    dispute_fee: Annotated[int, Meta(ge=0)] = 1500
    balance_transactions: Literal["at-once", "later"] = "at-once"
    refunds: Literal["succeeded", "pending", "failed"] = "succeeded"
    has_event_twins: bool = False
    webhooks: Literal["on", "held", "off"] = "on"
    webhook_copies: Annotated[int, Meta(ge=1, le=10)] = 1
    webhook_order: Literal["made", "reversed"] = "made"
    webhook_delay_seconds: Annotated[int, Meta(ge=0)] = 0
    webhook_signature: SignatureSwitch = "right"
    webhook_body: Literal["right", "wrong-amount", "tampered"] = "right"
    webhook_tries: Annotated[int, Meta(ge=1, le=3)] = 3
    checkout_wait_seconds: Seconds = 10


class Switches:
    """The settings and faults in force, safe to read and change from any thread."""

    def __init__(self, settings: Settings) -> None:
        self._lock = threading.Lock()
        self._settings = settings
        self._first = settings
        self._faults: list[Fault] = []

    @property
    def settings(self) -> Settings:
        """Return the settings in force."""
        return self._settings

    @property
    def faults(self) -> list[Fault]:
        """List what is still to go wrong."""
        with self._lock:
            return list(self._faults)

    def change(self, changes: dict[str, object], *, is_text: bool = False) -> Settings:
        """Change some settings and keep the others; values from a form are text.

        Raises:
            msgspec.ValidationError: If one is unknown or out of range; nothing is changed then.
        """
        with self._lock:
            merged = {**msgspec.structs.asdict(self._settings), **changes}
            self._settings = msgspec.convert(merged, Settings, strict=not is_text)
            return self._settings

    def add(self, fault: Fault) -> None:
        """Let one more thing go wrong."""
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        """Let nothing go wrong any more; settings stay."""
        with self._lock:
            self._faults.clear()

    def reset(self) -> None:
        """Let nothing go wrong any more, and put every setting back to where it started."""
        with self._lock:
            self._faults.clear()
            self._settings = self._first

    def take(self, kind: FaultKind, method: str, path: str) -> Fault | None:
        """Return the first matching fault of a kind, and count it down."""
        with self._lock:
            for index, fault in enumerate(self._faults):
                if fault.kind == kind and fault.matches(method, path):
                    if fault.count is not None and fault.count > 1:
                        self._faults[index] = msgspec.structs.replace(fault, count=fault.count - 1)
                    elif fault.count == 1:
                        del self._faults[index]
                    return fault
        return None
