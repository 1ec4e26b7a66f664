"""What ClickPesa says of the account: operators, rates, its payments and its statement."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from hero_onboarding.exchange import RateSource
from hero_onboarding.kernel.overriding import override
from hero_onboarding.payments.errors import CheckoutRefusedError, ProviderAnswerError
from hero_onboarding.payments.ports import PaymentState
from hero_onboarding.payments.provider_books import Entry, PushMethod
from hero_onboarding.payments.providers.clickpesa import ClickPesaAccount, account
from hero_onboarding.payments.providers.clickpesa.calls import Answered, ClickPesaCalls
from hero_onboarding.payments.providers.clickpesa.wire import NumberText
from hero_onboarding.sandbox.clickpesa import Fault, SandboxClickPesa
from tests.contracts.reconciling_provider import RECONCILING_PROMISES, ReconcilingPeer
from tests.payments.clickpesa.peer import PHONE, ClickPesaPeer, SettlingPeer

STATEMENT = "/third-parties/account/statement"
EVER = (date(2000, 1, 1), date(2100, 1, 1))


def paid(peer: ClickPesaPeer, count: int = 1) -> list[str]:
    """Open and pay orders one second after the other; return their references."""
    references = []
    for _ in range(count):
        reference = peer.provider.open_checkout(peer.an_order()).reference
        peer.pay(reference)
        peer.sandbox.advance(1)
        references.append(reference)
    return references


def test_a_preview_tells_operators_and_fees(peer: ClickPesaPeer) -> None:
    peer.sandbox.switches.change({"airtel_money": "unavailable", "tigo_pesa": "absent"})
    read = peer.provider.account.preview_push

    assert list(read(500_000, "TUPREVIEW1")) == [
        PushMethod("M-PESA", is_available=True, fee=58_000),
        PushMethod("AIRTEL-MONEY", is_available=False, fee=None),
    ]
    assert [one.name for one in read(500_000, "TUPREVIEW1", PHONE)] == ["M-PESA"]
    with pytest.raises(CheckoutRefusedError, match="phone_refused"):
        read(500_000, "TUPREVIEW1", "255621234567")
    with pytest.raises(CheckoutRefusedError, match="not_available"):
        read(500_000, paid(peer)[0], PHONE)


def test_a_dollar_is_told_in_millionths_of_a_shilling(peer: ClickPesaPeer) -> None:
    peer.sandbox.switches.change({"usd_to_tzs": 2510.123456})

    assert isinstance(peer.provider, RateSource)
    assert peer.provider.fetch_rate("TZS") == 2_510_123_456
    with pytest.raises(ProviderAnswerError, match="no rate of KES"):
        peer.provider.fetch_rate("KES")


def test_a_rate_is_exact_dated_and_no_reciprocal(peer: ClickPesaPeer) -> None:
    [there] = peer.provider.account.list_rates()
    [back] = peer.provider.account.list_rates("TZS", "USD")

    assert (there.source, there.target, there.rate) == ("USD", "TZS", Decimal(2510))
    assert back.rate == Decimal("0.00037736")
    assert there.at is not None
    assert abs((there.at - peer.sandbox.now()).total_seconds()) < 60


@pytest.mark.parametrize("page_max", [100, 2])
def test_all_pages_are_listed_oldest_first(
    peer: ClickPesaPeer, page_max: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account, "PAGE_SIZE", 3)
    peer.sandbox.switches.change({"query_limit_max": page_max})
    references = paid(peer, 5)
    peer.sandbox.act("payments", payment=references[1], status="REVERSED")

    listed = peer.provider.account.list_payments(*EVER)

    assert [one.order_reference for one in listed] == references
    assert {(one.amount, one.currency) for one in listed} == {(500_000, "TZS")}
    assert [one.state for one in listed[:2]] == [PaymentState.PAID, PaymentState.REFUNDED]
    assert listed[1].status == "REVERSED"
    assert all(one.created_at is not None for one in listed)
    assert len(peer.asked()) == 1 + 2 * 5 + (2 if page_max == 100 else 3)
    assert peer.provider.account.list_payments(EVER[0], date(2001, 1, 1)) == []


class EndsEarly(ClickPesaCalls):
    """Counts more payments than it lists."""

    def __init__(self) -> None:
        pass

    @override
    def get(self, path: str, **query: str | int) -> Answered:
        return Answered(200, {"data": [], "totalCount": NumberText("5")})


def test_a_list_that_ends_before_its_end_makes_no_sense() -> None:
    with pytest.raises(ProviderAnswerError, match="ends before its end"):
        ClickPesaAccount(EndsEarly()).list_payments(*EVER)


def test_a_statement_has_lines_that_add_up(peer: ClickPesaPeer) -> None:
    assert peer.provider.account.read_balances() == {}
    [reference] = paid(peer)
    peer.sandbox.act("payments", payment=reference, status="SETTLED")
    peer.sandbox.act("payments", payment=reference, status="REVERSED")
    peer.sandbox.act("deposits", amount="1000.50")

    statement = peer.provider.account.read_statement("TZS", *EVER)

    signs = {Entry.CREDIT: 1, Entry.DEBIT: -1}
    moved = sum(signs[line.entry] * line.amount for line in statement.lines)
    assert statement.opening + moved == statement.closing == 100_050
    assert peer.provider.account.read_balances() == {"TZS": 100_050}
    of_order = [line for line in statement.lines if line.order_reference == reference]
    assert [(line.type, line.entry) for line in of_order] == [
        ("Payment", Entry.CREDIT),
        ("Reversed Payment", Entry.DEBIT),
    ]
    assert all(line.at is not None for line in of_order)
    with pytest.raises(ProviderAnswerError, match="400"):
        peer.provider.account.read_statement("EUR", *EVER)
    peer.sandbox.switches.add(Fault(kind="answer", path_prefix=STATEMENT, count=1, status=404))
    assert peer.provider.account.read_statement("USD", *EVER).lines == ()


def test_reading_again_after_a_cut_is_harmless(peer: ClickPesaPeer) -> None:
    [reference] = paid(peer)
    peer.sandbox.switches.add(Fault(kind="drop-after", method="GET", count=1))

    assert peer.provider.account.list_payments(*EVER)[0].order_reference == reference


@pytest.mark.parametrize("promise", RECONCILING_PROMISES, ids=lambda promise: promise.__name__)
def test_clickpesa_shows_its_records(
    promise: Callable[[ReconcilingPeer], None], standing_clickpesa: SandboxClickPesa
) -> None:
    standing_clickpesa.clear()
    promise(SettlingPeer(standing_clickpesa))
