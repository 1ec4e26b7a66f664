"""Settings by their names without prefix, and what is refused of them."""

import pytest

from hero_onboarding.bootstrap.settings import (
    SettingProblem,
    Settings,
    SettingsError,
    read_settings,
)


def read(**values: str) -> Settings:
    return read_settings({f"HERO_ONBOARDING_{name}": value for name, value in values.items()})


def outcome(**values: str) -> Settings | tuple[SettingProblem, ...]:
    """Settings, or at least one problem; nothing else may be raised."""
    try:
        return read(**values)
    except SettingsError as error:
        found = error.problems
    assert found
    return found


def problems(**values: str) -> dict[str, str]:
    """What is refused, by the setting's name without prefix."""
    with pytest.raises(SettingsError) as caught:
        read(**values)
    found = caught.value.problems
    assert str(caught.value).splitlines() == [problem.text for problem in found]
    return {one.setting.removeprefix("HERO_ONBOARDING_"): one.sentence for one in found}
