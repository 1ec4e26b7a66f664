"""A server's webhook for ClickPesa's notices: what is authentic is stored, the rest is refused."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from hero_onboarding.payments import SHORT_NOTICE_BYTES_MAX
from hero_onboarding.payments.providers.clickpesa.checksum import signed_body
from tests.api.served import Api, problem, served
from tests.conftest import NewUrl
from tests.payments.clickpesa.vectors import KEY, WEBHOOK

PATH = "/webhooks/clickpesa"
KEYS = {
    "CLICKPESA_CLIENT_ID": "id",
    "CLICKPESA_API_KEY": "key",
    "CLICKPESA_BASE_URL": "http://127.0.0.1:9/third-parties",
}


@pytest.fixture
def api(new_database_url: NewUrl, tmp_path: Path, engine: str) -> Iterator[Api]:
    with served(
        new_database_url(engine), tmp_path / "data", **KEYS, CLICKPESA_CHECKSUM_KEY=KEY
    ) as api:
        yield api


def test_a_notice_is_stored_once_and_what_is_not_authentic_never(api: Api) -> None:
    before = api.contents()
    tampered = WEBHOOK.replace('"5000"', '"50000"')
    big = WEBHOOK + " " * SHORT_NOTICE_BYTES_MAX
    for body, answer in (
        (tampered, (401, "payments.notice_forged")),
        (json.dumps({"event": "PAYMENT RECEIVED", "data": {}}), (401, "payments.notice_forged")),
        ("{} {}", (400, "payments.notice_malformed")),
        (big, (413, "request.too_large")),
    ):
        assert problem(api.client.post(PATH, content=body)) == answer
    assert api.contents() == before

    for body in (WEBHOOK, WEBHOOK, json.dumps(json.loads(WEBHOOK), indent=1)):
        taken = api.client.post(PATH, content=body)
        assert (taken.status_code, taken.json()) == (200, {"received": True})
    assert len(api.contents()["notices"]) == 1
    other = signed_body({"event": "PAYOUT INITIATED", "data": {}}, KEY)
    assert api.client.post(PATH, content=other).status_code == 200
    assert len(api.contents()["notices"]) == 1
    assert problem(api.client.get(PATH)) == (405, "request.method")


@pytest.mark.parametrize(
    ("settings", "lacks"), [({}, "CLICKPESA_CLIENT_ID"), (KEYS, "CLICKPESA_CHECKSUM_KEY")]
)
def test_without_its_secrets_there_is_no_webhook(
    new_database_url: NewUrl, tmp_path: Path, settings: dict[str, str], lacks: str
) -> None:
    with served(new_database_url("sqlite"), tmp_path / "data", **settings) as api:
        refused = api.client.post(PATH, content=WEBHOOK)

        assert problem(refused) == (404, "payments.off")
        assert f"HERO_ONBOARDING_{lacks}" in refused.text
