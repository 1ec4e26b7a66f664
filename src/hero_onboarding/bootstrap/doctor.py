"""Examine this installation: every finding is a sentence with its remedy."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import Final

from sqlalchemy import inspect

from hero_onboarding.aggregation import check_books, count_files
from hero_onboarding.bootstrap.forges import own_repository, writing_forge
from hero_onboarding.bootstrap.health import Health, fetch, find_health, is_healthy
from hero_onboarding.bootstrap.operator_key import operator_key_path
from hero_onboarding.bootstrap.payment_access import Answer, Level, ask_providers, say_access
from hero_onboarding.bootstrap.payment_settings import say_what_is_taken
from hero_onboarding.bootstrap.post import find_smtp
from hero_onboarding.bootstrap.rpc_socket import say_what_is_there
from hero_onboarding.bootstrap.secret import find_secret, secret_path
from hero_onboarding.bootstrap.server_address import SERVER, find_origin
from hero_onboarding.bootstrap.services_control import status_of
from hero_onboarding.bootstrap.settings import (
    PREFIX,
    Settings,
    SettingsError,
    read_settings,
)
from hero_onboarding.database import (
    Database,
    DatabaseUnusableError,
    Transaction,
    find_mode,
    open_database,
    sqlite_module,
    sqlite_path,
)
from hero_onboarding.http import SECRET_HEADER
from hero_onboarding.kernel.errors import HeroError
from hero_onboarding.kernel.server import Mode, Role
from hero_onboarding.migrations import current_revision, newest_revision

_SQLITE_SAFE: Final = (3, 51, 3)
_NODES_MAX: Final = 50
_FILES_MAX: Final = 100_000
_UNAUTHENTICATED: Final = 401


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that was looked at, and what to do about it."""

    level: Level
    subject: str
    sentence: str


def examine(
    environment: Mapping[str, str], ask: Callable[[Settings], Sequence[Answer]] = ask_providers
) -> list[Finding]:
    """Look at settings, data folder, secret, database, forge, programs, payments and books.

    Args:
        environment: Where the settings stand.
        ask: Asks the payment providers that are set.
    """
    try:
        settings = read_settings(environment)
    except SettingsError as error:
        return [
            Finding("wrong", problem.setting, f"{problem.sentence}.") for problem in error.problems
        ]
    findings = [Finding("ok", "settings", f"all can be used, in {settings.mode} mode.")]
    looks = (
        *(_data_folder, _secret, _operator_key, _sqlite, _git, _forge, _mail, _programs),
        *(_rpc_socket, _payments),
    )
    for look in looks:
        findings += look(settings)
    if settings.role is not Role.NODE:
        findings += [Finding(*say_access(answer, settings)) for answer in ask(settings)]
    return findings + _database(settings)


def _data_folder(settings: Settings) -> list[Finding]:
    folder = settings.data_dir
    try:
        _try_writing(folder)
    except OSError as error:
        sentence = (
            f"{folder} can't be written ({error.strerror});"
            f" give this user the folder, or set {PREFIX}DATA_DIR."
        )
        return [Finding("wrong", "data folder", sentence)]
    if folder.exists() and folder.stat().st_mode & 0o077:
        sentence = f"{folder} can be read by others; run: chmod 700 {folder}"
        return [Finding("warning", "data folder", sentence)]
    return [Finding("ok", "data folder", f"{folder} can be written.")]


def _try_writing(folder: Path) -> None:
    """Make a file in the folder, or a folder where it would be made, and remove it again.

    Permissions alone do not tell: a file system may be full, read-only or no real one.
    """
    there = next(path for path in (folder, *folder.parents) if path.exists())
    if there == folder:
        with TemporaryFile(dir=folder):
            return
    with TemporaryDirectory(dir=there):
        return


def _secret(settings: Settings) -> list[Finding]:
    if find_secret(settings) is None and not is_healthy(find_origin(settings), SERVER):
        sentence = f"there is none yet; the first start makes it at {secret_path(settings)}."
        return [Finding("ok", "admin secret", sentence)]
    path = secret_path(settings)
    if settings.admin_secret is None and path.exists() and path.stat().st_mode & 0o077:
        return [Finding("wrong", "admin secret", f"others can read it; run: chmod 600 {path}")]
    return _secret_at_the_server(settings)


def _secret_at_the_server(settings: Settings) -> list[Finding]:
    """Ask a running server one thing that needs the secret."""
    origin, headers = find_origin(settings), {SECRET_HEADER: find_secret(settings) or ""}
    answer = None
    if find_health(origin, SERVER) is Health.READY:
        answer = fetch(origin, "/v1/incidents", headers)
    if answer is None or answer[0] != _UNAUTHENTICATED:
        return [Finding("ok", "admin secret", "is set.")]
    sentence = (
        f"the server at {origin} has another one. If it is this installation's, set the one it"
        " was started with or start it again; if not, stop it or set another LISTEN."
    )
    return [Finding("wrong", "admin secret", sentence)]


def _operator_key(settings: Settings) -> list[Finding]:
    path = operator_key_path(settings)
    if path.exists() and path.stat().st_mode & 0o077:
        return [Finding("wrong", "operator key", f"others can read it; run: chmod 600 {path}")]
    return []


def _payments(settings: Settings) -> list[Finding]:
    if settings.role is Role.NODE:
        return []
    is_well, sentence = say_what_is_taken(settings)
    return [Finding("ok" if is_well else "warning", "payments", sentence)]


def _rpc_socket(settings: Settings) -> list[Finding]:
    if settings.rpc_socket is None:
        return [Finding("ok", "rpc socket", f"is off by {PREFIX}SOCKET_DIR.")]
    is_well, sentence = say_what_is_there(settings.rpc_socket)
    return [Finding("ok" if is_well else "warning", "rpc socket", sentence)]


def _sqlite(settings: Settings) -> list[Finding]:
    if not settings.is_sqlite:
        return []
    version = tuple(sqlite_module().sqlite_version_info)
    text = ".".join(map(str, version))
    if version < _SQLITE_SAFE:
        sentence = (
            f"version {text} can lose a commit when its log is reset while another connection"
            " writes; all writes stay on one connection here. Install the pysqlite3 wheel."
        )
        return [Finding("warning", "SQLite", sentence)]
    return [Finding("ok", "SQLite", f"version {text}.")]


def _git(settings: Settings) -> list[Finding]:
    if shutil.which("git"):
        return []
    is_needed = settings.forge_url is None or settings.forge_url.startswith("git+")
    if is_needed or settings.forge_read == "git":
        sentence = "the program is missing and the forge needs it; install git."
        return [Finding("wrong", "git", sentence)]
    return [
        Finding("warning", "git", "is missing; repositories are read by REST, which is slower.")
    ]


def _forge(settings: Settings) -> list[Finding]:
    where = settings.forge_url or "the bare repository in the data folder"
    is_node = (settings.mode, settings.role) == (Mode.PRODUCTION, Role.NODE)
    if settings.forge_url is None and is_node:
        sentence = (
            "is this node's own folder, which no centre reads, so nothing would be billed;"
            f" set {PREFIX}FORGE_URL to the centre's forge."
        )
        return [Finding("wrong", "forge", sentence)]
    if settings.forge_url is None and not own_repository(settings, settings.forge_repo).exists():
        return [Finding("ok", "forge", f"{where} is made at the first push.")]
    try:
        head = _fetch_head(settings)
    except HeroError as error:
        sentence = (
            f"{where} can't be used ({error}); check {PREFIX}FORGE_URL, FORGE_REPO and FORGE_TOKEN."
        )
        return [Finding("wrong", "forge", sentence)]
    state = f"its head is {head[:10]}" if head else "nothing was pushed yet"
    return [Finding("ok", "forge", f"{where} answers; {state}.")]


def _fetch_head(settings: Settings) -> str | None:
    """Ask the forge for its head; what that needs on disk lies aside and is removed again."""
    with TemporaryDirectory() as name:
        aside = replace(settings, data_dir=Path(name))
        link = own_repository(aside, settings.forge_repo)
        link.parent.mkdir(parents=True)
        link.symlink_to(own_repository(settings, settings.forge_repo))
        return writing_forge(aside).fetch_head()


def _mail(settings: Settings) -> list[Finding]:
    """Connect to the mail server and sign in there, without sending anything."""
    if settings.role is Role.NODE:
        return []
    sender = find_smtp(settings)
    if sender is None and settings.mode is Mode.SANDBOX:
        return [Finding("ok", "mail", "is kept, and shown on the site's page /sandbox/mail.")]
    if sender is None:
        sentence = f"none can be sent, so none is offered; set {PREFIX}SMTP_URL."
        return [Finding("warning", "mail", sentence)]
    try:
        sender.check()
    except HeroError as error:
        return [Finding("wrong", "mail", f"{error}; check {PREFIX}SMTP_URL.")]
    return [Finding("ok", "mail", f"{sender.server.host} takes mail from {sender.head.sender}.")]


def _programs(settings: Settings) -> list[Finding]:
    findings = []
    for one in status_of(settings):
        health = find_health(one.origin, one.name)
        if health is Health.READY:
            findings.append(Finding("ok", one.name, f"answers at {one.origin}."))
        elif health is Health.SILENT:
            sentence = f"does not answer at {one.origin}; run: hero_onboarding --start"
            findings.append(Finding("warning", one.name, sentence))
        else:
            name = "LISTEN" if one.name == SERVER else "ADMIN_LISTEN"
            sentence = f"another program answers at {one.origin}; stop it, or set another {name}."
            findings.append(Finding("wrong", one.name, sentence))
    return findings


def _database(settings: Settings) -> list[Finding]:
    """Look into the database, read-only."""
    if settings.is_sqlite and not sqlite_path(settings.database_url).exists():
        return _missing_file(settings)
    database = open_database(settings.database_url)
    try:
        return _look_into(database, settings)
    except DatabaseUnusableError as error:
        sentence = f"can't be read ({error}); restore a copy, or name another DATABASE_URL."
        return [Finding("wrong", "database", sentence)]
    except HeroError as error:
        sentence = f"can't be reached ({error}); check {PREFIX}DATABASE_URL and that it runs."
        return [Finding("wrong", "database", sentence)]
    finally:
        database.close()


def _missing_file(settings: Settings) -> list[Finding]:
    """Say whether the first start can make the file: it makes the data folder and no other."""
    folder = sqlite_path(settings.database_url).parent
    if folder == settings.data_dir or folder.is_dir():
        return [Finding("ok", "database", "there is none yet; the first start makes it.")]
    sentence = f"its folder {folder} is missing; make it, or name another DATABASE_URL."
    return [Finding("wrong", "database", sentence)]


def _look_into(database: Database, settings: Settings) -> list[Finding]:
    with database.reading() as tx:
        revision, newest = current_revision(tx), newest_revision()
        if revision is None:
            return _without_schema(tx)
        if revision != newest:
            sentence = f"is at {revision}, not {newest}; start the server once."
            return [Finding("wrong", "database", sentence)]
        mode = find_mode(tx)
        if mode is not None and mode != settings.mode:
            sentence = f"was made in {mode} mode; use another database for {settings.mode} mode."
            return [Finding("wrong", "database", sentence)]
        findings = [Finding("ok", "database", f"is at {revision}, in {mode} mode.")]
        if settings.role is Role.NODE:
            return findings
        nodes, files = count_files(tx)
        if nodes >= _NODES_MAX or files >= _FILES_MAX:
            sentence = (
                f"holds {nodes} nodes and {files} files; each write costs the forge more with"
                " every file. Spread the nodes over several repositories (FORGE_REPOS)."
            )
            findings.append(Finding("warning", "billing repository", sentence))
        wrong = [check.name for check in check_books(tx) if not check.ok]
    if wrong:
        sentence = f"do not balance: {'; '.join(wrong)}. See docs/operations.md, Books."
        return [*findings, Finding("wrong", "books", sentence)]
    return [*findings, Finding("ok", "books", "balance.")]


def _without_schema(tx: Transaction) -> list[Finding]:
    """Say of a database without our schema whether it is empty."""
    tables = inspect(tx.connection).get_table_names()
    if not tables:
        return [Finding("ok", "database", "is empty; the first start makes what it needs.")]
    sentence = f"holds tables of something else ({min(tables)}); name another DATABASE_URL."
    return [Finding("wrong", "database", sentence)]
