"""Where the records of a file begin, found by a second reading of its text."""

import re
from collections.abc import Iterator
from typing import Final

import rtoml

# What can hold brackets or hide them, and the brackets themselves. The text is known to be TOML,
# so strings end where they should. No pattern repeats a group: a file could make it keep a
# million places to come back to. A name longer than 80 characters is not "records", escaped or not.
_TOKEN: Final = re.compile(
    r"""
    \#[^\n]*
    | "[^"\\\n]+" | '[^'\n]+'
    | (?P<string>\"{3}|'{3}|"|')
    | (?P<header>^\ufeff?[ \t]*\[\[
        [ \t]*(?P<name>[A-Za-z0-9_-]+|"[^"\n]{1,80}"|'[^'\n]{1,80}')[ \t]*\]\])
    | (?P<open>[\[{])
    | (?P<close>[\]}])
    """,
    re.VERBOSE | re.MULTILINE,
)
_END: Final = {
    '"""': re.compile(r'\\.|"{3,5}', re.DOTALL),
    "'''": re.compile(r"'{3,5}"),
    '"': re.compile(r'\\.|"'),
    "'": re.compile(r"'"),
}


class HeaderLines:
    """The lines of a file's ``[[records]]``, counted from 1, looked for as far as needed."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._found: list[int] = []
        self._rest = _header_lines(text)

    def line_of(self, index: int) -> int:
        """Return the line of the header with this index, 0 where there is none."""
        while len(self._found) <= index:
            line = next(self._rest, 0)
            if not line:
                return 0
            self._found.append(line)
        return self._found[index]


def _header_lines(text: str) -> Iterator[int]:
    line, counted_to = 1, 0
    for position in _header_positions(text):
        line += text.count("\n", counted_to, position)
        counted_to = position
        yield line


def _header_positions(text: str) -> Iterator[int]:
    """Yield the position of every ``[[records]]`` that is neither in a string nor in an array."""
    depth = 0
    token = _TOKEN.search(text)
    while token is not None:
        kind, position = token.lastgroup, token.end()
        if kind == "string":
            position = _string_end(text, token["string"], position)
        elif kind == "open":
            depth += 1
        elif kind == "close":
            depth -= 1
        elif kind == "header" and depth == 0 and _names_records(token["name"]):
            yield token.start()
        token = _TOKEN.search(text, position)


def _string_end(text: str, quotes: str, position: int) -> int:
    """Find where a string ends whose opening quotes end at a position."""
    for found in _END[quotes].finditer(text, position):
        if not found[0].startswith("\\"):
            return found.end()
    raise AssertionError(position)


def _names_records(name: str) -> bool:
    return name == "records" or (name[0] in "\"'" and "records" in rtoml.loads(f"{name} = 1"))
