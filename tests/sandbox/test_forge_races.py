from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import httpx
import pytest

from tests.sandbox.forge_bench import Bench, git
from tests.sandbox.forge_races import race_before_push, race_in_push

WRITERS = 8


def write_at_once(bench: Bench, pause: str = "") -> list[httpx.Response]:
    """Let eight writers create a file each at the same moment."""
    if pause:
        bench.forge.switches.change({pause: 0.5})
    barrier = Barrier(WRITERS)

    def write(number: int) -> httpx.Response:
        with bench.with_token(bench.forge.token) as writer:
            writer.get("/branches/main")
            barrier.wait()
            return writer.create(f"nodes/{number}", b"%d" % number)

    with ThreadPoolExecutor(WRITERS) as pool:
        return list(pool.map(write, range(WRITERS)))


def check_that_nothing_is_lost(bench: Bench, answers: list[httpx.Response]) -> None:
    won = [answer for answer in answers if answer.status_code == 201]
    history = bench.commits()
    assert len(history) == 1 + len(won)
    assert git("-C", str(bench.path), "rev-list", "--merges", "main") == ""
    assert {answer.json()["commit"]["sha"] for answer in won} == set(history[:-1])
    for answer in won:
        path = answer.json()["content"]["path"]
        assert bench.read(path) == path.removeprefix("nodes/")
    bench.fsck()


@pytest.mark.parametrize(
    ("server", "lost"),
    [("forgejo-mid-2025", {500}), ("forgejo-late", {403, 500})],
)
def test_of_eight_writers_at_once_the_losers_get_that_version_s_answers(
    server: str, lost: set[int], bench: Bench
) -> None:
    bench.forge.switches.change({"server": server})

    answers = write_at_once(bench)

    losers = [answer for answer in answers if answer.status_code != 201]
    assert losers
    for loser in losers:
        assert loser.status_code in lost
        if loser.status_code == 403:
            assert "PushRejected" in loser.json()["message"]
            assert "cannot lock ref 'refs/heads/main'" in loser.json()["message"]
        else:
            assert loser.json()["message"] == ""
    check_that_nothing_is_lost(bench, answers)


def test_of_eight_pushes_that_meet_exactly_one_wins(bench: Bench) -> None:
    answers = write_at_once(bench, "pause_in_push_seconds")

    assert sorted(answer.status_code for answer in answers) == [201] + [403] * 7
    check_that_nothing_is_lost(bench, answers)


def test_on_the_newest_gitea_eight_writers_queue_and_all_win(bench: Bench) -> None:
    bench.forge.switches.change({"server": "gitea"})

    answers = write_at_once(bench)

    assert [answer.status_code for answer in answers] == [201] * WRITERS
    check_that_nothing_is_lost(bench, answers)


def test_an_older_gitea_answers_a_race_by_a_blank_500(bench: Bench) -> None:
    bench.forge.switches.change({"server": "gitea", "overrides": {"races": "blank"}})
    sha = bench.put_down("slow", b"1")

    moved = race_before_push(bench, lambda racer: racer.update("slow", b"2", sha))

    assert moved.status_code == 500
    assert moved.json()["message"] == ""


def test_a_queued_writer_with_a_stale_sha_still_fails(bench: Bench) -> None:
    bench.forge.switches.change({"server": "gitea", "pause_before_push_seconds": 0.2})
    sha = bench.put_down("a", b"1")

    def write(content: bytes) -> int:
        with bench.with_token(bench.forge.token) as writer:
            return writer.update("a", content, sha).status_code

    with ThreadPoolExecutor(2) as pool:
        statuses = sorted(pool.map(write, [b"2", b"3"]))

    assert statuses == [200, 422]


def test_writers_on_branches_of_their_own_do_not_race(bench: Bench) -> None:
    def write(number: int) -> int:
        with bench.with_token(bench.forge.token) as writer:
            return writer.create("a", b"1", new_branch=f"node/{number}").status_code

    with ThreadPoolExecutor(4) as pool:
        statuses = list(pool.map(write, range(4)))

    assert statuses == [201] * 4
    bench.fsck()


def test_a_loser_can_look_and_try_again(bench: Bench) -> None:
    lost = race_in_push(bench, lambda racer: racer.create("slow", b"1"))

    again = bench.create("slow", b"1")

    assert lost.status_code == 403
    assert again.status_code == 201
    assert bench.read("quick") == "1"
    assert bench.read("slow") == "1"
