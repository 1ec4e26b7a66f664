"""Providers' own records against the books: repaired where it can be, named where it can't."""

from hero_onboarding.payments.reconciling.findings import Balance, Item, Oddity, Report
from hero_onboarding.payments.reconciling.gaps import fill_gaps
from hero_onboarding.payments.reconciling.ports import (
    ListedPayment,
    MoneyMovement,
    MovementKind,
    ReconcilingProvider,
    TellingProvider,
)
from hero_onboarding.payments.reconciling.reconciler import Reconciler

__all__ = [
    "Balance",
    "Item",
    "ListedPayment",
    "MoneyMovement",
    "MovementKind",
    "Oddity",
    "Reconciler",
    "ReconcilingProvider",
    "Report",
    "TellingProvider",
    "fill_gaps",
]
