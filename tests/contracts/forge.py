"""Every implementation of the forge, in places where a test can reach behind its back.

``EVERYWHERE`` names those that always run; a real server joins when the environment names one.
"""

import itertools
import os
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import httpx
import pygit2
import pytest
from pygit2.enums import FileMode, ObjectType

from hero_onboarding.forge import REGULAR_FILE_MODE, Commit, FileChange, Forge, git
from hero_onboarding.forge import forgejo as rest
from hero_onboarding.forge.objects import blob_id
from hero_onboarding.outbound import Limits, Trace, no_trace
from hero_onboarding.sandbox.forge import SandboxForge
from tests.fakes.forge import FakeForge, Files

BRANCH = "main"
AT = datetime(2026, 1, 1, 1, tzinfo=UTC)
SERVERS = ("forgejo-mid-2025", "forgejo-late", "gitea")
REAL = ("HERO_ONBOARDING_FORGE_URL", "HERO_ONBOARDING_FORGE_TOKEN", "HERO_ONBOARDING_FORGE_REPO")

OnDisk = Callable[[], Path]
_numbers = itertools.count(1)


def a_commit(message: str = "usage\n", who: str = "node-00007") -> Commit:
    return Commit(message, who, f"{who}@nodes.invalid", AT)


def new(path: str, content: bytes) -> FileChange:
    return FileChange(path, content, None)


def changed(path: str, content: bytes, before: bytes) -> FileChange:
    return FileChange(path, content, blob_id(before))


@dataclass(frozen=True)
class Options:
    """How a test wants its forge; what a kind does not have it ignores."""

    token: str | None = None
    repository: str | None = None
    branch: str | None = None
    timeout_seconds: float = 60
    trace: Trace = no_trace


class Place(Protocol):
    """One repository, empty at first, that any number of clients can be opened on."""

    @property
    def kind(self) -> str: ...

    @property
    def is_empty_at_first(self) -> bool: ...

    def open(self, options: Options = Options()) -> Forge: ...

    def put(self, path: str, content: bytes, mode: str = REGULAR_FILE_MODE) -> None:
        """Write one file as anybody else could."""
        ...

    def rewrite(self, files: Files) -> None:
        """Put another history in place of the branch's."""
        ...

    def files(self) -> Mapping[str, bytes]: ...

    def count_commits(self) -> int: ...


@dataclass
class FakePlace:
    kind: str = "fake"
    is_empty_at_first: bool = True
    forge: FakeForge = field(default_factory=FakeForge)

    def open(self, _options: Options = Options()) -> Forge:
        return self.forge

    def put(self, path: str, content: bytes, mode: str = REGULAR_FILE_MODE) -> None:
        self.forge.put(path, content, mode)

    def rewrite(self, files: Files) -> None:
        self.forge.write(files, rewritten=True)

    def files(self) -> Mapping[str, bytes]:
        return {path: content for path, (_, content) in self.forge.files.items()}

    def count_commits(self) -> int:
        return len(self.forge.heads)


@dataclass
class DiskPlace:
    """A repository whose objects lie on this machine's disk."""

    kind: str
    folder: OnDisk
    opener: Callable[[Options], Forge]
    sandbox: SandboxForge | None = None
    name: str = ""
    is_empty_at_first: bool = True

    def open(self, options: Options = Options()) -> Forge:
        return self.opener(options)

    def put(self, path: str, content: bytes, mode: str = REGULAR_FILE_MODE) -> None:
        self._write({**self._files(), path: (mode, content)}, keeps_history=True)

    def rewrite(self, files: Files) -> None:
        self._write(files, keeps_history=False)

    def files(self) -> Mapping[str, bytes]:
        return {path: content for path, (_, content) in self._files().items()}

    def count_commits(self) -> int:
        repository = self._repository()
        head = _head_of(repository)
        return 0 if head is None else sum(1 for _ in repository.walk(head.id))

    def _repository(self) -> pygit2.Repository:
        folder = self.folder()
        if not (folder / "HEAD").exists():
            pygit2.init_repository(str(folder), bare=True, initial_head=BRANCH)
        return pygit2.Repository(str(folder))

    def _files(self) -> Files:
        repository = self._repository()
        head = _head_of(repository)
        return {} if head is None else dict(_walk(repository, head.tree, ""))

    def _write(self, files: Files, *, keeps_history: bool) -> None:
        repository = self._repository()
        head = _head_of(repository)
        parents = [head.id] if head is not None and keeps_history else []
        who = pygit2.Signature("somebody", "somebody@example.invalid", next(_numbers), 0)
        tree = _build(repository, files)
        commit = repository.create_commit(None, who, who, "by hand\n", tree, parents)
        repository.references.create(f"refs/heads/{BRANCH}", commit, force=True)


def _head_of(repository: pygit2.Repository) -> pygit2.Commit | None:
    reference = repository.references.get(f"refs/heads/{BRANCH}")
    return None if reference is None else reference.peel(pygit2.Commit)


def _walk(
    repository: pygit2.Repository, tree: pygit2.Tree, above: str
) -> Iterator[tuple[str, tuple[str, bytes]]]:
    for entry in tree:
        path = f"{above}{entry.name}"
        if isinstance(entry, pygit2.Tree):
            yield from _walk(repository, entry, f"{path}/")
        else:
            content = entry.data if isinstance(entry, pygit2.Blob) else b""
            yield path, (f"{entry.filemode:06o}", content)


def _build(repository: pygit2.Repository, files: Files) -> pygit2.Oid:
    """Write a whole tree; a submodule's content is the id of the commit it stands for."""
    builder = repository.TreeBuilder()
    folders: dict[str, Files] = {}
    for path, (mode, content) in files.items():
        name, slash, rest = path.partition("/")
        if slash:
            folders.setdefault(name, {})[rest] = (mode, content)
        elif mode == "160000":
            builder.insert(name, pygit2.Oid(hex="1" * 40), FileMode.COMMIT)
        else:
            builder.insert(name, repository.odb.write(ObjectType.BLOB, content), int(mode, 8))
    for name, inner in folders.items():
        builder.insert(name, _build(repository, inner), FileMode.TREE)
    return builder.write()


@dataclass
class RealPlace:
    """A branch of its own, begun at the default one, on a server that somebody named."""

    url: str
    token: str
    name: str
    kind: str = "real"
    is_empty_at_first: bool = False
    branch: str = field(default_factory=lambda: f"contract-{uuid.uuid4().hex[:12]}")

    def open(self, options: Options = Options()) -> Forge:
        token = self.token if options.token is None else options.token
        name = options.repository or self.name
        limits = Limits(overall_seconds=options.timeout_seconds)
        root = rest.read_root(self.url)
        settings = rest.ForgejoSettings(root, name, self.branch, token, limits)
        return rest.connect(settings, trace=options.trace)

    def put(self, path: str, content: bytes, mode: str = REGULAR_FILE_MODE) -> None:
        if mode != REGULAR_FILE_MODE:
            pytest.skip("a real server takes plain files only")
        before = self.files().get(path)
        change = FileChange(path, content, None if before is None else blob_id(before))
        self.open().push_files([change], a_commit(who="somebody"))

    def rewrite(self, files: Files) -> None:
        pytest.skip(f"a real server does not rewrite history ({len(files)} files)")

    def files(self) -> Mapping[str, bytes]:
        forge = self.open()
        head = forge.fetch_head()
        return {} if head is None else dict(_read_all(forge, head, ""))

    def count_commits(self) -> int:
        headers = {"Authorization": f"token {self.token}"}
        query: dict[str, str | int] = {"sha": self.branch, "limit": 1}
        address = f"{self.url}/api/v1/repos/{self.name}/commits"
        return int(httpx.get(address, headers=headers, params=query).headers["X-Total-Count"])

    def remove(self) -> None:
        headers = {"Authorization": f"token {self.token}"}
        address = f"{self.url}/api/v1/repos/{self.name}/branches/{self.branch}"
        httpx.delete(address, headers=headers)


def _read_all(forge: Forge, treeish: str, above: str) -> Iterator[tuple[str, bytes]]:
    for entry in forge.fetch_tree(treeish):
        if entry.mode == "040000":
            yield from _read_all(forge, entry.id, f"{above}{entry.name}/")
        elif entry.mode == REGULAR_FILE_MODE:
            content = forge.fetch_blobs([entry.id], bytes_max=10**6)[entry.id]
            yield f"{above}{entry.name}", content


def rest_kinds() -> list[str]:
    """Each server version, with and without the two calls that not every server has."""
    calls = ("batch many", "single each")
    return [f"rest {server} {some}" for server in SERVERS for some in calls]


def real_server() -> list[str]:
    """Address, token and repository of a real server, where the environment names one."""
    found = [os.environ.get(name, "") for name in REAL]
    return found if all(found) else []


GIT_OVER_HTTP = "git over http"
EVERYWHERE = ("fake", "git bare", "git file", GIT_OVER_HTTP, *rest_kinds())
KINDS: Sequence[str] = (*EVERYWHERE, "real") if real_server() else EVERYWHERE
NETWORKED: Sequence[str] = (GIT_OVER_HTTP, *(f"rest {server} batch many" for server in SERVERS))


@dataclass
class Places:
    """Makes places under one folder, on one running sandbox."""

    folder: Path
    sandbox: Callable[[], SandboxForge]
    stack: ExitStack

    def make(self, kind: str) -> Place:
        if kind == "fake":
            return FakePlace()
        if kind == "real":
            return self._real()
        if kind.startswith("rest "):
            return self._rest(kind)
        if kind == GIT_OVER_HTTP:
            return self._git_over_http()
        return self._git_on_disk(kind)

    def _git_on_disk(self, kind: str) -> Place:
        remote = self.folder / "remote.git"
        if kind == "git file":
            pygit2.init_repository(str(remote), bare=True, initial_head=BRANCH)

        def opener(options: Options) -> Forge:
            wanted = remote if options.repository is None else remote.with_name(options.repository)
            address = git.folder_address(wanted)
            return self._connect_git(address, options, is_made=kind == "git bare")

        return DiskPlace(kind, lambda: remote, opener)

    def _git_over_http(self) -> Place:
        sandbox = self.sandbox()
        sandbox.switches.reset()
        name = f"o/git{next(_numbers)}"
        path = sandbox.create_repository(name, auto_init=False, private=True)

        def opener(options: Options) -> Forge:
            address = git.read_address(f"git+{sandbox.url}/{options.repository or name}.git")
            token = sandbox.token if options.token is None else options.token
            return self._connect_git(address, options, token=token)

        return DiskPlace(GIT_OVER_HTTP, lambda: path, opener, sandbox, name)

    def _rest(self, kind: str) -> Place:
        _, server, blobs, files = kind.split()
        sandbox = self.sandbox()
        sandbox.switches.reset()
        overrides = {"batch_blobs": blobs == "batch", "multi_file": files == "many"}
        sandbox.switches.change({"server": server, "overrides": overrides})
        name = f"o/rest{next(_numbers)}"
        path = sandbox.create_repository(name, auto_init=False, private=True)

        def opener(options: Options) -> Forge:
            token = sandbox.token if options.token is None else options.token
            limits = Limits(overall_seconds=options.timeout_seconds)
            root, repository = rest.read_root(sandbox.url), options.repository or name
            settings = rest.ForgejoSettings(root, repository, options.branch, token, limits)
            return rest.connect(settings, trace=options.trace)

        return DiskPlace(kind, lambda: path, opener, sandbox, name)

    def _real(self) -> Place:
        url, token, name = real_server()
        place = RealPlace(url, token, name)
        self.stack.callback(place.remove)
        return place

    def _connect_git(
        self,
        address: git.GitAddress,
        options: Options,
        *,
        token: str | None = None,
        is_made: bool = False,
    ) -> Forge:
        settings = git.GitSettings(
            address,
            self.folder / f"clone{next(_numbers)}.git",
            options.branch,
            token,
            is_made=is_made,
            timeouts=git.Timeouts(options.timeout_seconds, options.timeout_seconds),
        )
        return git.connect(settings, trace=options.trace)


@contextmanager
def places(folder: Path, sandbox: Callable[[], SandboxForge]) -> Iterator[Places]:
    """Give places for the time of the block."""
    with ExitStack() as stack:
        yield Places(folder, sandbox, stack)
