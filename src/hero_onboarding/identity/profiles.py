"""How a user wants to be spoken to: language, time zone, country; each may be left open."""

from dataclasses import dataclass

from sqlalchemy import select, update

from hero_onboarding.database import Transaction
from hero_onboarding.identity.errors import WrongProfileError
from hero_onboarding.identity.tables import users
from hero_onboarding.languages import LANGUAGES, countries, zones


@dataclass(frozen=True, slots=True)
class Profile:
    """What a user chose; None is what they left open.

    Attributes:
        language: A code of ``LANGUAGES``.
        time_zone: A zone by its IANA name.
        country: A country by its ISO 3166 code of two letters.
    """

    language: str | None = None
    time_zone: str | None = None
    country: str | None = None


def get_profile(tx: Transaction, user_sid: str) -> Profile:
    """Return what a user chose; nothing for somebody unknown."""
    c = users.c
    row = tx.execute(select(c.language, c.time_zone, c.country).where(c.sid == user_sid)).first()
    return Profile() if row is None else Profile(row.language, row.time_zone, row.country)


def set_profile(tx: Transaction, user_sid: str, profile: Profile) -> None:
    """Put what a user chose in the place of what they chose before.

    Raises:
        WrongProfileError: If it names what there is not.
    """
    languages = {one.code for one in LANGUAGES}
    for field, value, known in (
        ("language", profile.language, languages),
        ("time zone", profile.time_zone, zones()),
        ("country", profile.country, countries()),
    ):
        if value is not None and value not in known:
            raise WrongProfileError(field)
    tx.execute(
        update(users)
        .where(users.c.sid == user_sid)
        .values(language=profile.language, time_zone=profile.time_zone, country=profile.country)
    )


def set_language(tx: Transaction, user_sid: str, language: str) -> None:
    """Change a user's language, a code of ``LANGUAGES``, and nothing else."""
    assert any(one.code == language for one in LANGUAGES), language
    tx.execute(update(users).where(users.c.sid == user_sid).values(language=language))
