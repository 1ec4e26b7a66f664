"""The network behind the daemon: nodes, routes that are found late, messages that arrive."""

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv6Address
from typing import Final

from blake3 import blake3

_PREFIX_BYTES: Final = 8
ROUTE_SECONDS: Final = 0.5


def address_of(public_key: bytes) -> IPv6Address:
    """Derive the address of a key (mycelium since 0.5.0)."""
    digest = bytearray(blake3(public_key).digest()[:16])
    digest[0] = 0x04 | digest[0].bit_count() % 2
    return IPv6Address(bytes(digest))


@dataclass(frozen=True, slots=True)
class Message:
    """A message as a receiver's daemon has it."""

    id: str
    source_key: bytes
    destination_key: bytes
    topic: bytes
    payload: bytes
    arrived_at: float


@dataclass(slots=True)
class Overlay:
    """Everything that is not this daemon. Safe to share between threads.

    Attributes:
        own_key: The public key of the daemon's node.
        route_seconds: How long the network takes to find a node after the first packet to it.
        has_node_ip: Whether the daemon is 0.7.8 or later, and says its full address.
        is_down: Whether every call fails.
        clock: Seconds that only go up.
    """

    own_key: bytes
    route_seconds: float = ROUTE_SECONDS
    has_node_ip: bool = True
    is_down: bool = False
    clock: Callable[[], float] = time.monotonic
    _nodes: dict[bytes, bytes] = field(default_factory=dict)
    _found_at: dict[bytes, float] = field(default_factory=dict)
    _delivered: list[Message] = field(default_factory=list)
    _inbox: list[Message] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add_node(self, public_key: bytes, *, at: IPv6Address | None = None) -> IPv6Address:
        """Put a node into the network, if wanted under a /64 that is another's by right."""
        address = at or address_of(public_key)
        with self._lock:
            self._nodes[address.packed[:_PREFIX_BYTES]] = public_key
        return address

    def key_of(self, address: IPv6Address) -> bytes | None:
        """Return the key of the route to an address's /64; asking does not look for one."""
        prefix = address.packed[:_PREFIX_BYTES]
        with self._lock:
            found_at = self._found_at.get(prefix)
            is_known = found_at is not None and found_at <= self.clock()
            return self._nodes.get(prefix) if is_known else None

    def call(self, address: IPv6Address) -> bytes | None:
        """Look for a route as the first packet does; return the key behind it, if there is one."""
        prefix = address.packed[:_PREFIX_BYTES]
        with self._lock:
            if prefix in self._nodes:
                self._found_at.setdefault(prefix, self.clock() + self.route_seconds)
            return self._nodes.get(prefix)

    def push(self, destination: bytes, topic: bytes, payload: bytes) -> str:
        """Take a message on its way, and return its id; it arrives if there is such a node."""
        message = Message(
            secrets.token_hex(8), self.own_key, destination, topic, payload, self.clock()
        )
        with self._lock:
            if destination in self._nodes.values():
                self._delivered.append(message)
        return message.id

    def receive(self, message: Message) -> None:
        """Put a message into the daemon's own inbox, whoever sent it."""
        with self._lock:
            self._inbox.append(message)

    def reply_to(self, message_id: str) -> Message | None:
        """Return what came under an awaited id: the daemon matches by id and by nothing else."""
        with self._lock:
            for message in self._inbox:
                if message.id == message_id:
                    self._inbox.remove(message)
                    return message
        return None

    def pop(self, topic: bytes | None, *, peek: bool) -> Message | None:
        """Take the oldest message of the inbox; a topic must be exactly its own."""
        with self._lock:
            for message in self._inbox:
                if topic is None or message.topic == topic:
                    if not peek:
                        self._inbox.remove(message)
                    return message
        return None

    def status_of(self, message_id: str) -> Message | None:
        """Return a message that was sent."""
        with self._lock:
            return next((one for one in self._delivered if one.id == message_id), None)

    def delivered(self) -> list[Message]:
        """List what other nodes received, the newest first."""
        with self._lock:
            return self._delivered[::-1]
