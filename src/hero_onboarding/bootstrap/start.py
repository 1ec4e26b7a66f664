"""Start a program: refuse what can't work, with a sentence for each thing that is wrong."""

import sys
from typing import Final

from hero_onboarding.bootstrap.logs import set_up_logs
from hero_onboarding.bootstrap.program import run_server
from hero_onboarding.bootstrap.settings import PREFIX, SettingsError, settings_from_environment
from hero_onboarding.database import DatabaseHeldError, DatabaseUnusableError
from hero_onboarding.kernel.errors import HeroError, UnavailableError

EXIT_REFUSED: Final = 1
EXIT_WRONG_USE: Final = 2
EXIT_TRY_AGAIN: Final = 3


def run(program: str) -> int:
    """Run a program in the foreground and return its exit code."""
    if not __debug__:
        return _say("assertions are stripped; start without -O", EXIT_WRONG_USE)
    try:
        settings = settings_from_environment()
    except SettingsError as error:
        return _say(str(error), EXIT_WRONG_USE)
    set_up_logs()
    try:
        run_server(settings, program)
    except (HeroError, OSError) as error:
        return _say(*_explain(error))
    return 0


def _explain(error: HeroError | OSError) -> tuple[str, int]:
    """Say why a program could not start, and whether trying again may help."""
    if isinstance(error, DatabaseHeldError):
        return f"{error}; stop it first, or use another {error.kind}", EXIT_TRY_AGAIN
    if isinstance(error, OSError):
        remedy = f"give this user the folder, or set {PREFIX}DATA_DIR"
        return f"can't write: {error}; {remedy}", EXIT_REFUSED
    if isinstance(error, DatabaseUnusableError):
        remedy = f"restore a copy, or set another {PREFIX}DATABASE_URL"
        return f"{error.code}: {error}; {remedy}", EXIT_REFUSED
    code = EXIT_TRY_AGAIN if isinstance(error, UnavailableError) else EXIT_REFUSED
    return f"{error.code}: {error}", code


def _say(text: str, code: int) -> int:
    sys.stderr.write(f"{text}\n")
    return code
