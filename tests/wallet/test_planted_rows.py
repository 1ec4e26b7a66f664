"""A row of each kind changed by hand, and which equations of the books find it; all have one."""

import pytest
from sqlalchemy import text

from hero_onboarding.aggregation import Check, check_books
from hero_onboarding.payments import RefundState
from hero_onboarding_schema import OTime
from tests.payments.till import new_till
from tests.support.world import AT, a_record
from tests.wallet.people import People

BALANCES = "balances equal the sums of entries"
RECORDS = "accepted records equal totals"
DELTAS = "totals equal deltas"
CHARGES = "totals equal charges and open deltas"
FOLD = "wallets equal the fold of facts"
DEBTS = "debts equal the fold of facts"
HELD = "held equals open holds"
GRANTS = "grants equal what was used, expired and is left"
CLEARING = "clearing equals payments that came in"
REFUNDS = "refunds equal those on their way"
ASSETS = "every asset sums to zero"

_OF_ADA = "WHERE user_sid = 'ada'"
_CHARGE_LINE = "WHERE account = 'user:ada:wallet' AND amount = -220000"
_REVENUE_LINE = "WHERE account = 'revenue:cpu' AND amount = 220000"

PLANTED = {
    "a net": (f"UPDATE wallets SET net = net + 1 {_OF_ADA}", {BALANCES, FOLD}),
    "a net that somebody else pays for": (
        "UPDATE wallets SET net = net + CASE user_sid WHEN 'ada' THEN 1 ELSE -1 END",
        {BALANCES, FOLD},
    ),
    "a debt": (f"UPDATE wallets SET debt = debt - 1 {_OF_ADA}", {BALANCES, DEBTS}),
    "a debt moved to the net": (
        f"UPDATE wallets SET debt = debt - 1, net = net - 1 {_OF_ADA}",
        {BALANCES, DEBTS, FOLD},
    ),
    "what is held": (f"UPDATE wallets SET held = held - 1 {_OF_ADA}", {HELD}),
    "what a hold claims": ("UPDATE holds SET remaining = remaining - 1 WHERE is_open", {HELD}),
    "a hold that was closed by hand": ("UPDATE holds SET is_open = false", {HELD}),
    "a hold that was opened again": ("UPDATE holds SET is_open = true", {HELD}),
    "a lost hold": ("DELETE FROM holds WHERE is_open", {HELD}),
    "an adjustment's line": (
        (
            "UPDATE ledger_entries SET amount = amount + 1"
            " WHERE account = 'user:ada:wallet' AND sequence = 1"
        ),
        {BALANCES, ASSETS},
    ),
    "a charge's line": (
        f"UPDATE ledger_entries SET amount = amount - 1 {_CHARGE_LINE}",
        {BALANCES, CHARGES, ASSETS},
    ),
    "a debt's line": (
        "UPDATE ledger_entries SET amount = amount - 1 WHERE account = 'user:ada:debt'",
        {BALANCES, ASSETS},
    ),
    "both sides of a charge": (
        (
            "UPDATE ledger_entries SET amount = amount + CASE account WHEN 'revenue:cpu' THEN 1"
            " ELSE -1 END WHERE amount IN (220000, -220000)"
        ),
        {BALANCES, CHARGES},
    ),
    "a revenue": (f"UPDATE ledger_entries SET amount = amount + 1 {_REVENUE_LINE}", {ASSETS}),
    "a lost revenue": (f"DELETE FROM ledger_entries {_REVENUE_LINE}", {ASSETS}),
    "a lost charge": (f"DELETE FROM ledger_entries {_CHARGE_LINE}", {BALANCES, CHARGES, ASSETS}),
    "dollars that became shillings": (
        f"UPDATE ledger_entries SET asset = 'TZS' {_CHARGE_LINE}",
        {ASSETS},
    ),
    "a line on somebody else's account": (
        (
            "UPDATE ledger_entries SET account = 'user:bob:wallet', sequence = 99"
            " WHERE account = 'user:ada:wallet' AND sequence = 1"
        ),
        {BALANCES},
    ),
    "a charge that calls itself an adjustment": (
        (
            "UPDATE ledger_transfers SET operation = 'adjustment'"
            " WHERE owner = 'ada' AND operation = 'charge'"
        ),
        {CHARGES},
    ),
    "a record's amount": (
        "UPDATE usage_records SET amount_cents = amount_cents + 1 WHERE idempotency_key = 'k1'",
        {RECORDS, FOLD},
    ),
    "a record's user": (
        "UPDATE usage_records SET user_sid = 'bob' WHERE idempotency_key = 'k1'",
        {RECORDS, FOLD},
    ),
    "a lost record": ("DELETE FROM usage_records WHERE idempotency_key = 'k1'", {RECORDS, FOLD}),
    "a doubled record": (
        (
            "INSERT INTO usage_records (node_id, hour, idempotency_key, user_sid, resource_kind,"
            " amount_cents, occurred_at, rest, file_number, batch) SELECT node_id, hour,"
            " idempotency_key, user_sid, resource_kind, amount_cents, occurred_at, rest,"
            " file_number, batch FROM usage_records WHERE idempotency_key = 'k1'"
        ),
        {RECORDS, FOLD},
    ),
    "a total": (
        f"UPDATE usage_totals SET amount_micros = amount_micros + 1 {_OF_ADA}",
        {RECORDS, DELTAS, CHARGES},
    ),
    "a lost total": (f"DELETE FROM usage_totals {_OF_ADA}", {RECORDS, DELTAS, CHARGES}),
    "a delta that was charged": (
        "UPDATE usage_deltas SET amount_micros = amount_micros + 1 WHERE charge IS NOT NULL",
        {DELTAS},
    ),
    "a delta that is open": (
        "UPDATE usage_deltas SET amount_micros = amount_micros + 1 WHERE charge IS NULL",
        {DELTAS, CHARGES, FOLD},
    ),
    "a lost open delta": (
        "DELETE FROM usage_deltas WHERE charge IS NULL",
        {DELTAS, CHARGES, FOLD},
    ),
    "a delta that was opened again": ("UPDATE usage_deltas SET charge = NULL", {CHARGES, FOLD}),
    "a delta that was closed without a charge": (
        "UPDATE usage_deltas SET charge = 1 WHERE charge IS NULL",
        {CHARGES, FOLD},
    ),
    "a lost fact": ("DELETE FROM money_facts WHERE key = 'start'", {FOLD}),
    "a payment's fact": ("UPDATE money_facts SET kind = 'release' WHERE kind = 'top_up'", {FOLD}),
    "a lost event of a payment": ("DELETE FROM payment_events", {CLEARING}),
    "what a provider holds": (
        "UPDATE ledger_entries SET amount = amount - 1 WHERE account LIKE 'provider%'",
        {CLEARING, ASSETS},
    ),
    "a lost refund": ("DELETE FROM refunds", {REFUNDS}),
    "a refund that was ended by hand": ("UPDATE refunds SET state = 'succeeded'", {REFUNDS}),
    "what a refund gives back": ("UPDATE refunds SET amount = amount + 1", {REFUNDS}),
    "what is on its way back": (
        "UPDATE ledger_entries SET amount = amount - 1 WHERE account LIKE 'refunds%'",
        {REFUNDS, ASSETS},
    ),
    "a fact of a debt": (
        "UPDATE money_facts SET kind = 'release' WHERE kind = 'dispute_withdrawn'",
        {DEBTS},
    ),
    "a refund's fact": ("UPDATE money_facts SET kind = 'release' WHERE kind = 'refund'", {FOLD}),
    "what is left of a grant": (
        "UPDATE grants SET remaining = remaining - 1, expired = expired + 1",
        {BALANCES, GRANTS},
    ),
    "a lost grant": ("DELETE FROM grants", {BALANCES, GRANTS}),
    "what was granted": ("UPDATE money_facts SET kind = 'release' WHERE kind = 'grant'", {GRANTS}),
    "what a grant paid": (
        "UPDATE money_facts SET kind = 'release' WHERE kind = 'grant_used'",
        {FOLD},
    ),
    "a grant's line": (
        (
            "UPDATE ledger_entries SET amount = amount - 1"
            " WHERE account LIKE 'user:%:promo:%' AND amount < 0"
        ),
        {BALANCES, GRANTS, ASSETS},
    ),
    "a fact's owner": ("UPDATE money_facts SET owner = 'bob' WHERE key = 'start'", {FOLD}),
}


def find(people: People) -> dict[str, Check]:
    with people.database.reading() as tx:
        return {check.name: check for check in check_books(tx)}


@pytest.fixture
def busy(people: People) -> People:
    """Ada was adjusted, charged, disputed, has a hold and open use; bob paid and is refunded.

    Cay has credit, of which use took a part.
    """
    people.accept([a_record("k1", amount_cents=22), a_record("k2", user_sid="bob")])
    people.open("cay")
    people.grant("cay", 90_000, "welcome")
    people.use("cay", "k4", 4)
    people.charge()
    people.dispute("ada", 7, "d1")
    people.hold("ada", 500, "h1")
    closed, _ = people.hold("ada", 300, "h2")
    people.close(closed)
    people.accept([a_record("k3", amount_cents=3, occurred_at=OTime(AT + 3600))])
    till = new_till(people)
    paid = till.open(sid="bob")
    till.pay(paid)
    till.settle(paid)
    till.provider.refunds_are = RefundState.PENDING
    till.refund(paid)
    people.assert_books()
    return people


@pytest.mark.parametrize(("statement", "finders"), PLANTED.values(), ids=PLANTED.keys())
def test_a_changed_row_is_found_by_these_equations_and_no_others(
    busy: People, statement: str, finders: set[str]
) -> None:
    assert finders, "nothing would find it"
    with busy.database.transaction() as tx:
        assert tx.execute(text(statement)).rowcount > 0

    found = find(busy)

    assert {name for name, check in found.items() if not check.ok} == finders
    for name in finders:
        assert found[name].detail["differing"] != 0
        assert found[name].detail["places"]


def test_every_equation_finds_something_and_all_but_one_what_no_other_does(busy: People) -> None:
    alone = {name for _, finders in PLANTED.values() if len(finders) == 1 for name in finders}

    assert set().union(*(finders for _, finders in PLANTED.values())) == set(find(busy))
    assert set(find(busy)) - alone == {RECORDS}
