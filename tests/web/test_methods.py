"""A method that an address does not have is refused with a list of those that it has."""

import pytest

from tests.web.served import Browser


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/record_usage", {"POST", "OPTIONS"}),
        ("/v1/users", {"GET", "POST", "OPTIONS"}),
        ("/v1/charge-rights/1", {"DELETE", "OPTIONS"}),
        ("/dashboard", {"GET", "OPTIONS"}),
        ("/sign-in", {"GET", "POST", "OPTIONS"}),
    ],
)
def test_another_method_is_405_and_names_those_there_are(
    path: str, allowed: set[str], site: Browser
) -> None:
    for accepted in ("application/json", "text/html"):
        answer = site.client.request("PATCH", path, headers={"Accept": accepted})

        assert answer.status_code == 405
        assert set(answer.headers["Allow"].split(", ")) == allowed
    assert "can&#39;t be used like that" in answer.text
