"""The scheduler of the machine: writes service and timer units, verifies and starts them."""

import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hero_onboarding.scheduling.ports import Action, SchedulerError
from hero_onboarding.scheduling.units import service_unit, timer_unit, write_units

_TIMEOUT_SECONDS: Final = 60

Run = Callable[[Sequence[str]], "subprocess.CompletedProcess[str]"]


def run_program(command: Sequence[str]) -> "subprocess.CompletedProcess[str]":
    """Run a program of the machine for at most a minute.

    Raises:
        SchedulerError: If it is missing or takes longer.
    """
    try:
        return subprocess.run(  # noqa: S603 - our own words only
            list(command), capture_output=True, text=True, timeout=_TIMEOUT_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SchedulerError(f"{command[0]}: {error}") from error


@dataclass(frozen=True, slots=True)
class SystemdScheduler:
    """Registers an action as ``<name>.service`` and ``<name>.timer`` in a folder of units.

    Attributes:
        folder: Where units lie, such as ``/etc/systemd/system``.
        command: What one run of an action executes.
        environment_file: The file of settings that the command needs.
        is_user: Whether these are a user's own units.
        is_active: Whether a systemd runs here; else units are only written and verified.
    """

    folder: Path
    command: Sequence[str]
    environment_file: Path
    is_user: bool
    is_active: bool
    run: Run = run_program

    def register(self, action: Action) -> None:
        """Write, verify and, where systemd runs, enable the action's units.

        Raises:
            SchedulerError: If systemd finds fault with them; they are removed again.
        """
        description = f"{action.name} every {action.interval_ms} ms"
        units = {
            f"{action.name}.service": service_unit(
                description, self.command, self.environment_file, is_oneshot=True
            ),
            f"{action.name}.timer": timer_unit(description, action.interval_ms),
        }
        paths = write_units(self.folder, units)
        try:
            self.verify(paths)
        except SchedulerError:
            for path in paths:
                path.unlink()
            raise
        if self.is_active:
            self.control("daemon-reload")
            self.control("enable", "--now", f"{action.name}.timer")

    def unregister(self, name: str) -> None:
        """Disable and remove an action's units; unknown names do nothing."""
        paths = [self.folder / f"{name}.{kind}" for kind in ("timer", "service")]
        if not any(path.exists() for path in paths):
            return
        if self.is_active:
            self.control("disable", "--now", f"{name}.timer")
        for path in paths:
            path.unlink(missing_ok=True)
        if self.is_active:
            self.control("daemon-reload")

    def list_actions(self) -> Sequence[str]:
        """Return the names of actions with a timer in the folder."""
        return sorted(path.stem for path in self.folder.glob("hero_onboarding*.timer"))

    def verify(self, paths: Sequence[Path]) -> None:
        """Let systemd check units; it says unknown keys on standard error and exits 0.

        What it says there of units that are not ours is none of our business.

        Raises:
            SchedulerError: With what it said.
        """
        result = self.run(["systemd-analyze", "verify", *map(str, paths)])
        lines = result.stderr.splitlines()
        is_ours = any(path.name in line for line in lines for path in paths)
        if result.returncode or is_ours:
            said = result.stderr.strip() or result.stdout.strip()
            raise SchedulerError(f"systemd-analyze verify: {said}")

    def control(self, *words: str) -> str:
        """Tell systemd to do something and return what it prints.

        Raises:
            SchedulerError: With what it said.
        """
        command = ["systemctl", *(["--user"] if self.is_user else []), *words]
        result = self.run(command)
        if result.returncode:
            raise SchedulerError(f"{' '.join(command)}: {result.stderr.strip()}")
        return result.stdout
