import time
from base64 import b64decode

import httpx
import pytest

from hero_onboarding.sandbox.forge import SandboxForge
from hero_onboarding.sandbox.forge.objects import blob_id
from tests.sandbox.forge_bench import Bench, git


def fault(bench: Bench, **fields: object) -> None:
    answer = httpx.post(f"{bench.forge.url}/sandbox/forge/faults", json={"add": [fields]})
    assert answer.status_code == 200, answer.text


def configure(bench: Bench, **settings: object) -> httpx.Response:
    return httpx.post(f"{bench.forge.url}/sandbox/forge/faults", json={"settings": settings})


def contents(bench: Bench) -> str:
    return f"/api/v1/repos/{bench.name}/contents"


def test_the_reply_is_lost_but_the_commit_is_there(bench: Bench) -> None:
    fault(bench, kind="drop-after", method="WRITE", path_prefix=contents(bench), count=1)

    with pytest.raises(httpx.RemoteProtocolError):
        bench.create("a", b"1")

    assert bench.read("a") == "1"
    assert bench.create("b", b"1").status_code == 201


def test_a_reply_is_lost_only_after_a_write_that_worked(bench: Bench) -> None:
    bench.put_down("a", b"1")
    fault(bench, kind="drop-after", method="WRITE", count=1)

    refused = bench.create("a", b"1")

    assert refused.status_code == 422
    with pytest.raises(httpx.RemoteProtocolError):
        bench.create("b", b"1")


def test_a_connection_cut_before_the_effect_leaves_nothing(bench: Bench) -> None:
    head = bench.head()
    fault(bench, kind="drop", method="POST", count=1)

    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        bench.create("a", b"1")

    assert bench.head() == head
    assert bench.forge.log.list_entries("POST", contents(bench))[-1].status == 0


@pytest.mark.parametrize(("kind", "commits"), [("answer", 1), ("answer-after", 2)])
def test_a_proxy_says_502_before_or_after_the_effect(kind: str, commits: int, bench: Bench) -> None:
    fault(bench, kind=kind, method="WRITE", count=1, status=502)

    answer = bench.create("a", b"1")

    assert answer.status_code == 502
    assert "text/html" in answer.headers["content-type"]
    assert len(bench.commits()) == commits


def test_too_many_requests_name_a_time_to_wait(bench: Bench) -> None:
    fault(bench, kind="answer", status=429, count=2, retry_after_seconds=3, message="slow down")

    answers = [bench.get() for _ in range(3)]

    assert [answer.status_code for answer in answers] == [429, 429, 200]
    assert answers[0].headers["retry-after"] == "3"
    assert answers[0].json()["message"] == "slow down"


def test_a_fault_befalls_only_the_requests_that_match(bench: Bench) -> None:
    fault(bench, kind="answer", method="GET", path_prefix=f"{contents(bench)}/a", status=503)

    assert bench.get("/contents").status_code == 200
    assert bench.create("a", b"1").status_code == 201
    assert [bench.get("/contents/a").status_code for _ in range(3)] == [503] * 3


def test_during_an_outage_every_connection_is_closed(bench: Bench) -> None:
    configure(bench, outage="closed")

    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        bench.get()
    configure(bench, outage="unavailable")
    unavailable = bench.get()
    configure(bench, outage="none")

    assert unavailable.status_code == 503
    assert bench.get().status_code == 200


def test_an_outage_reaches_git_too(bench: Bench) -> None:
    configure(bench, outage="unavailable")

    answer = httpx.get(f"{bench.forge.url}/{bench.name}.git/info/refs?service=git-upload-pack")

    assert answer.status_code == 503


def test_answers_can_be_slow(bench: Bench) -> None:
    fault(bench, kind="delay", seconds=0.3, count=1)

    begun = time.monotonic()
    bench.get()

    assert time.monotonic() - begun >= 0.3


def test_a_scope_can_be_missing_and_a_token_bad(bench: Bench) -> None:
    fault(bench, kind="missing-scope", method="WRITE", count=1)
    fault(bench, kind="bad-token", method="GET", count=1)

    assert bench.create("a", b"1").status_code == 403
    assert bench.get().status_code == 401
    assert bench.create("a", b"1").status_code == 201


def test_a_blob_can_come_with_bytes_that_do_not_hash_to_its_id(bench: Bench) -> None:
    sha = bench.put_down("a", b"12345")
    fault(bench, kind="corrupt-blob", count=3)

    raw = bench.get("/raw/a").content
    by_id = bench.get(f"/git/blobs/{sha}").json()
    many = bench.get("/git/blobs", shas=sha).json()

    assert blob_id(raw) != sha
    assert by_id["sha"] == sha
    assert blob_id(b64decode(by_id["content"])) != sha
    assert blob_id(b64decode(many[0]["content"])) != sha
    assert blob_id(bench.get("/raw/a").content) == sha


def test_a_body_over_the_limit_is_answered_413(bench: Bench) -> None:
    head = bench.head()
    configure(bench, max_body_bytes=1000)

    answer = bench.create("a", b"1" * 1000)

    assert answer.status_code == 413
    assert bench.head() == head


def test_a_quota_is_used_up_by_a_rule_of_the_repository(bench: Bench) -> None:
    rules = {"repository": bench.name, "over_quota": True}
    address = f"{bench.forge.url}/sandbox/forge/repositories"

    assert httpx.post(address, json=rules).status_code == 200
    assert bench.create("a", b"1").status_code == 413
    httpx.post(address, json={**rules, "over_quota": False})
    assert bench.create("a", b"1").status_code == 201


def test_unknown_settings_and_faults_change_nothing(bench: Bench) -> None:
    address = f"{bench.forge.url}/sandbox/forge/faults"
    bodies: list[dict[str, object]] = [
        {"settings": {"server": "gitlab"}},
        {"settings": {"servr": "gitea"}},
        {"settings": {"overrides": {"wrong_sha": 418}}},
        {"settings": {"overrides": {"colour": True}}},
        {"add": [{"kind": "explode"}]},
        {"add": [{"kind": "drop", "count": 0}]},
    ]

    statuses = [httpx.post(address, json=body).status_code for body in bodies]

    assert statuses == [422] * len(bodies)
    assert httpx.get(address).json()["settings"]["server"] == "forgejo-late"
    assert httpx.get(address).json()["faults"] == []


def test_everything_can_be_put_right_at_once(bench: Bench) -> None:
    configure(bench, server="gitea", outage="unavailable")
    fault(bench, kind="drop")

    httpx.delete(f"{bench.forge.url}/sandbox/forge/faults")

    assert bench.client.get("/version").json()["version"].startswith("16.")


def test_requests_are_counted_and_the_count_can_be_reset(bench: Bench) -> None:
    address = f"{bench.forge.url}/sandbox/forge/requests"
    bench.put_down("a", b"1")
    bench.get("/contents/a", ref="main")
    git("ls-remote", bench.remote())

    writes = httpx.get(address, params={"method": "POST", "path_prefix": contents(bench)}).json()
    every = httpx.get(address).json()
    httpx.delete(address)
    none = httpx.get(address).json()

    assert writes["count"] == 1
    assert writes["requests"][0] == {
        "method": "POST",
        "path": f"{contents(bench)}/a",
        "query": "",
        "status": 201,
        "user": "sandbox",
    }
    assert any(entry["path"].endswith(".git/info/refs") for entry in every["requests"])
    assert none["total"] == 0


def test_the_control_room_is_never_befallen_itself(bench: Bench) -> None:
    configure(bench, outage="closed")

    assert httpx.get(f"{bench.forge.url}/sandbox").status_code == 200


def test_the_clock_goes_forward_and_dates_the_commits(bench: Bench) -> None:
    address = f"{bench.forge.url}/sandbox/clock"
    now = httpx.get(address).json()["now"]

    moved = httpx.post(address, json={"now": "2099-01-01T00:00:00Z"}).json()["now"]
    advanced = httpx.post(address, json={"advance_seconds": 3600}).json()["now"]
    back = httpx.post(address, json={"now": now})

    assert moved.startswith("2099-01-01T00:00")
    assert advanced.startswith("2099-01-01T01:00")
    assert back.status_code == 422
    assert bench.create("a", b"1").json()["commit"]["created"].startswith("2099-01-01T01:0")


def test_a_name_that_is_not_loopback_is_refused(forge: SandboxForge) -> None:
    for path in ("/api/v1/version", "/sandbox", "/sandbox/forge/faults"):
        stranger = httpx.get(forge.url + path, headers={"Host": "forge.example.org"})
        rebound = httpx.get(forge.url + path, headers={"Host": "127.0.0.1.example.org"})
        foreign = httpx.get(forge.url + path, headers={"Origin": "https://example.org"})

        assert [answer.status_code for answer in (stranger, rebound, foreign)] == [403] * 3


@pytest.mark.parametrize("host", ["localhost:1", "127.0.0.1", "127.8.9.1", "[::1]:99", "LOCALHOST"])
def test_every_name_of_this_machine_is_answered(host: str, forge: SandboxForge) -> None:
    answer = httpx.get(f"{forge.url}/api/v1/version", headers={"Host": host})

    assert answer.status_code == 200
