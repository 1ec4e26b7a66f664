from pathlib import Path
from typing import get_args

import pytest

from hero_onboarding.sandbox.forge.control import rooms
from hero_onboarding.sandbox.forge.switches import FaultKind, Settings
from hero_onboarding.sandbox.forge.versions import BEHAVIOURS, Behaviour

PAGE = (Path(__file__).parents[2] / "docs/sandbox.md").read_text()
SWITCHES = {
    *Settings.__struct_fields__,
    *Behaviour.__struct_fields__,
    *get_args(FaultKind),
    *BEHAVIOURS,
}


@pytest.mark.parametrize("name", sorted(SWITCHES))
def test_every_switch_is_on_the_page(name: str) -> None:
    assert f"`{name}`" in PAGE


def test_every_room_of_the_control_room_is_on_the_page() -> None:
    for _method, path in rooms():
        if path not in {"/sandbox/forge/settings", "/sandbox/forge/fault", "/sandbox/forge/reset"}:
            assert path in PAGE
