"""What only the git implementation promises: its own clone, kept history, damage, defaults."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pygit2
import pytest
from pygit2.enums import FileMode, ObjectType

from hero_onboarding.forge import Commit, Forge, ForgeAnswerError, ForgeInputError
from hero_onboarding.forge import git as git_forge
from hero_onboarding.forge.errors import ForgeMovedError, ForgeRefusedError, ForgeUnavailableError
from hero_onboarding.forge.git import GitSettings, connect, folder_address
from hero_onboarding.forge.git.clone import make_remote
from hero_onboarding.forge.objects import blob_id
from hero_onboarding.sandbox.forge import SandboxForge
from tests.contracts.forge import AT, a_commit, changed, new

BODY = b'schema = 1\nnode = "node-00007"\nhour = "2026-01-01-00"\n'
PATH = "nodes/node-00007/usage_2026-01-01-00.otoml"


def open_forge(folder: Path, clone: str = "clone.git", branch: str | None = None) -> Forge:
    address = folder_address(folder / "remote.git")
    return connect(GitSettings(address, folder / clone, branch, is_made=True, lock_seconds=60))


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(folder), *words], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout


def test_the_vectors_of_git_come_out(tmp_path: Path) -> None:
    commit = Commit(
        "usage node-00007 2026-01-01-00\n", "node-00007", "node-00007@nodes.invalid", AT
    )

    head = open_forge(tmp_path).push_files([new(PATH, BODY)], commit)

    assert head == "7e30ac042967332965015b89dde1e4b9ae59fb6c"
    listed = git(tmp_path / "remote.git", "ls-tree", "-rt", "--format=%(objectname)", head)
    assert listed.split() == [
        "7a3e508ba893cb82c1fb9c4d3777850cadbd4673",
        "a7fc4258f9b827ce87d0c1525c6a08ff4f5ac1cb",
        "34e0e815b95582a08468221394b5486071b5ee8d",
    ]
    root = git(tmp_path / "remote.git", "rev-parse", f"{head}^{{tree}}").strip()
    assert root == "234989b1affeddc33026ea26fdba56df402f476e"


def test_a_missing_repository_is_made_with_the_branch_that_is_wanted(tmp_path: Path) -> None:
    assert open_forge(tmp_path, branch="usage").fetch_head() is None

    assert (tmp_path / "remote.git/HEAD").read_text() == "ref: refs/heads/usage\n"
    assert open_forge(tmp_path).push_files([new("a", b"1")], a_commit()) is not None
    assert git(tmp_path / "remote.git", "branch", "--format=%(refname)") == "refs/heads/usage\n"


def test_making_one_repository_many_times_at_once_makes_one(tmp_path: Path) -> None:
    start = threading.Barrier(8)

    def make(_number: int) -> None:
        start.wait(20)
        make_remote(tmp_path / "a/b/remote.git", "main")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(make, range(8)))

    assert [path.name for path in (tmp_path / "a/b").iterdir()] == ["remote.git"]
    assert git(tmp_path / "a/b/remote.git", "rev-parse", "--is-bare-repository") == "true\n"


def test_the_repository_of_our_own_takes_no_rewriting(tmp_path: Path) -> None:
    forge = open_forge(tmp_path)
    first = forge.push_files([new("a", b"1")], a_commit())
    forge.push_files([new("b", b"2")], a_commit())

    with pytest.raises(subprocess.CalledProcessError):
        git(tmp_path / "clone.git", "push", "-f", str(tmp_path / "remote.git"), f"{first}:main")


def test_history_that_was_rewritten_can_still_be_read(tmp_path: Path) -> None:
    forge = open_forge(tmp_path)
    first = forge.push_files([new("a", b"before")], a_commit())
    assert first is not None
    remote = pygit2.Repository(str(tmp_path / "remote.git"))
    who = pygit2.Signature("x", "x@example.invalid", 1, 0)
    tree = remote.odb.write(ObjectType.TREE, b"")
    other = remote.create_commit(None, who, who, "other\n", tree, [])
    remote.references.create("refs/heads/main", other, force=True)
    git(tmp_path / "remote.git", "-c", "gc.pruneExpire=now", "gc", "--quiet")

    assert forge.fetch_head() == str(other)
    git(tmp_path / "clone.git", "-c", "gc.pruneExpire=now", "gc", "--quiet")

    assert [entry.name for entry in forge.fetch_tree(first)] == ["a"]
    assert forge.fetch_blobs([blob_id(b"before")], bytes_max=10) == {blob_id(b"before"): b"before"}
    assert not forge.is_ancestor(first, str(other))


def test_a_clone_that_is_taken_away_is_made_again(tmp_path: Path) -> None:
    forge = open_forge(tmp_path)
    head = forge.push_files([new("a", b"1")], a_commit())
    assert head is not None
    (tmp_path / "clone.git").rename(tmp_path / "gone.git")

    assert forge.fetch_blobs([blob_id(b"1")], bytes_max=10) == {blob_id(b"1"): b"1"}
    (tmp_path / "clone.git").rename(tmp_path / "gone-too.git")
    assert forge.is_ancestor(head, head)


def test_a_damaged_clone_says_which_folder_to_remove(tmp_path: Path) -> None:
    forge = open_forge(tmp_path)
    forge.push_files([new("a", b"1"), new("b", b"2")], a_commit())
    name = blob_id(b"1")
    stored = tmp_path / "clone.git/objects" / name[:2] / name[2:]
    stored.chmod(0o644)
    stored.write_bytes(b"")

    with pytest.raises(ForgeAnswerError, match=r"clone\.git is damaged.*remove the folder"):
        forge.fetch_blobs([name], bytes_max=10)

    assert forge.fetch_blobs([blob_id(b"2")], bytes_max=10) == {blob_id(b"2"): b"2"}


def test_bytes_under_a_wrong_name_are_refused(tmp_path: Path) -> None:
    forge = open_forge(tmp_path)
    forge.push_files([new("a", b"1"), new("b", b"2")], a_commit())
    objects = tmp_path / "clone.git/objects"
    mine, theirs = (objects / name[:2] / name[2:] for name in (blob_id(b"1"), blob_id(b"2")))
    mine.chmod(0o644)
    mine.write_bytes(theirs.read_bytes())

    with pytest.raises(ForgeAnswerError):
        forge.fetch_blobs([blob_id(b"1")], bytes_max=10)


def test_a_clone_that_somebody_else_keeps_busy_is_for_later(tmp_path: Path) -> None:
    settings = GitSettings(
        folder_address(tmp_path / "remote.git"),
        tmp_path / "clone.git",
        is_made=True,
        lock_seconds=0.05,
    )
    script = (
        "import fcntl, sys; lock = open(sys.argv[1], 'w'); fcntl.flock(lock, fcntl.LOCK_EX);"
        "print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, f"{settings.clone}.lock"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdin is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(ForgeUnavailableError, match="busy"):
            connect(settings).fetch_head()
        holder.kill()

    assert connect(settings).fetch_head() is None


def test_an_unusable_folder_is_for_later(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    settings = GitSettings(folder_address(tmp_path / "remote.git"), tmp_path / "file/clone.git")

    with pytest.raises(ForgeUnavailableError, match="can't be used"):
        connect(settings).fetch_head()


_PUSHER = """
import sys
from pathlib import Path
from tests.contracts.forge import a_commit, new
from tests.forge.git.test_repository import open_forge
from hero_onboarding.forge import ForgeMovedError
forge = open_forge(Path(sys.argv[1]))
for number in range(15):
    while True:
        try:
            forge.push_files([new(f"{sys.argv[2]}/{number}", b"1")], a_commit())
            break
        except ForgeMovedError:
            forge.fetch_head()
"""


def test_processes_that_share_a_clone_do_not_harm_it(tmp_path: Path) -> None:
    started = [
        subprocess.Popen([sys.executable, "-c", _PUSHER, str(tmp_path), f"p{number}"])
        for number in range(3)
    ]
    try:
        assert [process.wait(100) for process in started] == [0, 0, 0]
    finally:
        for process in started:
            process.kill()
            process.wait()

    forge = open_forge(tmp_path)
    head = forge.fetch_head()
    assert head is not None
    folders = {entry.name: entry.id for entry in forge.fetch_tree(head)}
    assert {name: len(forge.fetch_tree(one)) for name, one in folders.items()} == {
        "p0": 15,
        "p1": 15,
        "p2": 15,
    }
    git(tmp_path / "clone.git", "fsck", "--strict", "--full")


def test_threads_that_share_a_forge_read_while_it_packs_itself(tmp_path: Path) -> None:
    forge = open_forge(tmp_path)
    forge.push_files([new(f"f/{number}", b"%d" % number) for number in range(1000)], a_commit())
    pygit2.Repository(str(tmp_path / "clone.git")).config["gc.auto"] = 1
    ids = [blob_id(b"%d" % number) for number in range(1000)]
    start = threading.Barrier(4)

    def read(_number: int) -> None:
        start.wait(20)
        for _ in range(5):
            assert len(forge.fetch_blobs(ids, bytes_max=10)) == 1000

    def write(number: int) -> None:
        start.wait(20)
        for turn in range(5):
            forge.push_files([new(f"w{number}/{turn}", b"1")], a_commit())

    with ThreadPoolExecutor(4) as pool:
        works = [pool.submit(work, number) for number, work in enumerate((read, read, write))]
        start.wait(20)
        for work in works:
            work.result()

    packs = list((tmp_path / "clone.git/objects/pack").glob("*.pack"))
    assert packs
    git(tmp_path / "clone.git", "fsck", "--strict", "--full")


def test_the_branch_that_an_empty_repository_begins_with_is_learned(tmp_path: Path) -> None:
    with SandboxForge(tmp_path / "sandbox") as sandbox:
        remote = sandbox.create_repository("o/n", auto_init=False, private=True)
        (remote / "HEAD").write_text("ref: refs/heads/trunk\n")
        address = git_forge.read_address(f"git+{sandbox.url}/o/n.git")
        forge = connect(GitSettings(address, tmp_path / "clone.git", token=sandbox.token))

        assert forge.fetch_head() is None
        forge.push_files([new("a", b"1")], a_commit())
        assert forge.push_files([changed("a", b"2", b"1")], a_commit()) == forge.fetch_head()

        assert git(remote, "branch", "--format=%(refname)") == "refs/heads/trunk\n"


def test_a_head_without_a_branch_needs_one_named(tmp_path: Path) -> None:
    with SandboxForge(tmp_path / "sandbox") as sandbox:
        remote = sandbox.create_repository("o/n", private=True)
        (remote / "HEAD").write_text(git(remote, "rev-parse", "main"))
        address = git_forge.read_address(f"git+{sandbox.url}/o/n.git")
        settings = GitSettings(address, tmp_path / "clone.git", token=sandbox.token)

        with pytest.raises(ForgeRefusedError, match="set the branch"):
            connect(settings).fetch_head()


def test_objects_that_git_finds_unsound_are_not_taken(tmp_path: Path) -> None:
    remote = pygit2.init_repository(str(tmp_path / "remote.git"), bare=True, initial_head="main")
    blob = remote.odb.write(ObjectType.BLOB, b"1")
    tree = remote.odb.write(ObjectType.TREE, b"100644 .git\0" + blob.raw)
    who = pygit2.Signature("x", "x@example.invalid", 1, 0)
    commit = remote.create_commit(None, who, who, "bad\n", tree, [])
    remote.references.create("refs/heads/main", commit)

    with pytest.raises(ForgeAnswerError, match="fsck"):
        open_forge(tmp_path).fetch_head()


def test_hooks_in_our_clone_never_run(tmp_path: Path) -> None:
    forge = open_forge(tmp_path)
    forge.fetch_head()
    hooks = tmp_path / "clone.git/hooks"
    hooks.mkdir()
    for name in ("pre-push", "reference-transaction", "post-fetch"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\nexit 1\n")
        (hooks / name).chmod(0o755)

    assert forge.push_files([new("a", b"1")], a_commit()) is not None
    assert not (tmp_path / "ran").exists()


def test_a_branch_beside_a_full_default_one_starts_empty(tmp_path: Path) -> None:
    open_forge(tmp_path).push_files([new("a", b"1")], a_commit())
    forge = open_forge(tmp_path, "other.git", branch="node/seven")

    assert forge.fetch_head() is None
    head = forge.push_files([new("b", b"2")], a_commit())

    assert head is not None
    assert [entry.name for entry in forge.fetch_tree(head)] == ["b"]


def test_two_writers_that_begin_a_branch_do_not_lose_each_other(tmp_path: Path) -> None:
    mine = open_forge(tmp_path)
    theirs = open_forge(tmp_path, "other.git")
    assert mine.fetch_head() is None

    theirs.push_files([new("a", b"theirs")], a_commit())
    with pytest.raises(ForgeMovedError):
        mine.push_files([new("a", b"mine")], a_commit())
    mine.push_files([new("b", b"mine")], a_commit())

    head = mine.fetch_head()
    assert head == theirs.fetch_head()
    assert head is not None
    assert [entry.name for entry in theirs.fetch_tree(head)] == ["a", "b"]


@pytest.mark.parametrize("branch", ["", "-x", "a..b", "a b", "/a", "a/", "a.lock", "x" * 101, "@{"])
def test_a_malformed_branch_is_refused_at_once(tmp_path: Path, branch: str) -> None:
    with pytest.raises(ForgeInputError):
        open_forge(tmp_path, branch=branch)


def test_an_executable_file_is_updated_as_one(tmp_path: Path) -> None:
    remote = pygit2.init_repository(str(tmp_path / "remote.git"), bare=True, initial_head="main")
    builder = remote.TreeBuilder()
    builder.insert("tool", remote.odb.write(ObjectType.BLOB, b"1"), FileMode.BLOB_EXECUTABLE)
    who = pygit2.Signature("x", "x@example.invalid", 1, 0)
    first = remote.create_commit(None, who, who, "one\n", builder.write(), [])
    remote.references.create("refs/heads/main", first)
    forge = open_forge(tmp_path)

    head = forge.push_files([changed("tool", b"2", b"1")], a_commit())

    assert head is not None
    assert forge.fetch_tree(head)[0].mode == "100755"
