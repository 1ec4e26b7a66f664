"""``hero_onboarding rpc``: call a method over the socket for machines."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import click

from hero_onboarding.cli.session import (
    EXIT_TRY_AGAIN,
    EXIT_WRONG_USE,
    TIMEOUT_SECONDS,
    CommandError,
    Session,
    load_settings,
    refusal,
)

Params = Mapping[str, Any] | Sequence[Any]
_HOW: Final = "write name=text, name:=JSON, or one JSON object or array"


@click.command()
@click.argument("method")
@click.argument("params", nargs=-1)
@click.option(
    "--socket",
    "socket_path",
    type=click.Path(path_type=Path),
    help="The socket, where it is not the one that the settings name.",
)
def rpc(*, method: str, params: tuple[str, ...], socket_path: Path | None) -> None:
    """Call METHOD of the server over its socket and print the result as JSON.

    PARAMS are name=text or name:=JSON, or one JSON object or array. The method rpc.discover lists
    all methods. Repeating is as safe as the method is.
    """
    asked = {"jsonrpc": "2.0", "id": 1, "method": method, "params": read_params(params)}
    session = Session.from_environment()
    path = socket_path or load_settings().rpc_socket
    if path is None:
        message = "the socket is off by HERO_ONBOARDING_SOCKET_DIR; set a folder, or give --socket"
        raise CommandError(message, EXIT_WRONG_USE)
    answer = _post(path, asked, session.headers)
    if "error" in answer:
        problem = answer["error"]["data"]
        raise refusal(problem["status"], json.dumps(problem))
    click.echo(json.dumps(answer["result"]))


def read_params(words: Sequence[str]) -> Params:
    """Read parameters as they are typed.

    Raises:
        CommandError: If one is of no form that is taken, or named twice.
    """
    if len(words) == 1 and words[0].lstrip()[:1] in {"{", "["}:
        found: Params = _read_json(words[0])
        return found
    named: dict[str, Any] = {}
    for word in words:
        name, equals, text = word.partition("=")
        is_json = name.endswith(":")
        name = name.removesuffix(":")
        if not equals or not name or name in named:
            raise CommandError(f"{word!r} is no parameter, or a second one; {_HOW}", EXIT_WRONG_USE)
        named[name] = _read_json(text) if is_json else text
    return named


def _read_json(text: str) -> Any:  # noqa: ANN401 - JSON
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise CommandError(f"{text!r} is no JSON; {_HOW}", EXIT_WRONG_USE) from None


def _post(path: Path, asked: Mapping[str, Any], headers: Mapping[str, str]) -> Mapping[str, Any]:
    """Send a call and return its answer."""
    import http.client

    from hero_onboarding.bootstrap.rpc_socket import UnixConnection

    try:
        body = json.dumps(asked, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        message = "an argument holds what is no text; write it anew"
        raise CommandError(message, EXIT_WRONG_USE) from None
    connection = UnixConnection(path, TIMEOUT_SECONDS)
    try:
        connection.request("POST", "/rpc", body, dict(headers))
        response = connection.getresponse()
        status, text = response.status, response.read().decode()
        if status != http.client.OK:
            raise refusal(status, text)
        found: Mapping[str, Any] = json.loads(text)
    except OSError as error:
        message = f"no server answers at {path} ({error}); start it with --start"
        raise CommandError(message, EXIT_TRY_AGAIN) from None
    except (http.client.HTTPException, ValueError):
        message = f"what answers at {path} is no hero_onboarding_server; check --socket"
        raise CommandError(message, EXIT_TRY_AGAIN) from None
    finally:
        connection.close()
    return found
