"""The site map: every page and form of the site."""

from litestar import Router
from litestar.config.compression import CompressionConfig
from litestar.middleware import DefineMiddleware
from litestar.middleware.compression import CompressionMiddleware

from hero_onboarding.http import Mode, require_same_origin, show_static_file
from hero_onboarding.http.same_origin import move_to_public_name
from hero_onboarding.web.pages.dashboard import show_dashboard
from hero_onboarding.web.pages.home import show_home
from hero_onboarding.web.pages.movements import show_movements
from hero_onboarding.web.pages.sandbox_sign_in import show_sign_in, submit_sign_in
from hero_onboarding.web.pages.sign_in_missing import show_sign_in_missing
from hero_onboarding.web.pages.sign_out import submit_sign_out


def make_pages(mode: Mode) -> list[Router]:
    """Make the routes of the site's pages.

    The sandbox's own sign-in exists in sandbox mode only; elsewhere its address answers 404.
    """
    sign_in = [show_sign_in, submit_sign_in] if mode is Mode.SANDBOX else [show_sign_in_missing]
    pages = Router(
        path="/",
        route_handlers=[
            show_home,
            *sign_in,
            submit_sign_out,
            show_dashboard,
            show_movements,
        ],
        guards=[require_same_origin],
        before_request=move_to_public_name,
        middleware=[DefineMiddleware(CompressionMiddleware, config=CompressionConfig("gzip"))],
        include_in_schema=False,
    )
    return [pages, Router(path="/", route_handlers=[show_static_file])]
