"""Failures of mail; none of them repeats an address or what a mail says."""

from hero_onboarding.kernel.errors import InvalidInputError, RefusedError, UnavailableError
from hero_onboarding.kernel.overriding import override


class WrongEmailError(InvalidInputError):
    """A text is no e-mail address that we send to."""

    code = "mail.wrong_address"

    @override
    def __str__(self) -> str:
        """Say what an address looks like."""
        return "this is no e-mail address; one looks like name@example.org"


class MailOffError(RefusedError):
    """A mail was to be written at a server that sends none."""

    code = "mail.off"

    @override
    def __str__(self) -> str:
        """Say so."""
        return "this server sends no mail"


class MailDelayedError(UnavailableError):
    """A mail could not be sent now; later it may."""

    code = "mail.delayed"


class MailRefusedError(RefusedError):
    """A mail can't be sent, however often it is tried."""

    code = "mail.refused"
