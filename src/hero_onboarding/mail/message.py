"""Write a letter as an Internet message (RFC 5322): one part of plain text."""

from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Final

from hero_onboarding.mail.domain import Letter

NAME: Final = "Hero"


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Whom mails are from, and the domain of their ids."""

    sender: str
    domain: str


def compose(letter: Letter, head: Letterhead) -> EmailMessage:
    """Write a message; the same letter gives the same bytes.

    The policy refuses line ends in headers, and encodes what is not ASCII. ``Auto-Submitted`` keeps
    machines from answering (RFC 3834).
    """
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(NAME, addr_spec=head.sender)
    message["To"] = Address(addr_spec=letter.recipient)
    message["Subject"] = letter.subject
    message["Date"] = letter.written_at
    message["Message-ID"] = f"<{letter.id}@{head.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text, cte="quoted-printable")
    message["Content-Language"] = letter.language
    return message
