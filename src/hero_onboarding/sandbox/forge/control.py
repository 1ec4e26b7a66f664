"""The control room: settings, faults, the request log and the clock, as JSON and as a page."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from hero_onboarding.sandbox.errors import ClockBackwardsError
from hero_onboarding.sandbox.exchange import Answer, Request, json_answer
from hero_onboarding.sandbox.forge import control_page
from hero_onboarding.sandbox.forge.bodies import read_json
from hero_onboarding.sandbox.forge.context import Forge
from hero_onboarding.sandbox.forge.failures import (
    ForgeAnswerError,
    failure_answer,
    invalid,
    not_found,
)
from hero_onboarding.sandbox.forge.switches import Fault
from hero_onboarding.sandbox.forge.wire import spell_time

Room = Callable[[Forge, Request], Answer]


class ClockChange(msgspec.Struct, frozen=True):
    """Where the clock is to go: to an instant, or forward by some seconds."""

    now: Annotated[datetime, Meta(tz=True)] | None = None
    advance_seconds: float | None = None


class FaultsChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is to go wrong: settings are changed, faults added, after the old ones are cleared."""

    settings: dict[str, object] = {}
    add: list[Fault] = []
    clear: bool = False


class Redelivery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which delivery is to be made again."""

    uuid: str


class RepositoryRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """States of a repository that the API has no call for."""

    repository: str
    archived: bool | None = None
    over_quota: bool | None = None
    protected_branches: list[str] | None = None
    protected_paths: list[str] | None = None


def answer(forge: Forge, request: Request) -> Answer:
    """Answer a request to the control room."""
    try:
        room = rooms().get((request.method, request.path.rstrip("/")))
        if room is None:
            raise not_found()
        return room(forge, request)
    except ForgeAnswerError as failure:
        return failure_answer(failure, forge.root_url)


def rooms() -> dict[tuple[str, str], Room]:
    """List the control room's routes, those of the page's forms included."""
    return {
        ("GET", "/sandbox"): control_page.show_page,
        ("POST", "/sandbox/forge/settings"): control_page.submit_settings,
        ("POST", "/sandbox/forge/fault"): control_page.submit_fault,
        ("POST", "/sandbox/forge/reset"): control_page.submit_reset,
        ("GET", "/sandbox/forge/faults"): show_faults,
        ("POST", "/sandbox/forge/faults"): change_faults,
        ("DELETE", "/sandbox/forge/faults"): clear_faults,
        ("POST", "/sandbox/forge/repositories"): change_repository,
        ("GET", "/sandbox/forge/requests"): show_requests,
        ("DELETE", "/sandbox/forge/requests"): reset_requests,
        ("GET", "/sandbox/forge/deliveries"): show_deliveries,
        ("POST", "/sandbox/forge/deliveries"): deliver_again,
        ("GET", "/sandbox/clock"): show_clock,
        ("POST", "/sandbox/clock"): set_clock,
    }


def show_faults(forge: Forge, _request: Request) -> Answer:
    """Show the settings, the behaviour that follows from them, and the faults still to come."""
    switches = forge.switches
    return json_answer(
        {
            "settings": switches.settings,
            "behaviour": switches.behaviour,
            "faults": switches.faults,
        }
    )


def change_faults(forge: Forge, request: Request) -> Answer:
    """Change settings and faults, all or nothing."""
    wanted = read_json(request, FaultsChange)
    try:
        forge.switches.change(wanted.settings)
    except msgspec.ValidationError as problem:
        raise invalid(str(problem)) from problem
    if wanted.clear:
        forge.switches.clear()
    for fault in wanted.add:
        forge.switches.add(fault)
    return show_faults(forge, request)


def clear_faults(forge: Forge, request: Request) -> Answer:
    """Let nothing go wrong any more and put every setting back."""
    forge.switches.reset()
    return show_faults(forge, request)


def change_repository(forge: Forge, request: Request) -> Answer:
    """Archive a repository, use up its quota, protect branches or paths."""
    wanted = read_json(request, RepositoryRules)
    owner, _, name = wanted.repository.partition("/")
    record = forge.registry.find_repository(owner, name)
    if record is None:
        raise not_found()
    given = msgspec.structs.asdict(wanted)
    changes = {
        field: tuple(value) if isinstance(value, list) else value
        for field, value in given.items()
        if field != "repository" and value is not None
    }
    return json_answer(forge.registry.change_repository(record.full_name, **changes))


def show_requests(forge: Forge, request: Request) -> Answer:
    """Show the requests that were made, by ``method`` and ``path_prefix``, and how many."""
    method = request.query.get("method", "*")
    entries = forge.log.list_entries(method, request.query.get("path_prefix", "/"))
    return json_answer({"total": forge.log.total, "count": len(entries), "requests": entries})


def reset_requests(forge: Forge, _request: Request) -> Answer:
    """Forget the requests that were made."""
    forge.log.reset()
    return Answer(204)


def show_deliveries(forge: Forge, _request: Request) -> Answer:
    """Show what hooks were told, and what they answered."""
    return json_answer({"deliveries": forge.hooks.deliveries})


def deliver_again(forge: Forge, request: Request) -> Answer:
    """Tell a hook once more, as an operator of the real server can by hand."""
    wanted = read_json(request, Redelivery)
    for delivery in forge.hooks.deliveries:
        if delivery.uuid == wanted.uuid:
            forge.hooks.send(delivery)
            return Answer(204)
    raise not_found()


def show_clock(forge: Forge, _request: Request) -> Answer:
    """Show the test clock."""
    return json_answer({"now": spell_time(forge.clock.now())})


def set_clock(forge: Forge, request: Request) -> Answer:
    """Move the test clock forward."""
    wanted = read_json(request, ClockChange)
    try:
        if wanted.now is not None:
            forge.clock.set_to(wanted.now)
        if wanted.advance_seconds is not None:
            forge.clock.advance(wanted.advance_seconds)
    except ClockBackwardsError as problem:
        raise invalid(str(problem)) from problem
    return show_clock(forge, request)
