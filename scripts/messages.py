"""Find every message of the site and bring the catalogues up to date: ``make messages``.

What is written depends on the sources alone: no dates, no places, one order.
"""

import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.pofile import read_po, write_po

SOURCE: Final = Path(__file__).parents[1] / "src" / "hero_onboarding"
CATALOGUES: Final = SOURCE / "languages"
_KEYWORDS: Final = {**DEFAULT_KEYWORDS, "marked": None}
_METHODS: Final = {".py": "python", ".html": "jinja2.ext:babel_extract"}
_OPTIONS: Final = {"newstyle_gettext": "true", "silent": "false", "trimmed": "true"}
_WIDTH: Final = 100


def found_messages() -> Catalog:
    """Return every message that the site can say, without translations."""
    catalog = Catalog()
    for path in _sources():
        with path.open("rb") as source:
            method = _METHODS[path.suffix]
            for _, message, _, context in extract(method, source, _KEYWORDS, (), _OPTIONS):
                catalog.add(message, context=context)
    return catalog


def read_catalogue(language: str) -> Catalog:
    """Read a catalogue as it is committed."""
    with (CATALOGUES / f"{language}.po").open("rb") as source:
        return read_po(source, locale=language, abort_invalid=True)


def updated(language: str) -> bytes:
    """Write a catalogue anew: what was translated stays, what nobody says any more goes."""
    header, _, _ = (CATALOGUES / f"{language}.po").read_bytes().partition(b"\n\n")
    translated, catalog = read_catalogue(language), read_po(BytesIO(header), locale=language)
    for message in found_messages():
        if message.id:
            known = translated.get(message.id, context=message.context)
            catalog.add(message.id, known.string if known else None, context=message.context)
    written = BytesIO()
    write_po(
        written, catalog, width=_WIDTH, omit_header=True, sort_output=True, ignore_obsolete=True
    )
    return header + b"\n\n" + written.getvalue().strip(b"\n") + b"\n"


def forms_of(message: Message) -> tuple[str, ...]:
    """Return a message's translation in each form that it has; empty where there is none."""
    written = message.string
    return (written or "",) if isinstance(written, str | None) else tuple(written)


def _sources() -> Iterator[Path]:
    for path in sorted(SOURCE.rglob("*")):
        if path.suffix in _METHODS and "sandbox" not in path.relative_to(SOURCE).parts:
            yield path


def main() -> int:
    """Bring every catalogue up to date; say what is not translated."""
    missing = 0
    for path in sorted(CATALOGUES.glob("*.po")):
        path.write_bytes(updated(path.stem))
        for message in read_catalogue(path.stem):
            if message.id and not all(forms_of(message)):
                missing += 1
                print(f"{path.name}: {message.id!r}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
