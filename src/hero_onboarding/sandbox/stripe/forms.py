"""Forms with brackets in their names, as nested values."""

import re
from typing import Any, Final
from urllib.parse import parse_qsl

from hero_onboarding.sandbox.stripe.failures import invalid

Form = dict[str, Any]

_NAME: Final = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_PART: Final = re.compile(r"\[([^\[\]]*)\]")
_DEPTH_MAX: Final = 8
_FIELDS_MAX: Final = 2000
_FREE_NAMES: Final = frozenset({"metadata"})


def read_form(text: str) -> Form:
    """Read ``a[b][0]=c`` and ``a[]=c`` into dicts, lists and text.

    A dict whose names count from 0 becomes a list, but not one whose names are the sender's own.

    Raises:
        StripeAnswerError: If a name is malformed, or used for a value and for a dict.
    """
    root: Form = {}
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_FIELDS_MAX)
    except ValueError as problem:
        raise invalid(f"Invalid request: {problem}") from problem
    for name, value in pairs:
        _put(root, name, value)
    return {name: _listed(name, value) for name, value in root.items()}


def _put(root: Form, name: str, value: str) -> None:
    match = _NAME.fullmatch(name)
    path = [match[1], *_PART.findall(match[2])] if match else []
    if not 0 < len(path) <= _DEPTH_MAX:
        raise invalid(f"Invalid parameter name: {name[:100]}", param=name[:100])
    place = root
    for part in path[:-1]:
        place = place.setdefault(part or str(len(place)), {})
        if not isinstance(place, dict):
            raise invalid(f"Invalid hash: {name[:100]}", param=name[:100])
    last = path[-1] or str(len(place))
    if isinstance(place.get(last), dict):
        raise invalid(f"Invalid hash: {name[:100]}", param=name[:100])
    place[last] = value


def _listed(name: str, value: object) -> object:
    if not isinstance(value, dict):
        return value
    inner = {key: _listed(key, held) for key, held in value.items()}
    if name in _FREE_NAMES or set(inner) != {str(index) for index in range(len(inner))}:
        return inner
    return [inner[str(index)] for index in range(len(inner))]
