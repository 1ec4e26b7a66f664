"""A body that is too large is answered 413, also to senders that read only when all is sent."""

import json
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.support.programs import SERVER, Program, environment_of, fetch, serving

MIB = 1024 * 1024
SECRET = "a-secret-of-the-tests"


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    folder = tmp_path_factory.mktemp("refused") / "data"
    folder.mkdir()
    with serving(environment_of(folder, ADMIN_SECRET=SECRET)) as started:
        yield started


@pytest.mark.parametrize(
    ("path", "size"),
    [
        ("/record_usage", MIB),
        ("/v1/usage/batch", 8 * MIB + 1),
        ("/v1/usage/batch", 20 * MIB),
        ("/v1/users", 3 * MIB),
        ("/admin/push-usage-now", 3 * MIB),
    ],
)
def test_a_client_that_sends_all_first_sees_the_refusal(
    program: Program, path: str, size: int
) -> None:
    for _ in range(3):
        request = urllib.request.Request(f"{program.origins[SERVER]}{path}", b"[" * size)
        request.add_header("X-Hero-Onboarding-Admin-Secret", SECRET)

        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(request, timeout=30)

        assert caught.value.code == 413
        assert json.load(caught.value)["code"] == "request.too_large"
        caught.value.close()


def test_a_body_without_end_is_not_read_for_ever(program: Program) -> None:
    url = urlsplit(program.origins[SERVER])
    head = (
        f"POST /v1/usage/batch HTTP/1.1\r\nHost: {url.netloc}\r\n"
        f"X-Hero-Onboarding-Admin-Secret: {SECRET}\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    chunk = b"%x\r\n" % MIB + b"[" * MIB + b"\r\n"
    sent = 0
    with socket.create_connection((str(url.hostname), url.port or 0), timeout=30) as connection:
        connection.sendall(head.encode())
        try:
            while sent < 200:
                connection.sendall(chunk)
                sent += 1
        except OSError:
            pass

    assert 8 < sent < 200
    assert fetch(f"{program.origins[SERVER]}/health")["status"] == "ok"
