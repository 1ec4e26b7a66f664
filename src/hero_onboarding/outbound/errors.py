"""Failures of a call to the outside."""

from hero_onboarding.kernel.errors import InvalidInputError, UnavailableError, UpstreamError


class AddressError(InvalidInputError):
    """A base address is malformed, or a call would have left its origin."""

    code = "outbound.address"


class OutboundUnavailableError(UnavailableError):
    """The server can't be reached, cut the connection or did not answer in time.

    Whether it acted on the request is unknown.
    """

    code = "outbound.unavailable"


class AnswerTooLargeError(UpstreamError):
    """The server's answer is larger than the limit; the rest was not read."""

    code = "outbound.answer_too_large"
