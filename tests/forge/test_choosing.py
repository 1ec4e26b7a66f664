"""Settings name a forge; the right one is connected, and wrong settings say why."""

from pathlib import Path

import pytest

from hero_onboarding.bootstrap.forges import reading_forge, writing_forge
from hero_onboarding.bootstrap.settings import Settings, read_settings
from hero_onboarding.forge import Forge, ForgeInputError
from hero_onboarding.forge.forgejo.repository import ForgejoForge
from hero_onboarding.forge.git.repository import GitForge
from hero_onboarding.sandbox.forge import SandboxForge
from tests.contracts.forge import a_commit, new

REPOSITORY = "lhumina_code/hero_onboarding_billing"
PRODUCTION = {
    "MODE": "production",
    "PUBLIC_URL": "https://onboarding.example",
    "ADMIN_SECRET": "long-enough-for-an-operator",
}


def settings_of(folder: Path, **names: str) -> Settings:
    chosen = {"DATA_DIR": str(folder), **names}
    return read_settings({f"HERO_ONBOARDING_{name}": text for name, text in chosen.items()})


def test_without_an_address_a_folder_in_the_data_folder_is_the_forge(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)

    head = writing_forge(settings).push_files([new("a", b"1")], a_commit())

    assert head == reading_forge(settings, REPOSITORY).fetch_head()
    assert (tmp_path / f"forge/{REPOSITORY}.git/HEAD").exists()
    assert {path.name for path in tmp_path.iterdir()} == {"forge", "clones"}


def test_each_repository_of_the_data_folder_is_one_of_its_own(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    writing_forge(settings).push_files([new("a", b"1")], a_commit())

    assert reading_forge(settings, "other/one").fetch_head() is None


@pytest.mark.parametrize(
    ("read", "kind"), [("auto", GitForge), ("git", GitForge), ("rest", ForgejoForge)]
)
def test_a_forgejo_is_written_by_rest_and_read_as_chosen(
    tmp_path: Path, read: str, kind: type[Forge]
) -> None:
    with SandboxForge(tmp_path / "sandbox") as sandbox:
        sandbox.create_repository(REPOSITORY, private=True)
        settings = settings_of(
            tmp_path, FORGE_URL=sandbox.url, FORGE_TOKEN=sandbox.token, FORGE_READ=read
        )
        writing, reading = writing_forge(settings), reading_forge(settings, REPOSITORY)
        assert isinstance(writing, ForgejoForge)
        assert isinstance(reading, kind)

        head = writing.push_files([new("a", b"1")], a_commit())

        assert head == reading.fetch_head()


def test_a_git_remote_is_written_and_read_by_git(tmp_path: Path) -> None:
    with SandboxForge(tmp_path / "sandbox") as sandbox:
        sandbox.create_repository("o/n", private=True)
        address = f"git+{sandbox.url}/o/n.git"
        settings = settings_of(tmp_path, FORGE_URL=address, FORGE_TOKEN=sandbox.token)

        head = writing_forge(settings).push_files([new("a", b"1")], a_commit())

        assert head == reading_forge(settings, REPOSITORY).fetch_head()


def test_one_git_remote_is_not_several_repositories(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, FORGE_URL="git+https://forge.example/o/n.git")

    with pytest.raises(ForgeInputError, match="other/one"):
        reading_forge(settings, "other/one")


def test_reading_by_rest_needs_a_forgejo(tmp_path: Path) -> None:
    for address in ({}, {"FORGE_URL": "git+https://forge.example/o/n.git"}):
        with pytest.raises(ForgeInputError, match="FORGE_READ"):
            reading_forge(settings_of(tmp_path, FORGE_READ="rest", **address), REPOSITORY)


@pytest.mark.parametrize(("scheme", "kind"), [("http", ForgejoForge), ("git+http", GitForge)])
@pytest.mark.parametrize("host", ["localhost", "10.1.2.3", "[54a:1::1]", "forge", "forge.lan"])
def test_production_takes_a_forge_of_a_network_of_ones_own(
    host: str, scheme: str, kind: type[Forge], tmp_path: Path
) -> None:
    settings = settings_of(tmp_path, **PRODUCTION, FORGE_URL=f"{scheme}://{host}/{REPOSITORY}")

    assert isinstance(writing_forge(settings), kind)


def test_a_token_is_not_shown(tmp_path: Path) -> None:
    for address in ("https://forge.example", "git+https://forge.example/o/n"):
        settings = settings_of(tmp_path, FORGE_URL=address, FORGE_TOKEN="s3cret-t0ken")

        shown = f"{writing_forge(settings)!r} {reading_forge(settings, REPOSITORY)!r}"

        assert "s3cret" not in shown
