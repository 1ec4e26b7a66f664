"""What every forge does: reading, writing, refusing to overwrite."""

import subprocess
from pathlib import Path

import pytest

from hero_onboarding.forge import (
    FileChange,
    Forge,
    ForgeAnswerError,
    ForgeInputError,
    ForgeMovedError,
    ForgeRefusedError,
    TreeEntry,
)
from hero_onboarding.forge.objects import blob_id
from tests.contracts.forge import (
    BRANCH,
    KINDS,
    REAL,
    DiskPlace,
    Options,
    Place,
    RealPlace,
    a_commit,
    changed,
    new,
    real_server,
)

PATH = "nodes/node-00007/usage_2026-01-01-00.otoml"
BODY = b'schema = 1\nnode = "node-00007"\nhour = "2026-01-01-00"\n'
UNKNOWN = "1" * 40
NO_PATHS = (
    *("", "/a", "a/", "a//b", "../a", "a/../b", ".git/config", "a/.hidden"),
    *("a b", "a\n", "é", "a\\b", "x" * 501),
)


def test_the_contract_runs_on_a_real_server_too() -> None:
    if not real_server():
        pytest.skip(f"no real Forgejo: set {', '.join(REAL)} to run the contract on one")
    assert "real" in KINDS


def head_of(forge: Forge) -> str:
    head = forge.fetch_head()
    assert head is not None
    return head


def entries_at(forge: Forge, path: str = "") -> dict[str, TreeEntry]:
    treeish = head_of(forge)
    for name in path.split("/") if path else []:
        treeish = {entry.name: entry for entry in forge.fetch_tree(treeish)}[name].id
    return {entry.name: entry for entry in forge.fetch_tree(treeish)}


def test_a_repository_without_commits_has_no_head(place: Place) -> None:
    assert place.open().fetch_head() is None


def test_the_first_push_makes_the_branch(place: Place) -> None:
    forge = place.open()

    commit = forge.push_files([new(PATH, BODY)], a_commit())

    assert commit is not None
    assert commit == forge.fetch_head() == place.open().fetch_head()
    assert place.files()[PATH] == BODY
    if place.is_empty_at_first:
        assert place.files() == {PATH: BODY}


def test_a_pushed_file_is_listed_as_git_keeps_it(place: Place) -> None:
    forge = place.open()

    forge.push_files([new(PATH, BODY)], a_commit())

    nodes = entries_at(forge)["nodes"]
    assert (nodes.mode, nodes.size) == ("040000", None)
    found = entries_at(forge, "nodes/node-00007")
    name = "usage_2026-01-01-00.otoml"
    assert found == {name: TreeEntry(name, "100644", blob_id(BODY), len(BODY))}


def test_the_ids_of_trees_are_those_of_git(place: Place) -> None:
    if isinstance(place, RealPlace):
        pytest.skip("the branch holds other files too")
    forge = place.open()

    forge.push_files([new(PATH, BODY)], a_commit("usage node-00007 2026-01-01-00\n"))

    if place.kind != "fake":
        assert entries_at(forge)["nodes"].id == "7a3e508ba893cb82c1fb9c4d3777850cadbd4673"
        node = entries_at(forge, "nodes")["node-00007"]
        assert node.id == "a7fc4258f9b827ce87d0c1525c6a08ff4f5ac1cb"


def test_a_file_is_read_back_by_its_id(place: Place) -> None:
    forge = place.open()
    forge.push_files([new("a", b"one"), new("b", b""), new("c", bytes(range(256)))], a_commit())

    ids = [blob_id(content) for content in (b"one", b"", bytes(range(256)))]

    assert forge.fetch_blobs(ids, bytes_max=256) == dict(
        zip(ids, (b"one", b"", bytes(range(256))), strict=True)
    )
    assert forge.fetch_blobs([], bytes_max=1) == {}


def test_more_files_than_one_call_takes_are_read_whole(place: Place) -> None:
    forge = place.open()
    contents = {blob_id(b"%d" % number): b"%d" % number for number in range(101)}
    forge.push_files([new(f"f/{one.decode()}", one) for one in contents.values()], a_commit())

    assert forge.fetch_blobs(list(contents), bytes_max=10) == contents


def test_a_file_over_the_limit_is_left_out(place: Place) -> None:
    forge = place.open()
    small, exact, large = b"1" * 9, b"2" * 10, b"3" * 11
    changes = [new("small", small), new("exact", exact), new("large", large)]
    forge.push_files([*changes, new("huge", b"4" * 300_000)], a_commit())

    ids = [blob_id(one) for one in (small, exact, large, b"4" * 300_000)]

    assert set(forge.fetch_blobs(ids, bytes_max=10)) == {blob_id(small), blob_id(exact)}
    assert forge.fetch_blobs(ids[3:], bytes_max=10) == {}


@pytest.mark.parametrize("count", [1000, 1001])
def test_a_directory_of_many_entries_is_listed_whole(place: Place, count: int) -> None:
    if place.kind.endswith("each") or isinstance(place, RealPlace):
        pytest.skip("writing so many files one by one takes minutes")
    forge = place.open()
    names = [f"n{number:04}" for number in range(count)]

    forge.push_files([new(f"nodes/{name}", name.encode()) for name in names], a_commit())

    assert list(entries_at(forge, "nodes")) == names


def test_entries_come_in_the_order_of_git(place: Place) -> None:
    forge = place.open()

    forge.push_files([new(path, b"1") for path in ("a/b", "a-b", "a0", "B")], a_commit())

    found = [entry.name for entry in forge.fetch_tree(head_of(forge))]
    assert [name for name in found if name in {"a", "a-b", "a0", "B"}] == ["B", "a-b", "a", "a0"]


def test_what_is_no_plain_file_is_shown_as_it_is(place: Place) -> None:
    place.put("tool", b"#!/bin/sh\n", "100755")
    place.put("link", b"/etc/passwd", "120000")
    place.put("module", b"", "160000")

    found = entries_at(place.open())

    modes = {name: entry.mode for name, entry in found.items()}
    assert modes == {"tool": "100755", "link": "120000", "module": "160000"}


def test_an_update_replaces_what_it_names(place: Place) -> None:
    forge = place.open()
    first = forge.push_files([new(PATH, b"1")], a_commit())

    second = forge.push_files([changed(PATH, b"2", b"1")], a_commit("again\n"))

    assert second not in {first, None}
    assert place.files()[PATH] == b"2"


def test_several_files_are_written_at_once_or_one_by_one(place: Place) -> None:
    forge = place.open()
    forge.push_files([new("kept", b"0"), new("a/x", b"1")], a_commit())
    before = place.count_commits()

    newest = forge.push_files(
        [changed("a/x", b"2", b"1"), new("a/y", b"3"), new("b/c/d", b"4")], a_commit()
    )

    wanted = {"kept": b"0", "a/x": b"2", "a/y": b"3", "b/c/d": b"4"}
    assert {path: place.files()[path] for path in wanted} == wanted
    assert newest == forge.fetch_head()
    assert place.count_commits() == before + (3 if place.kind.endswith("each") else 1)


def test_no_changes_make_no_commit(place: Place) -> None:
    forge = place.open()
    forge.push_files([new("a", b"1")], a_commit())
    before = place.count_commits()

    assert forge.push_files([], a_commit()) is None
    assert place.count_commits() == before


def test_the_same_content_makes_no_commit(place: Place) -> None:
    forge = place.open()
    forge.push_files([new("a", b"1")], a_commit())
    before = place.count_commits()

    assert forge.push_files([changed("a", b"1", b"1")], a_commit()) is None
    assert place.count_commits() == before


def test_the_same_content_is_refused_where_other_content_is(place: Place) -> None:
    forge = place.open()
    forge.push_files([new("a", b"2")], a_commit())

    with pytest.raises(ForgeMovedError):
        forge.push_files([changed("a", b"1", b"1")], a_commit())


def test_the_same_push_again_finds_its_files_there(place: Place) -> None:
    forge = place.open()
    changes = [new("a", b"1"), new("b/c", b"2")]
    forge.push_files(changes, a_commit())
    before = place.count_commits()

    assert forge.push_files(changes, a_commit()) is None
    assert forge.push_files(changes[:1], a_commit()) is None
    assert place.count_commits() == before


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(new("a", b"mine"), id="nothing was to be there"),
        pytest.param(changed("a", b"mine", b"never there"), id="something else was to be there"),
        pytest.param(changed("b", b"mine", b"1"), id="something was to be there and is not"),
        pytest.param(changed("d/e/f", b"mine", b"1"), id="not even its directory is there"),
    ],
)
@pytest.mark.parametrize("beside", [[], [new("z", b"new")]], ids=["alone", "with another"])
def test_nothing_is_written_over_anything_else(
    place: Place, change: FileChange, beside: list[FileChange]
) -> None:
    forge = place.open()
    forge.push_files([new("a", b"theirs")], a_commit())
    head = forge.fetch_head()

    with pytest.raises(ForgeMovedError):
        forge.push_files([change, *beside], a_commit())

    assert place.files()["a"] == b"theirs"
    assert forge.fetch_head() == head


def test_a_replaced_file_in_an_empty_repository_is_a_move(place: Place) -> None:
    with pytest.raises(ForgeMovedError):
        place.open().push_files([changed("a", b"2", b"1")], a_commit())


def test_a_change_behind_our_back_is_not_overwritten(place: Place) -> None:
    forge = place.open()
    forge.push_files([new("a", b"1")], a_commit())
    place.put("a", b"theirs")

    with pytest.raises(ForgeMovedError):
        forge.push_files([changed("a", b"2", b"1")], a_commit())
    forge.push_files([changed("a", b"both", b"theirs")], a_commit())

    assert place.files()["a"] == b"both"


def test_a_file_where_a_directory_is_needed_is_for_an_operator(place: Place) -> None:
    place.put("nodes", b"not a directory")

    with pytest.raises(ForgeRefusedError, match="move that away"):
        place.open().push_files([new(PATH, BODY)], a_commit())

    assert place.files()["nodes"] == b"not a directory"


@pytest.mark.parametrize("mode", ["120000", "160000"])
def test_a_link_or_a_submodule_is_not_written_through(place: Place, mode: str) -> None:
    place.put("a", b"target", mode)

    with pytest.raises((ForgeMovedError, ForgeRefusedError)):
        place.open().push_files([new("a", b"1")], a_commit())
    if mode == "120000":
        with pytest.raises((ForgeMovedError, ForgeRefusedError)):
            place.open().push_files([changed("a", b"1", b"target")], a_commit())

    assert entries_at(place.open())["a"].mode == mode


def test_a_directory_is_not_replaced_by_a_file(place: Place) -> None:
    place.put("a/b", b"1")

    with pytest.raises((ForgeMovedError, ForgeRefusedError)):
        place.open().push_files([new("a", b"1")], a_commit())

    assert place.files()["a/b"] == b"1"


def test_objects_that_are_not_there_make_no_sense(place: Place) -> None:
    forge = place.open()
    forge.push_files([new("a", b"1")], a_commit())

    for treeish in (UNKNOWN, "no id at all", ""):
        with pytest.raises(ForgeAnswerError):
            forge.fetch_tree(treeish)
    with pytest.raises(ForgeAnswerError):
        forge.fetch_blobs([blob_id(b"1"), UNKNOWN], bytes_max=10)


def test_descent_is_told(place: Place) -> None:
    forge = place.open()
    first = forge.push_files([new("a", b"1")], a_commit())
    second = forge.push_files([changed("a", b"2", b"1")], a_commit())
    assert first is not None
    assert second is not None

    assert forge.is_ancestor(first, second)
    assert forge.is_ancestor(second, second)
    assert not forge.is_ancestor(second, first)
    assert not forge.is_ancestor(UNKNOWN, second)
    assert place.open().is_ancestor(first, second)


def test_rewritten_history_is_no_descent(place: Place) -> None:
    forge = place.open()
    first = forge.push_files([new("a", b"1")], a_commit())
    assert first is not None
    place.rewrite({"a": ("100644", b"other")})

    head = head_of(forge)

    assert head != first
    assert not forge.is_ancestor(first, head)
    assert not place.open().is_ancestor(first, head)


def test_a_branch_that_was_put_back_is_seen_and_written_on(place: Place) -> None:
    forge = place.open()
    forge.push_files([new("a", b"1")], a_commit())
    place.rewrite({"b": ("100644", b"2")})

    forge.push_files([new("c", b"3")], a_commit())

    assert place.files() == {"b": b"2", "c": b"3"}


def test_a_path_that_is_not_plain_is_refused_before_anything_is_sent(place: Place) -> None:
    calls: list[str] = []
    forge = place.open(Options(trace=calls.append))

    for path in NO_PATHS:
        with pytest.raises(ForgeInputError):
            forge.push_files([new(path, b"1")], a_commit())

    assert calls == []


def test_a_path_twice_or_a_nameless_author_is_refused(place: Place) -> None:
    forge = place.open()

    for changes, commit in (
        ([new("a", b"1"), new("a", b"2")], a_commit()),
        ([new("a", b"1")], a_commit(who="")),
        ([new("a", b"1")], a_commit(who="node <x>")),
        ([new("a", b"1")], a_commit("\n")),
    ):
        with pytest.raises(ForgeInputError):
            forge.push_files(changes, commit)


def test_what_is_written_is_sound_to_git(place: Place) -> None:
    if not isinstance(place, DiskPlace):
        pytest.skip("there is no repository on this disk")
    forge = place.open()
    forge.push_files([new("nodes/a-/x", b"1"), new("nodes/a/x", b"2")], a_commit())
    forge.push_files([changed("nodes/a/x", b"3", b"2"), new("nodes/a0", b"")], a_commit())

    checked = _git(place.folder(), "fsck", "--strict", "--full")

    assert checked.returncode == 0, checked.stderr
    assert "error" not in checked.stderr
    log = _git(place.folder(), "log", "--format=%an <%ae> %aI %cn <%ce> %cI", BRANCH).stdout
    who = "node-00007 <node-00007@nodes.invalid> 2026-01-01T01:00:00Z"
    assert set(log.replace("+00:00", "Z").splitlines()) == {f"{who} {who}"}


def _git(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["git", "-C", str(folder), *words], capture_output=True, text=True, check=False, timeout=60
    )
