"""What ends a process at a step of its own choice."""

COARSE = {"after commit", "before call", "after call"}


class CrashError(BaseException):
    """The process is gone: nothing catches it."""


class CrashAt:
    """A trace at whose n-th point the process is gone; without a number it counts.

    With ``is_coarse`` the points inside of a transaction are left out: what ends there leaves
    what the commit before it left.
    """

    def __init__(self, *, is_coarse: bool = False) -> None:
        self.at: int | None = None
        self.points = 0
        self.is_coarse = is_coarse

    def __call__(self, point: str) -> None:
        if self.is_coarse and point not in COARSE:
            return
        self.points += 1
        if self.points == self.at:
            raise CrashError
