"""Failures of payments."""

from typing import Final

from hero_onboarding.kernel.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    RefusedError,
    UnavailableError,
    UpstreamError,
)
from hero_onboarding.kernel.overriding import override

_FIRST_SETTINGS: Final = {"clickpesa": "CLIENT_ID", "stripe": "SECRET_KEY"}
"""By provider, what is set first to use it."""

_REMEDIES: Final = {
    "phone_refused": "try another phone number",
    "amount_refused": "try another amount",
    "operator_unavailable": "try again later, or another way to pay",
    "not_available": "try another way to pay; staff find in the log what to mend",
}
"""By the word of ours for a refusal, what helps; other words are a provider's own."""


class TopUpNotFoundError(NotFoundError):
    """No top-up has this id."""

    code = "payments.not_found"

    @override
    def __str__(self) -> str:
        """Say which id it was."""
        return f"there is no top-up with the id {self.args[0]}"


class TopUpKeyReusedError(ConflictError):
    """A top-up of this user under this key exists with other content; it stays as it is."""

    code = "payments.key_reused"

    @override
    def __str__(self) -> str:
        """Say which key it was and what counts."""
        return f"the key {self.args[0]!r} was used before for another top-up; the first one counts"


class WrongTopUpError(InvalidInputError):
    """A top-up's amount, currency, method, provider or key can't be."""

    code = "payments.wrong_top_up"


class PaymentsOffError(NotFoundError):
    """There is no such payment provider at this server: its settings are not set.

    Attributes:
        provider: Which.
        lacks: What has to be set, without the provider's name.
    """

    code = "payments.off"

    def __init__(self, provider: str, lacks: str | None = None) -> None:
        super().__init__(provider, lacks)
        self.provider = provider
        self.lacks = _FIRST_SETTINGS.get(provider, "") if lacks is None else lacks

    @override
    def __str__(self) -> str:
        """Say which provider it is, and what an operator does."""
        if self.provider not in _FIRST_SETTINGS:
            known = " or ".join(sorted(_FIRST_SETTINGS))
            return f"there is no payment provider {self.provider[:40]!r}; use {known}"
        setting = f"HERO_ONBOARDING_{self.provider.upper()}_{self.lacks}"
        return f"this server does not do this with {self.provider}; set {setting}"


class ForgedNoticeError(RefusedError):
    """A notice's signature is missing, wrong, stale or from the future; nothing was stored."""

    code = "payments.notice_forged"


class MalformedNoticeError(InvalidInputError):
    """A notice is authentic and can't be read; nothing was stored."""

    code = "payments.notice_malformed"


class InboxBusyError(UnavailableError):
    """Too many notices wait for the disk; whoever sent one sends it again."""

    code = "payments.inbox_busy"

    @override
    def __str__(self) -> str:
        """Say that it was not stored."""
        return "too many notices wait for the disk; nothing was stored, send it again"


class CheckoutRefusedError(RefusedError):
    """A provider will not open a checkout; nothing was opened there.

    Attributes:
        reason: A word of ours for why, or the provider's own.
    """

    code = "payments.refused"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    @override
    def __str__(self) -> str:
        """Say what the provider said, and what helps."""
        remedy = _REMEDIES.get(self.reason, "try another amount or another way to pay")
        return f"the payment provider refused the checkout ({self.reason}); {remedy}"


class WrongRefundError(InvalidInputError):
    """A refund's amount or key can't be."""

    code = "payments.wrong_refund"


class RefundKeyReusedError(ConflictError):
    """A refund of this top-up under this key exists with other content; it stays as it is."""

    code = "payments.refund_key_reused"

    @override
    def __str__(self) -> str:
        """Say which key it was and what counts."""
        return f"the key {self.args[0]!r} was used before for another refund; the first one counts"


class NotRefundableError(ConflictError):
    """A top-up is in no state, or came in no way, in which anything can be given back."""

    code = "payments.not_refundable"

    @override
    def __str__(self) -> str:
        """Say why."""
        return f"nothing of this top-up can be given back: {self.args[0]}"


class RefundTooLargeError(ConflictError):
    """A refund is more than what is left of its payment; nothing changed.

    Attributes:
        requested: What was asked for, in hundredths.
        left: What is left, in hundredths.
    """

    code = "payments.refund_too_large"

    def __init__(self, *, requested: int, left: int) -> None:
        super().__init__(requested, left)
        self.requested = requested
        self.left = left

    @override
    def __str__(self) -> str:
        """Say what was asked for and what is left."""
        return f"{self.requested} hundredths are more than the {self.left} left of the payment"


class RefundRefusedError(RefusedError):
    """A provider will not give a payment back; nothing was opened there.

    Attributes:
        reason: The provider's own word for why.
    """

    code = "payments.refund_refused"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    @override
    def __str__(self) -> str:
        """Say what the provider said."""
        return f"the payment provider refused the refund ({self.reason}); the wallet has it back"


class CardNotFoundError(NotFoundError):
    """A user has no saved card with this id."""

    code = "payments.card_not_found"

    @override
    def __str__(self) -> str:
        """Say which id it was."""
        return f"there is no saved card with the id {self.args[0]}"


class WrongAutomaticTopUpError(InvalidInputError):
    """An automatic top-up's threshold, amount, caps or card can't be.

    Attributes:
        field: Which of them: ``threshold``, ``amount``, ``caps`` or ``card``.
    """

    code = "payments.wrong_automatic"

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(field, detail)
        self.field = field
        self.detail = detail

    @override
    def __str__(self) -> str:
        """Say what can't be."""
        return self.detail


class WrongAlertError(InvalidInputError):
    """A threshold below which a user is told can't be."""

    code = "payments.wrong_alert"


class WrongIntervalError(InvalidInputError):
    """A time that is to be looked at can't be: too old, in the future, or it ends first."""

    code = "payments.wrong_interval"


class ProviderUnavailableError(UnavailableError):
    """A provider can't be reached, is overloaded, refuses our key or did not answer.

    It may have acted.

    Attributes:
        wait_seconds: For how long it is to be left alone; 0 where nothing says so.
        is_locked_out: Whether it answered that our key does not let us in.
    """

    code = "payments.unavailable"

    def __init__(self, detail: str, wait_seconds: int = 0, *, is_locked_out: bool = False) -> None:
        super().__init__(detail)
        self.wait_seconds = wait_seconds
        self.is_locked_out = is_locked_out


class ProviderAnswerError(UpstreamError):
    """A provider answered what makes no sense."""

    code = "payments.answer"
