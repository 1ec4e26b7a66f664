"""Make API keys, know them again, revoke them."""

import hmac
from datetime import datetime
from typing import Final

from hero_onboarding.api_keys import store
from hero_onboarding.api_keys.domain import (
    ApiKey,
    KeyRequest,
    Scope,
    is_key_id,
    new_key_text,
    read_key_text,
)
from hero_onboarding.api_keys.errors import KeyNotFoundError, KeyUserNotFoundError, TooManyKeysError
from hero_onboarding.database import Transaction
from hero_onboarding.identity import find_user

OWN_KEYS_MAX: Final = 20
_NO_DIGEST: Final = bytes(32)


def create_key(
    tx: Transaction, request: KeyRequest, created_by: str, now: datetime
) -> tuple[ApiKey, str]:
    """Make a key and return it with its text, which nothing can tell again.

    Raises:
        KeyUserNotFoundError: If it is for a user who is not there.
        WrongKeyRequestError: If label, scopes, subject or days can't be.
    """
    request.require_sound()
    if request.user_sid is not None and find_user(tx, request.user_sid) is None:
        raise KeyUserNotFoundError(request.user_sid)
    text = new_key_text()
    return store.insert_key(tx, request, text, created_by, now), text.text


def create_own_key(tx: Transaction, user_sid: str, label: str, now: datetime) -> tuple[ApiKey, str]:
    """Make a key by which a user's scripts read the user's account, and nothing else.

    Raises:
        TooManyKeysError: If the user has 20 valid ones.
        WrongKeyRequestError: If the label can't be.
    """
    if len(store.list_user_keys(tx, user_sid, now)) >= OWN_KEYS_MAX:
        raise TooManyKeysError(OWN_KEYS_MAX)
    request = KeyRequest(label, (Scope.ACCOUNT_READ,), user_sid=user_sid)
    return create_key(tx, request, f"user:{user_sid}", now)


def revoke_own_key(tx: Transaction, user_sid: str, key_id: str, now: datetime) -> None:
    """Revoke a key that counts for a user; what is not theirs stays. Repeating is safe."""
    if any(key.id == key_id for key in store.list_user_keys(tx, user_sid, now)):
        store.shut_key(tx, key_id, now)


def authenticate_key(tx: Transaction, text: str, now: datetime) -> ApiKey | None:
    """Return the key that a text is, by one indexed read; None when it opens nothing.

    An unknown id, a wrong secret, a revoked key and one that is over take the same path.
    """
    shown = read_key_text(text)
    if shown is None:
        return None
    key, digest = store.find_key(tx, shown.id) or (None, _NO_DIGEST)
    is_right = hmac.compare_digest(shown.digest, digest)
    return key if key is not None and is_right and key.is_valid_at(now) else None


def revoke_key(tx: Transaction, key_id: str, now: datetime) -> ApiKey:
    """Revoke a key for ever; every request that begins after the commit is refused.

    Repeating is safe, and the first time stays.

    Raises:
        KeyNotFoundError: If no key has this id.
    """
    if not is_key_id(key_id):
        raise KeyNotFoundError(key_id)
    store.shut_key(tx, key_id, now)
    found = store.find_key(tx, key_id)
    if found is None:
        raise KeyNotFoundError(key_id)
    return found[0]
