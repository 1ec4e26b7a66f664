"""Turn a view into HTML: the whole page for a browser, one block of it for htmx."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any, Final

from jinja2 import ChoiceLoader, Environment, PackageLoader
from litestar import Litestar, MediaType, Request, Response
from litestar.datastructures import Cookie, State

from hero_onboarding.database import Transaction
from hero_onboarding.http.language_switch import path_of
from hero_onboarding.http.request_locale import locale_of
from hero_onboarding.http.security_headers import PAGE_HEADERS
from hero_onboarding.http.services import Services
from hero_onboarding.http.static_files import load_static_files
from hero_onboarding.http.templates_in_language import LanguageEnvironment
from hero_onboarding.kernel.server import Mode
from hero_onboarding.languages import LANGUAGES, Locale

FindVisitor = Callable[[Transaction, Request[Any, Any, Any]], str | None]
"""Returns how pages call whoever is signed in, None when nobody is."""

_NEVER_KEPT: Final = "no-store"
_ENVIRONMENTS_KEPT: Final = 16


@dataclass(frozen=True, slots=True)
class Page:
    """A template and the block of it that htmx may ask for alone."""

    template: str
    block: str = "main"


@dataclass(frozen=True, slots=True)
class Site:
    """What every page of an application shares; each language has its own environment.

    ``paths`` remembers routes without parameters by name, once they were asked for.
    """

    environments: Mapping[str, Environment]
    static_urls: Mapping[str, str]
    is_sandbox: bool
    find_visitor: FindVisitor
    paths: dict[str, str] = field(default_factory=dict)

    def url(self, application: Litestar, name: str, **parameters: str) -> str:
        """Return the path of a route of ours."""
        if parameters:
            return application.route_reverse(name, **parameters)
        path = self.paths.get(name)
        if path is None:
            path = self.paths[name] = application.route_reverse(name)
        return path


@dataclass(frozen=True, slots=True)
class Answer:
    """How a page is answered beyond its view.

    Attributes:
        status: Its HTTP status.
        visitor: How it calls whoever is signed in.
        cookies: What the browser is given.
        locale: In which language, None for the request's.
        back: Where the switch of languages leads when the page answers a form: such a page can't
            be asked for again.
    """

    status: int = 200
    visitor: str | None = None
    cookies: list[Cookie] = field(default_factory=list)
    locale: Locale | None = None
    back: str = "/"


PLAIN: Final = Answer()


def page_state(services: Services, package: str, find_visitor: FindVisitor) -> dict[str, Any]:
    """Return what an application's state needs so that its handlers can render pages.

    Args:
        services: What the handlers may use.
        package: The package whose ``templates`` folder holds the application's own templates, its
            ``failure.html`` among them.
        find_visitor: How a failure's page is addressed to whoever is signed in.
    """
    environments = {
        code: _environment(package, locale) for code, locale in services.locales.items()
    }
    loaded = load_static_files()
    return {
        "site": Site(
            environments,
            {name: file.url for name, file in loaded.items()},
            services.mode is Mode.SANDBOX,
            find_visitor,
        ),
        "static_files": {file.served_name: file for file in loaded.values()},
    }


@lru_cache(_ENVIRONMENTS_KEPT)
def _environment(package: str, locale: Locale) -> Environment:
    """Make what renders an application's templates in one language; what is compiled is kept."""
    loader = ChoiceLoader([PackageLoader(package), PackageLoader("hero_onboarding.http")])
    return LanguageEnvironment(loader, locale.translations)


def find_site(state: State) -> Site | None:
    """Return what pages share, None in an application that has no pages."""
    site = state.get("site")
    assert site is None or isinstance(site, Site), site
    return site


def wants_block(request: Request[Any, Any, Any]) -> bool:
    """Whether htmx asks for a part of a page rather than a browser for all of it."""
    return request.headers.get("HX-Request") == "true"


def render(
    request: Request[Any, Any, Any], page: Page, view: object, answer: Answer = PLAIN
) -> Response[str]:
    """Answer with the page's block if htmx asks for one, else with the whole page."""
    site = find_site(request.app.state)
    assert site is not None, "the application was made without pages"
    locale = answer.locale or locale_of(request)
    template = site.environments[locale.language].get_template(page.template)
    shared = {
        "view": view,
        "visitor": answer.visitor,
        "url": partial(site.url, request.app),
        "static": site.static_urls,
        "is_sandbox": site.is_sandbox,
        "locale": locale,
        "languages": LANGUAGES,
        "asked_path": path_of(request) if request.method == "GET" else answer.back,
    }
    if wants_block(request):
        html = "".join(template.blocks[page.block](template.new_context(shared)))
    else:
        html = template.render(shared)
    return Response(
        html,
        status_code=answer.status,
        media_type=MediaType.HTML,
        headers={
            **PAGE_HEADERS,
            "Cache-Control": _NEVER_KEPT,
            "Content-Language": locale.language,
            "Vary": "HX-Request, Cookie, Accept-Language",
        },
        cookies=answer.cookies,
    )


def go_to(
    request: Request[Any, Any, Any],
    name: str,
    cookies: list[Cookie],
    **path_parameters: str,
) -> Response[str]:
    """Send a browser to one of our own routes, by name and never by what a request says."""
    path = request.app.route_reverse(name, **path_parameters)
    header = {"HX-Redirect": path} if wants_block(request) else {"Location": path}
    return Response(
        "",
        status_code=200 if wants_block(request) else 303,
        media_type=MediaType.TEXT,
        headers={**header, "Cache-Control": _NEVER_KEPT, "Vary": "HX-Request"},
        cookies=cookies,
    )
