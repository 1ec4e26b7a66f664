"""Where usage, forge and wallets meet: push, aggregation, quarantine, books."""

from hero_onboarding.aggregation.aggregate import Aggregator
from hero_onboarding.aggregation.books import check_books
from hero_onboarding.aggregation.books_news import check_news, verify_books
from hero_onboarding.aggregation.charging import charge_users
from hero_onboarding.aggregation.crediting import grant_credit
from hero_onboarding.aggregation.domain import Check, PassCounts, Reason
from hero_onboarding.aggregation.errors import RepositoryBusyError, RepositoryTakenOverError
from hero_onboarding.aggregation.lease import end_repository_leases, list_heads
from hero_onboarding.aggregation.push import PushCounts, Pusher
from hero_onboarding.aggregation.quarantine_store import (
    Quarantined,
    count_quarantine,
    list_quarantine,
)
from hero_onboarding.aggregation.read_repository import RepositoryReader
from hero_onboarding.aggregation.releasing import ReleaseCounts, retry_quarantine
from hero_onboarding.aggregation.repository_store import count_files
from hero_onboarding.aggregation.views import (
    HourUse,
    NodeCounts,
    NodeState,
    QuarantineRow,
    RepositoryState,
    count_nodes,
    list_nodes_after,
    list_quarantine_rows,
    list_repository_states,
    list_silent_nodes,
    list_user_use,
)

__all__ = [
    "Aggregator",
    "Check",
    "HourUse",
    "NodeCounts",
    "NodeState",
    "PassCounts",
    "PushCounts",
    "Pusher",
    "QuarantineRow",
    "Quarantined",
    "Reason",
    "ReleaseCounts",
    "RepositoryBusyError",
    "RepositoryReader",
    "RepositoryState",
    "RepositoryTakenOverError",
    "charge_users",
    "check_books",
    "check_news",
    "count_files",
    "count_nodes",
    "count_quarantine",
    "end_repository_leases",
    "grant_credit",
    "list_heads",
    "list_nodes_after",
    "list_quarantine",
    "list_quarantine_rows",
    "list_repository_states",
    "list_silent_nodes",
    "list_user_use",
    "retry_quarantine",
    "verify_books",
]
