"""E-mail addresses: those that every mail server takes, in the one form that we send to."""

import re
from dataclasses import dataclass
from typing import Final, Self

import idna

from hero_onboarding.mail.errors import WrongEmailError

CHARACTERS_MAX: Final = 254
_LOCAL_CHARACTERS_MAX: Final = 64
_ATOM: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL: Final = re.compile(rf"{_ATOM}(\.{_ATOM})*")
_NUMBER: Final = re.compile(r"[0-9]+")


@dataclass(frozen=True, slots=True)
class EmailAddress:
    """An address in the form that we compare and send to, and in the form that people read.

    The part before the @ counts without regard to case: nearly no server tells ``Ada`` from
    ``ada``, and whoever proves an address must have the mailbox of the form that is compared.
    """

    normalised: str
    shown: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an address; a domain in another script is encoded as the DNS has it (IDNA 2008).

        Quoted parts, comments, addresses of machines and a part before the @ that is not ASCII
        are refused: too few servers take them.

        Raises:
            WrongEmailError: If it is no such address.
        """
        local, at, domain = text.strip(" ").rpartition("@")
        if len(text) > CHARACTERS_MAX or not at or _LOCAL.fullmatch(local) is None:
            raise WrongEmailError
        ascii_domain = _encode(domain)
        normalised = f"{local.lower()}@{ascii_domain}"
        if len(local) > _LOCAL_CHARACTERS_MAX or len(normalised) > CHARACTERS_MAX:
            raise WrongEmailError
        return cls(normalised, f"{local}@{idna.decode(ascii_domain)}")


def _encode(domain: str) -> str:
    """Return a domain of two labels or more in ASCII and lower case."""
    try:
        encoded = idna.encode(domain, uts46=True, std3_rules=True).decode("ascii")
    except UnicodeError:
        raise WrongEmailError from None
    first, _, last = encoded.rpartition(".")
    if not first or not last or _NUMBER.fullmatch(last):
        raise WrongEmailError
    return encoded
