"""Questions to a provider: each has a number and a job of its own."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from hero_onboarding.database import Transaction
from hero_onboarding.jobs import Job, enqueue, is_unbegun, list_unbegun
from hero_onboarding.payments import refund_store, store
from hero_onboarding.payments.domain import TopUp, next_question_at, next_watch_at

ASK_PROVIDER: Final = "ask_provider"
"""Jobs of this kind ask about one top-up; each question has a number and a job of its own."""


def want(tx: Transaction, top_up_id: UUID, due_at: datetime) -> int:
    """Have the provider asked about a top-up, from an instant on; return the question's number.

    Each question has a number. Whoever answers one answers all smaller ones too, so that a burst
    of notices costs one call, and what is asked for during a call is asked after it. The last
    question is enough as long as nobody has begun it.
    """
    top_up = store.lock_top_up(tx, top_up_id)
    if top_up.wanted > top_up.answered:
        last = key_of(top_up_id, top_up.wanted)
        if is_unbegun(tx, ASK_PROVIDER, last, due_at):
            return top_up.wanted
    return _want_next(tx, top_up_id, due_at)


def _want_next(tx: Transaction, top_up_id: UUID, due_at: datetime) -> int:
    number = store.want_question(tx, top_up_id, due_at)
    payload = {"top_up": str(top_up_id), "question": number}
    enqueue(tx, Job(ASK_PROVIDER, key_of(top_up_id, number), due_at, payload))
    return number


def want_all(tx: Transaction, due: Mapping[UUID, datetime]) -> None:
    """Have providers asked about several top-ups, each from an instant on.

    One that waits for its turn at a provider is not asked about sooner: whoever comes back for
    the turn asks whatever is open then.
    """
    states = store.lock_questions(tx, due)
    lasts: dict[str, UUID] = {}
    turns: dict[str, UUID] = {}
    for top_up_id, (wanted, answered) in states.items():
        if wanted > answered:
            lasts[key_of(top_up_id, wanted)] = top_up_id
            turns[turn_key_of(top_up_id)] = top_up_id
    unbegun = list_unbegun(tx, ASK_PROVIDER, sorted({*lasts, *turns}))
    asked = {turns[key] for key, _ in unbegun if key in turns}
    asked |= {lasts[key] for key, at in unbegun if key in lasts and at <= due[lasts[key]]}
    for top_up_id in sorted(states.keys() - asked):
        _want_next(tx, top_up_id, due[top_up_id])


def key_of(top_up_id: UUID, number: int) -> str:
    """Return the key of the job that asks a question."""
    return f"{top_up_id}.{number}"


def turn_key_of(top_up_id: UUID) -> str:
    """Return the key of the job that comes back for a top-up's turn at its provider."""
    return f"{top_up_id}.turn"


def close_question(tx: Transaction, top_up_id: UUID, question: int, now: datetime) -> None:
    """Say that a question is answered, and have the next one asked if anything waits.

    Where one was asked for meanwhile, it has a job of its own, and whoever answers it goes on.
    """
    top_up = store.lock_top_up(tx, top_up_id)
    answered = max(top_up.answered, question)
    values: dict[str, object] = {"answered": answered}
    values["phone"] = top_up.phone if top_up.state.is_waiting else None
    due_at = None
    if top_up.wanted <= answered:
        due_at = _next_due(tx, top_up, now)
        values["question_due_at"] = due_at
    store.change_top_up(tx, top_up_id, **values)
    if due_at is not None:
        want(tx, top_up_id, due_at)


def _next_due(tx: Transaction, top_up: TopUp, now: datetime) -> datetime | None:
    """Return when the provider is asked again while anything waits; None for never."""
    since = top_up.asked_at if top_up.state.is_waiting else None
    since = since or refund_store.last_waiting_since(tx, top_up.id)
    due_at = next_question_at(since, now, is_push=top_up.phone is not None)
    return due_at or next_watch_at(top_up, now)
