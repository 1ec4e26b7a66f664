import pytest

from hero_onboarding.outbound import AddressError, read_base_address


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("https://forge.example", "https://forge.example"),
        ("https://forge.example/", "https://forge.example"),
        ("https://forge.example:443/git/", "https://forge.example/git"),
        ("http://forge.example:80", "http://forge.example"),
        ("http://127.0.0.1:3000", "http://127.0.0.1:3000"),
        ("http://[::1]:3000/a", "http://[::1]:3000/a"),
        ("HTTPS://FORGE.example", "https://forge.example"),
    ],
)
def test_an_address_is_read_and_spelled(text: str, spelled: str) -> None:
    assert read_base_address(text).text == spelled


def test_a_path_is_joined_below_the_address() -> None:
    assert read_base_address("https://h.example/git/").join("/api?x=1") == (
        "https://h.example/git/api?x=1"
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "forge.example",
        "ftp://forge.example",
        "file:///etc/passwd",
        "https://",
        "https:///path",
        "https://user@forge.example",
        "https://user:word@forge.example",
        "https://@forge.example",
        "https://forge.example?x",
        "https://forge.example?",
        "https://forge.example#x",
        "https://forge.example:99999",
        "https://forge.example:x",
        "https://forge .example",
        "https://fö.example",
        "https://forge.example\n",
        "https://[::1",
    ],
)
def test_other_addresses_are_refused(text: str) -> None:
    with pytest.raises(AddressError) as caught:
        read_base_address(text)

    assert "word" not in str(caught.value)
