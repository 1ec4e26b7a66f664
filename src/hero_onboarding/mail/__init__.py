"""Mail: written with its cause, sent afterwards, in the language of whoever reads it."""

from hero_onboarding.mail.addresses import EmailAddress
from hero_onboarding.mail.delivery import Mailer, Report
from hero_onboarding.mail.domain import DAY, GivenUp, Letter, Mail, MailText
from hero_onboarding.mail.errors import (
    MailDelayedError,
    MailOffError,
    MailRefusedError,
    WrongEmailError,
)
from hero_onboarding.mail.mailbox import KeptMail, SandboxMailbox, list_kept_mails
from hero_onboarding.mail.message import Letterhead
from hero_onboarding.mail.outbox import SEND_MAIL, Outbox, write_mail
from hero_onboarding.mail.ports import Box, Sender
from hero_onboarding.mail.smtp import Security, SmtpLimits, SmtpSender, SmtpServer
from hero_onboarding.mail.texts import Texts, load_texts

__all__ = [
    "DAY",
    "SEND_MAIL",
    "Box",
    "EmailAddress",
    "GivenUp",
    "KeptMail",
    "Letter",
    "Letterhead",
    "Mail",
    "MailDelayedError",
    "MailOffError",
    "MailRefusedError",
    "MailText",
    "Mailer",
    "Outbox",
    "Report",
    "SandboxMailbox",
    "Security",
    "Sender",
    "SmtpLimits",
    "SmtpSender",
    "SmtpServer",
    "Texts",
    "WrongEmailError",
    "list_kept_mails",
    "load_texts",
    "write_mail",
]
