"""The site map: every page and form of the site."""

from typing import Any, Final

from litestar import Router
from litestar.config.compression import CompressionConfig
from litestar.middleware import DefineMiddleware
from litestar.middleware.compression import CompressionMiddleware
from litestar.types import Guard

from hero_onboarding.http import (
    Mode,
    require_same_origin,
    show_static_file,
)
from hero_onboarding.http.same_origin import move_to_public_name, refuse_cross_site
from hero_onboarding.http.sessions import note_session_use
from hero_onboarding.web.pages.account import (
    show_account,
    submit_account_attempt,
    submit_acknowledge,
    submit_remove_passkey,
    submit_revoke,
    submit_revoke_others,
    submit_revoke_service,
)
from hero_onboarding.web.pages.account_email import (
    submit_email,
    submit_email_code,
    submit_remove_email,
)
from hero_onboarding.web.pages.account_keys import submit_key, submit_revoke_key
from hero_onboarding.web.pages.dashboard import show_dashboard
from hero_onboarding.web.pages.help import show_help
from hero_onboarding.web.pages.helper_file import show_helper_file
from hero_onboarding.web.pages.home import show_home
from hero_onboarding.web.pages.language import submit_own_language
from hero_onboarding.web.pages.movements import show_movements
from hero_onboarding.web.pages.movements_file import show_movements_file
from hero_onboarding.web.pages.openid import (
    continue_authorization,
    show_authorization,
    submit_authorization,
)
from hero_onboarding.web.pages.payment_methods import (
    show_payment_methods,
    submit_alert,
    submit_automatic,
    submit_remove_card,
    submit_turn_off,
)
from hero_onboarding.web.pages.people import show_people, submit_person
from hero_onboarding.web.pages.profile import show_profile, submit_profile
from hero_onboarding.web.pages.sandbox_mail import show_sandbox_mail
from hero_onboarding.web.pages.shillings import (
    confirm_shillings,
    pay_shillings,
    show_shillings,
)
from hero_onboarding.web.pages.sign_in import (
    show_attempt,
    show_sign_in,
    submit_attempt,
    submit_code,
    submit_message,
    submit_sign_in_email,
    submit_sign_in_email_code,
)
from hero_onboarding.web.pages.sign_in_link import show_link, submit_link
from hero_onboarding.web.pages.sign_out import submit_sign_out
from hero_onboarding.web.pages.top_up import (
    show_top_up,
    show_top_up_state,
    submit_refund,
    submit_top_up,
)

_TOP_UPS: Final = (
    *(show_top_up, submit_top_up, show_top_up_state, submit_refund),
    *(show_shillings, confirm_shillings, pay_shillings),
)
_PAYMENT_METHODS: Final = (
    *(show_payment_methods, submit_automatic, submit_turn_off),
    *(submit_remove_card, submit_alert),
)
_COMPRESSION: Final = CompressionConfig("gzip", gzip_compress_level=3)


def make_pages(mode: Mode) -> list[Router]:
    """Make the routes of the site's pages.

    The sandbox's own way in and its mails exist in sandbox mode only; elsewhere their addresses
    answer 404.
    """
    sandbox = [show_people, submit_person, show_sandbox_mail] if mode is Mode.SANDBOX else []
    pages = _router(
        require_same_origin,
        [
            show_home,
            show_sign_in,
            show_helper_file,
            submit_attempt,
            show_attempt,
            submit_message,
            submit_code,
            submit_sign_in_email,
            submit_sign_in_email_code,
            *sandbox,
            submit_sign_out,
            submit_own_language,
            show_dashboard,
            show_movements,
            show_movements_file,
            *_TOP_UPS,
            *_PAYMENT_METHODS,
            show_account,
            submit_account_attempt,
            submit_revoke,
            submit_revoke_others,
            submit_acknowledge,
            submit_remove_passkey,
            show_profile,
            submit_profile,
            submit_email,
            submit_email_code,
            submit_remove_email,
            submit_key,
            submit_revoke_key,
            show_help,
            submit_revoke_service,
            show_authorization,
            submit_authorization,
            continue_authorization,
        ],
    )
    # A link's form carries a token of its own; whoever sends it need not be a browser.
    links = _router(refuse_cross_site, [show_link, submit_link])
    return [pages, links, Router(path="/", route_handlers=[show_static_file])]


def _router(guard: Guard, handlers: list[Any]) -> Router:
    return Router(
        path="/",
        route_handlers=handlers,
        guards=[guard],
        before_request=move_to_public_name,
        after_response=note_session_use,
        middleware=[DefineMiddleware(CompressionMiddleware, config=_COMPRESSION)],
        include_in_schema=False,
    )
