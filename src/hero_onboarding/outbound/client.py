"""The HTTP client that everything of ours uses to call a server an operator has named."""

import ssl
import time
import weakref
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, Self

import httpx

from hero_onboarding.kernel.boundary import require_no_transaction
from hero_onboarding.outbound.addresses import BaseAddress
from hero_onboarding.outbound.errors import AnswerTooLargeError, OutboundUnavailableError
from hero_onboarding.outbound.tracing import AFTER_CALL, BEFORE_CALL, Trace, no_trace

USER_AGENT: Final = "hero_onboarding"
_CHUNK_BYTES: Final = 64 * 1024
_SAFE_METHODS: Final = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a call may take and how large its answer may be."""

    connect_seconds: float = 10
    overall_seconds: float = 60
    answer_bytes_max: int = 32 * 1024 * 1024
    connections_max: int = 16


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What a server answered; names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


class HttpClient:
    """Calls one origin and no other; connections are kept, redirects are not followed.

    Safe to share between threads. Nothing of the environment counts: no proxy, no ``.netrc``.
    Certificates are checked against the system's authorities.
    """

    def __init__(
        self,
        address: BaseAddress,
        *,
        headers: Mapping[str, str],
        limits: Limits,
        trace: Trace = no_trace,
    ) -> None:
        self._address = address
        self._limits = limits
        self._trace = trace
        self._client = httpx.Client(
            headers={"User-Agent": USER_AGENT, "Accept-Encoding": "identity", **headers},
            timeout=httpx.Timeout(limits.overall_seconds, connect=limits.connect_seconds),
            limits=httpx.Limits(max_connections=limits.connections_max),
            verify=_authorities(address),
            follow_redirects=False,
            trust_env=False,
        )
        # Who forgets to close it leaves no connection open.
        weakref.finalize(self, self._client.close)

    def send(
        self,
        method: str,
        path: str,
        *,
        json: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        answer_bytes_max: int | None = None,
    ) -> HttpAnswer:
        """Make one request with an escaped path below the base address.

        A reading call whose connection was cut before the answer came is made once more.

        Args:
            method: Which.
            path: What comes after the base address, with its query.
            json: A body.
            headers: What this call needs besides what all calls of the client have.
            answer_bytes_max: A limit of this call's own.

        Raises:
            AddressError: If the path leaves the base address.
            OutboundUnavailableError: If no whole answer came in time.
            AnswerTooLargeError: If the answer is over the limit.
        """
        limit = self._limit(answer_bytes_max)
        call = _Call(method, self._address.join(path), json, headers or {}, limit)
        try:
            return self._send_once(call)
        except httpx.TimeoutException:
            raise OutboundUnavailableError(f"{method} took too long") from None
        except httpx.TransportError as error:
            if method not in _SAFE_METHODS or isinstance(error, httpx.ConnectError):
                raise _unavailable(method, error) from None
        try:
            # The server may close a kept connection at the moment it is used again.
            return self._send_once(call)
        except httpx.TransportError as error:
            raise _unavailable(method, error) from None

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close."""
        self.close()

    def _limit(self, answer_bytes_max: int | None) -> int:
        limit = self._limits.answer_bytes_max
        return limit if answer_bytes_max is None else answer_bytes_max

    def _send_once(self, call: "_Call") -> HttpAnswer:
        require_no_transaction(f"{call.method} over HTTP")
        ends_at = time.monotonic() + self._limits.overall_seconds
        headers = dict(call.headers)
        content: Iterator[bytes] | None = None
        if call.json is not None:
            headers["Content-Type"] = "application/json"
            headers["Content-Length"] = str(len(call.json))
            content = _in_time(call.json, ends_at)
        self._trace(BEFORE_CALL)
        with self._client.stream(
            call.method, call.url, headers=headers, content=content
        ) as response:
            body = _read_body(response, ends_at, call.answer_bytes_max)
        self._trace(AFTER_CALL)
        return HttpAnswer(response.status_code, dict(response.headers), body)


@dataclass(frozen=True, slots=True)
class _Call:
    """One request."""

    method: str
    url: str
    json: bytes | None
    headers: Mapping[str, str] = field(repr=False)
    answer_bytes_max: int


def _authorities(address: BaseAddress) -> ssl.SSLContext:
    """Read the system's authorities where there is TLS; it takes longer than many calls do."""
    if address.scheme == "https":
        return ssl.create_default_context()
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _read_body(response: httpx.Response, ends_at: float, limit: int) -> bytes:
    """Read a body as long as there is time and it is within the limit."""
    if response.headers.get("content-encoding", "identity") != "identity":
        raise httpx.RemoteProtocolError("the answer is compressed though we asked for plain")
    body = bytearray()
    # Without a chunk size each piece comes as it arrives, and the time is looked at each time.
    for part in response.iter_raw():
        body += part
        if len(body) > limit:
            raise AnswerTooLargeError(f"the answer is over {limit} bytes")
        _require_time(ends_at)
    return bytes(body)


def _in_time(body: bytes, ends_at: float) -> Iterator[bytes]:
    """Give a body piece by piece, as long as there is time."""
    for start in range(0, len(body), _CHUNK_BYTES):
        _require_time(ends_at)
        yield body[start : start + _CHUNK_BYTES]


def _require_time(ends_at: float) -> None:
    if time.monotonic() > ends_at:
        raise httpx.ReadTimeout("the call as a whole took too long")


def _unavailable(method: str, error: httpx.TransportError) -> OutboundUnavailableError:
    # Only the kind is told: a message may repeat what was sent.
    return OutboundUnavailableError(f"{method} failed: {type(error).__name__}")
