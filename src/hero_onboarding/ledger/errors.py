"""Failures of the ledger."""

from hero_onboarding.kernel.errors import ConflictError, InvalidInputError
from hero_onboarding.kernel.overriding import override


class UnknownAccountError(InvalidInputError):
    """A path is no account of the closed list."""

    code = "ledger.unknown_account"

    @override
    def __str__(self) -> str:
        """Say which path it was."""
        return f"{self.args[0]!r} is no account of this ledger"


class KeyReusedError(ConflictError):
    """The same operation, owner and key came before with other content; the first stays.

    Attributes:
        key: The key that was used twice.
    """

    code = "ledger.key_reused"

    def __init__(self, operation: str, owner: str, key: str) -> None:
        super().__init__(operation, owner, key)
        self.key = key

    @override
    def __str__(self) -> str:
        """Say which key it was and what counts."""
        return f"the key {self.key!r} was used before with other content; the first one counts"
