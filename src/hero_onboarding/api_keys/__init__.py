"""API keys: what nodes, scripts and operators show instead of the admin secret."""

from hero_onboarding.api_keys.domain import (
    EXPIRES_DAYS_MAX,
    USE_NOTED_EVERY,
    ApiKey,
    KeyRequest,
    Scope,
    read_scopes,
)
from hero_onboarding.api_keys.errors import (
    KeyNotFoundError,
    KeyUserNotFoundError,
    TooManyKeysError,
    WrongKeyRequestError,
)
from hero_onboarding.api_keys.service import (
    authenticate_key,
    create_key,
    create_own_key,
    revoke_key,
    revoke_own_key,
)
from hero_onboarding.api_keys.store import list_keys, list_user_keys, note_use

__all__ = [
    "EXPIRES_DAYS_MAX",
    "USE_NOTED_EVERY",
    "ApiKey",
    "KeyNotFoundError",
    "KeyRequest",
    "KeyUserNotFoundError",
    "Scope",
    "TooManyKeysError",
    "WrongKeyRequestError",
    "authenticate_key",
    "create_key",
    "create_own_key",
    "list_keys",
    "list_user_keys",
    "note_use",
    "read_scopes",
    "revoke_key",
    "revoke_own_key",
]
