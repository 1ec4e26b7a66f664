"""What stand-ins are told to do wrong, for good or for the next few requests."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Generic, Literal, TypeVar

import msgspec
from msgspec import Meta

from hero_onboarding.sandbox.errors import DroppedError
from hero_onboarding.sandbox.exchange import Request

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
            real answer at the same two moments; ``delay`` waits before the effect,
            ``delay-after`` after it; ``wrong-amount`` adds to every amount answered.
        method: A method, or ``*``.
        path_prefix: How the path begins.
        count: How many requests it befalls; None goes on until it is cleared.
        status: Status of ``answer`` and ``answer-after``.
        retry_after_seconds: Sent as ``Retry-After`` with that status.
        seconds: Length of a delay.
        message: What the error says.
    """

    kind: FaultKind
    method: str = "*"
    path_prefix: str = "/"
    count: Positive | None = None
    status: Annotated[int, Meta(ge=400, le=599)] = 500
    retry_after_seconds: Annotated[int, Meta(ge=0)] | None = None
    seconds: Seconds = 0
    message: str = ""

    def matches(self, method: str, path: str) -> bool:
        """Say whether a request is one of those meant."""
        return self.method in {"*", method} and path.startswith(self.path_prefix)


class Conduct(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a stand-in behaves until somebody changes it.

    Attributes:
        outage: ``closed`` cuts every connection, ``unavailable`` answers 503.
        delay_seconds: Waited before every request is handled.
        webhooks: ``held`` keeps notices until they are released, ``off`` loses them.
        webhook_copies: How often an endpoint is told of one event.
        webhook_delay_seconds: Waited before an endpoint is told, by the settable clock.
    """

    outage: Literal["none", "closed", "unavailable"] = "none"
    delay_seconds: Seconds = 0
    webhooks: Literal["on", "held", "off"] = "on"
    webhook_copies: Annotated[int, Meta(ge=1, le=10)] = 1
    webhook_delay_seconds: Annotated[int, Meta(ge=0)] = 0


SettingsT = TypeVar("SettingsT", bound=Conduct)
FaultT = TypeVar("FaultT", bound=Fault)


class Switchboard(Generic[SettingsT, FaultT]):
    """The settings and faults in force, safe to read and change from any thread."""

    def __init__(
        self,
        settings: SettingsT,
        fault_type: type[FaultT],
        watch: Callable[[SettingsT, SettingsT], None] = lambda _before, _after: None,
    ) -> None:
        self.fault_type = fault_type
        self._lock = threading.Lock()
        self._settings = settings
        self._first = settings
        self._watch = watch
        self._faults: list[FaultT] = []

    @property
    def settings(self) -> SettingsT:
        """Return the settings in force."""
        return self._settings

    @property
    def faults(self) -> list[FaultT]:
        """List what is still to go wrong."""
        with self._lock:
            return list(self._faults)

    def change(self, changes: dict[str, object], *, is_text: bool = False) -> SettingsT:
        """Change some settings and keep the others; values from a form are text.

        Raises:
            msgspec.ValidationError: If one is unknown or out of range; nothing is changed then.
        """
        with self._lock:
            merged = {**msgspec.structs.asdict(self._settings), **changes}
            self._put(msgspec.convert(merged, type(self._first), strict=not is_text))
            return self._settings

    def add(self, fault: FaultT) -> None:
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
            self._put(self._first)

    def take(self, kind: FaultKind, method: str, path: str) -> FaultT | None:
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

    def _put(self, settings: SettingsT) -> None:
        before, self._settings = self._settings, settings
        self._watch(before, settings)


@dataclass(frozen=True, slots=True)
class Trouble(Generic[SettingsT, FaultT]):
    """What goes wrong with one request.

    Attributes:
        stopping: Set when nobody is to wait any more.
    """

    switches: Switchboard[SettingsT, FaultT]
    request: Request
    stopping: threading.Event

    def begin(self) -> None:
        """Wait, and cut the connection, as settings and faults want it.

        Raises:
            DroppedError: If the connection is cut.
        """
        settings = self.switches.settings
        self.stopping.wait(settings.delay_seconds)
        if settings.outage == "closed":
            raise DroppedError
        self.drop("drop")

    def drop(self, kind: FaultKind) -> None:
        """Cut the connection if a fault says so.

        Raises:
            DroppedError: If one does.
        """
        if self.take(kind):
            raise DroppedError

    def delay(self, kind: FaultKind) -> None:
        """Wait if a fault says so."""
        fault = self.take(kind)
        if fault is not None:
            self.stopping.wait(fault.seconds)

    def take(self, kind: FaultKind) -> FaultT | None:
        """Return the fault of a kind that befalls this request."""
        return self.switches.take(kind, self.request.method, self.request.path)
