"""Where a server is found: as configured, as announced, or by loopback when it listens on all."""

import os
from pathlib import Path

import pytest

from hero_onboarding.bootstrap.reading import Address
from hero_onboarding.bootstrap.server_address import (
    ADMIN,
    SERVER,
    announce,
    find_origin,
    read_announced,
)
from hero_onboarding.bootstrap.settings import Settings
from tests.bootstrap.reading import read


def settings_in(folder: Path, **changes: str) -> Settings:
    return read(DATA_DIR=str(folder), LISTEN="127.0.0.1:0", ADMIN_LISTEN="127.0.0.1:0", **changes)


def test_a_server_on_a_free_port_is_found_where_it_announced_itself(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    assert find_origin(settings) == "http://127.0.0.1:0"

    announce(settings, {SERVER: Address("127.0.0.1", 81)})
    known = announce(settings, {ADMIN: Address("::1", 82)})

    assert find_origin(settings, SERVER) == "http://127.0.0.1:81"
    assert find_origin(settings, ADMIN) == "http://[::1]:82"
    assert {one.pid for one in known.values()} == {os.getpid()}
    assert [path.name for path in tmp_path.iterdir()] == ["addresses.json"]


def test_a_server_on_a_fixed_port_is_found_whatever_was_announced(tmp_path: Path) -> None:
    announce(settings_in(tmp_path), {SERVER: Address("127.0.0.1", 81)})

    assert find_origin(read(DATA_DIR=str(tmp_path), LISTEN="127.0.0.1:82")) == "http://127.0.0.1:82"


@pytest.mark.parametrize(("listen", "host"), [("0.0.0.0", "127.0.0.1"), ("[::]", "[::1]")])
def test_a_server_that_listens_on_all_addresses_is_asked_by_loopback(
    listen: str, host: str, tmp_path: Path
) -> None:
    settings = read(MODE="production", ROLE="node", DATA_DIR=str(tmp_path), LISTEN=f"{listen}:82")

    known = announce(settings, {SERVER: Address(listen.strip("[]"), 82)})

    assert find_origin(settings) == known[SERVER].origin == f"http://{host}:82"


@pytest.mark.parametrize("text", ["", "[]", '{"hero_onboarding_server": "http://x"}', "{"])
def test_an_announcement_of_another_form_is_none(text: str, tmp_path: Path) -> None:
    (tmp_path / "addresses.json").write_text(text)

    assert read_announced(settings_in(tmp_path)) == {}
