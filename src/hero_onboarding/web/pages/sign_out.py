"""Leave."""

from typing import Any

from litestar import Request, Response, post

from hero_onboarding.http import go_to, services_of
from hero_onboarding.http.sessions import end_session, user_cookie
from hero_onboarding.web.pending import drop_pending


@post("/sign-out", name="sign_out", sync_to_thread=True)
def submit_sign_out(request: Request[Any, Any, Any]) -> Response[str]:
    """End the session and go to the start; repeating is safe."""
    services = services_of(request.app.state)
    cookie = user_cookie(services)
    with services.database.transaction() as tx:
        end_session(tx, request, cookie)
    return go_to(request, "home", [cookie.take_back(), drop_pending(services)])
