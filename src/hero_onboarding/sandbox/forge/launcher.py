"""Start and stop a sandbox forge, from a test or from a command."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

from hero_onboarding.kernel.clock import Clock, SystemClock
from hero_onboarding.sandbox.clock import SettableClock
from hero_onboarding.sandbox.forge import names
from hero_onboarding.sandbox.forge.accounts import User
from hero_onboarding.sandbox.forge.application import ForgeApplication
from hero_onboarding.sandbox.forge.context import Forge, WriteQueues
from hero_onboarding.sandbox.forge.endpoints.repos import NewRepository, open_repository
from hero_onboarding.sandbox.forge.registry import Registry
from hero_onboarding.sandbox.forge.repositories import Shelf
from hero_onboarding.sandbox.forge.switches import Settings, Switches
from hero_onboarding.sandbox.forge.webhooks import HookSender
from hero_onboarding.sandbox.loopback import listen_on, origin_of
from hero_onboarding.sandbox.request_log import RequestLog
from hero_onboarding.sandbox.serving import ThreadedServer

USER = "sandbox"
_WORKERS = 32


class SandboxForge:
    """A forge on loopback whose repositories lie under one folder.

    The user ``sandbox`` owns what is made here. ``token`` may do everything, ``read_token`` may
    only read repositories; both survive a restart on the same folder.
    """

    def __init__(
        self,
        root: Path,
        *,
        listen: str = "127.0.0.1:0",
        state: Path | None = None,
        settings: Settings | None = None,
        clock: Clock | None = None,
        password: str = "",
    ) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self._listener = listen_on(listen)
        self._workers = ThreadPoolExecutor(_WORKERS, thread_name_prefix="sandbox-forge")
        shelf = Shelf(root.resolve())
        shelf.prepare()
        self._forge = Forge(
            origin_of(self._listener),
            SettableClock(clock or SystemClock()),
            Registry(state or root / "forge.json"),
            shelf,
            Switches(settings or Settings()),
            RequestLog(),
            WriteQueues(),
            HookSender(),
        )
        self._server = ThreadedServer(ForgeApplication(self._forge, self._workers), self._listener)
        self._user = self.create_user(USER, password)
        self.token = self.create_token(USER, "everything", ("all",))
        self.read_token = self.create_token(USER, "reading", ("read:repository",))

    @property
    def url(self) -> str:
        """The origin it answers on, without a final slash."""
        return self._forge.root_url

    @property
    def switches(self) -> Switches:
        """What it is told to do wrong."""
        return self._forge.switches

    @property
    def log(self) -> RequestLog:
        """What was asked of it."""
        return self._forge.log

    def start(self) -> str:
        """Answer requests from now on, and return the origin."""
        self._server.start()
        return self.url

    def stop(self) -> None:
        """Stop answering and free the port; twice is harmless."""
        self._server.stop()
        self._workers.shutdown()
        self._forge.hooks.stop()

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop."""
        self.stop()

    def create_user(self, name: str, password: str = "") -> User:
        """Add a user, or return the one of that name."""
        assert names.is_owner_name(name), name
        return self._forge.registry.add_user(name, password=password)

    def create_token(self, user: str, name: str, scopes: tuple[str, ...]) -> str:
        """Make a token, or find the user's token of that name, and return its secret."""
        found = self._forge.registry.find_named_token(user, name)
        return (found or self._forge.registry.add_token(user, name, scopes)).secret

    def create_repository(
        self, full_name: str, *, auto_init: bool = True, private: bool = False
    ) -> Path:
        """Make ``owner/name``, its organisation too if need be, and return where it lies.

        A repository that is there already is left as it is.
        """
        owner_name, _, name = full_name.partition("/")
        path = self.repository_path(full_name)
        owner = self._forge.registry.add_user(owner_name, members=(USER,))
        wanted = NewRepository(name=name, auto_init=auto_init, private=private)
        open_repository(self._forge, owner, wanted, self._user)
        return path

    def repository_path(self, full_name: str) -> Path:
        """Say where ``owner/name`` lies."""
        owner, _, name = full_name.partition("/")
        return self._forge.shelf.path_of(owner, name)

    def change_repository(self, full_name: str, **changes: object) -> None:
        """Set states such as ``archived`` or ``protected_branches`` of a repository."""
        self._forge.registry.change_repository(full_name, **changes)
