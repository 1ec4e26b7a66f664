"""Phone numbers that a payment can be asked for on."""

import re
from typing import Final

import phonenumbers

from hero_onboarding.payments.errors import WrongTopUpError

REGION: Final = "TZ"
_COUNTRY: Final = 255
_CHARACTERS_MAX: Final = 40
_STORED: Final = re.compile(r"255[0-9]{9}")
_WRONG: Final = "phone must be a mobile number of Tanzania, such as +255 712 345 678"


def read_phone(text: str) -> str:
    """Read a number as people write it and return it as 255 and nine digits.

    Raises:
        WrongTopUpError: If it is no mobile number of Tanzania; the number is not quoted.
    """
    try:
        found = phonenumbers.parse(text[:_CHARACTERS_MAX], REGION)
    except phonenumbers.NumberParseException:
        raise WrongTopUpError(_WRONG) from None
    written = f"{found.country_code}{found.national_number}"
    kind = phonenumbers.number_type(found)
    is_mobile = kind in {
        phonenumbers.PhoneNumberType.MOBILE,
        phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
    }
    is_plain = found.extension is None and found.country_code == _COUNTRY
    if not (is_mobile and is_plain and is_phone(written)):
        raise WrongTopUpError(_WRONG)
    return written


def is_phone(text: str) -> bool:
    """Whether a text is a number as it is kept: 255 and nine digits."""
    return text.isascii() and _STORED.fullmatch(text) is not None


def masked(phone: str) -> str:
    """Write a number so that its owner knows it and nobody else does: ``255712***678``."""
    return f"{phone[:6]}***{phone[-3:]}"
