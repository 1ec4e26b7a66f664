"""E-mail addresses: one form to compare and send to, and no other form gets through."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hero_onboarding.mail import EmailAddress, WrongEmailError

GOOD = [
    ("ada@example.org", "ada@example.org", "ada@example.org"),
    ("  Ada.Mushi+hero@Example.ORG ", "ada.mushi+hero@example.org", "Ada.Mushi+hero@example.org"),
    ("o'neil!#$%&*/=?^_`{|}~-@a-b.example", "o'neil!#$%&*/=?^_`{|}~-@a-b.example", None),
    ("ada@bücher.example", "ada@xn--bcher-kva.example", "ada@bücher.example"),
    ("ada@BÜCHER.example", "ada@xn--bcher-kva.example", "ada@bücher.example"),
    ("ada@xn--bcher-kva.example", "ada@xn--bcher-kva.example", "ada@bücher.example"),
    ("ada@straße.example", "ada@xn--strae-oqa.example", "ada@straße.example"),
    ("ada@例え。テスト", "ada@xn--r8jz45g.xn--zckzah", "ada@例え.テスト"),
    ("ada@\uff45xample.org", "ada@example.org", "ada@example.org"),
    ("a@" + "b" * 63 + ".example", "a@" + "b" * 63 + ".example", None),
    ("a" * 64 + "@example.org", "a" * 64 + "@example.org", None),
]
BAD = [
    *("", " ", "@", "ada", "ada@", "@example.org", "ada@example", "ada@@example.org"),
    *("a b@example.org", "ada@exa mple.org", "ada@.example.org", "ada@example..org"),
    *("ada@example.org.", ".ada@example.org", "ada.@example.org", "a..b@example.org"),
    *('"ada"@example.org', "ada(x)@example.org", "Ada <ada@example.org>", "<ada@example.org>"),
    *("ada@[127.0.0.1]", "ada@127.0.0.1", "ada@example.123", "ada@-a.example", "ada@a_b.example"),
    *("ada@example.org\r\nBcc: eve@example.org", "ada\r\n@example.org", "ada@example.org\n"),
    *("ada@example.org\0", "\tada@example.org", "ada,eve@example.org", "a;b@example.org"),
    *("ädå@example.org", "ada@\udcff.org", "ada@xn--.example", "ada@a\u200db.example"),
    *("a" * 65 + "@example.org", "ada@" + "b" * 64 + ".example", "ada@" + "b." * 130 + "example"),
    *("a" * 1_000_000 + "@example.org", "ada@" + "ü" * 1_000_000 + ".org", "ada@" + "ü" * 250),
]


@pytest.mark.parametrize(("text", "normalised", "shown"), GOOD)
def test_an_address_has_one_form_to_send_to_and_one_to_read(
    text: str, normalised: str, shown: str | None
) -> None:
    assert EmailAddress.parse(text) == EmailAddress(normalised, shown or text)


@pytest.mark.parametrize("text", BAD, ids=lambda text: ascii(text[:30]))
def test_what_is_no_address_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(WrongEmailError) as caught:
        EmailAddress.parse(text)

    assert str(caught.value) == "this is no e-mail address; one looks like name@example.org"


@given(st.text(max_size=40) | st.emails() | st.from_regex(r"[a-z.]+@[^\n]+\.[a-z]+"))
def test_whatever_is_typed_nothing_but_plain_ascii_is_sent_to(text: str) -> None:
    try:
        found = EmailAddress.parse(text)
    except WrongEmailError:
        return

    assert re.fullmatch(r"[!-~]{1,64}@[a-z0-9.-]{3,253}", found.normalised)
    assert EmailAddress.parse(found.normalised).normalised == found.normalised
    assert EmailAddress.parse(found.shown).normalised == found.normalised
