"""Put mail together: the outbox, the way out, and whom mails are from."""

import ipaddress
from urllib.parse import urlsplit

import idna

from hero_onboarding.bootstrap.mail_settings import read_smtp_server
from hero_onboarding.bootstrap.settings import Settings
from hero_onboarding.database import Database
from hero_onboarding.kernel.clock import Clock
from hero_onboarding.kernel.server import Mode
from hero_onboarding.mail import (
    Box,
    Letterhead,
    Mailer,
    Outbox,
    SandboxMailbox,
    Sender,
    SmtpSender,
    load_texts,
)
from hero_onboarding.scheduling import report_mail


def make_mailer(settings: Settings, database: Database, clock: Clock, box: Box) -> Mailer:
    """Make what writes and sends mails as the settings say."""
    sender = _make_sender(settings, database)
    outbox = Outbox(sender is not None, box, load_texts())
    return Mailer(database, clock, outbox, sender, settings.public_url, report_mail)


def find_smtp(settings: Settings) -> SmtpSender | None:
    """Return the way out over SMTP, None when no server is set."""
    if settings.smtp_url is None:
        return None
    domain = mail_domain(settings.public_url)
    head = Letterhead(settings.mail_from or f"no-reply@{domain}", domain)
    return SmtpSender(read_smtp_server(settings.smtp_url), head)


def mail_domain(origin: str) -> str:
    """Return the host of an origin as mail addresses and message ids have it (RFC 5321, 4.1.3)."""
    host = urlsplit(origin).hostname or ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host if host.isascii() else idna.encode(host, uts46=True).decode("ascii")
    return f"[{address}]" if isinstance(address, ipaddress.IPv4Address) else f"[IPv6:{address}]"


def _make_sender(settings: Settings, database: Database) -> Sender | None:
    sender = find_smtp(settings)
    if sender is None and settings.mode is Mode.SANDBOX:
        return SandboxMailbox(database)
    return sender
