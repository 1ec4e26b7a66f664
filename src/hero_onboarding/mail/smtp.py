"""Hand mails to a server over SMTP (RFC 5321), by Python's own library."""

import re
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from hero_onboarding.kernel.boundary import require_no_transaction
from hero_onboarding.mail.domain import Letter
from hero_onboarding.mail.errors import MailDelayedError, MailRefusedError
from hero_onboarding.mail.message import Letterhead, compose

_ENHANCED: Final = re.compile(rb"[245]\.[0-9]{1,3}\.[0-9]{1,3}\b")
_PERMANENT: Final = range(500, 600)
_OWN_WORDS: Final = (smtplib.SMTPServerDisconnected, smtplib.SMTPNotSupportedError)


class Security(StrEnum):
    """How a connection is secured; the value is the scheme of its address."""

    TLS = "smtps"
    STARTTLS = "smtp+starttls"
    NONE = "smtp"


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """A server that takes our mail."""

    security: Security
    host: str
    port: int
    user: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class SmtpLimits:
    """How long each step may take, and all steps after the greeting together."""

    step_seconds: float = 10
    overall_seconds: float = 60


@dataclass(frozen=True, slots=True)
class SmtpSender:
    """Hands each letter over on a connection of its own; certificates and names are checked."""

    server: SmtpServer
    head: Letterhead
    limits: SmtpLimits = SmtpLimits()
    context: ssl.SSLContext = field(default_factory=ssl.create_default_context)

    def send(self, letter: Letter) -> None:
        """Hand a letter over.

        Raises:
            MailDelayedError: If the server can't be reached, is not the one it should be, offers
                no TLS, knows us not, cut the connection or said "later". Whether it took the
                letter is then not always known.
            MailRefusedError: If it said "never" to the sender, the recipient or the content.
        """
        message = compose(letter, self.head)
        with self._session() as smtp:
            smtp.send_message(message, self.head.sender, [letter.recipient])

    def check(self) -> None:
        """Connect and sign in as for a mail, and send none.

        Raises:
            MailDelayedError: If a mail could not be sent now.
            MailRefusedError: If none could ever.
        """
        with self._session() as smtp:
            smtp.noop()

    @contextmanager
    def _session(self) -> Iterator[smtplib.SMTP]:
        """Give a connection that is secured and signed in."""
        require_no_transaction("mail over SMTP")
        try:
            with self._connected() as smtp:
                if self.server.security is Security.STARTTLS:
                    smtp.starttls(context=self.context)
                if self.server.user is not None and self.server.password is not None:
                    smtp.login(self.server.user, self.server.password)
                yield smtp
                # What was taken is taken, whatever the server says to our leaving.
                with suppress(OSError):
                    smtp.quit()
        except OSError as error:
            raise _failure_of(error) from None

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        """Give a connection that is cut when all of it takes too long."""
        server, seconds = self.server, self.limits.step_seconds
        where = (server.host, server.port, self.head.domain)
        if server.security is Security.TLS:
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(*where, timeout=seconds, context=self.context)
        else:
            smtp = smtplib.SMTP(*where, timeout=seconds)
        watch = threading.Timer(self.limits.overall_seconds, _cut, [smtp])
        watch.daemon = True
        watch.start()
        try:
            yield smtp
        finally:
            watch.cancel()
            smtp.close()


def _cut(smtp: smtplib.SMTP) -> None:
    """Cut a connection under whoever waits for it."""
    if smtp.sock is not None:
        with suppress(OSError):
            socket.socket.shutdown(smtp.sock, socket.SHUT_RDWR)


def _failure_of(error: OSError) -> MailDelayedError | MailRefusedError:
    """Say what failed by kind and number only: a server's words may repeat an address.

    A server that does not let us in at all is the operator's to mend, and mails wait for that.
    """
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()))
        return _refusal("the recipient", code, said)
    if isinstance(error, smtplib.SMTPSenderRefused):
        return _refusal("our address", error.smtp_code, error.smtp_error)
    if isinstance(error, smtplib.SMTPDataError):
        return _refusal("the mail", error.smtp_code, error.smtp_error)
    return MailDelayedError(f"the mail server can't be used: {_words_of(error)}")


def _words_of(error: OSError) -> str:
    """Describe a failure before any mail was offered, in words of the system or the library."""
    name = type(error).__name__
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{name} with {error.smtp_code}"
    is_ours = not isinstance(error, smtplib.SMTPException) or isinstance(error, _OWN_WORDS)
    return f"{name}: {error}" if is_ours else name


def _refusal(what: str, code: int, said: bytes | str) -> MailDelayedError | MailRefusedError:
    found = _ENHANCED.match(said if isinstance(said, bytes) else said.encode())
    number = f"{code} {found[0].decode()}" if found else f"{code}"
    if code in _PERMANENT:
        return MailRefusedError(f"the mail server refused {what} with {number}")
    return MailDelayedError(f"the mail server put {what} off with {number}")
