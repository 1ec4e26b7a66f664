"""Walk a repository's commits."""

from collections.abc import Iterator

import pygit2
from pygit2.enums import SortMode

from hero_onboarding.sandbox.forge.repositories import find_entry


def walk(
    repository: pygit2.Repository, start: pygit2.Commit, without: pygit2.Commit | None = None
) -> Iterator[pygit2.Commit]:
    """Yield a commit and all it follows, newest first, but nothing that ``without`` reaches."""
    walker = repository.walk(start.id, SortMode.TOPOLOGICAL | SortMode.TIME)
    if without is not None:
        walker.hide(without.id)
    yield from walker


def touches(commit: pygit2.Commit, path: str) -> bool:
    """Say whether what lies at a path differs from every commit that this one follows."""
    here = _id_at(commit, path)
    if not commit.parents:
        return here is not None
    return all(_id_at(parent, path) != here for parent in commit.parents)


def last_commit_touching(commit: pygit2.Commit, path: str) -> pygit2.Commit:
    """Return the newest commit, from this one back, that changed what lies at a path.

    The walk costs time for every commit on the way, as it does on the real servers.
    """
    if path == "":
        return commit
    while True:
        here = _id_at(commit, path)
        same = [parent for parent in commit.parents if _id_at(parent, path) == here]
        if not same:
            return commit
        commit = same[0]


def changed_files(commit: pygit2.Commit) -> list[tuple[str, str]]:
    """List ``(path, status)`` of what a commit changed against the first that it follows."""
    diff = _diff(commit)
    words = {"A": "added", "D": "removed"}
    return [
        (delta.new_file.path or delta.old_file.path, words.get(delta.status_char(), "modified"))
        for delta in diff.deltas
    ]


def changed_lines(commit: pygit2.Commit) -> tuple[int, int]:
    """Count the lines that a commit added and removed."""
    stats = _diff(commit).stats
    return stats.insertions, stats.deletions


def _diff(commit: pygit2.Commit) -> pygit2.Diff:
    if commit.parents:
        return commit.parents[0].tree.diff_to_tree(commit.tree)
    # Without a second tree libgit2 compares with the empty one.
    return commit.tree.diff_to_tree(swap=True)


def _id_at(commit: pygit2.Commit, path: str) -> pygit2.Oid | None:
    entry = find_entry(commit.tree, path)
    return None if entry is None else entry.id
