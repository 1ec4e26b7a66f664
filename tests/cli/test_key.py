"""The key that a daemon keeps: found, read, and never shown."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hero_onboarding.cli import main
from hero_onboarding.helper.key_file import read_key, usual_places
from hero_onboarding.helper.outcome import Stop

SECRET = bytes.fromhex("7ebdf5f5f6dd065cf8ef0339c86df30fe69c2942bd9b2c43894b28f12931247b")
PUBLIC = "68b1e46ac98f90d101d9b776522bf566d696ea22a5c79546632417658b147264"
ADDRESS = "5ff:b821:c76e:9444:f439:18bf:59a0:1594"
VECTORS = {
    "09" + "00" * 31: "50c:f7aa:509e:b77b:d179:1d85:65ae:87b1",
    bytes(range(32)).hex(): "430:9364:d8d8:84a9:dd60:de78:c767:d361",
    "42" * 32: "4a1:acf3:2837:d9cf:d930:4520:c759:467b",
    "ff" * 32: "569:215c:b0bf:ab7b:fe1b:f51d:b0c2:635a",
    SECRET.hex(): ADDRESS,
}


def show(*words: str) -> Result:
    return CliRunner().invoke(main, ["key", "show", *words])


def a_file(folder: Path, content: bytes, mode: int = 0o600) -> Path:
    path = folder / "priv_key.bin"
    path.write_bytes(content)
    path.chmod(mode)
    return path


@pytest.mark.parametrize(("secret", "address"), VECTORS.items())
def test_the_address_follows_from_the_secret(tmp_path: Path, secret: str, address: str) -> None:
    path = a_file(tmp_path, bytes.fromhex(secret))

    found = json.loads(show("-k", str(path), "--json").stdout)

    assert (found["address"], found["file"]) == (address, str(path))


def test_what_is_shown_is_public(tmp_path: Path) -> None:
    path = a_file(tmp_path, SECRET + b"anything after it")

    result = show("--key-file", str(path))

    assert result.exit_code == 0
    assert result.stdout.split() == [
        "address",
        ADDRESS,
        "public",
        "key",
        PUBLIC,
        "file",
        str(path),
    ]
    assert result.stderr == ""
    assert SECRET.hex() not in repr(read_key([path]))
    assert repr(SECRET) not in repr(read_key([path]))


@pytest.mark.parametrize(("mode", "warns"), [(0o600, False), (0o640, False), (0o644, True)])
def test_a_key_that_others_can_read_is_warned_of(tmp_path: Path, mode: int, warns: bool) -> None:
    path = a_file(tmp_path, SECRET, mode)

    result = show("-k", str(path))

    assert result.exit_code == 0
    assert ("chmod 640" in result.stderr) == warns


@pytest.mark.parametrize("content", [b"", b"x", b"x" * 31])
def test_a_file_that_is_too_short_is_no_key(tmp_path: Path, content: bytes) -> None:
    result = show("-k", str(a_file(tmp_path, content)))

    assert (result.exit_code, result.stdout) == (4, "")
    assert "one has 32 bytes" in result.stderr


@pytest.mark.parametrize("name", ["none", "priv_key.bin/none"])
def test_a_file_that_is_missing_is_named(tmp_path: Path, name: str) -> None:
    a_file(tmp_path, SECRET)

    result = show("-k", str(tmp_path / name))

    assert (result.exit_code, result.stdout) == (4, "")
    assert str(tmp_path / name) in result.stderr
    assert "name the file with -k" in result.stderr


def test_a_folder_is_no_key(tmp_path: Path) -> None:
    result = show("-k", str(tmp_path))

    assert (result.exit_code, result.stdout) == (4, "")
    assert "can't be read" in result.stderr


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32", "freebsd14"])
def test_a_users_own_key_comes_before_the_machines(tmp_path: Path, platform: str) -> None:
    places = usual_places(tmp_path, platform)

    assert tmp_path in places[0].parents
    places[0].parent.mkdir(parents=True)
    places[0].write_bytes(SECRET)
    assert read_key(places).path == places[0]
    with pytest.raises(Stop):
        read_key(places[:0])
