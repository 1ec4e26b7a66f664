"""From bytes to the raw tables of a file, or to the reason why the whole file is refused."""

import re
from collections.abc import Mapping, Sequence
from typing import Final, cast

import rtoml

from hero_onboarding.otoml.errors import FileRefusedError

BYTES_MAX: Final = 8 * 1024 * 1024
"""The default cap of a file's size."""

_DETAIL_CHARACTERS_MAX = 200
_FOREIGN_FIRST_LINE = re.compile(r"\A\ufeff?O:(?=\r?\n|\Z)")
_PLACE = re.compile(r" at line ([0-9]+) column [0-9]+\Z")


def read_text(data: bytes, *, bytes_max: int) -> str:
    """Decode a file that is small enough; the foreign first line becomes an empty one.

    Raises:
        FileRefusedError: If it is over ``bytes_max``, holds a NUL byte or is not UTF-8.
    """
    if len(data) > bytes_max:
        raise FileRefusedError("too_large", f"the file has {len(data)} bytes of {bytes_max}")
    nul_at = data.find(b"\0")
    if nul_at >= 0:
        raise FileRefusedError("nul", "a NUL byte", line=_line_at(data, nul_at))
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = _line_at(data, error.start)
        raise FileRefusedError("encoding", "bytes that are not UTF-8", line=line) from None
    return _FOREIGN_FIRST_LINE.sub("", text, count=1)


def parse_tables(text: str) -> Sequence[Mapping[str, object]]:
    """Parse TOML whose top level is exactly ``records``, an array of tables.

    Raises:
        FileRefusedError: If it is no TOML or has another top level.
    """
    try:
        document = rtoml.loads(text)
    except rtoml.TomlParsingError as error:
        raise _syntax_fault(str(error)) from None
    records = document.get("records")
    if len(document) != 1 or not isinstance(records, list):
        raise FileRefusedError("top_level", "the top level is not exactly one array, records")
    if not all(type(table) is dict for table in records):
        raise FileRefusedError("top_level", "records holds something that is no table")
    return cast("list[dict[str, object]]", records)


def _syntax_fault(message: str) -> FileRefusedError:
    place = _PLACE.search(message)
    sentence = message if place is None else message[: place.start()]
    printable = "".join(c if c.isprintable() else "?" for c in sentence[:_DETAIL_CHARACTERS_MAX])
    return FileRefusedError("syntax", printable, line=int(place[1]) if place else 0)


def _line_at(data: bytes, position: int) -> int:
    return data.count(b"\n", 0, position) + 1
