"""Where the records of a file begin, found by a second reading of its text."""

import re
from collections.abc import Iterator
from functools import cached_property

import rtoml

# Every token that can hold brackets or hide them, and the brackets themselves. The text is known
# to be TOML, so strings end where they should. A header is told from an array by the depth.
_TOKEN = re.compile(
    r"""
    \#[^\n]*
    | \"{3}(?:[^\\"]|\\.|"{1,2}(?!"))*+\"{3,5}
    | '{3}(?:[^']|'{1,2}(?!'))*+'{3,5}
    | "(?:[^"\\]|\\.)*+"
    | '[^']*+'
    | (?P<header>^[ \t]*\[\[
        (?P<name>[ \t]*(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*+"|'[^']*+')[ \t]*)\]\])
    | (?P<open>[\[{])
    | (?P<close>[\]}])
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)


class HeaderLines:
    """The lines of a file's ``[[records]]``, counted from 1, looked for when first asked."""

    def __init__(self, text: str) -> None:
        self._text = text

    def line_of(self, index: int) -> int:
        """Return the line of the header with this index, 0 where there is none."""
        lines = self._lines
        return lines[index] if index < len(lines) else 0

    @cached_property
    def _lines(self) -> list[int]:
        lines: list[int] = []
        line, counted_to = 1, 0
        for position in _header_positions(self._text):
            line += self._text.count("\n", counted_to, position)
            counted_to = position
            lines.append(line)
        return lines


def _header_positions(text: str) -> Iterator[int]:
    """Yield the position of every ``[[records]]`` that is neither in a string nor in an array."""
    depth = 0
    for token in _TOKEN.finditer(text):
        if token["open"]:
            depth += 1
        elif token["close"]:
            depth -= 1
        elif token["header"] and not depth and _names_records(token["name"].strip(" \t")):
            yield token.start()


def _names_records(name: str) -> bool:
    return name == "records" or (name[0] in "\"'" and "records" in rtoml.loads(f"{name} = 1"))
