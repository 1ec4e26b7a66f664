"""No code, token, secret or request of a whole journey is ever in a log."""

import logging

import pytest

from tests.api.served import Api
from tests.openid.party import Party, Window, sealed_in


def test_a_whole_journey_leaves_no_secret_in_a_log(
    api: Api, party: Party, window: Window, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    page = window.ask(party)
    code = window.code(party)
    tokens = party.exchange(code).json()
    party.tell(tokens["access_token"])
    party.exchange(code)
    party.exchange(code, client_secret="a wrong secret")
    party.tell(tokens["access_token"])
    api.post("/admin/openid/keys/rotate")
    again = window.code(party)
    party.exchange(again, code_verifier="v" * 43)

    secrets = [
        code,
        again,
        tokens["access_token"],
        tokens["id_token"],
        party.secret or "",
        party.verifier,
        "a wrong secret",
        sealed_in(page),
    ]
    theirs = [record for record in caplog.records if record.name not in {"httpx", "httpcore"}]
    logged = "\n".join(f"{record.getMessage()} {record.exc_text or ''}" for record in theirs)
    assert all(secrets)
    assert [one for one in secrets if one in logged] == []
