"""A user's statement as a file."""

from typing import Any

from litestar import Request, get
from litestar.response import Stream

from hero_onboarding.http import services_of
from hero_onboarding.http.sessions import user_at
from hero_onboarding.wallet import get_wallet
from hero_onboarding.web.statement_file import statement_file


@get("/movements.csv", name="movements_file", media_type="text/csv", sync_to_thread=True)
def show_movements_file(request: Request[Any, Any, Any]) -> Stream:
    """Give the statement of whoever is signed in as CSV, oldest movement first."""
    services = services_of(request.app.state)
    with services.database.reading() as tx:
        wallet = get_wallet(tx, user_at(tx, request))
    return statement_file(services.database, wallet, services.clock.now())
