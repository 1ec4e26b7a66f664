"""The route that sets the sandbox's clock."""

from datetime import UTC, datetime, timedelta
from time import sleep
from typing import Any, Final

import msgspec
from litestar import Request, post
from litestar.params import JSONBody

from hero_onboarding.api_keys import Scope
from hero_onboarding.database import SandboxClock, lock_offset, move_clock
from hero_onboarding.http import require, services_of
from hero_onboarding.kernel.clock import SystemClock
from hero_onboarding.web.api.bodies import MalformedBodyError
from hero_onboarding.web.api.description import answers

LATEST: Final = datetime(2100, 1, 1, tzinfo=UTC)
"""Times of usage are counted in 32 bits, and every clock must stay well below their end."""

_TOO_LATE: Final = f"the clock goes no further than {LATEST:%Y-%m-%d}"
_FAR_BACK_SECONDS: Final = 10**9


class ClockSetting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where to set the sandbox's clock: an instant, or so many seconds on."""

    now: datetime | None = None
    advance_seconds: int | None = None


class ClockShown(msgspec.Struct, frozen=True):
    """The sandbox's present instant."""

    now: datetime


@post(
    "/sandbox/clock",
    guards=[require(Scope.CLOCK_WRITE)],
    status_code=200,
    sync_to_thread=True,
    tags=["sandbox"],
    summary="Set the sandbox's clock forward",
    responses=answers(413, 422),
)
def set_clock(request: Request[Any, Any, Any], data: JSONBody[ClockSetting]) -> ClockShown:
    """Set the sandbox's clock forward; all processes on this database follow."""
    services = services_of(request.app.state)
    clock = services.clock
    assert isinstance(clock, SandboxClock), clock
    if (data.now is None) == (data.advance_seconds is None):
        raise MalformedBodyError("give either now or advance_seconds")
    with services.database.transaction() as tx:
        move_clock(tx, _wanted(data, lock_offset(tx)))
    clock.refresh()
    if services.database.is_postgresql:
        sleep(0.2)  # every other process has read the new setting by then
    return ClockShown(clock.now())


def _wanted(data: ClockSetting, offset: timedelta) -> timedelta:
    """Return how far ahead of the machine's clock the sandbox's shall be."""
    now = SystemClock().now()
    latest = LATEST - now
    if data.advance_seconds is not None:
        if data.advance_seconds > latest.total_seconds():
            raise MalformedBodyError(_TOO_LATE)
        wanted = offset + timedelta(seconds=max(data.advance_seconds, -_FAR_BACK_SECONDS))
    else:
        assert data.now is not None, data
        if data.now.tzinfo is None:
            raise MalformedBodyError("now must have an offset, such as 2026-03-01T10:00:00Z")
        wanted = data.now - now
    if wanted > latest:
        raise MalformedBodyError(_TOO_LATE)
    return wanted
