"""Services that are registered, and what can't be."""

import json

import pytest

from tests.api.served import Api, problem

GOOD = [
    ["https://notes.example/callback"],
    ["https://notes.example/a", "https://notes.example/b?c=d"],
    ["http://127.0.0.1/cb"],
    ["http://[::1]:41000/cb"],
    ["http://localhost:8000/cb"],
    ["https://notes.example:8443/cb"],
]
BAD = [
    [],
    [""],
    ["notes.example/callback"],
    ["http://notes.example/callback"],
    ["https://notes.example/#a"],
    ["https://ada@notes.example/"],
    ["https://*.notes.example/"],
    ["https://notes.example/ a"],
    ["https://notes.example/\N{SNOWMAN}"],
    ["https://notes.example:x/"],
    ["https:///callback"],
    ["javascript:alert(1)"],
    ["example.app:/callback"],
    ["https://notes.example/" + "a" * 400],
    ["https://notes.example/a", "https://files.example/b"],
    [f"https://notes.example/{number}" for number in range(11)],
]


@pytest.mark.parametrize("uris", GOOD)
def test_a_service_is_registered_with_its_secret_shown_once(api: Api, uris: list[str]) -> None:
    made = api.post("/admin/openid/clients", {"name": "Hero Notes", "redirect_uris": uris})
    assert made.status_code == 201
    assert made.headers["Cache-Control"] == "no-store"
    found = made.json()
    listed = api.get("/admin/openid/clients")
    assert found["secret"] not in listed.text
    (one,) = listed.json()["items"]
    assert one == {name: value for name, value in found.items() if name != "secret"}
    assert (one["redirect_uris"], one["is_public"], one["created_by"]) == (
        uris,
        False,
        "admin_secret",
    )


@pytest.mark.parametrize("uris", BAD)
def test_a_service_that_could_send_people_astray_is_refused(api: Api, uris: list[str]) -> None:
    before = api.contents()
    answer = api.post("/admin/openid/clients", {"name": "Hero Notes", "redirect_uris": uris})
    assert problem(answer) == (422, "openid.wrong_client")
    assert api.contents() == before


@pytest.mark.parametrize("name", ["", " ", "x" * 61, "a\nb", "a\x00b"])
def test_a_service_has_a_name_that_people_can_read(api: Api, name: str) -> None:
    answer = api.send(
        "/admin/openid/clients",
        json.dumps({"name": name, "redirect_uris": GOOD[0]}).encode(),
    )
    assert problem(answer) == (422, "openid.wrong_client")


def test_revoking_stays_and_can_be_repeated(api: Api) -> None:
    made = api.post("/admin/openid/clients", {"name": "A", "redirect_uris": GOOD[0]}).json()
    path = f"/admin/openid/clients/{made['id']}/revoke"
    first = api.post(path).json()
    assert first["revoked_at"] is not None
    api.post("/sandbox/clock", {"advance_seconds": 5})
    assert api.post(path).json() == first
    for wrong in ("0" * 16, "x", "%00"):
        answer = api.post(f"/admin/openid/clients/{wrong}/revoke")
        assert problem(answer) == (404, "openid.client_not_found")
