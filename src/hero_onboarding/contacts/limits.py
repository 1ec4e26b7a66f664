"""How many mails may be asked for."""

from datetime import datetime
from typing import Final

from hero_onboarding.database import Transaction
from hero_onboarding.rates import Limit, count

TO_ONE_ADDRESS: Final = (
    Limit("mails-to-address", "3/10minute"),
    Limit("mails-to-address", "10/day"),
)
BY_ONE_USER: Final = Limit("mails-by-user", "5/hour")


def count_mail(tx: Transaction, *, recipient: str, user_sid: str, now: datetime) -> None:
    """Count a mail to an address that a user asks for.

    Raises:
        TooManyError: If it is one too many; the transaction must not commit, so that what was
            refused is not counted.
    """
    hits = [*((limit, recipient) for limit in TO_ONE_ADDRESS), (BY_ONE_USER, user_sid)]
    over = count(tx, hits, now)
    if over:
        raise over
