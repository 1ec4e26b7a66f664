"""Which calls are made, how many, and that none of them walks the repository's history."""

import time
from itertools import count

import pytest

from hero_onboarding.forge import Forge, ForgeAnswerError, ForgeInputError
from hero_onboarding.forge.forgejo import ForgejoSettings, connect, read_root
from hero_onboarding.forge.objects import blob_id
from hero_onboarding.sandbox.forge import SandboxForge
from tests.contracts.forge import a_commit, changed, new

_numbers = count(1)


def a_repository(sandbox: SandboxForge, *, auto_init: bool = False) -> str:
    name = f"o/calls{next(_numbers):04}"
    sandbox.create_repository(name, auto_init=auto_init, private=True)
    return name


def open_forge(sandbox: SandboxForge, name: str, branch: str | None = "main") -> Forge:
    return connect(ForgejoSettings(read_root(sandbox.url), name, branch, sandbox.token))


def expect_calls(sandbox: SandboxForge, name: str, rest: str, expected: int) -> None:
    """Count calls; the sandbox notes each just after it has answered it."""
    prefix = f"/api/v1/repos/{name}{rest}"
    ends_at = time.monotonic() + 10
    while sandbox.log.count("*", prefix) < expected and time.monotonic() < ends_at:
        time.sleep(0.001)
    assert sandbox.log.count("*", prefix) == expected


def test_asking_for_the_head_is_one_call(sandbox: SandboxForge) -> None:
    name = a_repository(sandbox, auto_init=True)
    forge = open_forge(sandbox, name)

    forge.fetch_head()

    expect_calls(sandbox, name, "", 1)


def test_the_default_branch_is_asked_for_once(sandbox: SandboxForge) -> None:
    name = a_repository(sandbox, auto_init=True)
    forge = open_forge(sandbox, name, branch=None)

    for _ in range(3):
        forge.fetch_head()

    expect_calls(sandbox, name, "", 4)


def test_a_push_of_many_files_is_two_calls(sandbox: SandboxForge) -> None:
    name = a_repository(sandbox, auto_init=True)
    forge = open_forge(sandbox, name)

    forge.push_files([new(f"f{number}", b"1") for number in range(30)], a_commit())

    expect_calls(sandbox, name, "", 2)


def test_reading_uses_branches_trees_and_blobs_alone(sandbox: SandboxForge) -> None:
    name = a_repository(sandbox, auto_init=True)
    forge = open_forge(sandbox, name)
    forge.push_files([new(f"f/{number}", b"%d" % number) for number in range(60)], a_commit())

    head = forge.fetch_head()
    assert head is not None
    folder = {entry.name: entry.id for entry in forge.fetch_tree(head)}["f"]
    ids = [entry.id for entry in forge.fetch_tree(folder)]
    forge.fetch_blobs(ids, bytes_max=10)

    expect_calls(sandbox, name, "/branches", 2)
    expect_calls(sandbox, name, "/git/trees", 2)
    expect_calls(sandbox, name, "/git/blobs", 2)
    expect_calls(sandbox, name, "/contents", 1)
    expect_calls(sandbox, name, "", 7)
    entries = sandbox.log.list_entries()
    assert not any("recursive" in entry.query or "token" in entry.query for entry in entries)


def test_a_server_without_batches_is_asked_for_one_only_once(sandbox: SandboxForge) -> None:
    sandbox.switches.change({"server": "gitea"})
    name = a_repository(sandbox)
    forge = open_forge(sandbox, name)
    forge.push_files([new("a", b"1"), new("b", b"2")], a_commit())

    for _ in range(3):
        forge.fetch_blobs([blob_id(b"1"), blob_id(b"2")], bytes_max=10)

    expect_calls(sandbox, name, "/git/blobs/", 6)
    batches = [entry for entry in sandbox.log.list_entries() if "shas" in entry.query]
    assert len(batches) == 1


def test_a_server_without_multi_file_commits_is_asked_for_one_only_once(
    sandbox: SandboxForge,
) -> None:
    sandbox.switches.change({"overrides": {"multi_file": False}})
    name = a_repository(sandbox)
    forge = open_forge(sandbox, name)

    for turn in range(3):
        forge.push_files([new(f"a{turn}", b"1"), new(f"b{turn}", b"2")], a_commit())

    expect_calls(sandbox, name, "/contents", 7)
    asked = [
        entry
        for entry in sandbox.log.list_entries("POST")
        if entry.path == f"/api/v1/repos/{name}/contents"
    ]
    assert len(asked) == 1


def test_a_batch_that_holds_an_unknown_file_does_not_end_batches(sandbox: SandboxForge) -> None:
    name = a_repository(sandbox)
    forge = open_forge(sandbox, name)
    forge.push_files([new("a", b"1"), new("b", b"2")], a_commit())
    with pytest.raises(ForgeAnswerError):
        forge.fetch_blobs([blob_id(b"1"), "1" * 40], bytes_max=10)
    expect_calls(sandbox, name, "/git/blobs", 3)

    forge.fetch_blobs([blob_id(b"1"), blob_id(b"2")], bytes_max=10)

    expect_calls(sandbox, name, "/git/blobs", 4)


def test_a_page_size_that_shrinks_meanwhile_loses_no_entry(sandbox: SandboxForge) -> None:
    name = a_repository(sandbox)
    forge = open_forge(sandbox, name)
    head = forge.push_files([new(f"n{number:02}", b"1") for number in range(21)], a_commit())
    assert head is not None
    for size in (7, 10, 20, 21, 22):
        sandbox.switches.change({"default_git_trees_per_page": size})

        assert len(forge.fetch_tree(head)) == 21


def test_small_pages_and_batches_are_asked_for_as_the_server_says(sandbox: SandboxForge) -> None:
    sandbox.switches.change({"default_git_trees_per_page": 5, "max_response_items": 4})
    name = a_repository(sandbox)
    forge = open_forge(sandbox, name)
    contents = {blob_id(b"%d" % number): b"%d" % number for number in range(10)}
    head = forge.push_files([new(f"n{one.decode()}", one) for one in contents.values()], a_commit())
    assert head is not None

    assert len(forge.fetch_tree(head)) == 10
    assert forge.fetch_blobs(list(contents), bytes_max=10) == contents

    expect_calls(sandbox, name, "/git/trees", 2)
    expect_calls(sandbox, name, "/git/blobs", 3)


def test_a_file_that_the_server_leaves_out_names_the_setting(sandbox: SandboxForge) -> None:
    name = a_repository(sandbox)
    forge = open_forge(sandbox, name)
    forge.push_files([new("a", b"12345"), new("b", b"1")], a_commit())
    sandbox.switches.change({"default_max_blob_size": 3})

    with pytest.raises(ForgeAnswerError, match="DEFAULT_MAX_BLOB_SIZE"):
        forge.fetch_blobs([blob_id(b"12345")], bytes_max=100)

    assert forge.fetch_blobs([blob_id(b"12345")], bytes_max=4) == {}
    assert forge.fetch_blobs([blob_id(b"1")], bytes_max=4) == {blob_id(b"1"): b"1"}


def test_a_file_asked_for_twice_is_read_once(sandbox: SandboxForge) -> None:
    name = a_repository(sandbox)
    forge = open_forge(sandbox, name)
    forge.push_files([new("a", b"1")], a_commit())

    assert forge.fetch_blobs([blob_id(b"1")] * 3, bytes_max=4) == {blob_id(b"1"): b"1"}
    expect_calls(sandbox, name, "/git/blobs", 1)


def test_a_missing_branch_is_begun_at_the_default_one(sandbox: SandboxForge) -> None:
    name = a_repository(sandbox, auto_init=True)
    forge = open_forge(sandbox, name, branch="node/seven")
    assert forge.fetch_head() is None

    head = forge.push_files([new("a", b"1"), new("b", b"2")], a_commit())

    assert head == forge.fetch_head()
    assert head is not None
    assert {"a", "b"} < {entry.name for entry in forge.fetch_tree(head)}
    default = open_forge(sandbox, name).fetch_head()
    assert default is not None
    assert forge.is_ancestor(default, head)
    assert forge.push_files([changed("a", b"2", b"1")], a_commit()) == forge.fetch_head()


def test_an_empty_repository_may_begin_with_another_branch(sandbox: SandboxForge) -> None:
    name = a_repository(sandbox)
    forge = open_forge(sandbox, name, branch="usage")

    head = forge.push_files([new("a", b"1")], a_commit())

    assert head == forge.fetch_head()


@pytest.mark.parametrize("name", ["", "one", "a/b/c", "/b", "a/"])
def test_a_repository_is_named_by_owner_and_name(sandbox: SandboxForge, name: str) -> None:
    with pytest.raises(ForgeInputError, match="owner/name"):
        open_forge(sandbox, name)


@pytest.mark.parametrize("url", ["forge.example", "https://u:p@forge.example", "git+https://h/n"])
def test_a_malformed_address_is_refused_at_once(url: str) -> None:
    with pytest.raises(ForgeInputError):
        read_root(url)
