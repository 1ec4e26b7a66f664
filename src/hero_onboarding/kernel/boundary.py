"""The rule that nothing calls out while a transaction is open, as a flag both sides know."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_open_transactions: ContextVar[int] = ContextVar("open_transactions", default=0)


class OutsideCallInTransactionError(AssertionError):
    """Our own code tried to reach another process while a transaction was open."""


@contextmanager
def transaction_is_open() -> Iterator[None]:
    """Forbid calls to the outside for the time of the block."""
    token = _open_transactions.set(_open_transactions.get() + 1)
    try:
        yield
    finally:
        _open_transactions.reset(token)


def require_no_transaction(call: str) -> None:
    """Stop a call to the outside that is made inside a transaction.

    Raises:
        OutsideCallInTransactionError: Naming the call.
    """
    if _open_transactions.get():
        raise OutsideCallInTransactionError(f"{call} inside a transaction")
