"""Failures of the mycelium daemon."""

from hero_onboarding.kernel.errors import UnavailableError, UpstreamError
from hero_onboarding.kernel.overriding import override


class DaemonAnswerError(UpstreamError):
    """The daemon answered what makes no sense."""

    code = "overlay.answer"

    @override
    def __str__(self) -> str:
        """Say what."""
        return f"the mycelium daemon: {self.args[0]}"


class DaemonBusyError(UnavailableError):
    """The daemon failed; it may not the next time."""

    code = "overlay.unavailable"

    @override
    def __str__(self) -> str:
        """Say what to do."""
        return "the mycelium daemon failed; the message is tried again"
