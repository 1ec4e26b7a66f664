"""Find out who asks: a token in a header, or Basic with a password or a token."""

import base64
import binascii
from secrets import compare_digest

from hero_onboarding.sandbox.exchange import Request
from hero_onboarding.sandbox.forge.context import Caller
from hero_onboarding.sandbox.forge.failures import ForgeAnswerError
from hero_onboarding.sandbox.forge.registry import Registry

_BAD_CREDENTIALS = "invalid username, password or token"


def identify(request: Request, registry: Registry) -> Caller:
    """Return the caller; nobody if no credentials were given.

    Raises:
        ForgeAnswerError: 401 if the credentials are wrong.
    """
    header = request.headers.get("authorization", "")
    if header == "":
        return Caller()
    scheme, _, value = header.partition(" ")
    match scheme.lower():
        case "token" | "bearer":
            return _by_token(value.strip(), registry)
        case "basic":
            return _by_basic(value.strip(), registry)
        case _:
            return Caller()


def _by_token(secret: str, registry: Registry) -> Caller:
    token = registry.find_token(secret)
    if token is None:
        raise ForgeAnswerError(401, _BAD_CREDENTIALS)
    return Caller(registry.find_user(token.user), token)


def _by_basic(value: str, registry: Registry) -> Caller:
    try:
        text = base64.b64decode(value, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise ForgeAnswerError(401, _BAD_CREDENTIALS) from None
    name, _, password = text.partition(":")
    if password in {"", "x-oauth-basic"}:
        return _by_token(name, registry)
    user = registry.find_user(name)
    if user is not None and user.password and _is_same(user.password, password):
        return Caller(user)
    return _by_token(password, registry)


def _is_same(held: str, given: str) -> bool:
    return compare_digest(held.encode(), given.encode())
