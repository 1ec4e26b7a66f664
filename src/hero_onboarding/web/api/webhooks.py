"""Where payment providers send their notices."""

from typing import Any

import msgspec
from litestar import Request, post

from hero_onboarding.http import services_of
from hero_onboarding.payments import BODY_BYTES_MAX, SHORT_NOTICE_BYTES_MAX, Delivery
from hero_onboarding.web.api.description import answers


class NoticeTaken(msgspec.Struct, frozen=True):
    """A notice that is stored, or was before, or is of no concern."""

    received: bool


@post(
    "/webhooks/stripe",
    name="stripe_webhook",
    status_code=200,
    request_max_body_size=BODY_BYTES_MAX,
    tags=["payments"],
    summary="Take a notice of Stripe's",
    responses=answers(400, 401, 404, 413),
)
async def receive_stripe_notice(request: Request[Any, Any, Any]) -> NoticeTaken:
    """Check a notice, store it and answer; whatever follows from it is done by a job.

    Nothing is decided by what it says, and a repeat is answered like the first.
    """
    return await _receive(request, "stripe")


@post(
    "/webhooks/clickpesa",
    name="clickpesa_webhook",
    status_code=200,
    request_max_body_size=SHORT_NOTICE_BYTES_MAX,
    tags=["payments"],
    summary="Take a notice of ClickPesa's",
    responses=answers(400, 401, 404, 413),
)
async def receive_clickpesa_notice(request: Request[Any, Any, Any]) -> NoticeTaken:
    """Check a notice, store it and answer; whatever follows from it is done by a job.

    Nothing is decided by what it says, and a repeat is answered like the first.
    """
    return await _receive(request, "clickpesa")


async def _receive(request: Request[Any, Any, Any], provider: str) -> NoticeTaken:
    services = services_of(request.app.state)
    delivery = Delivery(dict(request.headers), await request.body(), services.clock.now())
    found = services.cashier.read(provider, delivery)
    if found is not None:
        await services.inbox.store(found)
    return NoticeTaken(received=True)
