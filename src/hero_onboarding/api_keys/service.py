"""Make API keys, know them again, revoke them."""

import hmac
from datetime import datetime
from typing import Final

from hero_onboarding.api_keys import store
from hero_onboarding.api_keys.domain import (
    ApiKey,
    KeyRequest,
    is_key_id,
    new_key_text,
    read_key_text,
)
from hero_onboarding.api_keys.errors import KeyNotFoundError, KeyUserNotFoundError
from hero_onboarding.database import Transaction
from hero_onboarding.identity import find_user

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
