"""The helper against a site, real and false, as a command and as one file."""

import hashlib
import json
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner, Result

from hero_onboarding.cli import main
from hero_onboarding.helper.curve import BASE_POINT, x25519
from hero_onboarding.helper.outcome import Stop
from hero_onboarding.helper.site import read_url
from hero_onboarding.kernel.overriding import override
from hero_onboarding.web.pages.helper_file import make_helper_file
from tests.sign_in.vectors import USER_SECRET
from tests.support.world import World
from tests.web.served import Served, served
from tests.web.states import empty_world

ADDRESS = "5ff:b821:c76e:9444:f439:18bf:59a0:1594"
LINK = re.compile(r"(http://localhost:\d+/login/link/[A-Za-z0-9_-]+)")


@pytest.fixture
def world(database: Any) -> World:  # noqa: ANN401 - a fixture
    return empty_world(database)


@pytest.fixture
def site(world: World) -> Iterator[Served]:
    with served(world) as where:
        yield where


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "key.bin"
    path.write_bytes(USER_SECRET)
    path.chmod(0o600)
    return path


def login(*words: str, typed: str = "", **environment: str) -> Result:
    quiet = {"DISPLAY": "", "WAYLAND_DISPLAY": ""}
    return CliRunner().invoke(main, ["login", *words], input=typed, env={**quiet, **environment})


def test_the_printed_link_signs_a_browser_in(site: Served, key: Path) -> None:
    result = login(site.site, "-k", str(key), typed="y\n")

    assert result.exit_code == 0, result.output
    found = LINK.fullmatch(result.stdout.strip())
    assert found is not None, result.stdout
    for line in (f"Site:     {site.site}", f"Address:  {ADDRESS}", "Purpose:  sign in"):
        assert line in result.stderr
    with httpx.Client(base_url=site.site) as browser:
        page = browser.get(found[1])
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
        assert token is not None
        browser.post(found[1], data={"csrf_token": token[1]})
        assert browser.get("/v1/me").json()["address"] == ADDRESS


@pytest.mark.parametrize("typed", ["n\n", "\n", "", "yes please\n"])
def test_without_a_yes_nothing_is_proved(site: Served, key: Path, typed: str) -> None:
    result = login(site.site, "-k", str(key), typed=typed)

    assert (result.exit_code, result.stdout) == (1, "")
    assert "nothing was proved" in result.stderr


def test_who_is_sure_is_not_asked(site: Served, key: Path) -> None:
    result = login(site.site, "-k", str(key), "--yes")

    assert result.exit_code == 0
    assert "Prove it?" not in result.stderr


def test_a_waiting_browser_is_approved_by_its_typed_code(site: Served, key: Path) -> None:
    with httpx.Client(base_url=site.site, headers={"User-Agent": "x Firefox/1 Linux"}) as browser:
        found = browser.post("/auth/attempts").json()
        url = f"{site.site}/login/{found['attempt']}"
        code = found["user_code"].lower().replace("-", " ")

        refused = login(url, "-k", str(key), "--yes")
        wrong = login(url, "-k", str(key), typed="AAAAAAAA\n")
        short = login(url, "-k", str(key), typed="AAAA\n")
        right = login(url, "-k", str(key), typed=f"{code}\n")
        done = browser.post(f"/auth/attempts/{found['attempt']}/complete")

        assert (refused.exit_code, wrong.exit_code, short.exit_code) == (2, 1, 1)
        assert "its code has to be typed" in refused.stderr
        assert right.exit_code == 0, right.stderr
        assert "Browser:  Firefox, Linux, at 127.0.0.1" in right.stderr
        assert done.json()["status"] == "signed_in"
        assert browser.get("/v1/me").json()["address"] == ADDRESS


def test_the_one_file_needs_nothing_but_python(site: Served, key: Path, tmp_path: Path) -> None:
    path = tmp_path / "hero_login.pyz"
    path.write_bytes(httpx.get(f"{site.site}/hero_login.pyz").content)

    done = subprocess.run(
        [sys.executable, "-I", "-S", str(path), site.site, "-k", str(key), "--yes"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"PATH": "/usr/bin:/bin"},
    )

    assert done.returncode == 0, done.stderr
    assert LINK.fullmatch(done.stdout.strip())


def test_equal_sources_make_an_equal_file(site: Served) -> None:
    first, second = make_helper_file(), make_helper_file()
    page = httpx.get(f"{site.site}/sign-in").text

    assert first == second
    assert first.sha256 in page


def test_no_secret_is_ever_said(site: Served, key: Path) -> None:
    result = login(site.site, "-k", str(key), "--yes")

    for secret in (USER_SECRET.hex(), repr(USER_SECRET), "proof"):
        assert secret not in result.output


def test_a_key_that_is_not_there_has_an_exit_code_of_its_own(tmp_path: Path) -> None:
    result = login("http://localhost:1", "-k", str(tmp_path / "none"))

    assert result.exit_code == 4
    assert "name the file with -k" in result.stderr


def test_a_key_that_others_may_read_is_warned_of(site: Served, key: Path) -> None:
    key.chmod(0o644)

    result = login(site.site, "-k", str(key), "--yes")

    assert result.exit_code == 0
    assert "chmod 640" in result.stderr


def test_a_site_that_does_not_answer_is_for_later(key: Path) -> None:
    result = login("http://127.0.0.1:9", "-k", str(key), "--yes")

    assert result.exit_code == 3
    assert "does not answer" in result.stderr


@pytest.mark.parametrize(
    "url",
    [
        "onboard.example",
        "ftp://onboard.example",
        "http://onboard.example",
        "https://user@onboard.example",
        "https://onboard.example/path",
        "https://onboard.example/login/../x",
        "https://onboard.example/login/short",
        "https://onboard.example/?a=b",
        "https://onboard.example:99999",
        "https://[::1",
        "https://",
        "",
    ],
)
def test_what_is_no_sign_in_is_wrong_use(key: Path, url: str) -> None:
    result = login(url, "-k", str(key))

    assert result.exit_code == 2, result.output


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("HTTPS://Onboard.Example", "https://onboard.example"),
        ("https://onboard.example:443/", "https://onboard.example"),
        ("https://onboard.example:8443", "https://onboard.example:8443"),
        ("https://b\u00fccher.example", "https://xn--bcher-kva.example"),
        ("http://localhost:80", "http://localhost"),
        ("http://[::1]:9920", "http://[::1]:9920"),
        ("http://hero.localhost:9920/login/abcdefgh", "http://hero.localhost:9920"),
    ],
)
def test_the_origin_is_written_as_browsers_do(url: str, origin: str) -> None:
    assert read_url(url).origin == origin


def test_another_machine_is_never_asked_in_plain_text() -> None:
    with pytest.raises(Stop, match="plain http"):
        read_url("http://192.0.2.1")


@dataclass
class FalseSite:
    """A site that answers what a test says, and keeps what it was sent."""

    answers: dict[str, Callable[[dict[str, Any]], tuple[int, object]]]
    sent: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    origin: str = ""


@contextmanager
def false_site(**changes: object) -> Iterator[FalseSite]:
    """Serve a challenge with fields changed."""

    def challenge(body: dict[str, Any]) -> tuple[int, object]:
        found: dict[str, object] = {
            "challenge_id": "c" * 22,
            "purpose": "login",
            "origin": false.origin,
            "address": body["address"],
            "public_key": body["public_key"],
            "server_public_key": x25519(b"s" * 32, BASE_POINT).hex(),
            "nonce": "00" * 32,
            "issued_at": 1_772_362_800,
            "expires_at": 1_772_362_920,
            "binding": "8b1a9953c4611296a827abf8c47804d7" * 2,
        }
        return 200, {name: value for name, value in (found | changes).items() if value != "gone"}

    false = FalseSite({"/auth/challenge": challenge})

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            false.sent.append((self.path, body))
            status, content = false.answers[self.path](body)
            data = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Set-Cookie", "hero_prelogin=abc; HttpOnly")
            self.send_header("Retry-After", "7")
            self.end_headers()
            self.wfile.write(data)

        @override
        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    false.origin = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield false
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    "changes",
    [
        {"origin": "https://onboard.example"},
        {"origin": None},
        {"address": "400::1"},
        {"public_key": "00" * 32},
        {"purpose": "link"},
        {"purpose": "spend"},
        {"server_public_key": "00" * 32},
        {"server_public_key": "00" * 31},
        {"server_public_key": "01" + "00" * 31},
        {"nonce": "zz"},
        {"issued_at": "now"},
        {"issued_at": True},
        {"expires_at": -1},
        {"challenge_id": "a b"},
        {"challenge_id": 5},
        {"binding": "00" * 32},
        {"nonce": "gone"},
    ],
)
def test_a_false_site_gets_no_proof(key: Path, changes: dict[str, object]) -> None:
    with false_site(**changes) as site:
        result = login(site.origin, "-k", str(key), "--yes")

    assert result.exit_code == 5, result.output
    assert [path for path, _ in site.sent] == ["/auth/challenge"]


@pytest.mark.parametrize(
    ("status", "content", "exit_code"),
    [
        (200, b"<html>", 5),
        (200, b"[]", 5),
        (301, b"", 1),
        (401, b"", 1),
        (404, b"<html>", 1),
        (422, b'{"detail": "bad\\u001b[31m"}', 1),
        (429, b"", 3),
        (200, b"[" * 200_000, 5),
        (404, b"[" * 200_000, 1),
        (500, b"[]", 3),
        (502, b"", 3),
        (503, b"", 3),
    ],
)
def test_every_answer_has_an_exit_code(
    key: Path, status: int, content: bytes, exit_code: int
) -> None:
    with false_site() as site:
        site.answers["/auth/challenge"] = lambda _: (status, content)
        result = login(site.origin, "-k", str(key), "--yes")

    assert result.exit_code == exit_code, result.output
    assert "\x1b" not in result.output


def test_a_status_line_can_not_play_with_the_terminal(key: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_answer_once, args=(server, b"\x1b]0;pwn\x07 200\r\n\r\n"))
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        result = login(url, "-k", str(key), "--yes")
        thread.join()

    assert result.exit_code == 3
    assert "\x1b" not in result.output


def _answer_once(server: socket.socket, content: bytes) -> None:
    connection, _ = server.accept()
    with connection:
        connection.recv(65536)
        connection.sendall(content)


def test_a_link_to_elsewhere_is_not_followed(key: Path) -> None:
    binding = hashlib.sha256(b"abc").hexdigest()
    for link in ("https://evil.example/login/link/" + "a" * 43, None, "javascript:alert(1)"):
        answer = {"status": "approved", "sign_in_url": link}
        with false_site(binding=binding) as site:
            site.answers["/auth/verify"] = lambda _, answer=answer: (200, answer)  # type: ignore[misc]
            result = login(site.origin, "-k", str(key), "--yes")
        assert (result.exit_code, result.stdout) == (5, "")


def test_clocks_that_differ_are_warned_of(key: Path) -> None:
    with false_site() as site:
        result = login(site.origin, "-k", str(key), "--yes")

    assert "clock" in result.stderr


def test_a_requesters_words_can_not_play_with_the_terminal(key: Path) -> None:
    requester = {"kind": "\x1b[2JFirefox", "place": "\nSite: bank"}
    with false_site(requester=requester, binding="gone") as site:
        result = login(f"{site.origin}/login/abcdefgh", "-k", str(key), typed="\n")

    assert result.exit_code == 1
    assert "\x1b" not in result.output
    assert "?[2JFirefox" in result.stderr
    assert "\nSite: bank" not in result.stderr


def test_of_two_keys_each_is_told_what_is_left_to_do(key: Path) -> None:
    told = {
        "Now approve with the other key too, within two minutes.": {"missing": "other_key"},
        "The waiting browser goes on by itself.": {},
    }
    for sentence, more in told.items():
        answer = {"status": "approved", **more}
        with false_site(purpose="rotate", binding="gone") as site:
            site.answers["/auth/verify"] = lambda _, answer=answer: (200, answer)  # type: ignore[misc]
            result = login(f"{site.origin}/login/{'a' * 22}", "-k", str(key), typed="ABCDEFGH\n")
        assert result.exit_code == 0, result.output
        assert f"Approved. {sentence}" in result.stderr
