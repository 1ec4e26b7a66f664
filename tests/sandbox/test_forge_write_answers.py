"""Table 2.1 of the forge's description: which write is answered how, by which server version.

Each row is a situation, each cell of it one test.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, cast

import httpx
import pytest

from tests.sandbox.forge_bench import Bench, encode
from tests.sandbox.forge_races import race_before_push, race_in_push

Server = Literal["forgejo-mid-2025", "forgejo-late", "gitea"]
Situation = Callable[[Bench], httpx.Response]
SERVERS: tuple[Server, ...] = ("forgejo-mid-2025", "forgejo-late", "gitea")
WRONG = "0" * 40


def create_where_a_file_is(bench: Bench) -> httpx.Response:
    bench.put_down("a", b"1")
    return bench.create("a", b"2")


def create_in_git_folder(bench: Bench) -> httpx.Response:
    return bench.create("nodes/.git/config", b"1")


def create_below_a_file(bench: Bench) -> httpx.Response:
    bench.put_down("a", b"1")
    return bench.create("a/b", b"2")


def create_over_a_folder(bench: Bench) -> httpx.Response:
    bench.put_down("a/b", b"1")
    return bench.create("a", b"2")


def create_on_a_new_branch_that_exists(bench: Bench) -> httpx.Response:
    bench.send("POST", "/branches", {"new_branch_name": "other"})
    return bench.create("a", b"1", new_branch="other")


def update_with_wrong_sha(bench: Bench) -> httpx.Response:
    bench.put_down("a", b"1")
    return bench.update("a", b"2", WRONG)


def change_with_wrong_sha(bench: Bench) -> httpx.Response:
    bench.put_down("a", b"1")
    return bench.change({"operation": "update", "path": "a", "content": encode(b"2"), "sha": WRONG})


def change_update_without_sha(bench: Bench) -> httpx.Response:
    bench.put_down("a", b"1")
    return bench.change({"operation": "update", "path": "a", "content": encode(b"2")})


def change_delete_without_sha(bench: Bench) -> httpx.Response:
    bench.put_down("a", b"1")
    return bench.change({"operation": "delete", "path": "a"})


def change_without_sha_before_twelve(bench: Bench) -> httpx.Response:
    bench.put_down("a", b"1")
    bench.forge.switches.change({"overrides": {"missing_sha": "accepted"}})
    return bench.change({"operation": "update", "path": "a", "content": encode(b"2")})


def update_without_sha(bench: Bench) -> httpx.Response:
    bench.put_down("a", b"1")
    return bench.send("PUT", "/contents/a", {"content": encode(b"2")})


def delete_without_sha(bench: Bench) -> httpx.Response:
    bench.put_down("a", b"1")
    return bench.send("DELETE", "/contents/a", {"message": "gone"})


def update_what_is_not_there(bench: Bench) -> httpx.Response:
    return bench.update("a", b"2", WRONG)


def delete_with_wrong_sha(bench: Bench) -> httpx.Response:
    bench.put_down("a", b"1")
    return bench.delete("a", WRONG)


def delete_in_git_folder(bench: Bench) -> httpx.Response:
    return bench.delete(".git/config", WRONG)


def delete_on_a_new_branch_that_exists(bench: Bench) -> httpx.Response:
    sha = bench.put_down("a", b"1")
    bench.send("POST", "/branches", {"new_branch_name": "other"})
    return bench.delete("a", sha, new_branch="other")


def delete_that_a_hook_refuses(bench: Bench) -> httpx.Response:
    sha = bench.put_down("a", b"1")
    _refuse_pushes(bench)
    return bench.delete("a", sha)


def create_that_a_hook_refuses(bench: Bench) -> httpx.Response:
    _refuse_pushes(bench)
    return bench.create("a", b"1")


def delete_what_is_not_there(bench: Bench) -> httpx.Response:
    return bench.delete("a", WRONG)


def create_on_missing_branch(bench: Bench) -> httpx.Response:
    return bench.create("a", b"1", branch="nowhere")


def update_on_missing_branch(bench: Bench) -> httpx.Response:
    return bench.update("a", b"1", WRONG, branch="nowhere")


def delete_on_missing_branch(bench: Bench) -> httpx.Response:
    return bench.delete("a", WRONG, branch="nowhere")


def change_on_missing_branch(bench: Bench) -> httpx.Response:
    return bench.change({"operation": "create", "path": "a"}, branch="nowhere")


def create_without_permission(bench: Bench) -> httpx.Response:
    with _stranger(bench) as stranger:
        return stranger.create("a", b"1")


def create_on_protected_branch(bench: Bench) -> httpx.Response:
    bench.forge.change_repository(bench.name, protected_branches=("main",))
    return bench.create("a", b"1")


def delete_on_protected_branch(bench: Bench) -> httpx.Response:
    sha = bench.put_down("a", b"1")
    bench.forge.change_repository(bench.name, protected_branches=("m*",))
    return bench.delete("a", sha)


def create_on_protected_path(bench: Bench) -> httpx.Response:
    bench.forge.change_repository(bench.name, protected_paths=("nodes/*",))
    return bench.create("nodes/a", b"1")


def delete_on_protected_path(bench: Bench) -> httpx.Response:
    sha = bench.put_down("nodes/a", b"1")
    bench.forge.change_repository(bench.name, protected_paths=("nodes/*",))
    return bench.delete("nodes/a", sha)


def create_in_archived(bench: Bench) -> httpx.Response:
    bench.forge.change_repository(bench.name, archived=True)
    return bench.create("a", b"1")


def create_over_quota(bench: Bench) -> httpx.Response:
    bench.forge.change_repository(bench.name, over_quota=True)
    return bench.create("a", b"1")


def update_with_identical_content(bench: Bench) -> httpx.Response:
    sha = bench.put_down("a", b"1")
    return bench.update("a", b"1", sha)


def change_with_identical_content(bench: Bench) -> httpx.Response:
    sha = bench.put_down("a", b"1")
    return bench.change({"operation": "update", "path": "a", "content": encode(b"1"), "sha": sha})


def create_from_bad_base64(bench: Bench) -> httpx.Response:
    return bench.send("POST", "/contents/a", {"content": "not base64!"})


def change_by_unknown_operation(bench: Bench) -> httpx.Response:
    return bench.change({"operation": "explode", "path": "a", "content": ""})


def create_when_the_head_has_moved(bench: Bench) -> httpx.Response:
    return race_before_push(bench, lambda racer: racer.create("slow", b"1"))


def create_when_two_pushes_meet(bench: Bench) -> httpx.Response:
    return race_in_push(bench, lambda racer: racer.create("slow", b"1"))


def delete_when_the_head_has_moved(bench: Bench) -> httpx.Response:
    sha = bench.put_down("slow", b"1")
    return race_before_push(bench, lambda racer: racer.delete("slow", sha))


def delete_when_two_pushes_meet(bench: Bench) -> httpx.Response:
    sha = bench.put_down("slow", b"1")
    return race_in_push(bench, lambda racer: racer.delete("slow", sha))


@dataclass(frozen=True)
class Cell:
    """The status, and words that the message holds; a 500 never says anything."""

    status: int
    words: str = ""


@dataclass(frozen=True)
class Row:
    situation: Situation
    mid: Cell
    late: Cell
    gitea: Cell

    def cell(self, server: Server) -> Cell:
        return {"forgejo-mid-2025": self.mid, "forgejo-late": self.late, "gitea": self.gitea}[
            server
        ]


def everywhere(situation: Situation, status: int, words: str = "") -> Row:
    cell = Cell(status, words)
    return Row(situation, cell, cell, cell)


def forgejo_and_gitea(situation: Situation, forgejo: Cell, gitea: Cell) -> Row:
    return Row(situation, forgejo, forgejo, gitea)


MISMATCH = f"sha does not match [given: {WRONG}, expected: "
UNPROVED = Cell(422, "a SHA or commit ID must be proved")
STALE_422, STALE_409 = Cell(422, MISMATCH), Cell(409, MISMATCH)
BAD_PATH = "malformed path component"
TAKEN = "branch already exists [name: other]"

TABLE = (
    everywhere(create_where_a_file_is, 422, "repository file already exists [path: a]"),
    everywhere(create_in_git_folder, 422, BAD_PATH),
    everywhere(create_below_a_file, 422, "a file exists where"),
    everywhere(create_over_a_folder, 422, "a directory exists where"),
    everywhere(create_on_a_new_branch_that_exists, 422, TAKEN),
    Row(update_with_wrong_sha, STALE_422, STALE_409, STALE_422),
    Row(change_with_wrong_sha, STALE_422, STALE_409, STALE_422),
    forgejo_and_gitea(change_update_without_sha, UNPROVED, Cell(201)),
    forgejo_and_gitea(change_delete_without_sha, UNPROVED, Cell(201)),
    everywhere(change_without_sha_before_twelve, 201),
    everywhere(update_without_sha, 422, "[SHA]: Required"),
    everywhere(delete_without_sha, 422, "[SHA]: Required"),
    forgejo_and_gitea(update_what_is_not_there, Cell(500), Cell(404)),
    forgejo_and_gitea(delete_with_wrong_sha, Cell(400, MISMATCH), Cell(422, MISMATCH)),
    forgejo_and_gitea(delete_in_git_folder, Cell(400, BAD_PATH), Cell(422, BAD_PATH)),
    forgejo_and_gitea(delete_on_a_new_branch_that_exists, Cell(400, TAKEN), Cell(422, TAKEN)),
    everywhere(delete_that_a_hook_refuses, 500),
    Row(
        create_that_a_hook_refuses,
        Cell(500),
        Cell(403, "PushRejected"),
        Cell(500),
    ),
    everywhere(delete_what_is_not_there, 404),
    everywhere(create_on_missing_branch, 404),
    everywhere(update_on_missing_branch, 404),
    everywhere(delete_on_missing_branch, 404),
    everywhere(change_on_missing_branch, 404),
    everywhere(create_without_permission, 403),
    everywhere(create_on_protected_branch, 403, "user cannot commit to repo"),
    everywhere(delete_on_protected_branch, 403, "user cannot commit to repo"),
    everywhere(create_on_protected_path, 403, "path is protected"),
    Row(delete_on_protected_path, Cell(500), Cell(403), Cell(403)),
    everywhere(create_in_archived, 423),
    forgejo_and_gitea(create_over_quota, Cell(413), Cell(201)),
    everywhere(update_with_identical_content, 200),
    everywhere(change_with_identical_content, 201),
    everywhere(create_from_bad_base64, 422),
    everywhere(change_by_unknown_operation, 500),
    forgejo_and_gitea(create_when_the_head_has_moved, Cell(500), Cell(201)),
    Row(create_when_two_pushes_meet, Cell(500), Cell(403, "cannot lock ref"), Cell(201)),
    forgejo_and_gitea(delete_when_the_head_has_moved, Cell(500), Cell(200)),
    forgejo_and_gitea(delete_when_two_pushes_meet, Cell(500), Cell(200)),
)


def _refuse_pushes(bench: Bench) -> None:
    _control(bench, {"add": [{"kind": "refuse-push", "count": 1, "message": "not today"}]})


def _control(bench: Bench, body: dict[str, object]) -> None:
    answer = httpx.post(f"{bench.forge.url}/sandbox/forge/faults", json=body)
    assert answer.status_code == 200, answer.text


def _stranger(bench: Bench) -> Bench:
    bench.forge.create_user("stranger")
    return bench.with_token(bench.forge.create_token("stranger", "mine", ("write:repository",)))


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("row", TABLE, ids=lambda row: cast("Row", row).situation.__name__)
def test_a_write_is_answered_as_that_server_version_does(
    row: Row, server: Server, bench: Bench
) -> None:
    bench.forge.switches.change({"server": server})
    cell = row.cell(server)

    answer = row.situation(bench)

    assert answer.status_code == cell.status, answer.text
    assert cell.words in answer.text
    if cell.status >= 400:
        check_error_shape(answer)
    bench.fsck()


def check_error_shape(answer: httpx.Response) -> None:
    body = answer.json()
    assert set(body) == {"message", "url"} | ({"errors"} if answer.status_code == 404 else set())
    assert body["url"].endswith("/api/swagger")
    assert (body["message"] == "") == (answer.status_code == 500)


REFUSED = [row for row in TABLE if row.late.status >= 400 and "when" not in row.situation.__name__]


@pytest.mark.parametrize("row", REFUSED, ids=lambda row: cast("Row", row).situation.__name__)
def test_a_refused_write_changes_no_branch_and_leaves_nothing_behind(
    row: Row, bench: Bench
) -> None:
    seen = [bench.references()]
    bench.client.event_hooks["request"] = [lambda _request: seen.append(bench.references())]

    answer = row.situation(bench)

    assert answer.status_code >= 400
    assert bench.references() == seen[-1]
    assert list((bench.path.parent.parent / ".work").iterdir()) == []


EMPTY_TABLE = (
    everywhere(lambda bench: bench.create("a", b"1"), 201),
    forgejo_and_gitea(lambda bench: bench.update("a", b"1", WRONG), Cell(422), Cell(404)),
    everywhere(lambda bench: bench.delete("a", WRONG), 404),
    everywhere(
        lambda bench: bench.change({"operation": "create", "path": "a", "content": ""}), 201
    ),
)


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("row", EMPTY_TABLE, ids=["post", "put", "delete", "post-many"])
def test_an_empty_repository_is_answered_as_that_server_version_does(
    row: Row, server: Server, empty_bench: Bench
) -> None:
    empty_bench.forge.switches.change({"server": server})
    cell = row.cell(server)

    answer = row.situation(empty_bench)

    assert answer.status_code == cell.status, answer.text
    assert (empty_bench.head() != "") == (cell.status == 201)
    empty_bench.fsck()


@pytest.mark.parametrize("server", SERVERS)
def test_identical_content_makes_an_empty_commit(server: Server, bench: Bench) -> None:
    bench.forge.switches.change({"server": server})
    sha = bench.put_down("a", b"1")

    answer = bench.update("a", b"1", sha)

    commits = bench.commits()
    assert len(commits) == 3
    commit = answer.json()["commit"]
    assert commit["sha"] == commits[0]
    assert commit["parents"][0]["sha"] == commits[1]
    parent = bench.get(f"/git/trees/{commits[1]}").json()["tree"]
    assert bench.get(f"/git/trees/{commit['tree']['sha']}").json()["tree"] == parent
