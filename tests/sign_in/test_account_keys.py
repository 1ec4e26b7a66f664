"""API keys that people make for themselves: they read one account, and are shown once."""

import re

import httpx

from hero_onboarding.api_keys import KeyRequest, Scope, create_key
from tests.api.served import Api
from tests.sign_in.conftest import NewHolder
from tests.sign_in.holder import Holder
from tests.sign_in.test_account import page_of, submit

KEY = re.compile(r"hok_[0-9a-f]{16}_[A-Za-z0-9_-]{43}")


def make(holder: Holder, label: str = "my script") -> str:
    page = submit(holder, "/account/keys", {"label": label})
    assert page.status_code == 200, page.text
    found = KEY.search(page.text)
    assert found is not None
    assert page.headers["Cache-Control"] == "no-store"
    return found[0]


def sid_of(holder: Holder) -> str:
    return str(holder.client.get("/v1/me").json()["user_sid"])


def read(api: Api, path: str, key: str) -> httpx.Response:
    return api.client.get(path, headers={"Authorization": f"Bearer {key}"})


def key_ids(page: httpx.Response) -> list[str]:
    return re.findall(r'name="key_id" value="([^"]+)"', page.text)


def test_a_key_reads_its_own_account_and_no_other(
    api: Api, ada: Holder, new_holder: NewHolder
) -> None:
    ada.sign_in()
    bob = new_holder("bob")
    bob.sign_in()
    key = make(ada)

    assert read(api, f"/v1/users/{sid_of(ada)}/wallet", key).status_code == 200
    assert read(api, f"/v1/users/{sid_of(ada)}/movements", key).status_code == 200
    assert read(api, f"/v1/users/{sid_of(bob)}/wallet", key).status_code == 403
    headers = {"Authorization": f"Bearer {key}"}
    assert api.client.post("/v1/users", json={}, headers=headers).status_code == 403


def test_it_is_listed_without_its_text_and_says_when_it_was_used(api: Api, ada: Holder) -> None:
    ada.sign_in()
    key = make(ada)
    before = page_of(ada)
    read(api, f"/v1/users/{sid_of(ada)}/wallet", key)
    after = page_of(ada)

    assert KEY.search(before.text) is None
    assert "my script" in before.text
    assert "not used yet" in before.text
    assert "not used yet" not in after.text


def test_it_is_revoked_by_its_owner_alone(api: Api, ada: Holder, new_holder: NewHolder) -> None:
    ada.sign_in()
    key = make(ada)
    (key_id,) = key_ids(page_of(ada))
    bob = new_holder("bob")
    bob.sign_in()

    submit(bob, "/account/keys/revoke", {"key_id": key_id})
    assert read(api, f"/v1/users/{sid_of(ada)}/wallet", key).status_code == 200

    for _ in range(2):
        assert submit(ada, "/account/keys/revoke", {"key_id": key_id}).status_code == 303
    assert read(api, f"/v1/users/{sid_of(ada)}/wallet", key).status_code == 401
    assert key_ids(page_of(ada)) == []


def test_nobody_revokes_a_nodes_key(api: Api, ada: Holder) -> None:
    ada.sign_in()
    wanted = KeyRequest("a node", (Scope.USAGE_RECORD,), node_id="node-a")
    with api.services.database.transaction() as tx:
        key, _ = create_key(tx, wanted, "server", api.services.clock.now())
    before = api.contents()["api_keys"]

    submit(ada, "/account/keys/revoke", {"key_id": key.id})

    assert api.contents()["api_keys"] == before


def test_the_twenty_first_is_refused_and_changes_nothing(api: Api, ada: Holder) -> None:
    ada.sign_in()
    for place in range(20):
        make(ada, f"key {place}")
    before = api.contents()

    refused = submit(ada, "/account/keys", {"label": "one too many"})

    assert refused.status_code == 403
    assert "as many API keys as it may" in refused.text
    assert api.contents() == before


def test_a_label_that_can_not_be_is_refused(api: Api, ada: Holder) -> None:
    ada.sign_in()
    before = api.contents()

    for label in ("", " ", "x" * 101, "a\x00b", "a\u202eb"):
        page = submit(ada, "/account/keys", {"label": label})
        assert page.status_code == 422
        assert 'aria-describedby="key-label-wrong" autofocus' in page.text

    assert api.contents() == before
