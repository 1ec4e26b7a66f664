"""A cashier and ClickPesa's stand-in: credited once, whatever gets lost or comes twice."""

from dataclasses import dataclass, replace

import pytest

from hero_onboarding.exchange import RateKeeper
from hero_onboarding.ledger import balance_of
from hero_onboarding.payments import (
    Cashier,
    ProviderUnavailableError,
    TopUp,
    TopUpRequest,
    TopUpState,
    payment_handlers,
)
from hero_onboarding.payments.errors import NotRefundableError
from hero_onboarding.payments.ports import Hundredths, OpenedCheckout
from hero_onboarding.payments.providers.clickpesa import translate
from hero_onboarding.payments.refunds import require_refundable, reversals_of
from hero_onboarding.payments.returns import Returns
from hero_onboarding.payments.service import record_opened, settle
from hero_onboarding.sandbox.clickpesa import Fault, SandboxClickPesa
from hero_onboarding.scheduling import JobRunner
from tests.payments.clickpesa.peer import PHONE, ClickPesaPeer
from tests.payments.till import Till

PAGE = "/third-parties/checkout-link"


@dataclass(frozen=True)
class Counter:
    """A till at which pages in dollars are paid through the stand-in."""

    till: Till
    peer: ClickPesaPeer
    cashier: Cashier

    def open(self, key: str = "k1") -> TopUp:
        request = TopUpRequest("ada", "clickpesa", "checkout", 2_500, "USD", key)
        return self.cashier.open_top_up(request)[0]

    def push(self) -> TopUp:
        """Ask a phone for 5,000 shillings, at 2,500 for a dollar."""
        self.peer.sandbox.switches.change({"usd_to_tzs": 2_500})
        RateKeeper(self.till.database, self.till.clock, self.peer.provider, 200).refresh()
        request = TopUpRequest("ada", "clickpesa", "push", 500_000, "TZS", "k1", PHONE)
        return self.cashier.open_top_up(request)[0]

    def pay(self, top_up: TopUp, channel: str = "CARD") -> None:
        self.peer.sandbox.act("links", link=top_up.order_reference, channel=channel)

    def settle(self, top_up: TopUp) -> TopUp:
        """Carry all notices, the last one first, and do what follows."""
        for delivery in reversed(self.peer.notices()):
            self.cashier.receive("clickpesa", delivery)
        return self.run(top_up)

    def payments(self, top_up: TopUp) -> list[str]:
        """Name what was paid under a top-up's order."""
        payment = self.peer.provider.fetch_payment(top_up.question)
        assert payment is not None
        return [str(one.payment_id) for one in (payment, *payment.others)]

    def booked(self) -> dict[str, int]:
        """Say what the books have at ClickPesa, in the ledger's units."""
        with self.till.database.reading() as tx:
            return {
                asset: -balance_of(tx, f"provider:clickpesa:{asset}:clearing", asset)
                for asset in ("TZS", "USD")
            }

    def run(self, top_up: TopUp) -> TopUp:
        """Do what is due."""
        runner = JobRunner(self.till.database, self.till.clock, payment_handlers(self.cashier))
        assert runner.run_due()[1] == 0
        return self.till.read(top_up.id)


@pytest.fixture
def counter(till: Till, standing_clickpesa: SandboxClickPesa) -> Counter:
    standing_clickpesa.clear()
    peer = ClickPesaPeer(standing_clickpesa, "checkout", till.clock)
    cashier = replace(till.cashier, providers={"clickpesa": peer.provider})
    return Counter(replace(till, cashier=cashier), peer, cashier)


@pytest.mark.parametrize(
    "fault",
    [
        None,
        Fault(kind="answer", path_prefix=PAGE, count=1),
        Fault(kind="answer-after", path_prefix=PAGE, count=1),
        Fault(kind="drop-after", path_prefix=PAGE, count=1),
    ],
    ids=["answered", "never", "500", "cut"],
)
def test_a_page_is_credited_once_whatever_became_of_its_answer(
    counter: Counter, fault: Fault | None
) -> None:
    counter.peer.sandbox.switches.change({"webhook_copies": 2})
    if fault is not None:
        counter.peer.sandbox.switches.add(fault)
        with pytest.raises(ProviderUnavailableError):
            counter.open()
        counter.till.clock.advance(minutes=1)
        counter.run(counter.open())
    top_up = counter.open()
    assert top_up.reference == top_up.order_reference
    counter.pay(top_up)

    counter.settle(top_up)
    settled = counter.settle(top_up)

    assert (settled.state, settled.credited) == (TopUpState.PAID, 25_000_000)
    assert counter.till.people.wallet("ada").net == 25_000_000
    assert counter.till.kinds(top_up) == ["credited"]
    assert counter.till.incidents() == []
    counter.till.people.assert_books()


def test_a_phone_that_says_yes_is_credited_by_asking_alone(counter: Counter) -> None:
    top_up = counter.push()
    counter.till.clock.advance(seconds=5)
    waiting = counter.run(top_up)
    counter.peer.sandbox.act("prompts", payment=top_up.order_reference, answer="approve")
    counter.till.clock.advance(seconds=5)

    paid = counter.run(top_up)

    assert waiting.state is TopUpState.PENDING
    assert (paid.state, paid.credited) == (TopUpState.PAID, 1_960_784)
    assert paid.phone is None
    assert counter.settle(top_up).credited == 1_960_784
    counter.till.people.assert_books()


def test_a_phone_that_says_no_is_a_failed_top_up_and_a_reversal_is_found_in_a_day(
    counter: Counter,
) -> None:
    top_up = counter.push()
    reference = top_up.order_reference
    counter.peer.sandbox.act("prompts", payment=reference, answer="refuse")
    failed = counter.settle(top_up)
    assert (failed.state, failed.failure) == (TopUpState.FAILED, "declined")

    counter.peer.sandbox.act("payments", payment=reference, status="SUCCESS")
    late = counter.settle(top_up)
    assert late.state is TopUpState.PAID
    counter.peer.sandbox.act("payments", payment=reference, status="REVERSED")
    counter.till.clock.advance(days=1, seconds=1)
    back = counter.run(top_up)

    assert back.state is TopUpState.REFUNDED
    assert [kind for kind, _ in counter.till.incidents()] == ["payment_taken_back"]
    counter.till.people.assert_books()


def test_a_page_that_is_paid_twice_is_credited_twice_and_watched_apart(counter: Counter) -> None:
    top_up = counter.open()
    counter.pay(top_up)
    counter.settle(top_up)
    counter.peer.sandbox.advance(1)
    counter.peer.sandbox.act("twins", payment=top_up.order_reference, amount="30")
    counter.settle(top_up)
    assert counter.till.people.wallet("ada").net == 55_000_000

    for _ in range(2):
        counter.till.clock.advance(days=1, seconds=1)
        counter.run(top_up)

    assert counter.till.people.wallet("ada").net == 55_000_000
    assert counter.till.incidents() == []
    counter.till.people.assert_books()


def test_dollars_that_are_paid_from_a_phone_are_credited_and_held_in_shillings(
    counter: Counter,
) -> None:
    counter.peer.sandbox.switches.change({"usd_to_tzs": 2_510, "webhook_copies": 2})
    top_up = counter.open()
    counter.pay(top_up, "M-PESA")
    counter.settle(top_up)
    counter.peer.sandbox.advance(1)
    counter.pay(top_up, "CARD")

    paid = counter.settle(top_up)

    assert (paid.state, paid.credited) == (TopUpState.PAID, 25_000_000)
    assert paid.held == Hundredths(6_275_000, "TZS")
    assert counter.till.people.wallet("ada").net == 50_000_000
    [event] = counter.till.events(top_up)
    assert (event.kind, event.amount, event.currency) == ("credited", 6_275_000, "TZS")
    assert counter.booked() == {"TZS": 6_275_000, "USD": 25_000_000}
    assert counter.till.incidents() == []
    with pytest.raises(NotRefundableError, match="exchanged"):
        require_refundable(paid, [], 100)

    # Both went back: what was credited is owed, and the provider holds nothing any more.
    for found in counter.payments(top_up):
        counter.peer.sandbox.act("payments", payment=found, status="REVERSED")
    for _ in range(2):
        counter.till.clock.advance(days=1, seconds=1)
        counter.run(top_up)

    assert counter.till.read(top_up.id).state is TopUpState.REFUNDED
    assert counter.till.people.wallet("ada").debt == 50_000_000
    assert counter.booked() == {"TZS": 0, "USD": 0}
    assert {kind for kind, _ in counter.till.incidents()} == {"payment_taken_back"}
    counter.till.people.assert_books()


@pytest.mark.parametrize("is_believed_later", [False, True])
def test_dollars_that_came_in_as_other_shillings_wait_for_a_person_and_may_go_back(
    counter: Counter, monkeypatch: pytest.MonkeyPatch, *, is_believed_later: bool
) -> None:
    top_up = counter.open()
    counter.pay(top_up, "M-PESA")
    with monkeypatch.context() as patch:
        patch.setattr(translate, "read_exchange", lambda _: None)
        settled = counter.settle(top_up)
    assert (settled.state, settled.credited) == (TopUpState.PENDING, 0)
    held = counter.booked()["TZS"]
    assert held > 0

    # What waits aside stays there, whatever is understood later; what went back leaves the books.
    if not is_believed_later:
        monkeypatch.setattr(translate, "read_exchange", lambda _: Hundredths(2_400, "USD"))
    counter.till.cashier.ask_now(top_up.id)
    assert (counter.booked()["TZS"], counter.till.people.wallet("ada").net) == (held, 0)
    counter.peer.sandbox.act("payments", payment=top_up.order_reference, status="REFUNDED")
    for _ in range(2):
        counter.till.cashier.ask_now(top_up.id)

    assert counter.till.kinds(top_up) == ["suspended", "given_back"]
    assert (counter.booked()["TZS"], counter.till.people.wallet("ada").debt) == (0, 0)
    assert {kind for kind, _ in counter.till.incidents()} == {"payment_mismatch"}
    counter.till.people.assert_books()


def test_a_credited_payment_of_which_another_amount_is_told_moves_nothing(
    counter: Counter,
) -> None:
    top_up = counter.open()
    counter.pay(top_up, "M-PESA")
    counter.settle(top_up)
    before = counter.booked()
    counter.peer.sandbox.act("payments", payment=top_up.order_reference, status="REVERSED")
    found = counter.peer.provider.fetch_payment(counter.till.read(top_up.id).question)
    assert found is not None
    assert found.held is not None
    others = (replace(found.held, amount=found.held.amount - 1), Hundredths(1, "TZS"), None)

    for held in others:
        odd = replace(found, held=held)
        with counter.till.database.transaction() as tx:
            settle(tx, top_up.id, odd, 1, counter.till.now, Returns(reversals_of(odd)))

    assert (counter.booked(), counter.till.people.wallet("ada").debt) == (before, 0)
    assert {kind for kind, _ in counter.till.incidents()} == {"payment_mismatch"}
    counter.till.people.assert_books()


def test_of_two_that_open_a_page_at_once_the_one_with_the_address_counts(counter: Counter) -> None:
    counter.peer.sandbox.switches.add(Fault(kind="drop-after", path_prefix=PAGE, count=1))
    with pytest.raises(ProviderUnavailableError):
        counter.open()
    top_up = counter.open()
    assert (top_up.reference, top_up.redirect_url) == (top_up.order_reference, None)

    with counter.till.database.transaction() as tx:
        told = OpenedCheckout(top_up.order_reference, "https://pay.invalid/1")
        first = record_opened(tx, top_up.id, told, counter.till.now)
        other = OpenedCheckout(top_up.order_reference, "https://pay.invalid/2")
        again = record_opened(tx, top_up.id, other, counter.till.now)

    assert first.redirect_url == again.redirect_url == "https://pay.invalid/1"
