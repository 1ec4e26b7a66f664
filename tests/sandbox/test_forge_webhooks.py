import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from hero_onboarding.kernel.overriding import override
from hero_onboarding.sandbox.forge.accounts import Hook
from hero_onboarding.sandbox.forge.webhooks import (
    Delivery,
    delivery_headers,
    sign,
    spell_payload,
)
from tests.sandbox.forge_bench import Bench, encode, git, wait_until

SECRET = "forge-hook-secret-EXAMPLE"
VECTOR = {
    "ref": "refs/heads/main",
    "before": "1" * 40,
    "after": "2" * 40,
    "total_commits": 1,
}
SHA256 = "2674cb605e973a9e2d47b01672919dcf971b24c53677d884dec3a8f1ef611d57"
SHA1 = "4c73612758a08dd1dd6708ee530799eafab45f4e"


class Receiver:
    """A server that keeps what it is told."""

    def __init__(self) -> None:
        self.received: list[tuple[dict[str, str], bytes]] = []
        self.status = 200
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.received.append((headers, body))
                self.send_response(receiver.status)
                self.end_headers()

            @override
            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def wait(self, count: int) -> list[dict[str, Any]]:
        wait_until(lambda: len(self.received) >= count)
        return [json.loads(body) for _, body in self.received]

    def stop(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.stop()


def hook(bench: Bench, receiver: Receiver, **more: object) -> httpx.Response:
    config = {"url": receiver.url, "content_type": "json", "secret": SECRET}
    config |= {name: str(more.pop(name)) for name in ("content_type", "secret") if name in more}
    body = {"type": "forgejo", "config": config, "events": ["push"], "active": True, **more}
    return bench.send("POST", "/hooks", body)


def test_the_published_vector_is_signed_alike() -> None:
    payload = spell_payload(VECTOR)

    assert len(payload) == 163
    assert sign(SECRET, payload.encode(), "sha256") == SHA256
    assert sign(SECRET, payload.encode(), "sha1") == SHA1


def test_a_delivery_carries_every_name_of_its_signature() -> None:
    kept = Hook(
        id=1,
        type="forgejo",
        url="http://127.0.0.1:1/",
        content_type="json",
        secret=SECRET,
        events=("push",),
        branch_filter="*",
        active=True,
        authorization_header="Bearer x",
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )

    headers = delivery_headers(
        Delivery(uuid="u", hook=kept, event="push", payload=spell_payload(VECTOR))
    )

    assert headers["X-Forgejo-Signature"] == headers["X-Gitea-Signature"] == SHA256
    assert headers["X-Hub-Signature"] == f"sha1={SHA1}"
    assert headers["X-Hub-Signature-256"] == f"sha256={SHA256}"
    assert headers["X-GitHub-Event"] == headers["X-Forgejo-Event"] == "push"
    assert headers["Authorization"] == "Bearer x"


def test_a_write_by_the_api_is_told_with_a_signature(bench: Bench, receiver: Receiver) -> None:
    made = hook(bench, receiver)
    before = bench.head()

    bench.put_down("a", b"1")
    (told,) = receiver.wait(1)

    assert made.status_code == 201
    assert "secret" not in made.json()["config"]
    headers, body = receiver.received[0]
    assert headers["x-forgejo-signature"] == sign(SECRET, body, "sha256")
    assert (told["ref"], told["before"], told["after"]) == (
        "refs/heads/main",
        before,
        bench.head(),
    )
    assert told["commits"][0]["added"] == ["a"]
    assert told["repository"]["full_name"] == bench.name
    assert told["pusher"]["login"] == "sandbox"


def test_a_push_of_many_commits_is_told_once_with_the_newest_fifteen(
    bench: Bench, receiver: Receiver, tmp_path: Path
) -> None:
    hook(bench, receiver)
    git("clone", "-q", bench.remote(), str(tmp_path / "work"))
    for number in range(16):
        git("commit", "-q", "--allow-empty", "-m", f"{number}", cwd=tmp_path / "work")
    git("push", "-q", cwd=tmp_path / "work")

    (told,) = receiver.wait(1)

    assert told["total_commits"] == 16
    assert [commit["message"] for commit in told["commits"]] == [
        f"{number}\n" for number in range(15, 0, -1)
    ]
    assert told["head_commit"]["id"] == bench.head()


def test_branches_that_come_and_go_are_told_with_zeros(bench: Bench, receiver: Receiver) -> None:
    hook(bench, receiver)
    bench.send("POST", "/branches", {"new_branch_name": "x"})
    bench.send("DELETE", "/branches/x", {})

    come, gone = receiver.wait(2)

    assert (come["before"], gone["after"]) == ("0" * 40, "0" * 40)
    assert (come["after"], gone["before"]) == (bench.head(), bench.head())


def test_only_branches_that_pass_the_filter_are_told(bench: Bench, receiver: Receiver) -> None:
    hook(bench, receiver, branch_filter="node/*")
    bench.put_down("a", b"1")
    bench.create("b", b"1", new_branch="node/b")

    (told,) = receiver.wait(1)

    assert told["ref"] == "refs/heads/node/b"


def test_an_inactive_hook_and_a_hook_for_something_else_are_not_told(
    bench: Bench, receiver: Receiver
) -> None:
    hook(bench, receiver, active=False)
    hook(bench, receiver, events=["issues"])
    hook(bench, receiver, secret="other")
    bench.put_down("a", b"1")

    receiver.wait(1)

    assert receiver.received[0][0]["x-gitea-signature"] == sign(
        "other", receiver.received[0][1], "sha256"
    )
    assert len(bench.get("/hooks").json()) == 3


def test_without_a_secret_the_signature_is_there_and_empty(
    bench: Bench, receiver: Receiver
) -> None:
    hook(bench, receiver, secret="")
    bench.put_down("a", b"1")
    receiver.wait(1)

    assert receiver.received[0][0]["x-forgejo-signature"] == ""


def test_a_form_is_signed_over_the_json_inside_it(bench: Bench, receiver: Receiver) -> None:
    hook(bench, receiver, content_type="form")
    bench.put_down("a", b"1")
    wait_until(lambda: receiver.received)

    headers, body = receiver.received[0]
    payload = parse_qs(body.decode())["payload"][0]

    assert headers["x-forgejo-signature"] == sign(SECRET, payload.encode(), "sha256")
    assert headers["x-forgejo-signature"] != sign(SECRET, body, "sha256")


def test_hooks_can_be_off_doubled_or_wrongly_signed(bench: Bench, receiver: Receiver) -> None:
    hook(bench, receiver)
    switches = bench.forge.switches
    switches.change({"webhooks": "off"})
    bench.put_down("a", b"1")
    switches.change({"webhooks": "on", "webhook_copies": 2, "webhook_signature": "wrong"})
    bench.put_down("b", b"1")

    told = receiver.wait(2)

    assert [payload["commits"][0]["added"] for payload in told] == [["b"], ["b"]]
    (first, body), (second, _) = receiver.received
    assert first["x-forgejo-delivery"] == second["x-forgejo-delivery"]
    assert first["x-forgejo-signature"] != sign(SECRET, body, "sha256")


def test_a_refused_delivery_is_not_tried_again_but_can_be_repeated_by_hand(
    bench: Bench, receiver: Receiver
) -> None:
    address = f"{bench.forge.url}/sandbox/forge/deliveries"
    receiver.status = 500
    hook(bench, receiver)
    bench.change({"operation": "create", "path": "a", "content": encode(b"1")})
    wait_until(lambda: httpx.get(address).json()["deliveries"])

    (failed,) = [
        delivery
        for delivery in httpx.get(address).json()["deliveries"]
        if delivery["hook"]["url"] == receiver.url
    ]
    httpx.post(address, json={"uuid": failed["uuid"]})
    first, second = receiver.wait(2)

    assert failed["status"] == 500
    assert first == second


def test_only_addresses_on_this_machine_are_told(bench: Bench) -> None:
    for url in ("http://example.org/", "https://10.0.0.1/", "ftp://127.0.0.1/", "nonsense"):
        body = {"type": "gitea", "config": {"url": url, "content_type": "json"}}

        assert bench.send("POST", "/hooks", body).status_code == 422


def test_a_writer_cannot_make_hooks(bench: Bench) -> None:
    bench.forge.create_user("writer")
    bench.send("PUT", "/collaborators/writer", {"permission": "write"})
    token = bench.forge.create_token("writer", "all", ("all",))

    with bench.with_token(token) as writer:
        assert writer.get("/hooks").status_code == 403
