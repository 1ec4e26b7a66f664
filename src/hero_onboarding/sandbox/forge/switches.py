"""What the forge is told to do wrong, for good or for the next few requests."""

import threading
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from hero_onboarding.sandbox.forge.versions import BEHAVIOURS, Behaviour, ServerName
from hero_onboarding.sandbox.forge.webhooks import SignatureSwitch

WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})

Positive = Annotated[int, Meta(ge=1)]
Seconds = Annotated[float, Meta(ge=0, le=60)]
FaultKind = Literal[
    "drop",
    "drop-after",
    "answer",
    "answer-after",
    "delay",
    "corrupt-blob",
    "missing-scope",
    "bad-token",
    "refuse-push",
]


class Fault(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that goes wrong, for requests that match.

    Attributes:
        kind: What goes wrong. ``drop`` cuts the connection before anything happens, ``drop-after``
            once the request has succeeded; ``answer`` and ``answer-after`` put another status in
            place of the real answer at the same two moments.
        method: A method, ``WRITE`` for all that change something, or ``*``.
        path_prefix: How the path begins, as in ``/api/v1/repos/owner/name/contents``.
        count: How many requests it befalls; None goes on until it is cleared.
        status: Status of ``answer`` and ``answer-after``.
        retry_after_seconds: Sent as ``Retry-After`` with that status.
        seconds: Length of a ``delay``.
        message: What the error body or the refusing hook says.
    """

    kind: FaultKind
    method: str = "*"
    path_prefix: str = "/"
    count: Positive | None = None
    status: Annotated[int, Meta(ge=400, le=599)] = 502
    retry_after_seconds: Annotated[int, Meta(ge=0)] | None = None
    seconds: Seconds = 0
    message: str = ""

    def matches(self, method: str, path: str) -> bool:
        """Say whether a request is one of those meant."""
        if self.method not in {"*", method} and not (self.method == "WRITE" and method in WRITES):
            return False
        return path.startswith(self.path_prefix)


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the forge is set up until somebody changes it.

    Attributes:
        server: Which server version is acted.
        overrides: Single fields of that version's behaviour, changed.
        outage: ``closed`` cuts every connection, ``unavailable`` answers 503.
        delay_seconds: Waited before every request is handled.
        pause_before_push_seconds: Waited in each write between reading the head and pushing.
        pause_in_push_seconds: Waited in each write between the push's arrival and the update.
        max_response_items: Most entries of a list.
        default_paging_num: Entries of a list when the client names no limit.
        default_git_trees_per_page: Most entries of a tree in one answer.
        default_max_blob_size: Bytes above which a blob's content is left out.
        max_body_bytes: Bytes above which a request is answered 413.
        webhooks: Whether hooks are told of pushes.
        webhook_delay_seconds: Waited before a hook is told.
        webhook_copies: How often it is told of one push.
        webhook_signature: Whether deliveries are signed right, wrong, or not at all.
    """

    server: ServerName = "forgejo-late"
    overrides: dict[str, bool | int | str] = {}
    outage: Literal["none", "closed", "unavailable"] = "none"
    delay_seconds: Seconds = 0
    pause_before_push_seconds: Seconds = 0
    pause_in_push_seconds: Seconds = 0
    max_response_items: Positive = 50
    default_paging_num: Positive = 30
    default_git_trees_per_page: Positive = 1000
    default_max_blob_size: Annotated[int, Meta(ge=0)] = 10_485_760
    max_body_bytes: Positive = 256 * 1024 * 1024
    webhooks: Literal["on", "off"] = "on"
    webhook_delay_seconds: Seconds = 0
    webhook_copies: Annotated[int, Meta(ge=1, le=10)] = 1
    webhook_signature: SignatureSwitch = "right"

    @property
    def behaviour(self) -> Behaviour:
        """Give the acted version's behaviour with the overrides applied."""
        base = msgspec.structs.asdict(BEHAVIOURS[self.server])
        return msgspec.convert({**base, **self.overrides}, Behaviour)


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
    def behaviour(self) -> Behaviour:
        """Return the behaviour in force."""
        return self._settings.behaviour

    @property
    def faults(self) -> list[Fault]:
        """List what is still to go wrong."""
        with self._lock:
            return list(self._faults)

    def change(self, changes: dict[str, object]) -> Settings:
        """Change some settings and keep the others.

        Raises:
            msgspec.ValidationError: If one is unknown or out of range; nothing is changed then.
        """
        with self._lock:
            merged = {**msgspec.structs.asdict(self._settings), **changes}
            settings = msgspec.convert(merged, Settings)
            msgspec.convert(msgspec.structs.asdict(settings.behaviour), Behaviour)
            self._settings = settings
            return settings

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
                    self._count_down(index, fault)
                    return fault
            return None

    def _count_down(self, index: int, fault: Fault) -> None:
        if fault.count is None:
            return
        if fault.count == 1:
            del self._faults[index]
        else:
            self._faults[index] = msgspec.structs.replace(fault, count=fault.count - 1)
