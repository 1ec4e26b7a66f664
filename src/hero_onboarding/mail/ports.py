"""What mail needs from outside: a way out, and a box that seals secrets."""

from typing import Protocol

from hero_onboarding.mail.domain import Letter


class Sender(Protocol):
    """A way out for mails.

    Every implementation passes ``tests/contracts/sender.py``.
    """

    def send(self, letter: Letter) -> None:
        """Hand a letter over; nobody can promise that it arrives once, or at all.

        A letter that is sent again carries the same ``Message-ID``, so that a mailbox can tell.

        Raises:
            MailDelayedError: If it could not be handed over now.
            MailRefusedError: If it will never be taken.
        """
        ...


class Box(Protocol):
    """Keeps secrets from whoever reads the database."""

    def seal(self, content: bytes) -> bytes:
        """Encrypt and authenticate bytes."""
        ...

    def open(self, sealed: bytes) -> bytes | None:
        """Return what was sealed, None when no key of ours sealed it."""
        ...
