"""Check each program's ``service.toml`` against what is installed and set."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from importlib import resources
from typing import Any, Final

from hero_onboarding.bootstrap.detached import program_path
from hero_onboarding.bootstrap.health import HEALTH_PATH, is_healthy
from hero_onboarding.bootstrap.rpc_socket import is_answered
from hero_onboarding.bootstrap.server_address import find_origin
from hero_onboarding.bootstrap.settings import LISTEN_DEFAULTS, PREFIX, Settings
from hero_onboarding.bootstrap.settings_tree import RPC_SOCKET
from hero_onboarding.kernel.server import Mode, Role

PROGRAMS: Final = ("hero_onboarding", "hero_onboarding_server", "hero_onboarding_admin")
_KINDS: Final = ("cli", "web", "admin")
_FIELDS: Final = {
    "name": str,
    "kind": str,
    "binary": str,
    "description": str,
    "required_settings": dict,
}
_SITUATIONS: Final = ("sandbox", "production", "production_node")
"""What a program may need settings for: a mode, and a node in production."""
_WEB_FIELDS: Final = {"port": int, "listen_setting": str, "health_path": str}


@dataclass(frozen=True, slots=True)
class ProgramCheck:
    """What was found about one program.

    ``is_running`` is None for the command line; ``has_socket``, whether its socket for machines is
    answered, is None for what has none and where it is off.
    """

    name: str
    kind: str
    is_running: bool | None
    problems: tuple[str, ...]
    has_socket: bool | None = None


def check_programs(settings: Settings) -> list[ProgramCheck]:
    """Check all programs; one process may serve both health paths."""
    return [check_program(name, read_service_file(name), settings) for name in PROGRAMS]


def read_service_file(program: str) -> dict[str, Any]:
    """Read the ``service.toml`` of a program."""
    folder = resources.files("hero_onboarding.bootstrap") / "programs" / program
    return tomllib.loads((folder / "service.toml").read_text(encoding="utf-8"))


def check_program(program: str, info: Mapping[str, Any], settings: Settings) -> ProgramCheck:
    """Check what a ``service.toml`` says of a program."""
    kind = str(info.get("kind", ""))
    wanted = _FIELDS if kind == "cli" else _FIELDS | _WEB_FIELDS
    problems = [
        f"service.toml lacks {name} of type {of_type.__name__}"
        for name, of_type in wanted.items()
        if type(info.get(name)) is not of_type
    ]
    if info.get("name") != program:
        problems.append(f"service.toml is of {info.get('name')}, not of {program}")
    if kind not in _KINDS:
        problems.append(f"kind {kind!r} is none of {', '.join(_KINDS)}")
    binary = program_path(str(info.get("binary")))
    if not binary.is_file() or not os.access(binary, os.X_OK):
        problems.append(f"the program {info.get('binary')} is not installed")
    if not problems:
        problems += _required_problems(info["required_settings"], settings)
    if not problems and kind != "cli":
        problems += [*_listening_problems(info), *_socket_problems(info)]
    if problems or kind == "cli" or (kind == "admin" and settings.role is Role.NODE):
        return ProgramCheck(program, kind, None, tuple(problems))
    origin = find_origin(settings, program)
    is_running = is_healthy(origin, program, info["health_path"])
    path = settings.rpc_socket if "rpc_socket" in info else None
    has_socket = None if path is None else is_answered(path)
    return ProgramCheck(program, kind, is_running, (), has_socket)


def _required_problems(required: Mapping[str, Any], settings: Settings) -> list[str]:
    """Say which required settings do not exist, or are not set where they are needed."""
    if set(required) != set(_SITUATIONS):
        return [f"required_settings has not just {', '.join(_SITUATIONS)}"]
    existing = {f"{PREFIX}{one.name.upper()}" for one in fields(Settings) if one.repr}
    problems = []
    for situation, names in required.items():
        if not isinstance(names, list):
            problems.append(f"required_settings of {situation} is no list")
            continue
        problems += [f"{name} is no setting" for name in names if name not in existing]
        if situation == _situation_of(settings):
            problems += [
                f"{name} is needed in {situation.replace('_', ' as ')} and not set"
                for name in names
                if name in existing and not _is_given(name.removeprefix(PREFIX), settings)
            ]
    return problems


def _situation_of(settings: Settings) -> str:
    if settings.mode is Mode.SANDBOX:
        return "sandbox"
    return "production_node" if settings.role is Role.NODE else "production"


def _is_given(name: str, settings: Settings) -> bool:
    return not settings.given.isdisjoint({name, f"{name}_FILE"})


def _listening_problems(info: Mapping[str, Any]) -> list[str]:
    """Compare where a file says that its program listens with where it does by default."""
    name = info["listen_setting"]
    default = LISTEN_DEFAULTS.get(name.removeprefix(PREFIX)) if name.startswith(PREFIX) else None
    if default is None:
        return [f"listen_setting {name} is no setting of an address"]
    problems = []
    if info["port"] != default.port:
        problems.append(f"port {info['port']} is not the default of {name}, {default.port}")
    if info["health_path"] != HEALTH_PATH:
        problems.append(f"health_path {info['health_path']} is not {HEALTH_PATH}")
    return problems


def _socket_problems(info: Mapping[str, Any]) -> list[str]:
    """Compare where a file says that its program has a socket with where it does."""
    named = info.get("rpc_socket", RPC_SOCKET)
    return [] if named == RPC_SOCKET else [f"rpc_socket {named} is not {RPC_SOCKET}"]
