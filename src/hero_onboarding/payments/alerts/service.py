"""Tell users of low balances and of what their cards could not pay: once each, by mail."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from hero_onboarding.contacts import Notice, write_to_user
from hero_onboarding.database import Transaction
from hero_onboarding.jobs import Job, enqueue
from hero_onboarding.kernel.money import MICROS_PER_CENT
from hero_onboarding.languages import Locale
from hero_onboarding.mail import MailText, Outbox
from hero_onboarding.payments.alerts import store
from hero_onboarding.payments.alerts.domain import Alert, Telling, Topic, require_threshold
from hero_onboarding.wallet import get_wallet

TELL_PAYER: Final = "tell_payer"
"""Jobs of this kind write a mail to a user about their money."""

_TEXTS: Final = {
    Topic.LOW: MailText.BALANCE_LOW,
    Topic.PAUSED: MailText.TOP_UP_PAUSED,
    Topic.CONFIRM: MailText.TOP_UP_CONFIRM,
}


def get_alert(tx: Transaction, user_sid: str) -> Alert:
    """Return what a user wants to be told: the default until they say otherwise."""
    return store.find_alert(tx, user_sid) or Alert(user_sid)


def set_alert(
    tx: Transaction, user_sid: str, threshold: int, now: datetime, *, is_on: bool
) -> Alert:
    """Set below which balance a user is told, or that they are not.

    Raises:
        WalletNotFoundError: If there is no such user.
        WrongAlertError: If the threshold is out of range.
    """
    require_threshold(threshold)
    get_wallet(tx, user_sid)
    store.put_alert(tx, user_sid, threshold, now, is_on=is_on)
    return get_alert(tx, user_sid)


def tell_later(tx: Transaction, telling: Telling, now: datetime) -> None:
    """Have a user told when the transaction has committed."""
    enqueue(tx, Job(TELL_PAYER, f"{telling.topic}:{telling.key}", now, telling.payload))


def tell_of_lows(tx: Transaction, now: datetime) -> int:
    """Have some users told that they fell below their thresholds; return how many.

    Each fall is told once: the next one counts after there was enough again.
    """
    store.forget_lows(tx)
    begun = store.begin_alerts(tx, now)
    fallen = store.take_lows(tx)
    for user_sid, threshold, times in fallen:
        tell_later(tx, Telling(user_sid, Topic.LOW, f"{user_sid}:{times}", threshold), now)
    return begun + len(fallen)


def tell(
    tx: Transaction, outbox: Outbox, locales: Mapping[str, Locale], telling: Telling, now: datetime
) -> int:
    """Write a mail to each proved address of a user, once; return how many are new.

    Of a balance that is not low any more nothing is told.
    """
    wallet = get_wallet(tx, telling.user_sid)
    if telling.topic is Topic.LOW and wallet.available >= telling.amount:
        return 0
    balance = wallet.balance

    def parameters(locale: Locale) -> Mapping[str, str]:
        amount = locale.money(telling.amount)
        if telling.topic is Topic.LOW:
            return {"balance": locale.money(balance), "threshold": amount}
        if telling.topic is Topic.PAUSED:
            return {"card": telling.card}
        return {"amount": amount, "card": telling.card, "typed": _typed(telling.amount)}

    key = f"{telling.topic}:{telling.key}"
    notice = Notice(telling.user_sid, key, _TEXTS[telling.topic], parameters)
    return write_to_user(tx, outbox, notice, locales, now)


def _typed(micros: int) -> str:
    """Write an amount as one types it, for an address: dollars and cents."""
    dollars, cents = divmod(micros // MICROS_PER_CENT, 100)
    return f"{dollars}.{cents:02d}"
