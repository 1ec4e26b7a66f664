"""Tables of top-ups, the facts about their payments, notices, and budgets of calls."""

from typing import Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    Table,
    Text,
    Uuid,
    text,
)

from hero_onboarding.database import Instant, RowId, metadata

top_ups: Final = Table(
    "top_ups",
    metadata,
    Column("number", RowId, primary_key=True, autoincrement=True),
    Column("id", Uuid, nullable=False, unique=True),
    Column("user_sid", Text, ForeignKey("wallets.user_sid"), nullable=False),
    Column("key", Text, nullable=False),
    Column("digest", LargeBinary(16), nullable=False),
    Column("provider", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("credit", BigInteger, nullable=False),
    Column("credited", BigInteger, nullable=False),
    Column("is_live", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("failure", Text, nullable=False),
    Column("reference", Text),
    Column("redirect_url", Text),
    Column("payment_id", Text),
    Column("wanted", BigInteger, nullable=False),
    Column("answered", BigInteger, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("question_due_at", Instant),
    Column("phone", Text),
    Column("control_number", Text),
    Column("customer", Text),
    Column("card", Text),
    Column("held_amount", BigInteger),
    Column("held_currency", Text),
    CheckConstraint("amount > 0 AND credit > 0", name="amounts_positive"),
    CheckConstraint("credited >= 0 AND answered <= wanted", name="counts_in_range"),
    Index("uq_top_ups_user_sid_key", "user_sid", "key", unique=True),
    Index("ix_top_ups_user_sid_number", "user_sid", "number"),
)

_IS_CHARGED_NOW: Final = text("method = 'saved_card' AND state IN ('open', 'pending')")

Index(
    "uq_top_ups_saved_card_waiting",
    top_ups.c.user_sid,
    unique=True,
    sqlite_where=_IS_CHARGED_NOW,
    postgresql_where=_IS_CHARGED_NOW,
)
"""No user has two charges of a saved card on the way at once."""

_IS_WAITING: Final = text("question_due_at IS NOT NULL")

Index(
    "ix_top_ups_question_due_at",
    top_ups.c.question_due_at,
    sqlite_where=_IS_WAITING,
    postgresql_where=_IS_WAITING,
)

top_up_quotes: Final = Table(
    "top_up_quotes",
    metadata,
    Column("top_up_id", Uuid, ForeignKey("top_ups.id"), primary_key=True),
    Column("currency", Text, nullable=False),
    Column("rate", BigInteger, nullable=False),
    Column("source", Text, nullable=False),
    Column("mid", BigInteger, nullable=False),
    Column("margin", BigInteger, nullable=False),
    Column("applied", BigInteger, nullable=False),
    Column("rated_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
)
"""By which rate a top-up in another currency was shown before it was paid."""

top_up_references: Final = Table(
    "top_up_references",
    metadata,
    Column("provider", Text, primary_key=True),
    Column("reference", Text, primary_key=True),
    Column("top_up_id", Uuid, ForeignKey("top_ups.id"), nullable=False),
    Index("ix_top_up_references_top_up_id", "top_up_id"),
)
"""By which ids of a provider a payment is known; each belongs to one top-up for ever."""

refunds: Final = Table(
    "refunds",
    metadata,
    Column("number", RowId, primary_key=True, autoincrement=True),
    Column("id", Uuid, nullable=False, unique=True),
    Column("top_up_id", Uuid, ForeignKey("top_ups.id"), nullable=False),
    Column("key", Text),
    Column("digest", LargeBinary(16)),
    Column("provider", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("worth", BigInteger),
    Column("state", Text, nullable=False),
    Column("failure", Text, nullable=False),
    Column("reference", Text),
    Column("asked_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    CheckConstraint("amount > 0", name="amount_positive"),
    CheckConstraint("key IS NOT NULL OR reference IS NOT NULL", name="has_an_origin"),
    Index("uq_refunds_top_up_id_key", "top_up_id", "key", unique=True),
    Index("uq_refunds_provider_reference", "provider", "reference", unique=True),
)
"""What is given back of payments; ``key`` is of whoever asked here, NULL for the provider's own.

``worth`` is what it takes from the wallet, in micro-dollars; NULL for dollars, where it follows.
"""

disputes: Final = Table(
    "disputes",
    metadata,
    Column("number", RowId, primary_key=True, autoincrement=True),
    Column("id", Uuid, nullable=False, unique=True),
    Column("top_up_id", Uuid, ForeignKey("top_ups.id"), nullable=False),
    Column("provider", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("worth", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("withdrawn", BigInteger, nullable=False),
    Column("movements", BigInteger, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    CheckConstraint("amount > 0 AND worth >= 0 AND movements >= 0", name="amounts_in_range"),
    Index("uq_disputes_provider_reference", "provider", "reference", unique=True),
    Index("ix_disputes_top_up_id", "top_up_id"),
)
"""What payers ask their banks to have back; ``withdrawn`` is what the provider took of it."""

account_lines: Final = Table(
    "account_lines",
    metadata,
    Column("number", RowId, primary_key=True, autoincrement=True),
    Column("provider", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("fee", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("shown_amount", BigInteger),
    Column("shown_currency", Text),
    Column("payment_id", Text),
    Column("source", Text),
    Column("event_key", Text),
    Column("is_posted", Boolean, nullable=False),
    Column("occurred_at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Index("uq_account_lines_provider_reference", "provider", "reference", unique=True),
    Index("ix_account_lines_provider_event_key", "provider", "event_key"),
)
"""Lines of providers' own accounts; ``is_posted`` ones are understood and in the books."""

payment_events: Final = Table(
    "payment_events",
    metadata,
    Column("number", RowId, primary_key=True, autoincrement=True),
    Column("provider", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("top_up_id", Uuid, ForeignKey("top_ups.id"), nullable=False),
    Column("user_sid", Text, nullable=False),
    Column("payment_id", Text),
    Column("amount", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("is_live", Boolean, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Index("uq_payment_events_provider_key", "provider", "key", unique=True),
    Index("ix_payment_events_top_up_id", "top_up_id"),
)
"""One row for each fact about a payment; inserted and never changed."""

notices: Final = Table(
    "notices",
    metadata,
    Column("number", RowId, primary_key=True, autoincrement=True),
    Column("provider", Text, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("refs", JSON, nullable=False),
    Column("top_up_hint", Text),
    Column("body", LargeBinary),
    Column("received_at", Instant, nullable=False),
    Index("uq_notices_provider_event_id", "provider", "event_id", unique=True),
    Index("ix_notices_received_at", "received_at"),
)
"""What providers told us, as it came; ``body`` is dropped after 90 days and the row stays."""

call_budgets: Final = Table(
    "call_budgets",
    metadata,
    Column("provider", Text, primary_key=True),
    Column("next_at", Instant, nullable=False),
    Column("used_at", Instant, nullable=False),
)
"""How far the calls of questions to a provider are given out, for all processes."""
