"""Failures of wallets."""

from typing import Final

from hero_onboarding.kernel.errors import ConflictError, InvalidInputError, NotFoundError
from hero_onboarding.kernel.overriding import override

_SHOWN_CHARACTERS: Final = 80


class WalletNotFoundError(NotFoundError):
    """No user with a wallet has this sid."""

    code = "wallet.not_found"

    @override
    def __str__(self) -> str:
        """Say whose wallet was asked for."""
        return f"there is no user {self.args[0][:_SHOWN_CHARACTERS]!r}"


class BalanceTooLowError(ConflictError):
    """Somebody chose to spend more than is available; nothing changed.

    Attributes:
        requested: What was asked for, in micro-dollars.
    """

    code = "wallet.balance_too_low"

    def __init__(self, *, requested: int) -> None:
        super().__init__(requested)
        self.requested = requested

    @override
    def __str__(self) -> str:
        """Say what was asked for; what there is stays private."""
        return f"{self.requested} micro-dollars are more than what is available"


class DebtTooLowError(ConflictError):
    """More is to be written off than a user owes; nothing changed.

    Attributes:
        requested: What was to be written off, in micro-dollars.
        owed: The user's debt, in micro-dollars.
    """

    code = "wallet.debt_too_low"

    def __init__(self, *, requested: int, owed: int) -> None:
        super().__init__(requested, owed)
        self.requested = requested
        self.owed = owed

    @override
    def __str__(self) -> str:
        """Say what was asked for and what there is."""
        return f"{self.requested} micro-dollars are more than the debt of {self.owed}"


class WalletLimitError(ConflictError):
    """A balance would leave the range that this ledger counts in; nothing changed.

    Attributes:
        user_sid: Whose.
    """

    code = "wallet.limit"

    def __init__(self, user_sid: str) -> None:
        super().__init__(user_sid)
        self.user_sid = user_sid

    @override
    def __str__(self) -> str:
        """Say whose balance it is."""
        return f"the balance of user {self.user_sid} would leave what can be counted"


class WrongAmountError(InvalidInputError):
    """An amount is zero, of the wrong sign or beyond all reason."""

    code = "wallet.wrong_amount"


class WrongReasonError(InvalidInputError):
    """A reason, purpose or key is missing, too long or can't be printed."""

    code = "wallet.wrong_text"


class WrongGrantTimeError(InvalidInputError):
    """A grant would end before it begins, be over already, or live in another age."""

    code = "wallet.wrong_grant_time"


class HoldNotFoundError(NotFoundError):
    """No hold has this id."""

    code = "wallet.hold_not_found"

    @override
    def __str__(self) -> str:
        """Say which id it was."""
        return f"there is no hold with the id {self.args[0]}"


class HoldKeyReusedError(ConflictError):
    """A hold under this key exists with other content; it stays as it is."""

    code = "wallet.hold_key_reused"

    @override
    def __str__(self) -> str:
        """Say which key it was and what counts."""
        return f"the key {self.args[0]!r} was used before for another hold; the first one counts"
