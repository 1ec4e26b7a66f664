"""Failures of the ledger."""

from hero_onboarding.kernel.errors import ConflictError, InvalidInputError


class UnknownAccountError(InvalidInputError):
    """A path is no account of the closed list."""

    code = "ledger.unknown_account"


class KeyReusedError(ConflictError):
    """The same operation, owner and key came before with other content; the first stays."""

    code = "ledger.key_reused"
