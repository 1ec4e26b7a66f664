"""A letter as an Internet message: one plain part, and no way into its headers."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hero_onboarding.mail import Letter, Letterhead, MailText, load_texts
from hero_onboarding.mail.message import compose

HEAD = Letterhead("no-reply@hero.example.org", "hero.example.org")
AT = datetime(2026, 3, 1, 11, 0, 7, tzinfo=UTC)
TEXTS = load_texts()
EVIL = "x\r\nBcc: eve@example.org\r\nContent-Type: text/html\r\n\r\n<b>y</b>\n.\n"
HEADERS = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "Content-Type",
    "Content-Transfer-Encoding",
    "MIME-Version",
    "Content-Language",
]


def a_letter(text: str = "Hello\n", subject: str = "Your code", **changes: str) -> Letter:
    fields = {"id": "a1b2", "recipient": "ada@example.org", "language": "en"} | changes
    return Letter(**fields, subject=subject, text=text, written_at=AT)


def arrived(letter: Letter) -> EmailMessage:
    """What a mail program reads of it."""
    content = compose(letter, HEAD).as_bytes()
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    assert message.defects == []
    return message


def test_a_message_has_the_headers_that_it_needs_and_no_others() -> None:
    message = arrived(a_letter())

    assert message.keys() == HEADERS
    assert message["From"] == "Hero <no-reply@hero.example.org>"
    assert message["To"] == "ada@example.org"
    assert message["Date"] == "Sun, 01 Mar 2026 11:00:07 +0000"
    assert message["Message-ID"] == "<a1b2@hero.example.org>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Content-Language"] == "en"


def test_a_message_is_one_part_of_plain_text_in_seven_bits() -> None:
    message = arrived(a_letter("Déjà vu 中\n", "Votre clé ✓"))

    assert not message.is_multipart()
    assert message.get_content_type() == "text/plain"
    assert message.get_content() == "Déjà vu 中\r\n"
    assert message["Subject"] == "Votre clé ✓"
    assert compose(a_letter("é" * 5000), HEAD).as_bytes().isascii()


def test_a_letter_that_is_sent_again_is_the_same_to_the_byte() -> None:
    assert compose(a_letter(), HEAD).as_bytes() == compose(a_letter(), HEAD).as_bytes()


@pytest.mark.parametrize(("text", "language"), sorted(TEXTS))
def test_no_parameter_gets_into_a_header_or_adds_a_line(text: str, language: str) -> None:
    words = TEXTS[MailText(text), language]
    plain = words.fill(dict.fromkeys(words.gaps, "x"), "https://hero.example.org")
    for gap in sorted(words.gaps):
        evil = words.fill({**dict.fromkeys(words.gaps, "x"), gap: EVIL}, "https://hero.example.org")

        message = arrived(a_letter(evil, words.subject, language=language))

        assert message.keys() == HEADERS
        assert message["Bcc"] is None
        assert len(message.get_content().splitlines()) == len(plain.splitlines())
        assert message.get_content().replace("\r\n", "\n") == evil


@pytest.mark.parametrize("field", ["subject", "recipient", "id", "language"])
def test_a_line_end_in_what_becomes_a_header_is_never_written(field: str) -> None:
    with pytest.raises(ValueError, match=r"linefeed|CR or LF|invalid arguments"):
        compose(a_letter(**{field: "x\r\nBcc: eve@example.org"}), HEAD).as_bytes()


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=80))
def test_a_body_arrives_as_it_was_written(text: str) -> None:
    body = f"{text}\n"

    content = arrived(a_letter(body)).get_content()

    assert content.splitlines() == body.splitlines()
