"""API keys in every state, made behind the API's back."""

from collections.abc import Mapping
from datetime import timedelta
from itertools import chain

from hero_onboarding.api_keys import KeyRequest, Scope, create_key, revoke_key
from hero_onboarding.identity import find_user
from hero_onboarding.wallet import open_user
from tests.api.served import Api

SUBJECTS: Mapping[Scope, Mapping[str, str]] = {
    Scope.USAGE_RECORD: {"node_id": "node-a"},
    Scope.ACCOUNT_READ: {"user_sid": "ada"},
}


def make_key(api: Api, *scopes: Scope, **changes: object) -> str:
    """Return the text of a key for node-a, for ada or for an operator, as its scopes need."""
    services = api.services
    subject = chain.from_iterable(SUBJECTS.get(scope, {}).items() for scope in scopes)
    fields: dict[str, object] = {**dict(subject), **changes}
    with services.database.transaction() as tx:
        if fields.get("user_sid") == "ada" and find_user(tx, "ada") is None:
            open_user(tx, sid="ada", name="Ada", now=services.clock.now())
        request = KeyRequest("a test", scopes, **fields)  # type: ignore[arg-type]  # as the test says
        return create_key(tx, request, "server", services.clock.now())[1]


def id_of(text: str) -> str:
    return text.split("_")[1]


def revoke(api: Api, text: str) -> None:
    with api.services.database.transaction() as tx:
        revoke_key(tx, id_of(text), api.services.clock.now())


def useless_texts(api: Api, scope: Scope) -> Mapping[str, str]:
    """What looks like a key with a scope and opens nothing, by why."""
    revoked, good, other = (make_key(api, scope) for _ in range(3))
    revoke(api, revoked)
    yesterday = api.services.clock.now() - timedelta(days=2)
    with api.services.database.transaction() as tx:
        request = KeyRequest("over", (scope,), expires_days=1, **SUBJECTS.get(scope, {}))
        over = create_key(tx, request, "server", yesterday)[1]
    return {
        "revoked": revoked,
        "over": over,
        "unknown": f"hok_{'0' * 16}_{good[21:]}",
        "wrong secret": good[:21] + other[21:],
        "last character wrong": good[:-1] + ("A" if good[-1] != "A" else "E"),
        "too short": good[:-1],
        "too long": f"{good}x",
        "nothing": "x",
    }


def bearer(text: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {text}"}
