"""How often one network, and one address, may ask to sign in."""

from collections.abc import Sequence
from typing import Any, Final

from litestar import Request

from hero_onboarding.http.requester import requester_of
from hero_onboarding.http.services import services_of
from hero_onboarding.rates import Limit, count

OF_NETWORK: Final = {
    "attempts": Limit("attempts", "20/minute"),
    "challenges": Limit("challenges", "30/minute"),
    "answers": Limit("answers", "30/minute"),
    "messages": Limit("messages", "10/10minute"),
    "codes": Limit("codes", "30/minute"),
    "emails": Limit("emails", "10/10minute"),
    "links": Limit("links", "30/minute"),
    "passkeys": Limit("passkeys", "30/minute"),
    "authorizations": Limit("authorizations", "60/minute"),
    "tokens": Limit("tokens", "600/minute"),
    "top-ups": Limit("top-ups", "30/minute"),
}
"""What a network may ask for."""

OF_MESSAGES: Final = (
    Limit("messages-of-address", "3/10minute"),
    Limit("messages-of-address-a-day", "10/day"),
)
"""How many codes may be sent to one address."""

OF_EMAILS: Final = (
    Limit("emails-of-address", "3/10minute"),
    Limit("emails-of-address-a-day", "10/day"),
)
"""How many codes may be mailed to one address."""

TYPED_CODES_OF_ADDRESS: Final = Limit("codes-of-address", "20/hour")
"""How many codes may be typed for one address."""

CHALLENGES_OF_ADDRESS: Final = Limit("challenges-of-address", "20/minute")
"""How many challenges may be opened for one address."""


def limit(
    request: Request[Any, Any, Any], what: str, others: Sequence[tuple[Limit, str]] = ()
) -> None:
    """Count a request against its network's limit and others.

    Raises:
        TooManyError: If it is one too many.
    """
    services = services_of(request.app.state)
    if not services.has_rate_limits:
        return
    hits = [*others, (OF_NETWORK[what], requester_of(request).place)]
    with services.database.transaction() as tx:
        over = count(tx, hits, services.clock.now())
    if over:
        raise over
