"""What a provider holds, beside what the books say that it holds."""

from collections.abc import Mapping, Sequence
from typing import Final

from hero_onboarding.database import Transaction
from hero_onboarding.kernel.money import MICROS_PER_CENT, USD
from hero_onboarding.ledger import sum_entries
from hero_onboarding.payments.reconciling.findings import Balance
from hero_onboarding.payments.reconciling.store import list_in_transit, sum_in_transit, sum_unposted

_CURRENCY: Final = 2
"""Where the currency stands in the path of a clearing account."""


def compare_balances(tx: Transaction, provider: str, held: Mapping[str, int]) -> Sequence[Balance]:
    """Compare by currency, in hundredths; what differs for a known reason is listed as that."""
    booked: dict[str, int] = {}
    for account, total in sum_entries(tx, f"provider:{provider}:").items():
        currency = account.split(":")[_CURRENCY]
        hundredths, rest = divmod(-total, MICROS_PER_CENT if currency == USD.code else 1)
        assert not rest, (account, total)
        booked[currency] = hundredths
    in_transit, unposted = sum_in_transit(tx, provider), sum_unposted(tx, provider)
    waiting = list_in_transit(tx, provider)
    currencies = sorted({*held, *booked, *in_transit, *unposted})
    return [
        Balance(
            currency=currency,
            held=held.get(currency, 0),
            booked=booked.get(currency, 0),
            in_transit=in_transit.get(currency, 0),
            unposted=unposted.get(currency, 0),
            payments_in_transit=waiting.get(currency, ()),
        )
        for currency in currencies
    ]
