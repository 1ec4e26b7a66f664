"""Choose the forge that the settings name (contract section 7)."""

import hashlib
from pathlib import Path

from hero_onboarding.bootstrap.settings import Settings
from hero_onboarding.forge import Forge, ForgeInputError
from hero_onboarding.forge.forgejo import ForgejoSettings, connect, read_root
from hero_onboarding.outbound import BaseAddress, Trace, no_trace


def writing_forge(settings: Settings, *, trace: Trace = no_trace) -> Forge:
    """Connect to the repository that this server pushes to.

    Raises:
        ForgeInputError: If the address, the branch or the token can't be used.
        ForgeRefusedError: If git is needed and not installed.
    """
    if _is_forgejo(settings.forge_url):
        return connect(_forgejo_settings(settings, settings.forge_repo), trace=trace)
    return _connect_git(settings, settings.forge_repo, trace)


def reading_forge(settings: Settings, name: str, *, trace: Trace = no_trace) -> Forge:
    """Connect to a repository that this server aggregates, by git or by REST.

    ``auto`` reads by git where the git program is installed.

    Raises:
        ForgeInputError: If the address or the way of reading can't be used for this repository.
        ForgeRefusedError: If git is needed and not installed.
    """
    if not _is_forgejo(settings.forge_url):
        if settings.forge_read == "rest":
            raise ForgeInputError("FORGE_READ is rest, which needs a FORGE_URL of a Forgejo")
        return _connect_git(settings, name, trace)
    if settings.forge_read == "rest" or (settings.forge_read == "auto" and not _has_git()):
        return connect(_forgejo_settings(settings, name), trace=trace)
    return _connect_git(settings, name, trace)


def own_repository(settings: Settings, name: str) -> Path:
    """Return where a repository lies when no forge is set."""
    return settings.data_dir / "forge" / f"{name}.git"


def _is_forgejo(url: str | None) -> bool:
    return url is not None and url.startswith(("http://", "https://"))


def _forgejo_settings(settings: Settings, name: str) -> ForgejoSettings:
    return ForgejoSettings(_root(settings), name, settings.forge_branch, settings.forge_token)


def _root(settings: Settings) -> BaseAddress:
    assert settings.forge_url is not None, settings
    return read_root(settings.forge_url)


def _has_git() -> bool:
    from hero_onboarding.forge.git import find_program  # noqa: PLC0415 - REST needs no pygit2

    return find_program() is not None


def _connect_git(settings: Settings, name: str, trace: Trace) -> Forge:
    """Connect by git: to the folder in the data folder, to a Forgejo, or to any remote."""
    from hero_onboarding.forge import git  # noqa: PLC0415 - REST needs no pygit2

    url = settings.forge_url
    if url is None:
        address = git.folder_address(own_repository(settings, name))
    elif _is_forgejo(url):
        address = git.read_address(f"git+{_root(settings).text}/{name}.git")
    elif name == settings.forge_repo:
        address = git.read_address(url)
    else:
        raise ForgeInputError(f"FORGE_URL is one git remote, so {name} can't be read from it")
    wanted = git.GitSettings(
        address,
        _clone_folder(settings, name, address.url),
        settings.forge_branch,
        settings.forge_token if address.scheme in {"http", "https"} else None,
        is_made=url is None,
    )
    return git.connect(wanted, trace=trace)


def _clone_folder(settings: Settings, name: str, url: str) -> Path:
    """Give each remote a clone of its own."""
    digest = hashlib.sha256(url.encode()).hexdigest()[:8]
    return settings.data_dir / "clones" / f"{name}-{digest}.git"
