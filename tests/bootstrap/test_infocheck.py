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
    with answering(health(SERVER)) as server, answering(health(SERVER)) as other:
        found = check_programs(read(LISTEN=server, ADMIN_LISTEN=other))

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


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"health_path": "/else"}, "health_path /else is not /health"),
        ({"port": 80}, "port 80 is not the default of HERO_ONBOARDING_LISTEN, 9920"),
        (
            {"listen_setting": "HERO_ONBOARDING_ADMIN_LISTEN"},
            "port 9920 is not the default of HERO_ONBOARDING_ADMIN_LISTEN, 9921",
        ),
        ({"rpc_socket": "rpc.sock"}, "rpc_socket rpc.sock is not hero_onboarding/rpc.sock"),
        ({"rpc_socket": 5}, "rpc_socket 5 is not hero_onboarding/rpc.sock"),
        ({"listen_setting": "LISTEN"}, "listen_setting LISTEN is no setting of an address"),
        (
            {"listen_setting": "HERO_ONBOARDING_MODE"},
            "listen_setting HERO_ONBOARDING_MODE is no setting of an address",
        ),
    ],
)
def test_a_file_that_says_another_address_than_the_program_has_is_named(
    changes: dict[str, Any], problem: str, settings: Settings
) -> None:
    assert check(changes, settings).problems == (problem,)


PRODUCTION = {"MODE": "production", "PUBLIC_URL": "https://onboarding.example"}
NODE = {"MODE": "production", "ROLE": "node"}
NO_FORGE = "HERO_ONBOARDING_FORGE_URL is needed in production as node and not set"


def test_what_a_program_needs_in_production_is_set() -> None:
    found = check_programs(read(**PRODUCTION, LISTEN="127.0.0.1:0", ADMIN_LISTEN="127.0.0.1:0"))

    assert [one.problems for one in found] == [(), (), ()]


def test_a_node_in_production_needs_a_forge_that_others_read(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('forge_url = "https://forge.example"\n')
    with_forge = read(**NODE, LISTEN="127.0.0.1:0", CONFIG=str(file))

    assert check({}, read(**NODE, LISTEN="127.0.0.1:0")).problems == (NO_FORGE,)
    assert check({}, with_forge).problems == ()


def required(**changes: object) -> dict[str, object]:
    return {
        "required_settings": {"sandbox": [], "production": [], "production_node": [], **changes}
    }


def test_a_required_setting_that_does_not_exist_is_named(settings: Settings) -> None:
    for name in ("HERO_ONBOARDING_MOON", "PUBLIC_URL", "HERO_ONBOARDING_GIVEN", ""):
        found = check(required(production=[name]), settings)
        assert found.problems == (f"{name} is no setting",)


def test_a_required_secret_may_lie_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("a-token\n")
    needs = required(sandbox=["HERO_ONBOARDING_FORGE_TOKEN"])

    missing = check(needs, read(LISTEN="127.0.0.1:0"))
    given = check(needs, read(LISTEN="127.0.0.1:0", FORGE_TOKEN_FILE=str(tmp_path / "token")))

    assert missing.problems == ("HERO_ONBOARDING_FORGE_TOKEN is needed in sandbox and not set",)
    assert given.problems == ()


@pytest.mark.parametrize("changes", [{"sandbox": "none"}, {"moon": []}])
def test_required_settings_of_another_form_are_named(
    changes: dict[str, object], settings: Settings
) -> None:
    (problem,) = check(required(**changes), settings).problems

    assert problem.startswith("required_settings ")


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
        ("required_settings", ["none"], "dict"),
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
