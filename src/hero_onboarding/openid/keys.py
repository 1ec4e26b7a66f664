"""What identity tokens are signed with, and the salt of subjects; both sealed in the database."""

import json
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from joserfc.jwk import ECKey, KeyParameters, RSAKey
from sqlalchemy import ColumnElement, Row, delete, select, update

from hero_onboarding.database import Transaction
from hero_onboarding.identity import take_number
from hero_onboarding.openid.domain import ES256, ID_TOKEN_LIFE
from hero_onboarding.openid.errors import SaltLostError
from hero_onboarding.openid.tables import keys, salts
from hero_onboarding.sign_in import SecretBox

RETIRED_SHOWN: Final = ID_TOKEN_LIFE + timedelta(minutes=10)
"""How long a key that was replaced stays in the set: its tokens' life, and clocks that differ."""

JWKS_SECONDS: Final = 300
"""How long services may keep the set of keys."""

PUBLISHED_FIRST: Final = timedelta(seconds=JWKS_SECONDS) + timedelta(minutes=1)
"""How long a new key is shown before it signs: no set without it is kept anywhere by then."""

_CURVE: Final = "P-256"
_RSA_BITS: Final = 2048
_SUBJECTS: Final = "subjects"
_SALT_BYTES: Final = 32
_c = keys.c


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key that signs; printing it shows none."""

    kid: str
    key: ECKey | RSAKey = field(repr=False)


def find_signing_key(
    tx: Transaction, box: SecretBox, now: datetime, algorithm: str = ES256
) -> SigningKey | None:
    """Return the key that signs now, None before the first and where none can be unsealed.

    That is the oldest that is not retired: those that will replace it are only shown so far.
    """
    rows = tx.execute(
        select(keys)
        .where(_is_in_use(now), _c.algorithm == algorithm)
        .order_by(_c.created_at, _c.kid)
    ).all()
    return next(filter(None, (_opened(row, box) for row in rows)), None)


def signing_key(
    tx: Transaction, box: SecretBox, now: datetime, algorithm: str = ES256
) -> SigningKey:
    """Return the key that signs now; the first use makes it."""
    found = find_signing_key(tx, box, now, algorithm)
    if found is not None:
        return found
    take_number(tx, "openid_keys")  # its row stays locked: makers queue up
    found = find_signing_key(tx, box, now, algorithm)
    return found or _replace(tx, box, now, algorithm, retired_at=now)


def rotate_keys(tx: Transaction, box: SecretBox, now: datetime) -> list[str]:
    """Make a new key for each algorithm in use, shown from now on. Return their ids.

    They sign once every service can know them. Until then the ones before do, and those stay in
    the public set as long as their tokens live.
    """
    take_number(tx, "openid_keys")
    used = tx.execute(select(_c.algorithm).where(_c.retired_at.is_(None)).distinct()).scalars()
    algorithms = sorted({ES256, *used})
    at = now + PUBLISHED_FIRST
    return [_replace(tx, box, now, one, retired_at=at).kid for one in algorithms]


def public_keys(tx: Transaction, now: datetime) -> list[dict[str, Any]]:
    """List the public keys by which tokens that live can be checked, the newest first."""
    is_shown = _c.retired_at.is_(None) | (_c.retired_at > now - RETIRED_SHOWN)
    query = select(_c.public_key).where(is_shown).order_by(_c.created_at.desc(), _c.kid)
    return [json.loads(text) for text in tx.execute(query).scalars()]


def subject_salt(tx: Transaction, box: SecretBox) -> bytes:
    """Return the salt of subjects; the first use makes it.

    Raises:
        SaltLostError: If it is sealed under a key that this server does not have.
    """
    query = select(salts.c.sealed).where(salts.c.name == _SUBJECTS)
    sealed = tx.execute(query).scalar_one_or_none()
    if sealed is None:
        made = box.seal(secrets.token_bytes(_SALT_BYTES))
        insert = tx.insert(salts).on_conflict_do_nothing(index_elements=["name"])
        tx.execute(insert.values(name=_SUBJECTS, sealed=made))
        sealed = tx.execute(query).scalar_one()
    salt = box.open(bytes(sealed))
    if salt is None:
        raise SaltLostError
    return salt


def renew_seals(tx: Transaction, box: SecretBox) -> None:
    """Seal under the newest secret key what an older one sealed, so that the older may go."""
    for table, name, sealed in (
        (salts, salts.c.name, salts.c.sealed),
        (keys, keys.c.kid, keys.c.sealed_key),
    ):
        for row in tx.execute(select(name.label("name"), sealed.label("sealed"))).all():
            renewed = box.renew(bytes(row.sealed))
            if renewed is not None:
                tx.execute(update(table).where(name == row.name).values({sealed: renewed}))


def _is_in_use(now: datetime) -> ColumnElement[bool]:
    return _c.retired_at.is_(None) | (_c.retired_at > now)


def _replace(
    tx: Transaction, box: SecretBox, now: datetime, algorithm: str, *, retired_at: datetime
) -> SigningKey:
    """Make a key, let those before retire then, and forget those that checked their last token."""
    tx.execute(delete(keys).where(_c.retired_at <= now - RETIRED_SHOWN))
    before = update(keys).where(_c.retired_at.is_(None), _c.algorithm == algorithm)
    tx.execute(before.values(retired_at=retired_at))
    key = _made(algorithm)
    kid = key.kid
    assert kid is not None, "it was asked for"
    tx.execute(
        keys.insert().values(
            kid=kid,
            algorithm=algorithm,
            sealed_key=box.seal(json.dumps(key.as_dict(private=True)).encode()),
            public_key=json.dumps(key.as_dict(private=False)),
            created_at=now,
        )
    )
    return SigningKey(kid, key)


def _made(algorithm: str) -> ECKey | RSAKey:
    use: KeyParameters = {"use": "sig", "alg": algorithm}
    if algorithm == ES256:
        return ECKey.generate_key(_CURVE, use, private=True, auto_kid=True)
    return RSAKey.generate_key(_RSA_BITS, use, private=True, auto_kid=True)


def _opened(row: Row[Any], box: SecretBox) -> SigningKey | None:
    content = box.open(bytes(row.sealed_key))
    if content is None:
        return None
    kind = ECKey if row.algorithm == ES256 else RSAKey
    return SigningKey(row.kid, kind.import_key(json.loads(content)))
