"""The text of systemd units, pure."""

from collections.abc import Mapping, Sequence
from pathlib import Path

_HARDENING = (
    "NoNewPrivileges=true",
    "PrivateTmp=true",
    "ProtectSystem=full",
    "RestrictSUIDSGID=true",
    "LockPersonality=true",
)


def service_unit(
    description: str, command: Sequence[str], environment_file: Path, *, is_oneshot: bool
) -> str:
    """Write a service; a oneshot may take ten minutes, others restart when they fail.

    Settings come from a file that only its owner reads, since units can be read by everyone.
    """
    lines = ["[Unit]", f"Description={description}", "After=network.target", "", "[Service]"]
    if is_oneshot:
        lines += ["Type=oneshot", "TimeoutStartSec=600"]
    else:
        lines += ["Type=exec", "Restart=on-failure", "RestartSec=2", "TimeoutStopSec=60"]
        # What is refused or set wrong stays so however often it is started.
        lines += ["RestartPreventExitStatus=1 2"]
    # The whole rest of this line is the path, so it is not quoted.
    lines += [f"EnvironmentFile={_without_specifiers(str(environment_file))}"]
    lines += [f"ExecStart={_command_line(command)}", *_HARDENING]
    if not is_oneshot:
        lines += ["", "[Install]", "WantedBy=default.target"]
    return "\n".join(lines) + "\n"


def timer_unit(description: str, interval_ms: int) -> str:
    """Write a timer that runs its service every interval and again after a reboot."""
    span = f"{interval_ms}ms" if interval_ms % 1000 else f"{interval_ms // 1000}s"
    return (
        "\n".join(
            [
                "[Unit]",
                f"Description={description}",
                "",
                "[Timer]",
                f"OnActiveSec={span}",
                f"OnUnitActiveSec={span}",
                "AccuracySec=1s",
                "",
                "[Install]",
                "WantedBy=timers.target",
            ]
        )
        + "\n"
    )


def write_units(folder: Path, units: Mapping[str, str]) -> list[Path]:
    """Write units into a folder and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, text in units.items():
        path = folder / name
        path.write_text(text, encoding="utf-8")
        paths.append(path)
    return paths


def _command_line(command: Sequence[str]) -> str:
    """Quote a command; variables are replaced in its arguments, never in the program's path."""
    program, *arguments = command
    return " ".join([_quote(program), *(_quote(part.replace("$", "$$")) for part in arguments)])


def _quote(part: str) -> str:
    """Quote a word of a command as systemd reads it."""
    escaped = part.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{_without_specifiers(escaped)}"'


def _without_specifiers(text: str) -> str:
    return text.replace("%", "%%")
