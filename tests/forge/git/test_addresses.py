from pathlib import Path

import pytest

from hero_onboarding.forge import ForgeInputError
from hero_onboarding.forge.git import GitAddress, folder_address, read_address
from hero_onboarding.forge.git.addresses import token_header


@pytest.mark.parametrize(
    ("text", "url", "scheme"),
    [
        ("git+https://forge.example/o/n.git", "https://forge.example/o/n.git", "https"),
        ("git+https://forge.example:8443/n", "https://forge.example:8443/n", "https"),
        ("git+http://127.0.0.1:3000/o/n.git", "http://127.0.0.1:3000/o/n.git", "http"),
        ("git+http://[::1]:3000/n", "http://[::1]:3000/n", "http"),
        ("git+ssh://git@forge.example/o/n.git", "ssh://git@forge.example/o/n.git", "ssh"),
        ("git+ssh://forge.example:2222/n.git", "ssh://forge.example:2222/n.git", "ssh"),
    ],
)
def test_addresses_of_remotes_are_read(text: str, url: str, scheme: str) -> None:
    assert read_address(text) == GitAddress(url, scheme)


def test_a_folder_is_read_with_its_escapes() -> None:
    address = read_address("git+file:///srv/a%20b/n.git")

    assert address.folder == Path("/srv/a b/n.git")
    assert address.url == "file:///srv/a%20b/n.git"
    assert folder_address(Path("/srv/a b/n.git")) == address


def test_a_token_goes_to_its_origin_alone() -> None:
    assert (
        read_address("git+https://forge.example:8443/o/n").origin == "https://forge.example:8443/"
    )
    assert read_address("git+https://forge.example/o/n").host == "forge.example"


@pytest.mark.parametrize(
    "text",
    [
        "https://forge.example/o/n.git",
        "git://forge.example/n.git",
        "git+ext://sh/-c",
        "git+https://user@forge.example/n.git",
        "git+https://user:word@forge.example/n.git",
        "git+ssh://git:word@forge.example/n.git",
        "git+ssh://-oProxyCommand=x/n.git",
        "git+ssh://-oProxy/n.git",
        "git+ssh://-oProxy@forge.example/n.git",
        "git+https://forge.example/n.git?x=1",
        "git+https://forge.example/n.git#x",
        "git+https://forge.example/n.git?",
        "git+https://forge.example",
        "git+https://forge.example/",
        "git+https:///n.git",
        "git+https://forge.example:99999/n.git",
        "git+https://forge.example:0/n.git",
        "git+https://forge .example/n.git",
        "git+https://fö.example/n.git",
        "git+file://host/n.git",
        "git+file://n.git",
        "git+file:///a%00b",
        "",
    ],
)
def test_other_addresses_are_refused(text: str) -> None:
    with pytest.raises(ForgeInputError):
        read_address(text)


def test_a_refused_address_shows_no_credentials() -> None:
    with pytest.raises(ForgeInputError) as caught:
        read_address("git+https://user:pass-word@forge.example/n.git")

    assert "pass-word" not in str(caught.value)


@pytest.mark.parametrize("token", ["", "a b", "a\r\nX: y", "é"])
def test_a_token_that_could_break_a_header_is_refused(token: str) -> None:
    with pytest.raises(ForgeInputError, match="token"):
        token_header(token)


def test_a_token_becomes_a_basic_header() -> None:
    assert token_header("abc") == "Authorization: Basic eC1hY2Nlc3MtdG9rZW46YWJj"
