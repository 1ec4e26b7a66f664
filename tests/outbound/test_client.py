"""The one HTTP client: bounded, alone, and deaf to where it is sent."""

import gc
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from hero_onboarding.kernel.boundary import OutsideCallInTransactionError, transaction_is_open
from hero_onboarding.outbound import (
    AFTER_CALL,
    BEFORE_CALL,
    AddressError,
    AnswerTooLargeError,
    HttpClient,
    Limits,
    OutboundUnavailableError,
    Trace,
    no_trace,
    read_base_address,
)
from tests.outbound.scripted_server import ScriptedServer, answer, answering, scripted

SECRET = "a-secret-token"
QUICK = Limits(connect_seconds=1, overall_seconds=0.5, answer_bytes_max=1000)


@contextmanager
def client_of(
    server: ScriptedServer, limits: Limits = QUICK, trace: Trace = no_trace
) -> Iterator[HttpClient]:
    headers = {"Authorization": f"token {SECRET}"}
    address = read_base_address(f"{server.url}/base/")
    with HttpClient(address, headers=headers, limits=limits, trace=trace) as client:
        yield client


def test_an_answer_is_given_whole() -> None:
    with answering(answer("{}", "418 Teapot", "X-Thing: 7")) as server, client_of(server) as client:
        found = client.send("POST", "/path?x=1", json=b'{"a":1}')

    assert (found.status, found.body, found.headers["x-thing"]) == (418, b"{}", "7")
    head = server.heads[0].lower()
    assert head.startswith("post /base/path?x=1 http/1.1")
    assert f"authorization: token {SECRET}" in head
    assert "user-agent: hero_onboarding" in head
    assert "accept-encoding: identity" in head
    assert "content-length: 7" in head
    assert server.bodies == [b'{"a":1}']


def test_a_call_has_headers_of_its_own() -> None:
    with answering(answer("{}")) as server, client_of(server) as client:
        client.send("POST", "/", headers={"Authorization": "Bearer one"})
        client.send("GET", "/")

    assert "authorization: bearer one" in server.heads[0].lower()
    assert "bearer one" not in server.heads[1].lower()


def test_one_connection_serves_many_calls() -> None:
    with answering(answer("{}")) as server, client_of(server) as client:
        for _ in range(5):
            client.send("GET", "/")

        assert len(server.connections) == 1


def test_a_redirect_is_an_answer_like_any_other() -> None:
    with answering(answer("", "302 Found", "Location: http://127.0.0.1:9/")) as server:
        with client_of(server) as client:
            assert client.send("GET", "/").status == 302
        assert len(server.heads) == 1


@pytest.mark.parametrize("path", ["//evil.example/", "http://evil.example/", "", "a", "/a b", "/é"])
def test_a_path_that_would_leave_the_origin_is_refused(path: str) -> None:
    with answering(answer("{}")) as server, client_of(server) as client:
        with pytest.raises(AddressError):
            client.send("GET", path)

        assert server.heads == []


@pytest.mark.parametrize("path", ["/@evil.example/", "/..//x", "/\\evil.example"])
def test_an_odd_path_stays_at_the_origin(path: str) -> None:
    with answering(answer("{}")) as server, client_of(server) as client:
        client.send("GET", path)

        assert len(server.heads) == 1


def test_no_proxy_of_the_environment_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    with answering(answer("{}")) as server, client_of(server) as client:
        assert client.send("GET", "/").status == 200


@pytest.mark.parametrize("size", [1000, 1001, 100_000])
def test_an_answer_over_the_limit_is_not_taken(size: int) -> None:
    with answering(answer(b"x" * size)) as server, client_of(server) as client:
        if size <= 1000:
            assert len(client.send("GET", "/").body) == size
            return
        with pytest.raises(AnswerTooLargeError):
            client.send("GET", "/")
        with pytest.raises(AnswerTooLargeError):
            client.send("GET", "/", answer_bytes_max=10)


def test_an_endless_answer_is_cut_off() -> None:
    def pour(_head: str, connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            connection.sendall(b"400\r\n" + b"x" * 1024 + b"\r\n")

    with (
        scripted(pour) as server,
        client_of(server) as client,
        pytest.raises(AnswerTooLargeError),
    ):
        client.send("GET", "/")


def test_an_answer_that_drips_is_cut_off_in_time() -> None:
    stop = threading.Event()

    def drip(_head: str, connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while not stop.wait(0.05):
            connection.sendall(b"x")

    with scripted(drip) as server, client_of(server) as client:
        with pytest.raises(OutboundUnavailableError, match="too long"):
            client.send("GET", "/")
        stop.set()


def test_silence_is_cut_off_in_time() -> None:
    release = threading.Event()

    def stay_silent(_head: str, _connection: socket.socket) -> None:
        release.wait(20)

    with scripted(stay_silent) as server, client_of(server) as client:
        with pytest.raises(OutboundUnavailableError, match="too long"):
            client.send("POST", "/", json=b"{}")
        release.set()
        assert len(server.heads) == 1


def test_a_compressed_answer_is_not_taken() -> None:
    with (
        answering(answer(b"x", "200 OK", "Content-Encoding: gzip")) as server,
        client_of(server) as client,
        pytest.raises(OutboundUnavailableError),
    ):
        client.send("POST", "/", json=b"{}")


def _cut_first(_head: str, connection: socket.socket) -> None:
    connection.shutdown(socket.SHUT_RDWR)


def test_a_reading_call_that_is_cut_is_made_once_more() -> None:
    calls = 0

    def script(head: str, connection: socket.socket) -> None:
        nonlocal calls
        calls += 1
        if calls == 1:
            _cut_first(head, connection)
        else:
            connection.sendall(answer("{}"))

    with scripted(script) as server, client_of(server) as client:
        assert client.send("GET", "/").status == 200
        assert len(server.heads) == 2


@pytest.mark.parametrize(("method", "calls"), [("GET", 2), ("POST", 1), ("PUT", 1)])
def test_a_cut_connection_is_for_later_and_a_write_is_never_sent_twice(
    method: str, calls: int
) -> None:
    with scripted(_cut_first) as server, client_of(server) as client:
        with pytest.raises(OutboundUnavailableError) as caught:
            client.send(method, "/", json=b"{}" if method != "GET" else None)

        assert len(server.heads) == calls
    assert SECRET not in str(caught.value)


def test_a_server_that_is_not_there_is_for_later() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    client = HttpClient(read_base_address(f"http://127.0.0.1:{port}"), headers={}, limits=QUICK)

    with client, pytest.raises(OutboundUnavailableError, match="ConnectError"):
        client.send("GET", "/")


def test_the_hook_hears_of_every_call() -> None:
    points: list[str] = []
    with answering(answer("{}")) as server, client_of(server, trace=points.append) as client:
        client.send("GET", "/")
        client.send("POST", "/", json=b"{}")

    assert points == [BEFORE_CALL, AFTER_CALL] * 2


def test_nothing_is_sent_inside_a_transaction() -> None:
    with answering(answer("{}")) as server, client_of(server) as client:
        with transaction_is_open(), pytest.raises(OutsideCallInTransactionError):
            client.send("GET", "/")

        assert server.connections == []


def test_threads_may_share_a_client() -> None:
    with answering(answer("{}")) as server:
        limits = Limits(overall_seconds=20)
        with client_of(server, limits) as client, ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda _: client.send("GET", "/").status, range(80)))

        assert found == [200] * 80
        assert len(server.connections) <= 8


def test_a_forgotten_client_leaves_no_connection_open() -> None:
    with answering(answer("{}")) as server:
        client = HttpClient(read_base_address(server.url), headers={}, limits=QUICK)
        client.send("GET", "/")
        del client
        gc.collect()

        assert server.ended.acquire(timeout=10)


def test_a_large_body_is_sent_whole() -> None:
    body = b"x" * 1_000_000
    with answering(answer("{}")) as server:
        with client_of(server, Limits(overall_seconds=20)) as client:
            client.send("POST", "/", json=body)

        assert server.bodies == [body]
