"""A session that an approved code opened may look and pay."""

from tests.api.served import Api, with_provider
from tests.sign_in.holder import Holder
from tests.sign_in.test_account import submit
from tests.sign_in.test_attempt import begin, complete


def test_a_limited_session_may_top_up(api: Api, ada: Holder, browser: Holder) -> None:
    _, provider = with_provider(api)
    ada.sign_in()
    attempt = begin(browser)
    ada.approve(attempt["attempt"], attempt["user_code"])
    complete(browser, attempt["attempt"])
    assert browser.client.get("/v1/me").json()["is_limited"] is True

    answer = submit(browser, "/top-up", {"key": "k", "chip": "25"})

    assert answer.status_code == 200
    [order] = provider.orders.values()
    assert f"https://pay.invalid/{next(iter(provider.orders))}" in answer.text
    assert order.amount == 2_500
