"""What a user's own page says about their money that needs them."""

from dataclasses import dataclass

from hero_onboarding.database import Transaction
from hero_onboarding.payments.alerts import get_alert
from hero_onboarding.payments.automatic import AutomaticState, find_automatic, needs_holder
from hero_onboarding.wallet import Wallet


@dataclass(frozen=True, slots=True)
class MoneyNews:
    """What needs a user; each None where nothing does.

    Attributes:
        low: The threshold, in micro-dollars, below which the user wants to be told and is.
        confirm: How much, in US cents, the user's bank wants to have confirmed.
        paused: Why automatic top-ups do not go on.
    """

    low: int | None = None
    confirm: int | None = None
    paused: str | None = None


NO_NEWS = MoneyNews()


def read_news(tx: Transaction, wallet: Wallet) -> MoneyNews:
    """Read what needs the user of a wallet."""
    alert = get_alert(tx, wallet.user_sid)
    is_low = alert.is_on and wallet.sequence > 0 and wallet.available < alert.threshold
    setting = find_automatic(tx, wallet.user_sid)
    is_paused = setting is not None and setting.state is AutomaticState.PAUSED
    return MoneyNews(
        low=alert.threshold if is_low else None,
        confirm=None if setting is None else needs_holder(tx, wallet.user_sid),
        paused=setting.pause_reason if setting is not None and is_paused else None,
    )
