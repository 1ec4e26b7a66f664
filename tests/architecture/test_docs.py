"""Everything that people rely on by name stands in the documents."""

import importlib
import json
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import click
import pytest

import hero_onboarding
from hero_onboarding.aggregation import Reason, check_books, check_news
from hero_onboarding.api_keys import Scope
from hero_onboarding.bootstrap import settings
from hero_onboarding.cli import main
from hero_onboarding.entrypoints.admin import main as admin
from hero_onboarding.incidents import IncidentKind
from hero_onboarding.kernel.errors import HeroError
from hero_onboarding.payments import WAYS
from hero_onboarding.scheduling import BILLING_CRON, JOB_KINDS
from hero_onboarding.web.rpc.names import METHOD_NAMES
from tests.api.routes import ROUTES

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [*sorted(ROOT.glob("*.md")), *sorted(DOCS.rglob("*.md"))]
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


@cache
def text_of(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


@cache
def row_heads(name: str) -> frozenset[str]:
    """Return what is set as code in the first cell of a document's tables."""
    heads = re.findall(r"^\| ([^|]*?) \|", text_of(name), re.MULTILINE)
    return frozenset(code for head in heads for code in re.findall(r"`([^`]+)`", head))


def product_errors() -> Iterator[type[HeroError]]:
    for module in pkgutil.walk_packages(hero_onboarding.__path__, "hero_onboarding."):
        if "__main__" not in module.name and ".migrations." not in module.name:
            importlib.import_module(module.name)
    waiting = [HeroError]
    while waiting:
        for kind in waiting.pop().__subclasses__():
            waiting.append(kind)
            if kind.__module__.startswith("hero_onboarding.") and "code" in vars(kind):
                yield kind


def test_every_error_code_stands_in_the_table_of_errors() -> None:
    codes = {kind.code for kind in product_errors() if ".sandbox" not in kind.__module__}
    edge = set(re.findall(r'"(request\.[a-z_]+)"', source_text("http", "web", "admin")))

    assert len(codes) > 25
    assert len(edge) > 8
    assert (codes | edge) - row_heads("errors.md") == set()


def test_the_table_of_errors_names_no_code_that_is_gone() -> None:
    known = {kind.code for kind in product_errors()} | {"internal"}
    known |= set(re.findall(r'"(request\.[a-z_]+)"', source_text("http", "web", "admin")))

    assert row_heads("errors.md") - known == set()


def source_text(*packages: str) -> str:
    folder = ROOT / "src" / "hero_onboarding"
    return "".join(
        path.read_text(encoding="utf-8")
        for package in packages
        for path in sorted((folder / package).rglob("*.py"))
    )


def asked_settings(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Return the names that a reader of settings asks for."""
    asked: set[str] = set()
    reader = settings._Reader({})
    monkeypatch.setattr(reader, "_asked", asked)
    reader.read()
    return {f"{settings.PREFIX}{name}" for name in asked} | {f"{settings.PREFIX}CONFIG"}


def test_every_setting_stands_in_the_table_of_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    assert row_heads("settings.md") == asked_settings(monkeypatch)


def test_settings_of_later_parts_are_named_as_such() -> None:
    for name in settings._LATER_PARTS:
        assert f"`{settings.PREFIX}{name}`" in text_of("settings.md"), name


def commands(group: click.Command, words: str) -> Iterator[tuple[str, click.Command]]:
    if isinstance(group, click.Group):
        for name, command in group.commands.items():
            yield from commands(command, f"{words} {name}")
    else:
        yield words, group


def test_every_command_and_option_stands_in_the_table_of_commands() -> None:
    found = dict(commands(main, "hero_onboarding")) | dict(commands(admin, "hero_onboarding_admin"))
    text = text_of("commands.md")
    rows = [line for line in text.splitlines() if line.startswith("| `")]

    assert len(found) > 15
    for words, command in found.items():
        row = next((row for row in rows if row.startswith(f"| `{words}")), None)
        assert row is not None, words
        for parameter in command.params:
            option = next((o for o in parameter.opts if o.startswith("--")), None)
            if option not in {None, "--json", "--cursor", "--help"} and "forge" not in words:
                assert option in row, f"{words} {option}"
    for option in ("--start", "--stop", "--status"):
        assert f"`hero_onboarding {option}`" in text


def test_every_option_of_the_stand_ins_stands_in_their_document() -> None:
    from hero_onboarding.sandbox.clickpesa.__main__ import main as clickpesa  # noqa: PLC0415
    from hero_onboarding.sandbox.forge.__main__ import main as forge  # noqa: PLC0415
    from hero_onboarding.sandbox.stripe.__main__ import main as stripe  # noqa: PLC0415

    for parameter in [*forge.params, *stripe.params, *clickpesa.params]:
        assert f"`{parameter.opts[0]} " in text_of("sandbox.md"), parameter.opts


def test_the_table_of_ways_to_pay_says_what_is_taken() -> None:
    row = r"^\| `(\w+)` \| `(\w+)` \| `(\w+)` \| (\d+) \| (\d+) \| (needed|refused) \|$"
    told = {
        (one, way, unit): (int(least), int(most), phone == "needed")
        for one, way, unit, least, most, phone in re.findall(row, text_of("api.md"), re.MULTILINE)
    }

    assert told == {key: (way.least, way.most, way.has_phone) for key, way in WAYS.items()}


def test_every_kind_of_incident_and_reason_stands_in_its_table() -> None:
    assert row_heads("incidents.md") == {str(kind) for kind in IncidentKind}
    assert row_heads("quarantine.md") == {str(reason) for reason in Reason}


def test_the_table_of_reasons_says_which_are_tried_again() -> None:
    for reason in Reason:
        row = re.search(
            rf"^\| `{reason}` \|[^|]+\| (yes|no) \|", text_of("quarantine.md"), re.MULTILINE
        )
        assert row is not None, reason
        assert (row[1] == "yes") == reason.is_retriable, reason


def test_the_hourly_action_and_its_jobs_stand_in_operations() -> None:
    for name in (BILLING_CRON, *JOB_KINDS):
        assert f"`{name}`" in text_of("operations.md"), name


def test_every_equation_of_the_books_stands_in_the_ledgers_document(database: Any) -> None:  # noqa: ANN401 - a fixture
    with database.reading() as tx:
        names = {check.name for check in [*check_books(tx), *check_news(tx)]}

    assert len(names) > 6
    for name in names:
        assert name in text_of("ledger.md"), name


def test_every_route_stands_in_the_table_of_routes(tmp_path: Path) -> None:
    from tests.api.served import served  # noqa: PLC0415 - builds a whole server

    url = f"sqlite:///{tmp_path}/hero.sqlite"
    with served(url, tmp_path / "data") as api:
        description = json.loads(api.get("/api/openapi.json").text)
    table = {row.split("?")[0] for row in row_heads("api.md") if " /" in row}
    routes = {
        f"{method.upper()} {path}"
        for path, methods in description["paths"].items()
        for method in methods
    }

    assert len(routes) > 15
    assert routes == table


def test_every_method_stands_in_the_table_of_methods_beside_its_route() -> None:
    rows = re.findall(
        r"^\| `([a-z_.]+)` \|.*\| `([A-Z]+ [^`]+)` \|$", text_of("rpc.md"), re.MULTILINE
    )

    assert {route: method for method, route in rows} == METHOD_NAMES


def test_every_scope_stands_in_its_table_with_the_routes_it_opens() -> None:
    rows = re.findall(r"^\| `([a-z:]+)` \| [^|]*\| (.+) \|$", text_of("api_keys.md"), re.MULTILINE)
    opens = {scope: set(re.findall(r"`((?:GET|POST|DELETE) [^`]+)`", cell)) for scope, cell in rows}
    opens[Scope.READ] = {route.name for route in ROUTES if route.method == "GET"}

    assert opens == {
        str(scope): {route.name for route in ROUTES if scope in route.scopes} for scope in Scope
    }


def test_links_lead_to_files_that_are_there() -> None:
    for page in PAGES:
        for target in LINK.findall(page.read_text(encoding="utf-8")):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_every_document_is_reached_from_the_readme() -> None:
    reached = {ROOT / "README.md"}
    waiting = list(reached)
    while waiting:
        page = waiting.pop()
        for target in LINK.findall(page.read_text(encoding="utf-8")):
            linked = (page.parent / target).resolve()
            if linked.suffix == ".md" and linked not in reached:
                reached.add(linked)
                waiting.append(linked)
    decisions = set((DOCS / "adr").glob("*.md"))

    assert set(DOCS.rglob("*.md")) - decisions - reached == set()


def test_no_heading_is_empty() -> None:
    for page in PAGES:
        text = re.sub(
            r"^```.*?^```", "code", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL
        )
        sections = re.split(r"^#+ .*$", text, flags=re.MULTILINE)
        assert all(section.strip() for section in sections[2:]), page.name


@pytest.mark.parametrize("page", sorted((DOCS / "adr").glob("*.md")), ids=lambda p: p.stem)
def test_a_decision_says_how_it_is_enforced(page: Path) -> None:
    text = page.read_text(encoding="utf-8")

    assert "Enforced by" in text
    assert "Context" in text
    assert "Alternatives" in text
