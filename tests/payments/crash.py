"""What ends a process at a step of its own choice."""


class CrashError(BaseException):
    """The process is gone: nothing catches it."""


class CrashAt:
    """A trace at whose n-th point the process is gone; without a number it counts."""

    def __init__(self) -> None:
        self.at: int | None = None
        self.points = 0

    def __call__(self, _: str) -> None:
        self.points += 1
        if self.points == self.at:
            raise CrashError
