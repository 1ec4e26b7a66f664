"""Check each program's ``service.toml`` against what is installed and set."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any, Final

from hero_onboarding.bootstrap.detached import program_path
from hero_onboarding.bootstrap.health import is_healthy
from hero_onboarding.bootstrap.server_address import find_origin
from hero_onboarding.bootstrap.settings import Settings
from hero_onboarding.kernel.server import Role

PROGRAMS: Final = ("hero_onboarding", "hero_onboarding_server", "hero_onboarding_admin")
_KINDS: Final = ("cli", "web", "admin")
_FIELDS: Final = {
    "name": str,
    "kind": str,
    "binary": str,
    "description": str,
    "required_settings": list,
}
_WEB_FIELDS: Final = {"port": int, "listen_setting": str, "health_path": str}


@dataclass(frozen=True, slots=True)
class ProgramCheck:
    """What was found about one program; ``is_running`` is None for the command line."""

    name: str
    kind: str
    is_running: bool | None
    problems: tuple[str, ...]


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
    if problems or kind == "cli" or (kind == "admin" and settings.role is Role.NODE):
        return ProgramCheck(program, kind, None, tuple(problems))
    origin = find_origin(settings, program)
    return ProgramCheck(
        program, kind, is_healthy(origin, program, info["health_path"]), tuple(problems)
    )
