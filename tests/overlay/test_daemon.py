"""The daemon's client against the stand-in, and the stand-in against what the daemon documents."""

import base64
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from hero_onboarding.identity import PublicKey
from hero_onboarding.outbound import OutboundUnavailableError, read_base_address
from hero_onboarding.overlay import TOPIC, MyceliumDaemon
from hero_onboarding.overlay.errors import DaemonAnswerError, DaemonBusyError
from hero_onboarding.sandbox.mycelium import SandboxMycelium
from hero_onboarding.sandbox.mycelium.overlay import Message

KEY = PublicKey.parse("68b1e46ac98f90d101d9b776522bf566d696ea22a5c79546632417658b147264")
OTHER = PublicKey.parse("5c60e5fa60271a5eb3ecd53e0d9e04afc4f6972164a30563f80acf42a177e81f")


@pytest.fixture
def sandbox() -> Iterator[SandboxMycelium]:
    with SandboxMycelium() as running:
        running.overlay.route_seconds = 0
        yield running


@pytest.fixture
def daemon(sandbox: SandboxMycelium) -> Iterator[MyceliumDaemon]:
    found = MyceliumDaemon(read_base_address(sandbox.url))
    yield found
    found.close()


def b64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def test_a_route_is_known_after_the_first_packet(
    sandbox: SandboxMycelium, daemon: MyceliumDaemon
) -> None:
    sandbox.overlay.add_node(KEY.packed)

    before = daemon.find_key(KEY.address)
    daemon.call(KEY.address)
    after = daemon.find_key(KEY.address)

    assert (before, after) == (None, KEY)


def test_a_route_takes_its_time(sandbox: SandboxMycelium, daemon: MyceliumDaemon) -> None:
    now = 100.0
    sandbox.overlay.clock = lambda: now
    sandbox.overlay.route_seconds = 15
    sandbox.overlay.add_node(KEY.packed)
    daemon.call(KEY.address)

    assert daemon.find_key(KEY.address) is None
    now = 115.0
    assert daemon.find_key(KEY.address) == KEY


def test_nobody_is_never_found(daemon: MyceliumDaemon) -> None:
    daemon.call(KEY.address)

    assert daemon.find_key(KEY.address) is None


def test_a_text_arrives_under_the_topic_of_sign_ins(
    sandbox: SandboxMycelium, daemon: MyceliumDaemon
) -> None:
    sandbox.overlay.add_node(KEY.packed)

    daemon.send(KEY, "a code: \u00e9")

    (message,) = sandbox.overlay.delivered()
    assert (message.destination_key, message.topic) == (KEY.packed, TOPIC)
    assert message.payload.decode() == "a code: \u00e9"
    assert b64(TOPIC) == "aGVyby1sb2dpbi0x"


def test_calling_leaves_nothing_under_that_topic(
    sandbox: SandboxMycelium, daemon: MyceliumDaemon
) -> None:
    sandbox.overlay.add_node(KEY.packed)
    daemon.call(KEY.address)

    assert [one.topic for one in sandbox.overlay.delivered()] != [TOPIC]


def test_a_daemon_that_fails_is_for_later(sandbox: SandboxMycelium, daemon: MyceliumDaemon) -> None:
    sandbox.overlay.is_down = True

    with pytest.raises(DaemonBusyError):
        daemon.find_key(KEY.address)
    with pytest.raises(DaemonBusyError):
        daemon.send(KEY, "x")


def test_a_daemon_that_is_gone_is_for_later(
    sandbox: SandboxMycelium, daemon: MyceliumDaemon
) -> None:
    sandbox.stop()

    with pytest.raises(OutboundUnavailableError):
        daemon.find_key(KEY.address)


def test_what_is_no_daemon_is_noticed() -> None:
    with SandboxMycelium() as running:
        elsewhere = MyceliumDaemon(read_base_address(f"{running.url}/nothing"))
        with pytest.raises(DaemonAnswerError):
            elsewhere.send(KEY, "x")
        elsewhere.close()


def push(url: str, **body: object) -> httpx.Response:
    sent = {"dst": {"pk": str(KEY)}, "topic": b64(b"t"), "payload": b64(b"p"), **body}
    return httpx.post(f"{url}/api/v1/messages", json=sent)


def test_the_statuses_are_the_daemons(sandbox: SandboxMycelium) -> None:
    url = f"{sandbox.url}/api/v1"
    sandbox.overlay.add_node(KEY.packed)

    assert httpx.get(f"{url}/pubkey/nonsense").status_code == 400
    assert httpx.get(f"{url}/pubkey/{KEY.address}").status_code == 404
    assert push(sandbox.url).status_code == 201
    assert push(sandbox.url, topic=b64(b"t" * 256)).status_code == 400
    assert push(sandbox.url, payload="no base64!").status_code == 422
    assert push(sandbox.url, dst={}).status_code == 422
    assert httpx.get(f"{url}/messages").status_code == 204
    assert httpx.get(f"{url}/messages/status/0011223344556677").status_code == 404
    sent = push(sandbox.url).json()["id"]
    assert httpx.get(f"{url}/messages/status/{sent}").json()["state"] == "received"
    assert httpx.get(f"{url}/none").status_code == 404


def test_an_older_daemon_says_no_address(sandbox: SandboxMycelium) -> None:
    url = f"{sandbox.url}/api/v1/admin"
    new = httpx.get(url).json()
    sandbox.overlay.has_node_ip = False
    old = httpx.get(url).json()

    assert set(new) == {"nodeSubnet", "nodeIp", "nodePubkey", "nodeStartTime"}
    assert set(old) == {"nodeSubnet", "nodePubkey"}
    assert str(PublicKey.parse(new["nodePubkey"]).address) == new["nodeIp"]


def test_a_reply_is_matched_by_its_id_and_by_nothing_else(sandbox: SandboxMycelium) -> None:
    url = f"{sandbox.url}/api/v1/messages"
    body = {"dst": {"pk": str(KEY)}, "payload": b64(b"p")}
    sandbox.overlay.add_node(KEY.packed)
    late = httpx.post(url, params={"reply_timeout": "0"}, json=body)

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(httpx.post, url, params={"reply_timeout": "5"}, json=body)
        while len(sandbox.overlay.delivered()) < 2:
            time.sleep(0.01)
        awaited = sandbox.overlay.delivered()[0].id
        own = sandbox.overlay.own_key
        sandbox.overlay.receive(Message(awaited, OTHER.packed, own, b"", b"not from you", 0))
        reply = waiting.result()

    assert (late.status_code, set(late.json())) == (408, {"id"})
    assert reply.status_code == 200
    assert reply.json()["srcPk"] == str(OTHER), "whoever awaits it has to look"
    assert "topic" not in reply.json()


def test_a_topic_is_popped_by_its_whole_name(sandbox: SandboxMycelium) -> None:
    url = f"{sandbox.url}/api/v1/messages"
    sandbox.overlay.receive(Message("00" * 8, KEY.packed, OTHER.packed, TOPIC, b"hi", 0))

    part = httpx.get(url, params={"topic": b64(TOPIC[:6])})
    peeked = httpx.get(url, params={"topic": b64(TOPIC), "peek": "true"})
    popped = httpx.get(url, params={"topic": b64(TOPIC)})

    assert part.status_code == 204
    assert peeked.json() == popped.json()
    assert popped.json()["payload"] == b64(b"hi")
    assert httpx.get(url, params={"topic": b64(TOPIC)}).status_code == 204


def test_only_this_machine_is_answered(sandbox: SandboxMycelium) -> None:
    for headers in ({"Host": "evil.example"}, {"Origin": "https://evil.example"}):
        assert httpx.get(f"{sandbox.url}/api/v1/admin", headers=headers).status_code == 403


def test_a_tester_puts_nodes_in_and_reads_what_arrived(sandbox: SandboxMycelium) -> None:
    control = f"{sandbox.url}/sandbox"
    made = httpx.post(f"{control}/nodes", json={"public_key": str(KEY)})
    push(sandbox.url, payload=b64(b"a letter"))

    assert made.json() == {"address": str(KEY.address)}
    assert [one["text"] for one in httpx.get(f"{control}/messages").json()] == ["a letter"]
    assert "a letter" in httpx.get(f"{control}/").text
    assert httpx.post(f"{control}/switches", json={"is_down": True}).status_code == 204
    assert httpx.get(f"{sandbox.url}/api/v1/admin").status_code == 500
