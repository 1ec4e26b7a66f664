"""Bare repositories under one folder: make them, open them, find objects in them."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pygit2

from hero_onboarding.sandbox.forge import names
from hero_onboarding.sandbox.forge.receiving import install_hook

# The library's types leave commits out of its objects; at run time they are among them.
Item = pygit2.Object | pygit2.Commit

ID_DIGITS = 40
_PREFIX_DIGITS_MIN = 4
_CONFIG = """\
[core]
\trepositoryformatversion = 0
\tfilemode = true
\tbare = true
\tfsync = none
\tlogAllRefUpdates = false
[gc]
\tauto = 0
[http]
\treceivepack = true
[receive]
\tautogc = false
[uploadpack]
\tallowFilter = true
\tallowAnySHA1InWant = true
"""


@dataclass(frozen=True, slots=True)
class Shelf:
    """The folder that holds every repository, and a corner for writes in progress."""

    root: Path

    def path_of(self, owner: str, name: str) -> Path:
        """Say where a repository lies; names that could leave the folder never get here."""
        assert names.is_owner_name(owner), owner
        assert names.is_repository_name(name), name
        return self.root / owner.lower() / f"{name.lower()}.git"

    @property
    def workshop(self) -> Path:
        """The folder of temporary clones."""
        return self.root / ".work"

    @property
    def hooks(self) -> Path:
        """The folder of the hook that receives pushes."""
        return self.root / ".hooks"

    def prepare(self) -> None:
        """Make the folders, and throw away what an earlier run left half done."""
        shutil.rmtree(self.workshop, ignore_errors=True)
        self.workshop.mkdir(parents=True)
        install_hook(self.hooks)

    def create(self, owner: str, name: str, default_branch: str) -> None:
        """Make an empty bare repository."""
        path = self.path_of(owner, name)
        lay_out(path, default_branch, _CONFIG)

    def open(self, owner: str, name: str) -> pygit2.Repository:
        """Open a repository that exists."""
        return pygit2.Repository(str(self.path_of(owner, name)))

    def remove(self, owner: str, name: str) -> None:
        """Delete a repository's files."""
        shutil.rmtree(self.path_of(owner, name))


def lay_out(path: Path, default_branch: str, config: str) -> None:
    """Write the files that make a folder a bare repository."""
    for folder in ("objects/info", "objects/pack", "refs/heads", "refs/tags", "info"):
        (path / folder).mkdir(parents=True)
    (path / "HEAD").write_text(f"ref: refs/heads/{default_branch}\n")
    (path / "config").write_text(config)


def is_empty(repository: pygit2.Repository) -> bool:
    """Say whether no branch exists yet."""
    return not any(True for _ in repository.branches.local)


def find_branch(repository: pygit2.Repository, branch: str) -> pygit2.Commit | None:
    """Return the commit at the tip of a branch."""
    if not names.is_branch_name(branch):
        return None
    return _peel(repository, f"refs/heads/{branch}")


def find_commit(repository: pygit2.Repository, name: str) -> pygit2.Commit | None:
    """Return the commit that a branch, a tag or an id stands for."""
    found = find_branch(repository, name)
    if found is None and names.is_branch_name(name):
        found = _peel(repository, f"refs/tags/{name}")
    if found is not None:
        return found
    item = find_object(repository, name)
    return item if isinstance(item, pygit2.Commit) else None


def find_object(repository: pygit2.Repository, name: str) -> Item | None:
    """Return the object with this id, or with this beginning of an id."""
    if not _is_hexadecimal(name):
        return None
    try:
        return repository.get(name)
    except ValueError:
        return None


def find_entry(tree: pygit2.Tree, path: str) -> Item | None:
    """Return what lies at a path of a tree; the empty path is the tree itself."""
    if path == "":
        return tree
    try:
        return tree[path]
    except KeyError:
        return None


def _is_hexadecimal(name: str) -> bool:
    return _PREFIX_DIGITS_MIN <= len(name) <= ID_DIGITS and all(
        digit in "0123456789abcdef" for digit in name
    )


def _peel(repository: pygit2.Repository, reference: str) -> pygit2.Commit | None:
    try:
        return repository.lookup_reference(reference).peel(pygit2.Commit)
    except (KeyError, pygit2.InvalidSpecError):
        return None
