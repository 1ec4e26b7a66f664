"""What a command needs: the running server's address, a secret or a key, a way to print."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any, Final, Self
from urllib.parse import quote, urlencode

import click

from hero_onboarding.kernel.overriding import override

if TYPE_CHECKING:
    import httpx

    from hero_onboarding.bootstrap.settings import Settings

EXIT_REFUSED: Final = 1
EXIT_WRONG_USE: Final = 2
EXIT_TRY_AGAIN: Final = 3
TIMEOUT_SECONDS: Final = 600.0
_SERVER_FAULT: Final = 500
_TRY_AGAIN: Final = (429, 502, 503)
_WRONG_USE: Final = "payments.wrong_interval"
"""What only the server can judge, since its clock counts, of an option that was typed wrong."""


class CommandError(click.ClickException):
    """A command that can't be done; prints one sentence on standard error."""

    def __init__(self, message: str, code: int = EXIT_REFUSED) -> None:
        super().__init__(message)
        self.code = code

    @override
    def show(self, file: IO[Any] | None = None) -> None:
        """Print the sentence as it is, then end with the code that fits."""
        click.echo(self.message, file=file or sys.stderr)
        sys.exit(self.code)


def load_settings() -> "Settings":
    """Read the settings of this process.

    Raises:
        CommandError: Naming every setting that is wrong.
    """
    from hero_onboarding.bootstrap.settings import SettingsError, settings_from_environment

    try:
        return settings_from_environment()
    except SettingsError as error:
        raise CommandError(str(error), EXIT_WRONG_USE) from None


@dataclass(frozen=True, slots=True)
class Session:
    """A running server and the right to ask it: the admin secret, an API key, or both."""

    origin: str
    secret: str | None = field(repr=False)
    key: str | None = field(repr=False)

    @classmethod
    def from_environment(cls) -> Self:
        """Find the server, the admin secret and the API key by the settings.

        Raises:
            CommandError: If a setting is wrong, or there is neither secret nor key yet.
        """
        settings = load_settings()
        return cls._of(settings, settings.api_key)

    @classmethod
    def of_operator(cls) -> Self:
        """Find what makes keys: the data folder's operator key, else the API key of the settings.

        Raises:
            CommandError: If a setting is wrong, or there is nothing that would open the server.
        """
        from hero_onboarding.bootstrap.operator_key import find_operator_key, operator_key_path
        from hero_onboarding.kernel.server import Mode

        settings = load_settings()
        key = find_operator_key(settings) or settings.api_key
        if key is None and settings.mode is Mode.PRODUCTION:
            message = (
                f"no operator key that this user can read at {operator_key_path(settings)}; run"
                " this as the server's user after its first start, or set HERO_ONBOARDING_API_KEY"
                " to a key with the scope keys:write"
            )
            raise CommandError(message, EXIT_TRY_AGAIN)
        return cls._of(settings, key)

    @classmethod
    def _of(cls, settings: "Settings", key: str | None) -> Self:
        from hero_onboarding.bootstrap.secret import find_secret, secret_path
        from hero_onboarding.bootstrap.server_address import find_origin

        secret = find_secret(settings)
        if secret is None and key is None:
            message = f"no admin secret at {secret_path(settings)}; start the server once"
            raise CommandError(message, EXIT_TRY_AGAIN)
        return cls(find_origin(settings), secret, key)

    @property
    def headers(self) -> dict[str, str]:
        """What opens the server; each counts where the other is not enough."""
        secret = {} if self.secret is None else {"X-Hero-Onboarding-Admin-Secret": self.secret}
        return secret if self.key is None else {**secret, "Authorization": f"Bearer {self.key}"}

    def get(self, path: str, cursor: str | None = None) -> Any:  # noqa: ANN401 - whatever the route answers
        """Ask for something, or for the page of a list that begins at a cursor."""
        query = f"?{urlencode({'cursor': cursor}, errors='surrogateescape')}" if cursor else ""
        return self._ask("GET", f"{path}{query}", None)

    def get_text(self, path: str) -> str:
        """Ask for something that is text and no JSON."""
        return self._request("GET", path, None).text

    def post(self, path: str, body: Mapping[str, Any]) -> Any:  # noqa: ANN401 - as above
        """Ask for something to be done."""
        return self._ask("POST", path, body)

    def delete(self, path: str) -> None:
        """Ask for something to be taken away."""
        self._ask("DELETE", path, None)

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None) -> Any:  # noqa: ANN401 - as above
        response = self._request(method, path, body)
        try:
            return response.json() if response.content else None
        except ValueError:
            message = f"what answers at {self.origin} is no hero_onboarding_server; check LISTEN"
            raise CommandError(message, EXIT_TRY_AGAIN) from None

    def _request(self, method: str, path: str, body: Mapping[str, Any] | None) -> "httpx.Response":
        import ssl

        import httpx

        try:
            response = httpx.request(
                method,
                f"{self.origin}{path}",
                json=body,
                headers=self.headers,
                timeout=TIMEOUT_SECONDS,
                trust_env=False,
                # The server is asked in plain http: trusting nobody saves reading certificates.
                verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
            )
        except httpx.HTTPError as error:
            message = f"no server answers at {self.origin} ({error}); start it with --start"
            raise CommandError(message, EXIT_TRY_AGAIN) from None
        except (httpx.InvalidURL, UnicodeEncodeError):
            message = "an argument holds what is no text, or is too long; write it anew"
            raise CommandError(message, EXIT_WRONG_USE) from None
        if not response.is_success:
            raise refusal(response.status_code, response.text)
        return response

    def show(self, value: object, *, as_json: bool, text: str) -> None:
        """Print the result: one JSON object, or the text."""
        click.echo(json.dumps(value) if as_json else text)

    def show_counts(self, counts: Mapping[str, int], *, as_json: bool) -> None:
        """Print counts in one line."""
        text = ", ".join(f"{value} {name.replace('_', ' ')}" for name, value in counts.items())
        self.show(counts, as_json=as_json, text=text)

    def show_rows(
        self, rows: Sequence[Mapping[str, Any]], columns: Sequence[str], *, as_json: bool
    ) -> None:
        """Print rows as a table, or as one JSON array."""
        if as_json:
            click.echo(json.dumps(list(rows)))
            return
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        table = Table(*columns)
        for row in rows:
            # As plain text: a name such as "[b]" is no mark-up.
            table.add_row(*(Text(_cell(row.get(column))) for column in columns))
        width = None if sys.stdout.isatty() else 160
        Console(width=width).print(table if rows else "nothing")

    def show_page(self, page: Mapping[str, Any], columns: Sequence[str], *, as_json: bool) -> None:
        """Print one page of a list, and on standard error how to ask for the next."""
        self.show_rows(page["items"], columns, as_json=as_json)
        if page["next_cursor"] is not None:
            click.echo(f"more with --cursor {page['next_cursor']}", err=True)


def path_of(*parts: str) -> str:
    """Spell a path whose parts are taken as they are.

    Raises:
        CommandError: If a part would be taken for several, or for none.
    """
    for part in parts:
        if "/" in part or part in {"", ".", ".."}:
            raise CommandError(f"there is no {part!r}")
    return "".join(f"/{quote(part, safe='', errors='surrogateescape')}" for part in parts)


def _cell(value: object) -> str:
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    return "" if value is None else str(value)


def refusal(status: int, body: str) -> CommandError:
    """Turn an answer that is no success into an error with the fitting exit code."""
    try:
        problem = json.loads(body)
        text = f"{problem['code']}: {problem['detail'] or problem['title']}"
    except (ValueError, KeyError, TypeError):
        text = f"the server answered {status}"
    if text.startswith(f"{_WRONG_USE}: "):
        return CommandError(text, EXIT_WRONG_USE)
    again = status >= _SERVER_FAULT or status in _TRY_AGAIN
    return CommandError(text, EXIT_TRY_AGAIN if again else EXIT_REFUSED)
