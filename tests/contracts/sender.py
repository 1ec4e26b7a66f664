"""Every way out for mail, with a look at what came of it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Final

from hero_onboarding.database import Database
from hero_onboarding.mail import (
    Letterhead,
    SandboxMailbox,
    Security,
    Sender,
    SmtpSender,
    SmtpServer,
    list_kept_mails,
)
from tests.fakes.post import FakeSender
from tests.support.smtp_server import HOST, smtp_server

Arrived = Callable[[], list[tuple[str, str, str]]]
"""Lists recipient, subject and text of what came out, without doubles that a mailbox can tell."""


@contextmanager
def _fake(_: Database) -> Iterator[tuple[Sender, Arrived]]:
    sender = FakeSender()

    def arrived() -> list[tuple[str, str, str]]:
        letters = {letter.id: letter for letter in sender.letters}
        return [(one.recipient, one.subject, one.text) for one in letters.values()]

    yield sender, arrived


@contextmanager
def _sandbox(database: Database) -> Iterator[tuple[Sender, Arrived]]:
    def arrived() -> list[tuple[str, str, str]]:
        with database.reading() as tx:
            kept = list_kept_mails(tx, None).items
        return [(one.recipient, one.subject, one.text) for one in reversed(kept)]

    yield SandboxMailbox(database), arrived


@contextmanager
def _smtp(_: Database) -> Iterator[tuple[Sender, Arrived]]:
    with smtp_server() as taken:

        def arrived() -> list[tuple[str, str, str]]:
            messages = {message["Message-ID"]: message for message in taken.messages}
            return [
                (one["To"], one["Subject"], one.get_content().replace("\r\n", "\n"))
                for one in messages.values()
            ]

        server = SmtpServer(Security.NONE, HOST, taken.port)
        head = Letterhead("no-reply@hero.example.org", "hero.example.org")
        yield SmtpSender(server, head), arrived


Way = Callable[[Database], AbstractContextManager[tuple[Sender, Arrived]]]

KINDS: Final[Mapping[str, Way]] = {
    "fake": _fake,
    "sandbox": _sandbox,
    "smtp": _smtp,
}
