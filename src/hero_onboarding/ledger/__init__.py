"""Double entry: accounts, transfers and the facts they follow from; knows no user, no provider."""

from hero_onboarding.ledger.domain import (
    DEBT_FACTS,
    STORED_BALANCES,
    WALLET_FACTS,
    AccountKind,
    Entry,
    Fact,
    FactKind,
    Operation,
    Transfer,
    account_kind,
    keyed_id,
    revenue_account,
)
from hero_onboarding.ledger.errors import KeyReusedError, UnknownAccountError
from hero_onboarding.ledger.service import (
    balance_of,
    claim_transfers,
    record_entries,
    record_fact,
    record_new_facts,
    take_snapshots,
)
from hero_onboarding.ledger.store import (
    list_entries,
    list_facts,
    sum_by_asset,
    sum_charges,
    sum_entries,
    sum_facts_since,
    sum_since,
    sum_spent_credit,
)
from hero_onboarding.ledger.views import sum_charged_by_hour

__all__ = [
    "DEBT_FACTS",
    "STORED_BALANCES",
    "WALLET_FACTS",
    "AccountKind",
    "Entry",
    "Fact",
    "FactKind",
    "KeyReusedError",
    "Operation",
    "Transfer",
    "UnknownAccountError",
    "account_kind",
    "balance_of",
    "claim_transfers",
    "keyed_id",
    "list_entries",
    "list_facts",
    "record_entries",
    "record_fact",
    "record_new_facts",
    "revenue_account",
    "sum_by_asset",
    "sum_charged_by_hour",
    "sum_charges",
    "sum_entries",
    "sum_facts_since",
    "sum_since",
    "sum_spent_credit",
    "take_snapshots",
]
