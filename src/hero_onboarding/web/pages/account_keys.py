"""The forms of the account page about API keys: make one, which is shown once, and revoke one."""

from dataclasses import dataclass
from typing import Any, Final

from litestar import Request, Response, post
from litestar.params import URLEncodedBody

from hero_onboarding.api_keys import WrongKeyRequestError, create_own_key, revoke_own_key
from hero_onboarding.http import Answer, Page, go_to, locale_of, render, services_of
from hero_onboarding.http.same_origin import origin_of
from hero_onboarding.http.sessions import full_session_at
from hero_onboarding.web.pages.account import show_account_with
from hero_onboarding.web.pages.account_view import AccountForms

NEW_KEY: Final = Page("account_key.html")


@dataclass(frozen=True, slots=True)
class KeyForm:
    """How the user calls a new key."""

    label: str


@dataclass(frozen=True, slots=True)
class RevokeKeyForm:
    """Which key is to end."""

    key_id: str


@dataclass(frozen=True, slots=True)
class NewKeyView:
    """A new key, shown this once, and a command that uses it."""

    label: str
    text: str
    command: str


@post("/account/keys", name="submit_key", sync_to_thread=True)
def submit_key(request: Request[Any, Any, Any], data: URLEncodedBody[KeyForm]) -> Response[str]:
    """Make a key that reads this account, and show it."""
    services = services_of(request.app.state)
    try:
        with services.database.transaction() as tx:
            sid = full_session_at(tx, request).sid
            key, text = create_own_key(tx, sid, data.label.strip(), services.clock.now())
    except WrongKeyRequestError:
        return show_account_with(request, AccountForms(wrong_label=data.label))
    url = f"{origin_of(request)}/v1/users/{sid}/wallet"
    view = NewKeyView(key.label, text, f"curl -H 'Authorization: Bearer {text}' {url}")
    answer = Answer(visitor=sid, locale=locale_of(request), back="/account")
    return render(request, NEW_KEY, view, answer)


@post("/account/keys/revoke", name="revoke_key", sync_to_thread=True)
def submit_revoke_key(
    request: Request[Any, Any, Any], data: URLEncodedBody[RevokeKeyForm]
) -> Response[str]:
    """End one key of the user's own; repeating is safe."""
    services = services_of(request.app.state)
    with services.database.transaction() as tx:
        sid = full_session_at(tx, request).sid
        revoke_own_key(tx, sid, data.key_id, services.clock.now())
    return go_to(request, "account", [])
