"""Read and write the messages of JSON-RPC 2.0 (jsonrpc.org/specification).

Ids, parameters and results stay the text that they arrived as: a number of any length comes back as
it was, and a route reads the very bytes that its caller wrote.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec
from msgspec import Raw

from hero_onboarding.http.failures import make_problem
from hero_onboarding.web.api.bodies import MalformedBodyError, decode

PARSE_FAILURE: Final = -32700
INVALID_REQUEST: Final = -32600
UNKNOWN_METHOD: Final = -32601
WRONG_PARAMS: Final = -32602
FAULT: Final = -32603

MESSAGES: Final = {
    PARSE_FAILURE: "Parse error",
    INVALID_REQUEST: "Invalid Request",
    UNKNOWN_METHOD: "Method not found",
    WRONG_PARAMS: "Invalid params",
    FAULT: "Internal error",
}
"""What the specification calls its codes."""

CALLS_MAX: Final = 100
"""How many calls a batch may hold."""

NULL: Final = b"null"
_ID_STARTS: Final = tuple(b'"-0123456789n')

Params = Mapping[str, bytes] | Sequence[bytes]
"""By name or by position, each the text of a JSON value."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no result; ``data`` is a problem (RFC 9457) as the text of a JSON value."""

    code: int
    message: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Call:
    """A request; ``id`` is the text of a JSON value, None for one that wants no answer."""

    id: bytes | None
    method: str
    params: Params


@dataclass(frozen=True, slots=True)
class Refused:
    """What stands where a request should, and so is answered without doing anything."""

    id: bytes
    failure: Failure


@dataclass(frozen=True, slots=True)
class Message:
    """What one body asks for, in its order."""

    calls: tuple[Call | Refused, ...]
    is_batch: bool


def fail(code: int, detail: str) -> Failure:
    """Say what is wrong with a message itself, by one of the specification's codes."""
    if code == UNKNOWN_METHOD:
        problem = make_problem(404, "request.not_found", detail)
    else:
        problem = make_problem(422, "request.malformed", detail)
    return Failure(code, MESSAGES[code], msgspec.json.encode(problem))


def read_message(body: bytes) -> Message | Failure:
    """Read a request or a batch of them; what can't be read as a whole is one failure."""
    try:
        whole = decode(body)
    except MalformedBodyError as error:
        return fail(PARSE_FAILURE, str(error))
    if not isinstance(whole, list):
        return Message((_read_call(body),), is_batch=False)
    if not whole:
        return _invalid("a batch holds at least one call")
    if len(whole) > CALLS_MAX:
        return _invalid(f"a batch holds at most {CALLS_MAX} calls")
    parts = msgspec.json.decode(body, type=list[Raw])
    return Message(tuple(_read_call(bytes(part)) for part in parts), is_batch=True)


def write_result(result: bytes, call_id: bytes) -> bytes:
    """Write the answer to a call that was done."""
    return b'{"jsonrpc":"2.0","result":' + result + b',"id":' + call_id + b"}"


def write_failure(failure: Failure, call_id: bytes = NULL) -> bytes:
    """Write the answer to a call that was not done."""
    error = {"code": failure.code, "message": failure.message, "data": Raw(failure.data)}
    text = msgspec.json.encode(error)
    return b'{"jsonrpc":"2.0","error":' + text + b',"id":' + call_id + b"}"


def _read_call(text: bytes) -> Call | Refused:
    """Read one request; only one that is right in every part can be a notification."""
    if text.lstrip()[:1] != b"{":
        return Refused(NULL, _invalid("a request is an object"))
    fields = {
        name: bytes(value) for name, value in msgspec.json.decode(text, type=dict[str, Raw]).items()
    }
    shown = fields.get("id")
    if shown is not None and shown[0] not in _ID_STARTS:
        return Refused(NULL, _invalid("id is no string, number or null"))
    answered = NULL if shown is None else shown
    if _text_of(fields.get("jsonrpc")) != "2.0":
        return Refused(answered, _invalid('jsonrpc is not "2.0"'))
    method = _text_of(fields.get("method"))
    if method is None:
        return Refused(answered, _invalid("method is no string"))
    params = _params_of(fields.get("params", b"{}"))
    if params is None:
        return Refused(answered, _invalid("params is neither an object nor an array"))
    return Call(shown, method, params)


def _text_of(value: bytes | None) -> str | None:
    """Return a string, None for anything else."""
    if value is None or value[:1] != b'"':
        return None
    return msgspec.json.decode(value, type=str)


def _params_of(value: bytes) -> Params | None:
    if value[:1] == b"{":
        named = msgspec.json.decode(value, type=dict[str, Raw])
        return {name: bytes(one) for name, one in named.items()}
    if value[:1] == b"[":
        return [bytes(one) for one in msgspec.json.decode(value, type=list[Raw])]
    return None


def _invalid(reason: str) -> Failure:
    return fail(INVALID_REQUEST, reason)
