"""Each program's service.toml agrees with what is installed and set, or what does not is named."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from hero_onboarding.bootstrap.detached import program_path
from hero_onboarding.bootstrap.infocheck import (
    PROGRAMS,
    ProgramCheck,
    check_program,
    check_programs,
    read_service_file,
)
from hero_onboarding.bootstrap.settings import Settings
from tests.bootstrap.reading import read
from tests.support.answering import answering

SERVER, ADMIN = "hero_onboarding_server", "hero_onboarding_admin"


def health(service: str, status: str = "ok") -> dict[str, object]:
    return {"/health": {"status": status, "service": service, "version": "1"}}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read(DATA_DIR=str(tmp_path), LISTEN="127.0.0.1:0", ADMIN_LISTEN="127.0.0.1:0")


def check(changes: Mapping[str, Any], settings: Settings, program: str = SERVER) -> ProgramCheck:
    """Check a service file that was changed; None takes a field out."""
    info = {**read_service_file(program), **changes}
    return check_program(
        program, {name: value for name, value in info.items() if value is not None}, settings
    )


def test_every_program_of_this_installation_is_as_its_file_says(settings: Settings) -> None:
    found = check_programs(settings)

    assert [one.name for one in found] == list(PROGRAMS)
    assert [one.kind for one in found] == ["cli", "web", "admin"]
    assert [one.problems for one in found] == [(), (), ()]
    assert [one.is_running for one in found] == [None, False, False]


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_is_installed_beside_python_under_the_name_of_its_file(program: str) -> None:
    info = read_service_file(program)

    assert (info["name"], info["binary"]) == (program, program)
    assert program_path(info["binary"]).is_file()


@pytest.mark.parametrize("program", [SERVER, ADMIN])
def test_the_port_of_a_file_is_the_default_of_its_setting(program: str) -> None:
    info = read_service_file(program)

    name = info["listen_setting"].removeprefix("HERO_ONBOARDING_").lower()
    assert getattr(read(), name).port == info["port"]


def test_a_program_that_answers_under_its_name_runs() -> None:
    with answering(health(SERVER)) as server, answering(health(ADMIN)) as admin:
        found = check_programs(read(LISTEN=server, ADMIN_LISTEN=admin))

    assert [one.is_running for one in found] == [None, True, True]


def test_a_program_that_answers_under_another_name_does_not_run_here() -> None:
    with answering(health(SERVER)) as server:
        found = check_programs(read(LISTEN=server, ADMIN_LISTEN=server))

    assert [one.is_running for one in found] == [None, True, False]


@pytest.mark.parametrize(
    "answers",
    [health(SERVER, "starting"), {}, {"/health": []}, {"/health": None}, {"/health": "ok"}],
)
def test_an_answer_that_is_no_health_is_none(answers: dict[str, object]) -> None:
    with answering(answers) as server:
        assert check({}, read(LISTEN=server)).is_running is False


def test_a_health_that_is_refused_is_none() -> None:
    with answering(health(SERVER), status=503) as server:
        assert check({}, read(LISTEN=server)).is_running is False


def test_the_health_path_is_the_one_of_the_file() -> None:
    with answering({"/else": health(SERVER)["/health"]}) as server:
        settings = read(LISTEN=server)

        assert check({"health_path": "/else"}, settings).is_running is True
        assert check({}, settings).is_running is False


def test_a_node_has_no_admin_listener_to_ask() -> None:
    with answering(health(ADMIN)) as admin:
        settings = read(ROLE="node", LISTEN="127.0.0.1:0", ADMIN_LISTEN=admin)

        assert check({}, settings, ADMIN).is_running is None


@pytest.mark.parametrize(
    ("field", "value", "of_type"),
    [
        ("name", None, "str"),
        ("binary", 5, "str"),
        ("description", None, "str"),
        ("required_settings", "none", "list"),
        ("port", "9920", "int"),
        ("port", True, "int"),
        ("listen_setting", None, "str"),
        ("health_path", ["/health"], "str"),
    ],
)
def test_a_field_that_lacks_or_has_a_wrong_type_is_named(
    field: str, value: object, of_type: str, settings: Settings
) -> None:
    found = check({field: value}, settings)

    assert f"service.toml lacks {field} of type {of_type}" in found.problems
    assert found.is_running is None


def test_the_command_line_needs_no_port(settings: Settings) -> None:
    assert check({}, settings, "hero_onboarding").problems == ()
    assert check({"kind": "cli", "port": None}, settings).problems == ()


def test_a_program_that_is_not_installed_is_named(settings: Settings) -> None:
    for binary in ("hero_onboarding_moon", "", ".", "pyvenv.cfg"):
        found = check({"binary": binary}, settings)
        assert found.problems == (f"the program {binary} is not installed",)


def test_the_file_of_another_program_is_named(settings: Settings) -> None:
    found = check({"name": ADMIN}, settings)

    assert found.problems == (f"service.toml is of {ADMIN}, not of {SERVER}",)


@pytest.mark.parametrize("kind", ["daemon", None])
def test_a_kind_that_does_not_exist_is_named(kind: str | None, settings: Settings) -> None:
    found = check({"kind": kind}, settings)

    assert f"kind {kind or ''!r} is none of cli, web, admin" in found.problems
