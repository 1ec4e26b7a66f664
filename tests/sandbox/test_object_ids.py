import subprocess
from pathlib import Path

import pytest

from hero_onboarding.sandbox.forge.objects import blob_id, object_id, tree_id
from tests.sandbox.forge_bench import git

FILE = b'schema = 1\nnode = "node-00007"\nhour = "2026-01-01-00"\n'
BLOB = "34e0e815b95582a08468221394b5486071b5ee8d"
NODE_TREE = "a7fc4258f9b827ce87d0c1525c6a08ff4f5ac1cb"
NODES_TREE = "7a3e508ba893cb82c1fb9c4d3777850cadbd4673"
ROOT_TREE = "234989b1affeddc33026ea26fdba56df402f476e"
COMMIT = "7e30ac042967332965015b89dde1e4b9ae59fb6c"
COMMIT_BYTES = (
    f"tree {ROOT_TREE}\n"
    "author node-00007 <node-00007@nodes.invalid> 1767229200 +0000\n"
    "committer node-00007 <node-00007@nodes.invalid> 1767229200 +0000\n"
    "\nusage node-00007 2026-01-01-00\n"
).encode()


def test_the_ids_of_the_published_vectors_are_counted_without_git() -> None:
    assert blob_id(FILE) == BLOB
    assert tree_id([("100644", "usage_2026-01-01-00.otoml", BLOB)]) == NODE_TREE
    assert tree_id([("40000", "node-00007", NODE_TREE)]) == NODES_TREE
    assert tree_id([("40000", "nodes", NODES_TREE)]) == ROOT_TREE
    assert len(COMMIT_BYTES) == 205
    assert object_id("commit", COMMIT_BYTES) == COMMIT
    assert blob_id(b"") == "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"
    assert tree_id([]) == "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


def test_the_sha256_form_is_counted_too() -> None:
    expected = "90ad8078c61b305f076b3a322083dad84181529920fa7a58ab00addd71ff15da"

    assert blob_id(FILE, "sha256") == expected


def test_git_counts_the_same_ids(tmp_path: Path) -> None:
    git("init", "-q", "--bare", str(tmp_path))
    file = tmp_path / "file"
    file.write_bytes(FILE)

    assert git("hash-object", "-w", str(file), cwd=tmp_path).strip() == BLOB
    assert _make_tree(tmp_path, f"100644 blob {BLOB}\tusage_2026-01-01-00.otoml") == NODE_TREE
    assert _make_tree(tmp_path, f"040000 tree {NODE_TREE}\tnode-00007") == NODES_TREE
    assert _make_tree(tmp_path, f"040000 tree {NODES_TREE}\tnodes") == ROOT_TREE


@pytest.mark.parametrize("names", [["a", "a.b", "a-b", "a0"], ["z", "Z", "é"]])
def test_entries_sort_as_git_sorts_them(names: list[str], tmp_path: Path) -> None:
    git("init", "-q", "--bare", str(tmp_path))
    empty = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
    git("hash-object", "-w", "-t", "tree", "/dev/null", cwd=tmp_path)
    lines = "\n".join(f"040000 tree {empty}\t{name}" for name in names)

    assert _make_tree(tmp_path, lines) == tree_id([("40000", name, empty) for name in names])


def _make_tree(repository: Path, lines: str) -> str:
    done = subprocess.run(
        ["git", "mktree"],
        cwd=repository,
        input=lines + "\n",
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()
