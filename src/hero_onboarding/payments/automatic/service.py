"""Agree to automatic top-ups, write one down when a balance is low, and learn from failures."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from hero_onboarding.database import Transaction
from hero_onboarding.incidents import Incident, IncidentKind, open_incident
from hero_onboarding.kernel.money import micros_from_cents
from hero_onboarding.payments import store as top_up_store
from hero_onboarding.payments.alerts import Telling, Topic, tell_later
from hero_onboarding.payments.automatic import store
from hero_onboarding.payments.automatic.domain import (
    BURST,
    BURST_WITHIN,
    CONSENT,
    WAY,
    AutomaticState,
    AutomaticTopUp,
    AutomaticWish,
    Decline,
    PauseReason,
    Situation,
    Verdict,
    day_of,
    judge,
    pause_after,
    read_decline,
)
from hero_onboarding.payments.cards import (
    SavedCard,
    fail_card,
    get_own_card,
    read_card,
    remove_card,
)
from hero_onboarding.payments.domain import (
    MISMATCH,
    TopUp,
    TopUpRequest,
)
from hero_onboarding.payments.errors import WrongAutomaticTopUpError
from hero_onboarding.payments.ports import SAVED_CARD
from hero_onboarding.payments.questions import want
from hero_onboarding.wallet import credit_at, get_wallet, list_grants

_USD: Final = "USD"


@dataclass(frozen=True, slots=True)
class Written:
    """What was decided about a user, and the top-up that was written down, if one was."""

    verdict: Verdict
    top_up_id: UUID | None = None


def agree(tx: Transaction, wish: AutomaticWish, now: datetime) -> AutomaticTopUp:
    """Turn a user's automatic top-up on, with what the user agrees to now.

    Raises:
        CardNotFoundError: If the card is not the user's own, or was removed.
        WrongAutomaticTopUpError: If it can't be, or the card can't be charged any more.
    """
    wish.require_sound()
    store.lock_setting(tx, wish.user_sid)
    if not get_own_card(tx, wish.user_sid, wish.card_id).is_usable(now):
        raise WrongAutomaticTopUpError("card", "the card can't be charged; save another one")
    store.put_setting(tx, wish, CONSENT, now)
    setting = store.find_setting(tx, wish.user_sid)
    assert setting is not None, wish
    return setting


def turn_off(tx: Transaction, user_sid: str, now: datetime) -> bool:
    """Turn a user's automatic top-up off; return whether it was on or paused."""
    setting = store.lock_setting(tx, user_sid)
    if setting is None or setting.state is AutomaticState.OFF:
        return False
    store.change_setting(tx, user_sid, state=AutomaticState.OFF, pause_reason="", changed_at=now)
    return True


def let_go_of_card(tx: Transaction, user_sid: str, card_id: UUID, now: datetime) -> bool:
    """Remove a user's own card; an automatic top-up that charges it pauses.

    Raises:
        CardNotFoundError: If the user never had such a card.
    """
    setting = store.lock_setting(tx, user_sid)
    is_removed = remove_card(tx, user_sid, card_id, now)
    if is_removed and setting is not None and setting.card_id == card_id:
        _pause(tx, setting, PauseReason.CARD_REMOVED, now)
    return is_removed


def find_automatic(tx: Transaction, user_sid: str) -> AutomaticTopUp | None:
    """Return what a user agreed to; None for who never did."""
    return store.find_setting(tx, user_sid)


def needs_holder(tx: Transaction, user_sid: str) -> int | None:
    """Return the amount, in US cents, that a user's bank wants confirmed; None for none."""
    setting = store.find_setting(tx, user_sid)
    if setting is None or setting.state is not AutomaticState.ON:
        return None
    failures = store.list_failures(tx, user_sid)
    is_asked = failures and read_decline(failures[0].word) is Decline.AUTHENTICATION
    return setting.amount if is_asked and failures[0].at >= setting.changed_at else None


def top_up_if_low(
    tx: Transaction, user_sid: str, *, is_live: Mapping[str, bool], now: datetime
) -> Written:
    """Write an automatic top-up down if a user has less than they want, with a job to charge it.

    At most one waits for each user: the index of the table holds that, whoever else tries.

    Args:
        tx: The open transaction.
        user_sid: Whose balance is looked at.
        is_live: By provider that is set here, whether its keys move real money.
        now: The present instant.
    """
    setting = store.lock_setting(tx, user_sid)
    if setting is None or setting.state is not AutomaticState.ON:
        return Written(Verdict.ENOUGH)
    card = read_card(tx, setting.card_id)
    if card.provider not in is_live:
        return Written(Verdict.WAITS)
    verdict = judge(setting, _situation(tx, setting, card, now), now)
    if verdict is Verdict.NO_CARD:
        _pause(tx, setting, PauseReason.CARD, now)
        _tell_of_pause(tx, setting, card, now)
    if verdict is not Verdict.TOP_UP:
        return Written(verdict)
    top_up_id = _write(tx, setting, card, is_live=is_live[card.provider], now=now)
    if top_up_id is None:
        return Written(Verdict.ENOUGH)
    _report_burst(tx, user_sid, now)
    return Written(verdict, top_up_id)


def may_charge(tx: Transaction, top_up: TopUp, now: datetime) -> bool:
    """Whether a user still wants what an automatic top-up was written down for."""
    setting = store.find_setting(tx, top_up.user_sid)
    if setting is None or setting.state is not AutomaticState.ON:
        return False
    card = read_card(tx, setting.card_id)
    return card.reference == top_up.card and card.is_usable(now)


def learn_from_failure(
    tx: Transaction, top_up: TopUp, word: str, now: datetime, *, is_refused: bool
) -> None:
    """Do what follows when a charge of a saved card has failed: pause, or ask its holder.

    Args:
        tx: The open transaction, in which the top-up has failed.
        top_up: Which one.
        word: The provider's word for why.
        now: The present instant.
        is_refused: Whether the provider would not even try.
    """
    setting = store.lock_setting(tx, top_up.user_sid)
    if is_refused or read_decline(word) is Decline.FOR_GOOD:
        fail_card(tx, top_up.provider, str(top_up.card), now)
    if setting is None or setting.state is not AutomaticState.ON:
        return
    card = read_card(tx, setting.card_id)
    if card.reference != top_up.card:
        return
    failures = store.list_failures(tx, top_up.user_sid)
    reason = pause_after(setting, failures, is_refused=is_refused)
    if reason is not None:
        _pause(tx, setting, reason, now)
        _tell_of_pause(tx, setting, card, now)
    elif read_decline(word) is Decline.AUTHENTICATION:
        key = str(top_up.id)
        asked = Telling(top_up.user_sid, Topic.CONFIRM, key, top_up.credit, card.shown)
        tell_later(tx, asked, now)


def _situation(
    tx: Transaction, setting: AutomaticTopUp, card: SavedCard, now: datetime
) -> Situation:
    """Gather what is known of a user.

    What is on its way is read before the wallet: a payment that is credited in between is then
    counted twice and not left out, and nobody is topped up for nothing.
    """
    coming = store.sum_coming(tx, setting.user_sid, MISMATCH)
    wallet = get_wallet(tx, setting.user_sid)
    today, month = store.sum_spent(tx, setting.user_sid, now)
    return Situation(
        available=wallet.available + credit_at(list_grants(tx, setting.user_sid), now),
        coming=coming,
        is_frozen=wallet.owed > 0 or store.has_dispute(tx, setting.user_sid),
        has_card=card.is_usable(now),
        spent_today=today,
        spent_this_month=month,
        failures=store.list_failures(tx, setting.user_sid),
    )


def _write(
    tx: Transaction, setting: AutomaticTopUp, card: SavedCard, *, is_live: bool, now: datetime
) -> UUID | None:
    """Write the top-up down; None where another one of the user's waits."""
    top_up_id = uuid.uuid4()
    key = f"automatic-{top_up_id}"
    request = TopUpRequest(setting.user_sid, card.provider, SAVED_CARD, setting.amount, _USD, key)
    asked_at = now.replace(microsecond=0)
    values = {
        "id": top_up_id,
        "credit": micros_from_cents(setting.amount),
        "is_live": is_live,
        "asked_at": asked_at,
        "expires_at": asked_at + WAY.life,
        "changed_at": now,
        "customer": card.customer,
        "card": card.reference,
    }
    if not top_up_store.insert_top_up(tx, request, values):
        return None
    want(tx, top_up_id, now)
    return top_up_id


def _pause(tx: Transaction, setting: AutomaticTopUp, reason: PauseReason, now: datetime) -> None:
    """Pause it until the user agrees anew."""
    if setting.state is not AutomaticState.ON:
        return
    values = {"state": AutomaticState.PAUSED, "pause_reason": reason, "changed_at": now}
    store.change_setting(tx, setting.user_sid, **values)


def _tell_of_pause(
    tx: Transaction, setting: AutomaticTopUp, card: SavedCard, now: datetime
) -> None:
    key = f"{setting.user_sid}:{setting.consented_at.isoformat()}"
    amount = micros_from_cents(setting.amount)
    tell_later(tx, Telling(setting.user_sid, Topic.PAUSED, key, amount, card.shown), now)


def _report_burst(tx: Transaction, user_sid: str, now: datetime) -> None:
    """Call a person where a user is topped up again and again."""
    count = store.count_since(tx, user_sid, now - BURST_WITHIN)
    if count >= BURST:
        evidence = {"user_sid": user_sid, "since": (now - BURST_WITHIN).isoformat()}
        identity = {"user_sid": user_sid, "day": day_of(now).isoformat()}
        kind = IncidentKind.AUTOMATIC_TOP_UPS
        open_incident(tx, Incident(kind, "", "", evidence, identity=identity), now)
