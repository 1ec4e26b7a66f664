"""A statement as a table for other programs: CSV after RFC 4180, oldest movement first."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from hero_onboarding.database import Database
from hero_onboarding.kernel.money import USD
from hero_onboarding.wallet.domain import Movement, Wallet
from hero_onboarding.wallet.service import list_movements_after

COLUMNS: Final = (
    *("time", "kind", "detail", "amount_micros", "amount_usd"),
    *("balance_micros", "balance_usd", "transfer_id"),
)
LINES_TOGETHER: Final = 1_000
DEBT: Final = "debt"
"""The kind of the last line of whoever owes; it is no movement of the wallet."""

_FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that spreadsheets would take for a formula."""


def read_statement(
    database: Database, wallet: Wallet, now: datetime, *, size: int = LINES_TOGETHER
) -> Iterator[str]:
    """Yield the movements of a wallet up to the state in which it was read, a page at a time.

    Each page is a transaction of its own, so that a slow reader keeps nobody waiting. Movements
    are only ever added, so the pages are of one piece. What was taken back moves no wallet: a last
    line takes it off.
    """
    yield _written([COLUMNS])
    after = 0
    while after < wallet.sequence:
        with database.reading() as tx:
            movements = list_movements_after(tx, wallet.user_sid, after, size=size)
        lines = [_line(one) for one in movements if one.sequence <= wallet.sequence]
        if not lines:
            break
        yield _written(lines)
        after = movements[-1].sequence
    if wallet.debt:
        yield _written([_debt_line(wallet, now)])


def _line(movement: Movement) -> Sequence[object]:
    return (
        _time(movement.at),
        movement.kind,
        _safe(_words(movement.detail)),
        movement.amount,
        _decimal(movement.amount),
        movement.balance_after,
        _decimal(movement.balance_after),
        movement.transfer_id,
    )


def _debt_line(wallet: Wallet, now: datetime) -> Sequence[object]:
    """Take off what was paid in and taken back; the balances before it are without that."""
    left = wallet.net - wallet.debt
    amounts = (-wallet.debt, _decimal(-wallet.debt), left, _decimal(left))
    return (_time(now), DEBT, "paid in and taken back", *amounts, "")


def _words(detail: Mapping[str, Any]) -> str:
    """Say what is known: a charge by kind, a payment by its way, else the reason that was given."""
    if "by_kind" in detail:
        return "; ".join(f"{kind} {_decimal(part)}" for kind, part in detail["by_kind"].items())
    if "paid" in detail:
        return _way(detail)
    return str(detail.get("reason", ""))


def _way(detail: Mapping[str, Any]) -> str:
    """Say which way a payment came in, and what came in of another currency."""
    words = [str(detail["provider"]), str(detail.get("method", ""))]
    hundredths, currency = detail["paid"], detail["currency"]
    if "held" in detail:
        hundredths, currency = detail["held"], detail["held_currency"]
    if currency != USD.code:
        whole, rest = divmod(hundredths, 100)
        words.append(f"{currency} {whole}.{rest:02d}")
    if "applied" in detail:
        words.append(f"at {_decimal(detail['applied'])}")
    return " ".join(filter(None, words))


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _safe(text: str) -> str:
    """Keep spreadsheets from computing what somebody typed."""
    return f"'{text}" if text.startswith(_FORMULAS) else text


def _decimal(micros: int) -> str:
    whole, part = divmod(abs(micros), 10**USD.scale)
    return f"{'-' if micros < 0 else ''}{whole}.{part:0{USD.scale}d}"


def _written(lines: Sequence[Sequence[object]]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerows(lines)
    return buffer.getvalue()
