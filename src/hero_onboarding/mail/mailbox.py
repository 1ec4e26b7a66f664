"""The sandbox's way out: mails stay in the database, for a page that shows them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from hero_onboarding.database import Database, Transaction
from hero_onboarding.kernel.paging import PAGE_ITEMS, Page, page_of, read_cursor
from hero_onboarding.mail.domain import Letter
from hero_onboarding.mail.tables import sandbox_mails

_c = sandbox_mails.c


@dataclass(frozen=True, slots=True)
class SandboxMailbox:
    """Keeps letters instead of sending them."""

    database: Database

    def send(self, letter: Letter) -> None:
        """Keep a letter; one that comes again with the same id is kept once."""
        with self.database.transaction() as tx:
            statement = tx.insert(sandbox_mails).on_conflict_do_nothing(index_elements=["id"])
            tx.execute(
                statement.values(
                    id=letter.id,
                    recipient=letter.recipient,
                    language=letter.language,
                    subject=letter.subject,
                    text=letter.text,
                    written_at=letter.written_at,
                )
            )


@dataclass(frozen=True, slots=True)
class KeptMail:
    """A mail that the sandbox kept."""

    number: int
    recipient: str
    language: str
    subject: str
    text: str
    written_at: datetime


def list_kept_mails(
    tx: Transaction, cursor: str | None, *, size: int = PAGE_ITEMS
) -> Page[KeptMail]:
    """List the mails that a sandbox kept, newest first.

    Raises:
        WrongCursorError: If the cursor is none of an earlier page.
    """
    query = select(sandbox_mails).order_by(_c.number.desc()).limit(size + 1)
    before = read_cursor(cursor)
    if before is not None:
        query = query.where(_c.number < before)
    found = [
        KeptMail(row.number, row.recipient, row.language, row.subject, row.text, row.written_at)
        for row in tx.execute(query)
    ]
    return page_of(found, lambda mail: mail.number, size=size)
