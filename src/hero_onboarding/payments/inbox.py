"""Notices that come together share one transaction, and go before the questions they lead to."""

import time
from typing import Final

from hero_onboarding.database import Together
from hero_onboarding.payments.cashier import Cashier
from hero_onboarding.payments.errors import InboxBusyError
from hero_onboarding.payments.notices import Kept

TOGETHER_MAX: Final = 200
APART_SECONDS: Final = 0.01
"""What a burst costs its notices at most, and saves most of its transactions."""

_RESTS: Final = 3
_REST_SECONDS_MAX: Final = 0.1


class Inbox(Together[Kept, bool]):
    """Keeps authentic notices; whoever brought one is answered when it is on disk."""

    def __init__(self, cashier: Cashier) -> None:
        super().__init__(cashier.keep, InboxBusyError, TOGETHER_MAX, APART_SECONDS)

    def give_way(self, worked: float) -> None:
        """Rest after a question that took some seconds, while notices come in.

        Whoever brought one waits for an answer, and a question does not: those that a burst leads
        to are asked slowly as long as it lasts, and at once when it ends.
        """
        if self.is_busy:
            time.sleep(min(_RESTS * worked, _REST_SECONDS_MAX))
