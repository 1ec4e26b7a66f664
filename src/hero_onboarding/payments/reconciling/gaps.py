"""Notices that never came, from the provider's own list of them."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from hero_onboarding.payments.cashier import Cashier
from hero_onboarding.payments.notices import keep_notice
from hero_onboarding.payments.ports import Notice
from hero_onboarding.payments.reconciling.ports import TellingProvider

_PAGE = 100


def fill_gaps(cashier: Cashier, since: datetime, *, is_untold: bool) -> int:
    """Keep what each provider told of since an instant and nobody heard; return how much.

    Args:
        cashier: Whose providers are asked.
        since: When the first of it was made.
        is_untold: Whether to ask only for what a provider could not deliver.

    Raises:
        ProviderAnswerError: If a list makes no sense.
        ProviderUnavailableError: If a provider did not answer.
    """
    kept = 0
    for name, provider in sorted(cashier.providers.items()):
        if isinstance(provider, TellingProvider):
            told = provider.list_notices(since, is_untold=is_untold)
            while page := list(islice(told, _PAGE)):
                kept += _keep(cashier, name, iter(page))
    return kept


def _keep(cashier: Cashier, name: str, page: Iterator[tuple[Notice, bytes]]) -> int:
    now = cashier.clock.now()
    with cashier.database.transaction() as tx:
        return sum(keep_notice(tx, name, notice, body, now) for notice, body in page)
