"""People who claim and prove e-mail addresses, and the mails that they get."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from hero_onboarding.contacts import (
    EmailClaim,
    EmailDesk,
    UserEmail,
    claim_email,
    find_email_owner,
    list_emails,
    remove_email,
    verify_email,
)
from hero_onboarding.contacts.tables import user_emails
from hero_onboarding.mail import Letter
from tests.mail.office import Office

KEY = b"the server's key for codes"
ADDRESS = "ada@example.org"
CODE = re.compile(r"^ {4}([2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4})$", re.MULTILINE)


@dataclass(frozen=True)
class Desk:
    """Where claims are made, over a post office whose mails are read here."""

    office: Office
    key: bytes = field(default=KEY, repr=False)
    has_limits: bool = True

    @property
    def desk(self) -> EmailDesk:
        return EmailDesk(self.office.outbox, self.key, self.has_limits)

    def claim(self, user_sid: str = "ada", address: str = ADDRESS, language: str = "en") -> None:
        claim = EmailClaim(user_sid, address, language)
        with self.office.database.transaction() as tx:
            claim_email(tx, self.desk, claim, self.office.clock.now())

    def verify(self, code: str, user_sid: str = "ada") -> UserEmail | None:
        now = self.office.clock.now()
        with self.office.database.transaction() as tx:
            return verify_email(tx, self.desk, user_sid=user_sid, code=code, now=now)

    def remove(self, user_sid: str = "ada", address: str = ADDRESS) -> bool:
        with self.office.database.transaction() as tx:
            return remove_email(tx, user_sid=user_sid, address=address)

    def emails(self, user_sid: str = "ada") -> list[tuple[str, bool]]:
        """A user's addresses, and whether each is verified."""
        with self.office.database.reading() as tx:
            return [(one.address, one.verified_at is not None) for one in list_emails(tx, user_sid)]

    def owner(self, address: str = ADDRESS) -> str | None:
        with self.office.database.reading() as tx:
            found = find_email_owner(tx, address)
        return None if found is None else found.user_sid

    def letters(self) -> list[Letter]:
        """Send what waits and return all mails so far."""
        self.office.run()
        return self.office.sender.letters

    def code(self) -> str:
        """The code of the newest mail."""
        found = CODE.search(self.letters()[-1].text)
        assert found is not None, self.letters()[-1].subject
        return found[1]

    def prove(self, user_sid: str = "ada", address: str = ADDRESS) -> None:
        """Claim an address and type the code; wait until the limits have room again."""
        self.claim(user_sid, address)
        assert self.verify(self.code(), user_sid) is not None
        self.office.clock.advance(hours=25)

    def rows(self) -> list[Mapping[str, Any]]:
        with self.office.database.reading() as tx:
            query = select(user_emails).order_by(user_emails.c.number)
            return [dict(row) for row in tx.execute(query).mappings()]
