"""Write to a user at every address that they proved, in their language and zone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from hero_onboarding.contacts import store
from hero_onboarding.database import Transaction
from hero_onboarding.identity import Profile, get_profile
from hero_onboarding.languages import Locale, zone_of, zones
from hero_onboarding.mail import Mail, MailText, Outbox, write_mail


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that a user is told.

    Attributes:
        user_sid: Whom.
        key: A second notice with the same key is not written.
        text: What it says.
        parameters: Fills the gaps of the text as somebody reads.
    """

    user_sid: str
    key: str
    text: MailText
    parameters: Callable[[Locale], Mapping[str, str]]


def write_to_user(
    tx: Transaction, outbox: Outbox, notice: Notice, locales: Mapping[str, Locale], now: datetime
) -> int:
    """Write a notice to each proved address of a user; return how many are new.

    None is written where this server sends no mail.
    """
    if not outbox.can_send:
        return 0
    written = 0
    profile = get_profile(tx, notice.user_sid)
    for email in store.list_of_user(tx, notice.user_sid):
        if email.verified_at is None:
            continue
        locale = _locale(profile, locales.get(profile.language or "") or locales[email.language])
        mail = Mail(
            key=f"{notice.key}:{email.number}",
            recipient=email.normalised,
            language=locale.language,
            text=notice.text,
            parameters=notice.parameters(locale),
        )
        written += write_mail(tx, outbox, mail, now)
    return written


def _locale(profile: Profile, locale: Locale) -> Locale:
    if profile.time_zone not in zones():
        return locale
    return replace(locale, zone=zone_of(profile.time_zone))
