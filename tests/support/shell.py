"""Commands as an operator types them, run in this process."""

import json
import os
from dataclasses import dataclass
from typing import Any

import click
from click.testing import CliRunner

from hero_onboarding.cli import main
from hero_onboarding.entrypoints.admin import main as admin


@dataclass(frozen=True)
class Done:
    """What a command printed and the code that it ended with."""

    code: int
    out: str
    errors: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - JSON
        return json.loads(self.out)

    def refused(self, code: int) -> str:
        """Say that it was refused with a code and printed no result; return its sentence."""
        assert (self.code, self.out) == (code, ""), self
        assert self.errors.strip()
        assert "Traceback" not in self.errors
        return self.errors.strip()


@dataclass(frozen=True)
class Shell:
    """An environment in which commands are typed."""

    environment: dict[str, str]

    def __call__(self, *words: str) -> Done:
        return self._run(main, words)

    def admin(self, *words: str) -> Done:
        return self._run(admin, words)

    def with_settings(self, **changes: str) -> "Shell":
        named = {f"HERO_ONBOARDING_{name}": value for name, value in changes.items()}
        return Shell(self.environment | named)

    def wallet(self, sid: str) -> Any:  # noqa: ANN401 - JSON
        return self("wallet", "show", sid, "--json").json

    def _run(self, command: click.Command, words: tuple[str, ...]) -> Done:
        """Run a command; an exception that is no exit is a failure of the test."""
        others = dict.fromkeys(name for name in os.environ if name.startswith("HERO_ONBOARDING_"))
        result = CliRunner().invoke(command, words, env={**others, **self.environment})
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Done(result.exit_code, result.stdout, result.stderr)
