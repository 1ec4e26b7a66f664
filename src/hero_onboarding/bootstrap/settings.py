"""All settings, read once, with every problem reported at once (contract section 7)."""

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from hero_onboarding.bootstrap.consistency import find_contradictions
from hero_onboarding.bootstrap.mail_settings import read_mail_from, read_smtp_url
from hero_onboarding.bootstrap.node_name import default_node_name
from hero_onboarding.bootstrap.payment_settings import (
    read_provider_address,
    read_stripe_key,
    read_webhook_secrets,
)
from hero_onboarding.bootstrap.reading import (
    MARGIN_DEFAULT,
    Address,
    WrongTextError,
    default_page_processes,
    read_address,
    read_branch,
    read_choice,
    read_count,
    read_database_url,
    read_file,
    read_forge_url,
    read_margin,
    read_node_name,
    read_origin,
    read_page_processes,
    read_path,
    read_repositories,
    read_repository,
    read_secret,
)
from hero_onboarding.bootstrap.settings_tree import SECRETS, Settings
from hero_onboarding.kernel.errors import InvalidInputError
from hero_onboarding.kernel.overriding import override
from hero_onboarding.kernel.server import Mode, Role
from hero_onboarding.otoml import BYTES_MAX

__all__ = [
    "LISTEN_DEFAULTS",
    "PREFIX",
    "SECRETS",
    "SHARED_NAMES",
    "SettingProblem",
    "Settings",
    "SettingsError",
    "read_settings",
    "settings_from_environment",
]

PREFIX: Final = "HERO_ONBOARDING_"
LISTEN_DEFAULTS: Final = {
    "LISTEN": Address("127.0.0.1", 9920),
    "ADMIN_LISTEN": Address("127.0.0.1", 9921),
}

SHARED_NAMES: Final = {"HERO_SOCKET_DIR": "SOCKET_DIR"}
"""Variables of the whole ecosystem, and the setting of ours that each stands for."""

_SOCKET_DIR: Final = "~/hero/var/sockets"
_DATA_DIR: Final = "~/hero/var/hero_onboarding"
_NAME: Final = re.compile(r"[a-z0-9_]+")
_LATER_PARTS: Final = ("IDENFY_",)
"""Settings of the contract that belong to parts which do not exist yet; taken and not used."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SettingProblem:
    """One setting that can't be used, and what to do."""

    setting: str
    sentence: str

    @property
    def text(self) -> str:
        """Say it in one sentence that starts with the setting's name."""
        return f"{self.setting} {self.sentence}."


class SettingsError(InvalidInputError):
    """Some settings can't be used.

    Attributes:
        problems: Every one of them.
    """

    code = "settings.wrong"

    def __init__(self, problems: tuple[SettingProblem, ...]) -> None:
        super().__init__(problems)
        self.problems = problems

    @override
    def __str__(self) -> str:
        """Say all of them, a line each."""
        return "\n".join(problem.text for problem in self.problems)


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Read the environment and the file that ``HERO_ONBOARDING_CONFIG`` names.

    The environment wins. Empty values count as absent.

    Raises:
        SettingsError: Naming everything that is wrong.
    """
    reader = _Reader(environment)
    settings = reader.read()
    if reader.problems:
        raise SettingsError(tuple(reader.problems))
    return settings


def settings_from_environment() -> Settings:
    """Read the settings of this process.

    Raises:
        SettingsError: Naming everything that is wrong.
    """
    return read_settings(os.environ)  # noqa: TID251 - the one place


class _Reader:
    """Collects values and problems."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.problems: list[SettingProblem] = []
        self._from_environment = {
            name.removeprefix(PREFIX): value
            for name, value in environment.items()
            if name.startswith(PREFIX) and value
        }
        self._shared = {
            name: shared
            for shared, name in SHARED_NAMES.items()
            if environment.get(shared) and name not in self._from_environment
        }
        for name, shared in self._shared.items():
            self._from_environment[name] = environment[shared]
        config = self._from_environment.pop("CONFIG", None)
        self._from_file = {} if config is None else self._read_file(config)
        self._asked: set[str] = set()

    def read(self) -> Settings:
        """Read every setting, then look for names that nobody asked for."""
        mode = Mode(self._choice("MODE", ("sandbox", "production"), "sandbox"))
        role = Role(self._choice("ROLE", ("node", "central", "all"), "all"))
        listen = self._value("LISTEN", read_address, LISTEN_DEFAULTS["LISTEN"])
        data_dir = self._data_dir()
        self._choice("FORGE_LAYOUT", ("single",), "single")
        repo = self._value("FORGE_REPO", read_repository, "lhumina_code/hero_onboarding_billing")
        settings = Settings(
            mode=mode,
            role=role,
            listen=listen,
            admin_listen=self._value("ADMIN_LISTEN", read_address, LISTEN_DEFAULTS["ADMIN_LISTEN"]),
            data_dir=data_dir,
            database_url=self._value(
                "DATABASE_URL", read_database_url, f"sqlite:///{data_dir}/hero_onboarding.sqlite"
            ),
            node_name=self._value("NODE_NAME", read_node_name, None) or default_node_name(),
            admin_secret=self._secret("ADMIN_SECRET"),
            api_key=self._secret("API_KEY"),
            forge_url=self._value("FORGE_URL", read_forge_url, None),
            forge_repo=repo,
            forge_token=self._secret("FORGE_TOKEN"),
            forge_branch=self._value("FORGE_BRANCH", read_branch, None),
            forge_repos=self._value("FORGE_REPOS", read_repositories, (repo,)),
            forge_read=self._choice("FORGE_READ", ("auto", "git", "rest"), "auto"),
            public_url=self._value("PUBLIC_URL", read_origin, f"http://localhost:{listen.port}"),
            bucket_bytes_max=self._value("BUCKET_BYTES_MAX", read_count, BYTES_MAX),
            scheduler=self._choice("SCHEDULER", ("embedded", "systemd", "off"), "embedded"),
            secret_key=self._secret("SECRET_KEY"),
            rate_limits=self._choice("RATE_LIMITS", ("on", "off"), "on"),
            exchange_margin=self._value("EXCHANGE_MARGIN", read_margin, MARGIN_DEFAULT),
            page_processes=self._value(
                "PAGE_PROCESSES",
                read_page_processes,
                default_page_processes(is_sandbox=mode is Mode.SANDBOX),
            ),
            mycelium_api=self._value("MYCELIUM_API", read_origin, None),
            smtp_url=self._secret("SMTP_URL", read_smtp_url),
            mail_from=self._value("MAIL_FROM", read_mail_from, None),
            socket_dir=self._socket_dir(),
            **self._payments(),
            given=frozenset(self._from_environment) | frozenset(self._from_file),
        )
        for name, sentence in find_contradictions(settings, self._find_later()):
            self._wrong(name, sentence)
        self._check_names()
        return settings

    def _payments(self) -> dict[str, str | None]:
        """Read what payment providers need."""
        return {
            "stripe_secret_key": self._secret("STRIPE_SECRET_KEY", read_stripe_key),
            "stripe_webhook_secret": self._secret("STRIPE_WEBHOOK_SECRET", read_webhook_secrets),
            "stripe_api_base": self._value("STRIPE_API_BASE", read_origin, None),
            "clickpesa_client_id": self._value("CLICKPESA_CLIENT_ID", read_secret, None),
            "clickpesa_api_key": self._secret("CLICKPESA_API_KEY"),
            "clickpesa_checksum_key": self._secret("CLICKPESA_CHECKSUM_KEY"),
            "clickpesa_base_url": self._value("CLICKPESA_BASE_URL", read_provider_address, None),
        }

    def _find_later(self) -> dict[str, str]:
        """Return what is set for parts that do not exist yet."""
        given = self._from_file | self._from_environment
        return {name: text for name, text in given.items() if _is_later(name)}

    def _data_dir(self) -> Path:
        """Read the data folder; whoever has no home folder has to name one."""
        found = self._value("DATA_DIR", read_path, None)
        if found is not None:
            return found
        try:
            return read_path(_DATA_DIR)
        except WrongTextError as error:
            self._wrong("DATA_DIR", str(error))
            return Path("/")

    def _socket_dir(self) -> Path | None:
        """Read the folder of sockets; ``off`` is none, and so is having no home folder."""
        if self._text("SOCKET_DIR") == "off":
            return None
        found = self._value("SOCKET_DIR", read_path, None)
        if found is not None:
            return found
        try:
            return read_path(_SOCKET_DIR)
        except WrongTextError:
            return None

    def _check_names(self) -> None:
        """Report settings that do not exist; those of later parts are let through."""
        for name in sorted((self._from_environment | self._from_file).keys() - self._asked):
            if not _is_later(name):
                self._wrong(name, "is no setting; see docs/settings.md for those there are")

    def _read_file(self, path: str) -> dict[str, str]:
        """Read a TOML file of settings by lower-case names."""
        try:
            document: dict[str, Any] = tomllib.loads(read_file(path))
        except WrongTextError as error:
            self._wrong("CONFIG", str(error))
            return {}
        except (ValueError, RecursionError) as error:
            reason = str(error) or "it is nested too deeply"
            self._wrong("CONFIG", f"names {path}, which can't be read: {reason}; mend that line")
            return {}
        found = {}
        for name, value in document.items():
            if _NAME.fullmatch(name) is None:
                self._wrong("CONFIG", f"has the name {name!r}; use names in lower case")
            elif isinstance(value, str) or type(value) is int:
                found[name.upper()] = f"{value:d}" if isinstance(value, int) else value
            else:
                self._wrong("CONFIG", f"has {name} of a wrong type; use a string or a number")
        return {name: value for name, value in found.items() if value}

    def _text(self, name: str) -> str | None:
        self._asked.add(name)
        if name in self._from_environment:
            return self._from_environment[name]
        return self._from_file.get(name)

    def _value(self, name: str, read: Callable[[str], T], default: T | None) -> T:
        """Read one setting; a wrong one is reported and stands as its default meanwhile."""
        text = self._text(name)
        if text is not None:
            try:
                return read(text)
            except WrongTextError as error:
                self._wrong(name, str(error))
        return default  # type: ignore[return-value]  # None only where the field allows it

    def _choice(self, name: str, choices: tuple[str, ...], default: str) -> str:
        return self._value(name, lambda text: read_choice(text, choices), default)

    def _secret(self, name: str, read: Callable[[str], str] = read_secret) -> str | None:
        """Read a secret, or the file that ``_FILE`` names."""
        file = self._text(f"{name}_FILE")
        text = self._text(name)
        if file is not None and text is not None:
            self._wrong(name, f"is set beside {PREFIX}{name}_FILE; set one of them")
        if file is None:
            return self._value(name, read, None)
        try:
            text = read_file(file).strip()
        except WrongTextError as error:
            self._wrong(f"{name}_FILE", str(error))
            return None
        if not text or not text.isascii() or not text.isprintable():
            self._wrong(f"{name}_FILE", f"names {file}; write one line of plain ASCII into it")
            return None
        try:
            return read(text)
        except WrongTextError as error:
            self._wrong(f"{name}_FILE", f"names {file}, whose line {error}")
            return None

    def _wrong(self, name: str, sentence: str) -> None:
        spelt = self._shared.get(name, f"{PREFIX}{name}")
        self.problems.append(SettingProblem(spelt, sentence))


def _is_later(name: str) -> bool:
    """Whether a setting belongs to a part that does not exist yet."""
    return name.startswith(_LATER_PARTS)
