"""How reading a bucket file fails as a whole."""

from typing import ClassVar, Literal

from hero_onboarding.kernel.errors import InvalidInputError
from hero_onboarding.kernel.overriding import override

Fault = Literal["too_large", "nul", "encoding", "syntax", "top_level"]


class FileRefusedError(InvalidInputError):
    """A whole bucket file can't be used.

    Attributes:
        reason: Which of the five faults it has.
        line: Line of the fault, counted from 1; 0 when unknown.
        detail: One printable sentence for logs and quarantine, at most 200 characters.
    """

    code: ClassVar[str] = "otoml.file_refused"

    def __init__(self, reason: Fault, detail: str, *, line: int = 0) -> None:
        super().__init__(reason, detail, line)
        self.reason = reason
        self.detail = detail
        self.line = line

    @override
    def __str__(self) -> str:
        place = f"line {self.line}: " if self.line else ""
        return f"{place}{self.detail} ({self.reason})"
