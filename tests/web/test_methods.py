"""A method that an address does not have is refused with a list of those that it has."""

from tests.web.served import Browser

ALLOWED = {
    "/record_usage": {"POST", "OPTIONS"},
    "/v1/users": {"GET", "POST", "OPTIONS"},
    "/v1/charge-rights/1": {"DELETE", "OPTIONS"},
    "/dashboard": {"GET", "OPTIONS"},
    "/sign-in": {"GET", "POST", "OPTIONS"},
}


def test_another_method_is_405_and_names_those_there_are(site: Browser) -> None:
    for path, allowed in ALLOWED.items():
        answer = site.client.request("PATCH", path, headers={"Accept": "application/json"})
        page = site.client.request("PATCH", path, headers={"Accept": "text/html"})

        for one in (answer, page):
            assert one.status_code == 405, path
            assert set(one.headers["Allow"].split(", ")) == allowed, path
        assert answer.json()["code"] == "request.method"
        assert "can&#39;t be used like that" in page.text
