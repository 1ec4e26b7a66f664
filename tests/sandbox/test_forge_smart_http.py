import gzip
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.sandbox.forge_bench import Bench, git, run_git, wait_until


def clone(bench: Bench, folder: Path, *words: str) -> Path:
    git("clone", "-q", *words, bench.remote(), str(folder))
    return folder


def commit(work: Path, name: str, content: bytes) -> None:
    (work / name).write_bytes(content)
    git("add", "-A", cwd=work)
    git("commit", "-q", "-m", f"add {name}", cwd=work)


def test_a_clone_holds_what_the_api_wrote(bench: Bench, tmp_path: Path) -> None:
    bench.put_down("nodes/a", b"1")

    work = clone(bench, tmp_path / "work")

    assert (work / "nodes/a").read_bytes() == b"1"


def test_a_fetch_brings_only_what_is_new(bench: Bench, tmp_path: Path) -> None:
    work = clone(bench, tmp_path / "work")
    bench.put_down("nodes/a", b"1")

    git("fetch", "-q", cwd=work)

    assert git("rev-list", "--count", "HEAD..origin/main", cwd=work).strip() == "1"


def test_a_push_moves_the_branch_and_the_api_shows_it(bench: Bench, tmp_path: Path) -> None:
    work = clone(bench, tmp_path / "work")
    commit(work, "large", b"\0" * 3_000_000)

    git("push", "-q", cwd=work)

    assert bench.get("/contents/large").json()["size"] == 3_000_000
    bench.fsck()


def test_a_stale_push_is_refused(bench: Bench, tmp_path: Path) -> None:
    work = clone(bench, tmp_path / "work")
    bench.put_down("a", b"1")
    head = bench.head()
    commit(work, "b", b"2")

    refused = run_git("push", "-q", cwd=work)

    assert refused.returncode == 1
    assert "fetch first" in refused.stderr
    assert bench.head() == head


def test_two_pushes_that_meet_cannot_both_win(bench: Bench, tmp_path: Path) -> None:
    works = [clone(bench, tmp_path / name) for name in ("one", "two")]
    for work in works:
        commit(work, work.name, b"1")

    codes = [run_git("push", "-q", cwd=work).returncode for work in works]

    assert codes == [0, 1]


@pytest.mark.parametrize("secret", ["bad", "", "sandbox"])
def test_a_push_with_a_bad_token_is_answered_401(bench: Bench, secret: str) -> None:
    address = f"{bench.forge.url}/{bench.name}.git/info/refs?service=git-receive-pack"
    credentials = ("sandbox", secret) if secret else None

    answer = httpx.get(address, auth=credentials)

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic")


def test_a_fetch_of_a_private_repository_needs_a_token(bench: Bench, tmp_path: Path) -> None:
    bench.forge.change_repository(bench.name, private=True)
    address = f"{bench.forge.url}/{bench.name}.git"

    nameless = run_git("clone", "-q", address, str(tmp_path / "none"))
    named = run_git("clone", "-q", bench.remote(bench.forge.read_token), str(tmp_path / "some"))

    assert "Authentication failed" in nameless.stderr or "could not read" in nameless.stderr
    assert named.returncode == 0


def test_a_token_that_may_only_read_cannot_push(bench: Bench, tmp_path: Path) -> None:
    work = clone(bench, tmp_path / "work")
    commit(work, "b", b"2")

    refused = run_git("push", "-q", bench.remote(bench.forge.read_token), "main", cwd=work)

    assert "403" in refused.stderr


def test_the_token_may_stand_in_the_user_s_place(bench: Bench, tmp_path: Path) -> None:
    address = bench.forge.url.replace("//", f"//{bench.forge.token}:x-oauth-basic@")

    git("clone", "-q", f"{address}/{bench.name}.git", str(tmp_path / "work"))


def test_nothing_is_pushed_to_an_archived_repository(bench: Bench, tmp_path: Path) -> None:
    work = clone(bench, tmp_path / "work")
    commit(work, "b", b"2")
    bench.forge.change_repository(bench.name, archived=True)

    refused = run_git("push", "-q", cwd=work)

    assert "403" in refused.stderr


def test_a_clone_may_leave_out_blobs_and_ask_for_objects_by_id(
    bench: Bench, tmp_path: Path
) -> None:
    blob = bench.put_down("a", b"wanted later")
    old = bench.head()
    bench.put_down("b", b"2")

    mirror = clone(bench, tmp_path / "mirror", "--bare", "--filter=blob:none")
    git("fetch", "-q", "origin", old, cwd=mirror)

    assert git("cat-file", "blob", blob, cwd=mirror) == "wanted later"


def test_a_gzipped_request_is_understood(bench: Bench) -> None:
    address = f"{bench.forge.url}/{bench.name}.git/git-upload-pack"
    want = f"want {bench.head()}\n"
    body = f"{len(want) + 4:04x}{want}00000009done\n".encode()

    answer = httpx.post(
        address,
        content=gzip.compress(body),
        headers={
            "Content-Type": "application/x-git-upload-pack-request",
            "Content-Encoding": "gzip",
        },
    )

    assert answer.status_code == 200
    assert b"PACK" in answer.content


@pytest.mark.parametrize(
    "path",
    [
        "HEAD",
        "config",
        "objects/info/packs",
        "info/refs",
        "info/refs?service=git-upload-archive",
        "../../forge.json",
        "%2e%2e/%2e%2e/forge.json",
    ],
)
def test_only_the_smart_protocol_is_served(bench: Bench, path: str) -> None:
    answer = httpx.get(f"{bench.forge.url}/{bench.name}.git/{path}")

    assert answer.status_code in {403, 404}


@pytest.mark.parametrize("name", ["../o/r.git", "..%2f..%2fo/r.git", ".work/x.git", "o/...git"])
def test_a_name_that_leaves_the_folder_is_not_found(bench: Bench, name: str) -> None:
    address = f"{bench.forge.url}/{name}/info/refs?service=git-upload-pack"

    answer = httpx.get(address, auth=("sandbox", bench.forge.token))

    assert answer.status_code == 404


def test_a_push_larger_than_the_limit_changes_nothing(bench: Bench, tmp_path: Path) -> None:
    work = clone(bench, tmp_path / "work")
    head = bench.head()
    commit(work, "large", bytes(range(256)) * 4)
    bench.forge.switches.change({"max_body_bytes": 300})

    refused = run_git("push", "-q", cwd=work)

    assert "413" in refused.stderr
    assert bench.head() == head


def test_a_client_that_goes_away_leaves_no_process_behind(bench: Bench) -> None:
    address = f"{bench.forge.url}/{bench.name}.git/git-upload-pack"

    def endless() -> object:
        yield b"0032want " + bench.head().encode() + b"\n"
        raise ConnectionAbortedError

    with pytest.raises(ConnectionAbortedError):
        httpx.post(address, content=endless())  # type: ignore[arg-type]  # a generator of bytes

    wait_until(lambda: bench.forge.log.count("POST", f"/{bench.name}.git") == 1)
    wait_until(lambda: "git-http-backen" not in names_of_children())


def names_of_children() -> set[str]:
    names = set()
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            fields = dict(line.split(":\t", 1) for line in status.read_text().splitlines())
        except (OSError, ValueError):
            continue  # It ended while it was looked at.
        if fields["PPid"].strip() == str(os.getpid()):
            names.add(fields["Name"].strip())
    return names


def add_fault(bench: Bench, **fields: object) -> None:
    answer = httpx.post(f"{bench.forge.url}/sandbox/forge/faults", json={"add": [fields]})
    assert answer.status_code == 200, answer.text


def test_the_reply_to_a_push_is_lost_but_the_branch_has_moved(bench: Bench, tmp_path: Path) -> None:
    work = clone(bench, tmp_path / "work")
    commit(work, "b", b"\0" * 2_000_000)
    add_fault(bench, kind="drop-after", method="POST", path_prefix=f"/{bench.name}.git", count=1)

    lost = run_git("push", "-q", cwd=work)
    again = run_git("push", cwd=work)

    assert lost.returncode != 0
    assert bench.head() == git("rev-parse", "HEAD", cwd=work).strip()
    assert again.returncode == 0
    assert "up-to-date" in again.stderr


def test_a_push_that_a_hook_refuses_says_why(bench: Bench, tmp_path: Path) -> None:
    work = clone(bench, tmp_path / "work")
    commit(work, "b", b"1")
    head = bench.head()
    add_fault(bench, kind="refuse-push", count=1, message="not today")

    refused = run_git("push", "-q", cwd=work)

    assert "remote: not today" in refused.stderr
    assert "pre-receive hook declined" in refused.stderr
    assert bench.head() == head


def test_a_protected_branch_takes_no_push_and_others_do(bench: Bench, tmp_path: Path) -> None:
    work = clone(bench, tmp_path / "work")
    commit(work, "b", b"1")
    bench.forge.change_repository(bench.name, protected_branches=("ma*",))

    refused = run_git("push", "-q", cwd=work)
    taken = run_git("push", "-q", "origin", "HEAD:other", cwd=work)

    assert "branch main is protected" in refused.stderr
    assert taken.returncode == 0


def test_nothing_is_pushed_over_the_quota(bench: Bench, tmp_path: Path) -> None:
    work = clone(bench, tmp_path / "work")
    commit(work, "b", b"1")
    bench.forge.change_repository(bench.name, over_quota=True)

    assert "quota exceeded" in run_git("push", "-q", cwd=work).stderr


def test_a_push_loses_its_reference_to_one_that_lands_meanwhile(
    bench: Bench, tmp_path: Path
) -> None:
    work = clone(bench, tmp_path / "work")
    commit(work, "b", b"1")
    bench.forge.switches.change({"pause_in_push_seconds": 0.4})

    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(run_git, "push", "-q", cwd=work)
        wait_until(lambda: list((bench.path / "objects").glob("tmp_objdir-incoming-*")))
        bench.forge.switches.change({"pause_in_push_seconds": 0})
        quick = bench.create("a", b"1")
        refused = slow.result()

    assert quick.status_code == 201
    assert "cannot lock ref 'refs/heads/main'" in refused.stderr
    assert len(bench.commits()) == 2
    bench.fsck()
