"""The admin secret: configured, or made once, for its owner only."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from hero_onboarding.bootstrap.secret import find_secret, make_secret, secret_check, secret_path
from hero_onboarding.bootstrap.settings import Settings
from tests.bootstrap.reading import read

MAKER = """
import sys
from hero_onboarding.bootstrap.secret import make_secret
from hero_onboarding.bootstrap.settings import read_settings

settings = read_settings({"HERO_ONBOARDING_DATA_DIR": sys.argv[1]})
print("ready", flush=True)
sys.stdin.readline()
print(make_secret(settings))
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read(DATA_DIR=str(tmp_path / "data"))


def test_a_secret_is_made_once_for_its_owner_only(settings: Settings) -> None:
    assert find_secret(settings) is None

    made = make_secret(settings)

    assert len(made) >= 40
    assert made.isascii()
    assert (make_secret(settings), find_secret(settings)) == (made, made)
    assert secret_path(settings).read_text() == f"{made}\n"
    assert stat.S_IMODE(secret_path(settings).stat().st_mode) == 0o600
    assert stat.S_IMODE(settings.data_dir.stat().st_mode) == 0o700


def test_two_folders_have_two_secrets(tmp_path: Path) -> None:
    made = {make_secret(read(DATA_DIR=str(tmp_path / name))) for name in "ab"}

    assert len(made) == 2


def test_looking_for_a_secret_makes_nothing(settings: Settings) -> None:
    assert find_secret(settings) is None

    assert not settings.data_dir.exists()


def test_a_configured_secret_is_used_and_none_is_made(tmp_path: Path) -> None:
    settings = read(DATA_DIR=str(tmp_path / "data"), ADMIN_SECRET="a-secret-of-the-tests")

    assert make_secret(settings) == find_secret(settings) == "a-secret-of-the-tests"
    assert not settings.data_dir.exists()


@pytest.mark.parametrize("content", [b"", b" \n", b"\xff\xfe", b"two\nlines", b"nul\0nul"])
def test_a_file_that_holds_no_secret_is_made_anew(content: bytes, settings: Settings) -> None:
    settings.data_dir.mkdir()
    path = secret_path(settings)
    path.write_bytes(content)
    path.chmod(0o644)
    assert find_secret(settings) is None

    made = make_secret(settings)

    assert path.read_text() == f"{made}\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_secret_that_somebody_wrote_by_hand_is_kept(settings: Settings) -> None:
    settings.data_dir.mkdir()
    secret_path(settings).write_text("  written by hand\n")

    assert make_secret(settings) == "written by hand"
    assert secret_path(settings).read_text() == "  written by hand\n"


def test_processes_that_make_it_at_once_agree(settings: Settings) -> None:
    command = [sys.executable, "-c", MAKER, str(settings.data_dir)]
    makers = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(6)
    ]
    for maker in makers:
        assert maker.stdout is not None
        assert maker.stdout.readline() == "ready\n"

    for maker in makers:
        assert maker.stdin is not None
        maker.stdin.write("\n")
        maker.stdin.flush()
    made = {maker.communicate(timeout=30)[0].strip() for maker in makers}

    assert made == {find_secret(settings)}


def test_only_the_secret_itself_is_right() -> None:
    is_secret = secret_check("a-secret-of-the-tests")

    assert is_secret("a-secret-of-the-tests")
    for wrong in ("", "a-secret-of-the-test", "a-secret-of-the-tests ", "A-SECRET", "\u00e9\udcff"):
        assert not is_secret(wrong)
