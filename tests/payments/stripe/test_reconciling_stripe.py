"""Everything that can be missed of Stripe at once, and a run that repairs and names it."""

from datetime import timedelta

import pytest

from hero_onboarding.database import Database
from hero_onboarding.kernel.clock import from_unix
from hero_onboarding.ledger import balance_of
from hero_onboarding.payments import Cashier, DisputeState, ProviderUnavailableError, TopUpState
from hero_onboarding.payments.reconciling import Oddity, Reconciler, Report, fill_gaps
from hero_onboarding.sandbox.stripe.switches import Fault
from tests.contracts.payment_provider import an_order
from tests.fakes.clock import FakeClock
from tests.payments.stripe.peer import StripePeer
from tests.payments.test_shillings import publish
from tests.payments.till import Till, a_request, new_till, reference_of
from tests.wallet.people import People

CENT = 10_000
MONEY = ("wallets", "holds", "ledger_entries", "money_facts", "payment_events", "account_lines")
FEE = 103
DISPUTE_FEE = 1_500
SHILLINGS = 2_000_000


@pytest.fixture
def till(database: Database, peer: StripePeer) -> Till:
    """Ada in front of Stripe's stand-in, whose notices nobody carries."""
    people = People(database, FakeClock(from_unix(peer.sandbox.now())))
    people.open("ada")
    till = new_till(people)
    providers = {"stripe": peer.provider}
    cashier = Cashier(database, people.clock, providers, "https://site.invalid")
    return Till(people, till.provider, cashier)


def reconciled(till: Till) -> Report:
    since = till.now - timedelta(days=3)
    report = Reconciler(till.cashier).reconcile("stripe", since)
    till.people.assert_books()
    return report


def paid(till: Till, peer: StripePeer, key: str, amount: int = 2_500, currency: str = "USD") -> str:
    """A top-up that is paid and credited; return the payment's id."""
    asked = a_request(key, amount=amount, currency=currency)
    top_up = till.cashier.open_top_up(asked)[0]
    peer.pay(reference_of(top_up))
    till.cashier.ask_now(top_up.id)
    return str(till.read(top_up.id).payment_id)


def cents(till: Till, account: str) -> int:
    with till.database.reading() as tx:
        return -balance_of(tx, account, "USD") // CENT


def money(till: Till) -> dict[str, list[tuple[object, ...]]]:
    return {name: rows for name, rows in till.rows().items() if name in MONEY}


def test_all_that_was_missed_is_repaired_or_named_and_twice_changes_nothing(
    till: Till, peer: StripePeer
) -> None:
    refunded, disputed = paid(till, peer, "refunded"), paid(till, peer, "disputed")
    peer.give_back(refunded, 1_000)
    peer.dispute(disputed, is_inquiry=False)
    peer.pay(reference_of(till.open("lost notice")))
    peer.sandbox.switches.add(Fault(kind="drop-after", method="POST", count=1))
    peer.sandbox.switches.add(Fault(kind="drop", method="POST", count=2))
    with pytest.raises(ProviderUnavailableError):
        till.open("lost answer")
    peer.take_fee(200)
    peer.pay(peer.provider.open_checkout(an_order()).reference)

    first = reconciled(till)

    assert [(item.oddity, item.amount) for item in first.items] == [(Oddity.UNKNOWN_PAYMENT, 2_500)]
    assert (first.repaired, first.unexplained) == (3, 1)
    [balance] = first.balances
    assert (balance.difference, balance.in_transit, balance.unposted) == (0, 0, 2_500 - FEE)
    wallet = till.people.wallet("ada")
    assert (wallet.net, wallet.debt) == (7_500 * CENT, 3_500 * CENT)
    fees = 3 * FEE + DISPUTE_FEE + 200
    assert cents(till, "fees:stripe") == fees
    assert cents(till, "provider:stripe:USD:clearing") == 4_000 - fees
    before = money(till)

    again = reconciled(till)

    assert (again.repaired, again.items) == (0, first.items)
    assert money(till) == before


def test_what_is_paid_out_is_in_the_bank_and_back_when_it_fails(
    till: Till, peer: StripePeer
) -> None:
    paid(till, peer, "k1")
    reconciled(till)
    peer.sandbox.advance(3 * 24 * 3600)
    payout = peer.sandbox.act("payouts")
    till.clock.moment = from_unix(peer.sandbox.now())
    assert reconciled(till).unexplained == 0
    assert cents(till, "bank:stripe") == 2_500 - FEE
    assert cents(till, "provider:stripe:USD:clearing") == 0

    peer.sandbox.act("payouts", payout=payout["id"], status="failed")

    assert reconciled(till).unexplained == 0
    assert cents(till, "bank:stripe") == 0
    assert cents(till, "provider:stripe:USD:clearing") == 2_500 - FEE


def test_events_that_could_not_be_delivered_are_found_in_the_list(
    till: Till, peer: StripePeer
) -> None:
    peer.sandbox.switches.change({"webhooks": "off"})
    top_up = till.open()
    peer.pay(reference_of(top_up))
    since = till.now - timedelta(days=3)

    assert fill_gaps(till.cashier, since, is_untold=True) > 0
    assert fill_gaps(till.cashier, since, is_untold=False) == 0
    till.run()

    assert till.read(top_up.id).state is TopUpState.PAID


def test_shillings_that_stripe_keeps_in_dollars_are_exchanged_once(
    till: Till, peer: StripePeer
) -> None:
    publish(till, "2500")
    refunded, disputed = (
        paid(till, peer, key, amount=SHILLINGS, currency="TZS") for key in ("refunded", "disputed")
    )
    peer.give_back(refunded, SHILLINGS // 4 - 100)
    peer.give_back(refunded, 100)  # less than a cent, so that Stripe's line of it has no sign
    dispute = peer.dispute(disputed, is_inquiry=False)
    credited = till.people.wallet("ada").net // 2

    for _ in range(2):
        report = reconciled(till)
        assert report.unexplained == 0
        assert [one.difference for one in report.balances] == [0, 0]
        with till.database.reading() as tx:
            assert balance_of(tx, "provider:stripe:TZS:clearing", "TZS") == 0
        assert cents(till, "provider:stripe:USD:clearing") == report.balances[1].held
        wallet = till.people.wallet("ada")
        assert wallet.debt == credited + -(-credited // 4)
    peer.end_dispute(dispute, DisputeState.WON)
    assert reconciled(till).unexplained == 0
    assert till.people.wallet("ada").debt == -(-credited // 4)
