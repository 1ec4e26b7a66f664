"""Services that are registered, and what can't be."""

import json

import pytest

from hero_onboarding.openid.redirect_uris import agree
from tests.api.served import Api, problem

GOOD = [
    ["https://notes.example/callback"],
    ["https://notes.example/a", "https://notes.example/b?c=d"],
    ["http://127.0.0.1/cb"],
    ["http://[::1]:41000/cb"],
    ["http://localhost:8000/cb"],
    ["https://notes.example:8443/cb"],
    ["https://notes.example/a%2Fb?c=d/../e"],
    ["https://198.51.100.7/cb"],
    ["https://[2001:db8::7]/cb"],
    ["https://notes.example"],
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
    ["http://[::1].evil.example/cb"],
    ["http://[::1]evil.example/cb"],
    ["http://[0:0:0:0:0:0:0:1]/cb"],
    ["http://127.1/cb"],
    ["http://localhost:/cb"],
    ["http://localhost:80/cb"],
    ["http://localhost:08000/cb"],
    ["http://localhost:65536/cb"],
    ["HTTP://localhost/cb"],
    ["http://LOCALHOST/cb"],
    ["http://localhost.evil.example/cb"],
    ["https://Notes.example/cb"],
    ["https://notes.example:443/cb"],
    ["https://notes.example./cb"],
    ["https://notes..example/cb"],
    ["https://-notes.example/cb"],
    ["https://2130706433/cb"],
    ["https://notes.0x7f/cb"],
    ["https://notes.example/cb?"],
    ["https://notes.example/a/../cb"],
    ["https://notes.example/a/%2E%2E/cb"],
    ["https://notes.example/%zz"],
    ["https://notes.example/%2f"],
    ["https://notes.example/a[b]"],
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


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost"])
def test_on_loopback_the_port_may_be_any_and_nothing_else(host: str) -> None:
    registered = f"http://{host}/cb?a=b"
    for port in ("", ":1", ":65535"):
        assert agree(registered, f"http://{host}{port}/cb?a=b")
        assert agree(f"http://{host}:41000/cb", f"http://{host}{port}/cb")
    for wrong in (":", ":0", ":01", ":65536", ":x", ".evil.example", ":1.evil.example", "@evil"):
        assert not agree(registered, f"http://{host}{wrong}/cb?a=b"), wrong
    for other in ("127.0.0.1", "[::1]", "localhost", "127.0.0.2", "LOCALHOST", "[::1].x"):
        assert agree(registered, f"http://{other}:5/cb?a=b") == (other == host)
    for wrong in (f"HTTP://{host}/cb?a=b", f"https://{host}/cb?a=b", f"http://{host}/cb?a=b#"):
        assert not agree(registered, wrong), wrong


def test_elsewhere_nothing_may_differ() -> None:
    uri = "https://notes.example/cb"
    assert agree(uri, uri)
    for wrong in ("https://notes.example:443/cb", "https://NOTES.example/cb", f"{uri}?", f"{uri}#"):
        assert not agree(uri, wrong), wrong


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
