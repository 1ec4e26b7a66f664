"""Directories in git's own bytes, against git's own library."""

from pathlib import Path

import pygit2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pygit2.enums import FileMode, ObjectType

from hero_onboarding.forge import ForgeAnswerError
from hero_onboarding.forge.git.trees import TreeEdit, parse_tree, show_entry, spell_tree

NAMES = st.text("ab-.0_", min_size=1, max_size=3).filter(lambda name: set(name) != {"."})
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> pygit2.Repository:
    return pygit2.init_repository(str(tmp_path_factory.mktemp("trees")), bare=True)


def is_free_of_clashes(paths: dict[str, bytes]) -> bool:
    return not any(f"{path}/" in f"{other}/" and path != other for path in paths for other in paths)


def build(repository: pygit2.Repository, files: dict[str, bytes]) -> pygit2.Oid:
    builder = repository.TreeBuilder()
    inner: dict[str, dict[str, bytes]] = {}
    for path, content in files.items():
        name, slash, rest = path.partition("/")
        if slash:
            inner.setdefault(name, {})[rest] = content
        else:
            builder.insert(name, repository.odb.write(ObjectType.BLOB, content), FileMode.BLOB)
    for name, some in inner.items():
        builder.insert(name, build(repository, some), FileMode.TREE)
    return builder.write()


@given(
    before=st.dictionaries(PATHS, st.binary(max_size=3), max_size=6),
    after=st.dictionaries(PATHS, st.binary(max_size=3), min_size=1, max_size=6),
)
def test_an_edited_tree_is_the_tree_that_git_builds_of_all_files(
    repository: pygit2.Repository, before: dict[str, bytes], after: dict[str, bytes]
) -> None:
    files = before | after
    if not is_free_of_clashes(files):
        return
    edit = TreeEdit.of(repository.odb, str(build(repository, before)) if before else None)

    for path, content in after.items():
        edit.find(path)
        edit.put(path, content)

    assert edit.write() == str(build(repository, files))


@given(st.dictionaries(PATHS, st.binary(max_size=3), max_size=6).filter(is_free_of_clashes))
def test_a_directory_is_spelled_as_it_was_read(
    repository: pygit2.Repository, files: dict[str, bytes]
) -> None:
    _, stored = repository.odb.read(build(repository, files))

    assert spell_tree({entry.name: entry for entry in parse_tree(stored)}) == stored


def test_only_directories_on_the_path_are_read(repository: pygit2.Repository) -> None:
    tree = build(repository, {"a/b": b"1"})
    raw = repository.odb.read(tree)[1] + b"40000 z\0" + b"\x01" * 20
    root = str(repository.odb.write(ObjectType.TREE, raw))

    edit = TreeEdit.of(repository.odb, root)
    edit.put("a/c", b"2")
    written = edit.write()

    entries = {entry.name: entry for entry in parse_tree(repository.odb.read(written)[1])}
    assert entries[b"z"].id == b"\x01" * 20


def test_a_name_that_is_not_utf_8_is_shown_with_marks() -> None:
    (entry,) = parse_tree(b"100644 a\xffb\0" + b"\x01" * 20)

    shown = show_entry(entry, 7)

    assert (shown.name, shown.mode, shown.id, shown.size) == ("a\ufffdb", "100644", "01" * 20, 7)


@pytest.mark.parametrize(
    "content", [b"x", b"100644 a", b"100644 a\0" + b"\x01" * 19, b"100644\0" + b"\x01" * 20]
)
def test_a_malformed_directory_makes_no_sense(content: bytes) -> None:
    with pytest.raises(ForgeAnswerError):
        parse_tree(content)


def test_an_executable_file_stays_one(tmp_path: Path) -> None:
    repository = pygit2.init_repository(str(tmp_path / "n.git"), bare=True)
    builder = repository.TreeBuilder()
    blob = repository.odb.write(ObjectType.BLOB, b"1")
    builder.insert("tool", blob, FileMode.BLOB_EXECUTABLE)
    edit = TreeEdit.of(repository.odb, str(builder.write()))

    edit.put("tool", b"2")

    (entry,) = parse_tree(repository.odb.read(edit.write())[1])
    assert entry.mode == b"100755"
