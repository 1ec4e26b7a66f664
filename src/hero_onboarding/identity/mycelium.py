"""Mycelium keys and addresses, pure.

An address is the hash of an X25519 public key: the first 16 bytes of its BLAKE3 digest, the first
of which becomes 4 or 5 by the parity of its bits (mycelium since 0.5.0). Older daemons derived it
otherwise; their addresses are none here.
"""

import re
from dataclasses import dataclass
from ipaddress import IPv6Address
from typing import Final, Self

from blake3 import blake3

from hero_onboarding.identity.errors import WrongAddressError, WrongKeyError
from hero_onboarding.kernel.overriding import override

ADDRESS_BYTES: Final = 16
KEY_BYTES: Final = 32
_FIELD_PRIME: Final = 2**255 - 19
_FIRST_BYTES: Final = (0x04, 0x05)
_HEX: Final = re.compile(r"[0-9a-fA-F]{64}")
_TEXT: Final = re.compile(r"[0-9a-fA-F:]{2,39}")


@dataclass(frozen=True, slots=True)
class Address:
    """An address of the overlay, 16 bytes in 400::/7."""

    packed: bytes

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an address in any of IPv6's spellings; compare addresses, never their texts.

        Raises:
            WrongAddressError: For anything else: zones, prefixes, mapped IPv4, other ranges.
        """
        if _TEXT.fullmatch(text) is None:
            raise WrongAddressError
        try:
            packed = IPv6Address(text).packed
        except ValueError:
            raise WrongAddressError from None
        if packed[0] not in _FIRST_BYTES:
            raise WrongAddressError
        return cls(packed)

    @override
    def __str__(self) -> str:
        """Write it as RFC 5952 says."""
        return IPv6Address(self.packed).compressed


@dataclass(frozen=True, slots=True)
class PublicKey:
    """An X25519 public key, 32 bytes, in the one form that its point has."""

    packed: bytes

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read 64 hexadecimal digits.

        Raises:
            WrongKeyError: If they are something else, or a second form of another key: X25519
                ignores the top bit and counts modulo 2^255 - 19, so that one secret would have
                several addresses.
        """
        if _HEX.fullmatch(text) is None:
            raise WrongKeyError
        packed = bytes.fromhex(text)
        if int.from_bytes(packed, "little") >= _FIELD_PRIME:
            raise WrongKeyError
        return cls(packed)

    @override
    def __str__(self) -> str:
        """Write it as 64 lower-case hexadecimal digits."""
        return self.packed.hex()

    @property
    def address(self) -> Address:
        """The address that this key has on the overlay."""
        digest = blake3(self.packed).digest()[:ADDRESS_BYTES]
        first = 0x04 | digest[0].bit_count() % 2
        return Address(bytes([first]) + digest[1:])
