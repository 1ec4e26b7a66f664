"""Failures about users and their keys."""

from hero_onboarding.kernel.errors import ConflictError, InvalidInputError
from hero_onboarding.kernel.overriding import override


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


class WrongProfileError(InvalidInputError):
    """A profile names a language, zone or country that there is not."""

    code = "identity.wrong_profile"

    @override
    def __str__(self) -> str:
        """Say which field is wrong."""
        return f"there is no such {self.args[0]}; choose one of the list, or none"
