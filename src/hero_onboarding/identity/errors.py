"""Failures about users and their keys."""

from collections.abc import Sequence
from pathlib import Path

from typing_extensions import override

from hero_onboarding.kernel.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    RefusedError,
)


class SidTakenError(ConflictError):
    """A user with this sid exists and is called otherwise."""

    code = "identity.sid_taken"

    @override
    def __str__(self) -> str:
        """Say whose sid it is."""
        return f"the user {self.args[0]!r} exists and has another name"


class WrongSidError(InvalidInputError):
    """A sid has another form, or is reserved."""

    code = "identity.wrong_sid"


class WrongNameError(InvalidInputError):
    """A name is too long or can't be printed."""

    code = "identity.wrong_name"


class WrongAddressError(InvalidInputError):
    """A text is no mycelium address."""

    code = "identity.wrong_address"

    @override
    def __str__(self) -> str:
        """Say what an address looks like."""
        return "this is no mycelium address; one looks like 5ff:b821:c76e:9444:f439:18bf:59a0:1594"


class WrongKeyError(InvalidInputError):
    """A text is no mycelium public key in its one form."""

    code = "identity.wrong_key"

    @override
    def __str__(self) -> str:
        """Say what a key looks like."""
        return (
            "this is no mycelium public key; one has 64 hexadecimal digits and is below 2^255 - 19"
        )


class KeyFileMissingError(NotFoundError):
    """No key file is where one was looked for.

    Attributes:
        places: Where.
    """

    code = "identity.key_file_missing"

    def __init__(self, places: Sequence[Path]) -> None:
        super().__init__(places)
        self.places = tuple(places)

    @override
    def __str__(self) -> str:
        """Say where it was looked for, and what to do."""
        looked = " and ".join(map(str, self.places))
        return f"there is no mycelium key at {looked}; name the file with -k"


class KeyFileShortError(InvalidInputError):
    """A file is too short to be a key.

    Attributes:
        path: Which.
    """

    code = "identity.key_file_short"

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.path = path

    @override
    def __str__(self) -> str:
        """Say what a key file has."""
        return f"{self.path} is no mycelium key; one has 32 bytes"


class KeyFileUnreadableError(RefusedError):
    """A key file is there and this user may not read it.

    Attributes:
        path: Which.
    """

    code = "identity.key_file_unreadable"

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = reason

    @override
    def __str__(self) -> str:
        """Say why, and what to do."""
        return f"{self.path} can't be read ({self.reason}); run this as the user whose key it is"
