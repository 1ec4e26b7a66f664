"""What a mail is, before and after its words are chosen, and how long a failed one waits."""

import random
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from hero_onboarding.languages import ENGLISH, LANGUAGES

DAY: Final = timedelta(days=1)
CODES: Final = tuple(language.code for language in LANGUAGES)
"""The languages that every text is written in."""

PARAMETER_CHARACTERS_MAX: Final = 200
_WAIT_SECONDS_MIN: Final = 15
_WAIT_SECONDS_MAX: Final = 3600
_CONTROLS_AND_SPACES: Final = frozenset("CZ")


class MailText(StrEnum):
    """What a mail can say; each is a file for each language in ``texts``."""

    VERIFY_ADDRESS = "verify_address"
    ADDRESS_CLAIMED = "address_claimed"
    NEW_SIGN_IN = "new_sign_in"
    SIGN_IN_CODE = "sign_in_code"
    BALANCE_LOW = "balance_low"
    TOP_UP_PAUSED = "top_up_paused"
    TOP_UP_CONFIRM = "top_up_confirm"


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail that is to be sent once; printing it shows neither its address nor its parameters.

    Attributes:
        key: A second mail with the same key is not written, for as long as mails are kept.
        recipient: A normalised address.
        language: A code of ``LANGUAGES``; English stands in for any other.
        text: What it says.
        parameters: What fills the gaps of the text; may hold secrets.
        life: After that long nobody needs it any more, and it is given up.
    """

    key: str
    recipient: str = field(repr=False)
    language: str
    text: MailText
    parameters: Mapping[str, str] = field(repr=False)
    life: timedelta = DAY


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail in words, the same however often it is sent."""

    id: str
    recipient: str = field(repr=False)
    language: str
    subject: str
    text: str = field(repr=False)
    written_at: datetime


@dataclass(frozen=True, slots=True)
class GivenUp:
    """A mail that will not be sent, and why; nothing in it names a person."""

    id: str
    text: str
    failure: str


def code_for(language: str) -> str:
    """Return a language that texts are written in: the one asked for, else English."""
    return language if language in CODES else ENGLISH.language


def one_line(text: str) -> str:
    """Make a parameter fit for any line of a mail: no control characters, not too long.

    What is none of a script's own characters becomes a space, halves of surrogates included, so
    that what comes of it is valid UTF-8.
    """
    kept = "".join(" " if unicodedata.category(c)[0] in _CONTROLS_AND_SPACES else c for c in text)
    return " ".join(kept.split())[:PARAMETER_CHARACTERS_MAX]


def wait_after(attempts: int, chance: random.Random) -> timedelta:
    """Draw how long to wait after so many failed attempts: 15 seconds, doubled up to an hour."""
    ceiling = min(_WAIT_SECONDS_MAX, _WAIT_SECONDS_MIN * 2 ** min(attempts - 1, 20))
    return timedelta(seconds=chance.uniform(ceiling / 2, ceiling))
