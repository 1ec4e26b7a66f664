"""What is known of a top-up before its provider is asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from hero_onboarding.database import Transaction
from hero_onboarding.payments import dispute_store, refund_store, store
from hero_onboarding.payments.domain import TopUp
from hero_onboarding.payments.refund_postings import GIVEN_BACK
from hero_onboarding.payments.refunds import Refund


@dataclass(frozen=True, slots=True)
class Known:
    """A top-up with its refunds.

    Attributes:
        went_back: Whether anything of it goes back or went, of a payment that was suspended too.
        is_disputed: Whether its payment ever was.
    """

    top_up: TopUp
    refunds: Sequence[Refund]
    went_back: bool
    is_disputed: bool


def find_known(tx: Transaction, top_up_id: UUID) -> Known | None:
    """Return what is known of a top-up; None where there is none."""
    top_up = store.find_top_up(tx, top_up_id)
    if top_up is None:
        return None
    refunds = refund_store.list_refunds(tx, top_up_id)
    went_back = bool(refunds) or store.has_kind(tx, top_up_id, GIVEN_BACK)
    is_disputed = bool(dispute_store.list_disputes(tx, top_up_id))
    return Known(top_up, refunds, went_back, is_disputed)
