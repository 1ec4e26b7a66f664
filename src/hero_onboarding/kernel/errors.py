"""The six kinds of failure.

    HeroError
    ├── InvalidInputError   what was sent can't be read            422
    ├── NotFoundError       it names something that isn't there    404
    ├── ConflictError       it contradicts what is already there   409
    ├── RefusedError        it is understood and not allowed       403
    ├── UnavailableError    we or a server can't do it now         503
    └── UpstreamError       a server answered nonsense             502

Each concrete error inherits exactly one of the six and sets ``code``, which never changes once
published. The statuses belong to ``hero_onboarding.http``, which translates in one place.
"""

from typing import ClassVar


class HeroError(Exception):
    """A failure that callers may expect.

    Attributes:
        code: Stable dotted name, documented in ``docs/errors.md``.
    """

    code: ClassVar[str]


class InvalidInputError(HeroError):
    """What was sent can't be read."""


class NotFoundError(HeroError):
    """It names something that is not there."""


class ConflictError(HeroError):
    """It contradicts what is already there."""


class RefusedError(HeroError):
    """It is understood and not allowed."""


class UnavailableError(HeroError):
    """It can't be done now; later it may."""


class UpstreamError(HeroError):
    """Another server answered what it should not."""
