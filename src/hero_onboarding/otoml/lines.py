"""Where the records of a file begin, found by a second reading of its text."""

import re
from collections.abc import Iterator

import rtoml

# Every token that can hold brackets or hide them, and the brackets themselves. The text is known
# to be TOML, so strings end where they should; what looks like a header inside an array is told
# apart by the depth.
_TOKEN = re.compile(
    r"""
    \#[^\n]*
    | \"{3}[^"\\]*(?:(?:\\.|"{1,2}(?!"))[^"\\]*)*\"{3,5}
    | '{3}[^']*(?:'{1,2}(?!')[^']*)*'{3,5}
    | "[^"\\]*(?:\\.[^"\\]*)*"
    | '[^']*'
    | (?P<header>^\ufeff?[ \t]*\[\[
        [ \t]*(?P<name>[A-Za-z0-9_-]+|"[^"\\]*(?:\\.[^"\\]*)*"|'[^']*')[ \t]*\]\])
    | (?P<open>[\[{])
    | (?P<close>[\]}])
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)


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
    for token in _TOKEN.finditer(text):
        kind = token.lastgroup
        if kind == "open":
            depth += 1
        elif kind == "close":
            depth -= 1
        elif kind == "header" and depth == 0 and _names_records(token["name"]):
            yield token.start()


def _names_records(name: str) -> bool:
    return name == "records" or (name[0] in "\"'" and "records" in rtoml.loads(f"{name} = 1"))
