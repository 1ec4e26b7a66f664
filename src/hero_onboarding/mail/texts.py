"""The words of mails: a file for each text and language, the subject in its first line."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from string import Template
from typing import Final

from hero_onboarding.mail.domain import CODES, MailText, one_line

SITE: Final = "site"
"""The gap that every text may have: the site's address."""


@dataclass(frozen=True, slots=True)
class TextFile:
    """A text in one language; its subject has no gaps, so nothing of a person's gets there."""

    subject: str
    body: Template

    @property
    def gaps(self) -> frozenset[str]:
        """The names of the parameters that it needs."""
        return frozenset(self.body.get_identifiers()) - {SITE}

    def fill(self, parameters: Mapping[str, str], site: str) -> str:
        """Return the body; each parameter becomes one line of printable characters."""
        plain = {name: one_line(value) for name, value in parameters.items()}
        return self.body.substitute(plain, **{SITE: site})


Texts = Mapping[tuple[str, str], TextFile]
"""All texts by name and language."""


def load_texts() -> Texts:
    """Read every text in every language."""
    folder = resources.files("hero_onboarding.mail") / "texts"
    return {
        (name, language): _read((folder / f"{name}.{language}.txt").read_text(encoding="utf-8"))
        for name in MailText
        for language in CODES
    }


def _read(content: str) -> TextFile:
    subject, _, body = content.partition("\n\n")
    return TextFile(subject, Template(body))
