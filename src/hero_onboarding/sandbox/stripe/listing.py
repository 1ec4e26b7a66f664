"""Lists by page, and members expanded into the objects that they name."""

import copy
from collections.abc import Callable, Sequence
from typing import Final

from hero_onboarding.sandbox.stripe.account import Visit
from hero_onboarding.sandbox.stripe.failures import invalid, missing
from hero_onboarding.sandbox.stripe.objects import Object, Shelf
from hero_onboarding.sandbox.stripe.parameters import ListParameters, Span

_DEPTH_MAX: Final = 4


def list_page(
    visit: Visit,
    path: str,
    kind: str,
    wanted: ListParameters,
    fits: Callable[[Object], bool] = lambda _: True,
) -> Object:
    """Give a page of the objects of a kind that fit, the newest first."""
    created = wanted.created
    span = Span(gte=created, lte=created) if isinstance(created, int) else created or Span()
    things = [
        thing
        for thing in visit.shelf.list_newest(kind)
        if span.holds(thing["created"]) and fits(thing)
    ]
    page, has_more = _cut(things, kind, wanted)
    return page_of(path, page, has_more=has_more)


def page_of(path: str, things: Sequence[Object], *, has_more: bool = False) -> Object:
    """Spell a list."""
    return {"object": "list", "data": list(things), "has_more": has_more, "url": path}


def fits_all(**wanted: object) -> Callable[[Object], bool]:
    """Make a filter: each member that is given must be equal."""
    given = {name: value for name, value in wanted.items() if value is not None}
    return lambda thing: all(thing.get(name) == value for name, value in given.items())


def expand(shelf: Shelf, thing: Object, paths: Sequence[str]) -> Object:
    """Copy an object with the members at some paths replaced by what they name.

    Raises:
        StripeAnswerError: If a path leads nowhere or too deep.
    """
    expanded = copy.deepcopy(thing)
    for path in paths:
        parts = path.split(".")
        if len(parts) - (parts[0] == "data") > _DEPTH_MAX:
            message = f"You cannot expand more than {_DEPTH_MAX} levels of a property: {path}"
            raise invalid(message, param="expand")
        _expand(shelf, expanded, parts, path)
    return expanded


def _cut(things: list[Object], kind: str, wanted: ListParameters) -> tuple[list[Object], bool]:
    if wanted.ending_before is not None:
        before = things[: _index(things, kind, wanted.ending_before, "ending_before")]
        return before[-wanted.limit :], len(before) > wanted.limit
    if wanted.starting_after is not None:
        things = things[_index(things, kind, wanted.starting_after, "starting_after") + 1 :]
    return things[: wanted.limit], len(things) > wanted.limit


def _index(things: list[Object], kind: str, thing_id: str, param: str) -> int:
    for index, thing in enumerate(things):
        if thing["id"] == thing_id:
            return index
    raise missing(kind, thing_id, param=param)


def _expand(shelf: Shelf, place: object, parts: Sequence[str], path: str) -> None:
    if isinstance(place, list):
        for item in place:
            _expand(shelf, item, parts, path)
        return
    if not parts or not isinstance(place, dict):
        return
    head, *rest = parts
    if head not in place:
        message = f"This property cannot be expanded ({path})."
        raise invalid(message, param="expand")
    held = place[head]
    found = shelf.find_any(held) if isinstance(held, str) else None
    if found is not None:
        place[head] = copy.deepcopy(found)
    elif held is not None and not isinstance(held, dict | list):
        message = f"This property cannot be expanded ({path})."
        raise invalid(message, param="expand")
    _expand(shelf, place[head], rest, path)
