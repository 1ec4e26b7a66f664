"""Build a new tree from an old one and some files set or removed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pygit2
from pygit2.enums import FileMode

Leaf = tuple[pygit2.Oid, FileMode] | None


@dataclass(slots=True)
class _Branching:
    leaves: dict[str, Leaf] = field(default_factory=dict)
    folders: dict[str, "_Branching"] = field(default_factory=dict)


def edit_tree(
    repository: pygit2.Repository, tree: pygit2.Tree | None, edits: Mapping[str, Leaf]
) -> pygit2.Oid:
    """Write a tree with these paths set, or removed where the value is None.

    Folders that become empty vanish, as in git's index.
    """
    root = _Branching()
    for path, leaf in edits.items():
        *folders, name = path.split("/")
        place = root
        for folder in folders:
            place = place.folders.setdefault(folder, _Branching())
        place.leaves[name] = leaf
    return _write(repository, tree, root) or repository.TreeBuilder().write()


def _write(
    repository: pygit2.Repository, tree: pygit2.Tree | None, branching: _Branching
) -> pygit2.Oid | None:
    builder = repository.TreeBuilder() if tree is None else repository.TreeBuilder(tree)
    for name, leaf in branching.leaves.items():
        if leaf is not None:
            builder.insert(name, *leaf)
        elif builder.get(name) is not None:
            builder.remove(name)
    for name, inner in branching.folders.items():
        written = _write(repository, _find_folder(tree, name), inner)
        if written is not None:
            builder.insert(name, written, FileMode.TREE)
        elif builder.get(name) is not None:
            builder.remove(name)
    return builder.write() if len(builder) else None


def _find_folder(tree: pygit2.Tree | None, name: str) -> pygit2.Tree | None:
    if tree is None or name not in tree:
        return None
    entry = tree[name]
    return entry if isinstance(entry, pygit2.Tree) else None
