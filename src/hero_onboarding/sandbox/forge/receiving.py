"""What the receiving side of a push checks before it moves a branch, as a hook of git's."""

from dataclasses import dataclass
from pathlib import Path

_PAUSE = "SANDBOX_FORGE_PAUSE"
_REFUSAL = "SANDBOX_FORGE_REFUSAL"
_PROTECTED = "SANDBOX_FORGE_PROTECTED"
_HOOK = f"""\
#!/bin/sh
set -f
while read -r _ _ reference; do
    for pattern in ${_PROTECTED}; do
        case "$reference" in
        refs/heads/$pattern)
            echo "branch ${{reference#refs/heads/}} is protected" >&2
            exit 1
            ;;
        esac
    done
done
[ -z "${_PAUSE}" ] || sleep "${_PAUSE}"
[ -z "${_REFUSAL}" ] && exit 0
printf '%s\\n' "${_REFUSAL}" >&2
exit 1
"""


@dataclass(frozen=True, slots=True)
class Reception:
    """How a push is received.

    Attributes:
        hooks: The folder that holds the hook.
        pause_seconds: Waited before the branch is moved.
        refusal: What is said before the push is refused; empty lets it pass.
        protected: Patterns of branches that may not be moved.
    """

    hooks: Path
    pause_seconds: float = 0
    refusal: str = ""
    protected: tuple[str, ...] = ()

    @property
    def needs_hook(self) -> bool:
        """Whether anything is to be checked at all; most pushes are quicker without."""
        return bool(self.pause_seconds or self.refusal or self.protected)

    def environment(self) -> dict[str, str]:
        """Give what the hook reads."""
        return {
            _PAUSE: str(self.pause_seconds) if self.pause_seconds else "",
            _REFUSAL: self.refusal,
            _PROTECTED: " ".join(self.protected),
        }


def install_hook(hooks: Path) -> None:
    """Write the hook into a folder of its own."""
    hooks.mkdir(parents=True, exist_ok=True)
    hook = hooks / "pre-receive"
    hook.write_text(_HOOK)
    hook.chmod(0o755)
