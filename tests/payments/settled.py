"""What must be when everything that waited was done: the books say what was done at providers."""

from collections import Counter
from dataclasses import astuple
from datetime import datetime

from sqlalchemy import select

from hero_onboarding.database import Transaction
from hero_onboarding.ledger import balance_of
from hero_onboarding.payments import Cashier, Reconciler
from hero_onboarding.payments.domain import units_of
from hero_onboarding.payments.tables import payment_events
from hero_onboarding.wallet import Wallet
from tests.payments.outside import Outside


def assert_reconciled(cashier: Cashier, since: datetime) -> None:
    """The first run may repair; the second one finds nothing more, and all of it in order."""
    reconciler = Reconciler(cashier)
    for name in sorted(cashier.providers):
        reports = [reconciler.reconcile(name, since) for _ in range(2)]
        assert [report.items for report in reports] == [[], []]
        assert reports[-1].repaired == 0
        assert not any(one.difference for one in reports[-1].balances)


def assert_wallet(wallet: Wallet, outside: Outside, used: int) -> None:
    """A wallet is what its owner paid and got back, less what they used, in micro-dollars."""
    must = outside.wallets().get(wallet.user_sid, Counter())
    assert wallet.net == must["net"] - used, (wallet, must, used)
    assert (wallet.debt, wallet.held) == (must["debt"], must["held"])


def assert_credited_once(tx: Transaction, outside: Outside) -> None:
    """Each payment that came in is in the books once, and nothing else is."""
    c = payment_events.c
    query = select(c.provider, c.payment_id, c.kind, c.amount, c.currency)
    rows = tx.execute(query.where(c.kind.in_(("credited", "suspended")))).all()
    kinds = {True: "credited", False: "suspended"}
    assert sorted(tuple(row) for row in rows) == sorted(
        (one.provider, one.payment_id, kinds[one.is_right], *astuple(one.received))
        for one in outside.paid()
    )
    for provider in outside.providers.values():
        assert len({one.top_up_id for one in provider.orders.values()}) == len(provider.orders)


def assert_clearing(tx: Transaction, outside: Outside) -> None:
    """Received - refunded - lost - fees - paid out = the balance of the clearing account."""
    for (name, currency), held in outside.held().items():
        account = f"provider:{name}:{currency}:clearing"
        booked = -balance_of(tx, account, currency)
        assert booked == units_of(held.left, currency), (account, held)
