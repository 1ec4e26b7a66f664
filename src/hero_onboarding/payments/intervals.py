"""Which time people may have looked at: providers are asked day by day. Pure."""

from datetime import UTC, datetime, timedelta
from typing import Final

from hero_onboarding.payments.errors import WrongIntervalError

SINCE_MAX: Final = timedelta(days=400)
"""How long ago what is looked at may begin: a year, and some weeks to notice."""


def require_interval(since: datetime, until: datetime | None, now: datetime) -> None:
    """Go on only with an interval that is worth looking at; until None means up to now.

    Raises:
        WrongIntervalError: If it begins in the future or too long ago, or ends before it begins.
    """
    if since > now:
        detail = f"since is in the future, where nothing is; name a time before {_shown(now)}"
        raise WrongIntervalError(detail)
    if since < now - SINCE_MAX:
        # The next minute, so that what is named can still be typed.
        first = _shown(now - SINCE_MAX + timedelta(minutes=1))
        detail = (
            f"since is more than {SINCE_MAX.days} days ago, and to look at so much takes too"
            f" long; name {first} or later"
        )
        raise WrongIntervalError(detail)
    if until is not None and until < since:
        detail = "until is before since, and nothing is between; name a later one, or none for now"
        raise WrongIntervalError(detail)


def _shown(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
