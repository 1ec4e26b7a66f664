"""A way out for mail, and a box that seals, both in memory."""

import base64
from dataclasses import dataclass, field

from hero_onboarding.kernel.boundary import require_no_transaction
from hero_onboarding.mail import Letter, MailDelayedError, MailRefusedError


@dataclass
class FakeSender:
    """Keeps letters in the order in which they came; fails as it is told, the next ones first."""

    letters: list[Letter] = field(default_factory=list)
    failures: list[MailDelayedError | MailRefusedError] = field(default_factory=list)
    is_down: bool = False
    tried: int = 0

    def send(self, letter: Letter) -> None:
        require_no_transaction("mail in memory")
        self.tried += 1
        if self.failures:
            raise self.failures.pop(0)
        if self.is_down:
            raise MailDelayedError("the fake is down")
        self.letters.append(letter)


@dataclass
class FakeBox:
    """Hides content from a reader of the database, and nobody else; forgets its key when told."""

    mark: bytes = b"sealed:"

    def seal(self, content: bytes) -> bytes:
        return self.mark + base64.b64encode(content)

    def open(self, sealed: bytes) -> bytes | None:
        if not sealed.startswith(self.mark):
            return None
        return base64.b64decode(sealed.removeprefix(self.mark))
