"""Failures of the database."""

from hero_onboarding.kernel.errors import InvalidInputError, RefusedError, UnavailableError


class DatabaseUnavailableError(UnavailableError):
    """The database can't be reached, is locked for too long, or refuses to work."""

    code = "database.unavailable"


class DatabaseUnusableError(UnavailableError):
    """The file is no database, or is damaged; waiting does not help."""

    code = "database.unusable"


class DatabaseHeldError(UnavailableError):
    """Another process owns this data folder or this database file.

    Attributes:
        holder: Its process id and program, as it wrote them into the lock file.
        kind: What it owns, data folder or database.
    """

    code = "database.held"

    def __init__(self, holder: str, kind: str, name: str = "") -> None:
        super().__init__(f"the {kind}{name and ' '}{name} is in use by {holder}")
        self.holder = holder
        self.kind = kind


class WrongModeError(RefusedError):
    """A database made in one mode is opened in the other."""

    code = "database.wrong_mode"


class ClockBackwardsError(InvalidInputError):
    """The sandbox's clock was to be set back."""

    code = "database.clock_backwards"
