"""Notices that come together share one transaction."""

from typing import Final

from hero_onboarding.database import Together
from hero_onboarding.payments.cashier import Cashier
from hero_onboarding.payments.errors import InboxBusyError
from hero_onboarding.payments.notices import Kept

TOGETHER_MAX: Final = 200


class Inbox(Together[Kept, bool]):
    """Keeps authentic notices; whoever brought one is answered when it is on disk."""

    def __init__(self, cashier: Cashier) -> None:
        super().__init__(cashier.keep, InboxBusyError, TOGETHER_MAX)
