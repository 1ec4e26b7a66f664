"""The map of the operator's pages; all of them but the sign-in need an operator."""

from litestar import Router
from litestar.config.compression import CompressionConfig
from litestar.middleware import DefineMiddleware
from litestar.middleware.compression import CompressionMiddleware

from hero_onboarding.admin.pages.incidents import show_incidents
from hero_onboarding.admin.pages.nodes import show_nodes
from hero_onboarding.admin.pages.overview import show_overview
from hero_onboarding.admin.pages.quarantine import show_quarantine
from hero_onboarding.admin.pages.sign_in import show_sign_in, submit_sign_in, submit_sign_out
from hero_onboarding.http import require_same_origin, show_static_file, submit_language


def make_pages() -> list[Router]:
    """Make the routes of the operator's pages."""
    pages = Router(
        path="/",
        route_handlers=[
            show_overview,
            show_nodes,
            show_quarantine,
            show_incidents,
            show_sign_in,
            submit_sign_in,
            submit_sign_out,
            submit_language,
        ],
        guards=[require_same_origin],
        middleware=[DefineMiddleware(CompressionMiddleware, config=CompressionConfig("gzip"))],
        include_in_schema=False,
    )
    return [pages, Router(path="/", route_handlers=[show_static_file])]
