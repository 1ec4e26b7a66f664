"""Services that sign their users in here, from the command line."""

from collections.abc import Iterator

import pytest

from tests.support.programs import Program, environment_of, serving
from tests.support.shell import Shell

URI = "https://notes.example/callback"
PRODUCTION = {"MODE": "production", "PUBLIC_URL": "https://hero.example", "SCHEDULER": "off"}


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """A real server in production mode."""
    folder = tmp_path_factory.mktemp("production") / "data"
    with serving(environment_of(folder, **PRODUCTION)) as program:
        yield program


def test_a_service_is_registered_listed_and_revoked(shell: Shell) -> None:
    done = shell("clients", "create", "--name", "a [b] service", "--redirect-uri", URI)

    secret = done.out.removesuffix("\n")
    assert (done.code, len(secret)) == (0, 43)
    client_id = done.errors.split()[1].removesuffix(":")
    listed, rows = shell("clients", "list"), shell("clients", "list", "--json")
    (line,) = [line for line in listed.out.splitlines() if client_id in line]
    assert "a [b] service" in line
    assert rows.json[0]["redirect_uris"] == [URI]
    for one in (listed, rows):
        assert secret not in one.out + one.errors
    revoked = shell("clients", "revoke", client_id, "--json")
    assert revoked.json["revoked_at"] is not None
    assert shell("clients", "revoke", "0" * 16).code == 1


def test_an_app_has_no_secret_and_a_wrong_service_is_refused(shell: Shell) -> None:
    uri = "http://127.0.0.1/cb"
    made = shell("clients", "create", "--name", "x", "--redirect-uri", uri, "--public", "--json")
    assert (made.json["secret"], made.json["is_public"]) == (None, True)
    wrong = shell("clients", "create", "--name", "x", "--redirect-uri", "http://notes.example/")
    assert (wrong.code, wrong.out) == (1, "")
    assert wrong.errors.startswith("openid.wrong_client: ")
    words = ("--name", "x", "--redirect-uri", URI, "--algorithm", "none")
    assert shell("clients", "create", *words).code == 2


def test_the_operator_key_registers_services_in_production(production: Program) -> None:
    there = Shell(production.environment)
    made = there("clients", "create", "--name", "Notes", "--redirect-uri", URI, "--json")
    assert made.code == 0, made
    assert made.json["created_by"].startswith("key:")
    rotated = there("clients", "rotate-keys", "--json")
    assert len(rotated.json["kids"]) == 1
