"""Forms, keys, versions, words of refusals, expansion and pages, on the wire."""

from contextlib import suppress

import httpx
import pytest
import stripe
from hypothesis import given
from hypothesis import strategies as st

from hero_onboarding.sandbox.stripe import SandboxStripe
from hero_onboarding.sandbox.stripe.failures import StripeAnswerError
from hero_onboarding.sandbox.stripe.forms import read_form
from tests.sandbox.stripe.bench import pay_intent, sdk


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a=1&b=", {"a": "1", "b": ""}),
        ("a[b][c]=x+y", {"a": {"b": {"c": "x y"}}}),
        ("a%5Bb%5D=1", {"a": {"b": "1"}}),
        ("l[0]=a&l[1]=b", {"l": ["a", "b"]}),
        ("l[]=a&l[]=b", {"l": ["a", "b"]}),
        ("l[1][n]=b&l[0][n]=a", {"l": [{"n": "a"}, {"n": "b"}]}),
        ("metadata[0]=a", {"metadata": {"0": "a"}}),
        ("l[1]=a", {"l": {"1": "a"}}),
        ("", {}),
    ],
)
def test_a_form_becomes_nested_values(text: str, value: object) -> None:
    assert read_form(text) == value


@pytest.mark.parametrize(
    "text", ["a[=1", "a]b=1", "=1", "a=1&a[b]=2", "a[b]=1&a=2", "a" + "[b]" * 9 + "=1", "a=%ff"]
)
def test_a_malformed_form_is_refused(text: str) -> None:
    with pytest.raises(StripeAnswerError):
        read_form(text)


@given(st.text(alphabet="ab[]=&01%", max_size=40))
def test_a_form_of_any_kind_is_read_or_refused(text: str) -> None:
    with suppress(StripeAnswerError):
        assert isinstance(read_form(text), dict)


@pytest.mark.parametrize("key", ["sk_live_abcd", "pk_test_abcd", "nonsense", "sk_test_"])
def test_a_wrong_key_is_refused(sandbox: SandboxStripe, key: str) -> None:
    with sdk(sandbox, key=key) as client, pytest.raises(stripe.AuthenticationError) as refusal:
        client.v1.balance.retrieve()

    assert refusal.value.http_status == 401
    assert str(refusal.value.request_id).startswith("req_")


def test_a_restricted_key_may_read_only(sandbox: SandboxStripe) -> None:
    with sdk(sandbox, key="rk_test_abcd") as client:
        assert client.v1.customers.list().data == []
        with pytest.raises(stripe.PermissionError):
            client.v1.customers.create({})
        assert client.v1.customers.list().data == []


def test_a_key_is_taken_as_the_user_of_basic(browser: httpx.Client, sandbox: SandboxStripe) -> None:
    url = f"{sandbox.url}/v1/balance"

    assert browser.get(url, auth=(sandbox.secret_key, "")).status_code == 200
    assert browser.get(url).status_code == 401
    assert browser.get(url, headers={"Authorization": "Basic %%%"}).status_code == 401


def test_every_answer_names_its_request_and_version(
    browser: httpx.Client, sandbox: SandboxStripe
) -> None:
    headers = {"Authorization": f"Bearer {sandbox.secret_key}"}
    url = f"{sandbox.url}/v1/balance"

    plain = browser.get(url, headers=headers).headers
    other = browser.get(url, headers={**headers, "Stripe-Version": "2025-03-31.basil"}).headers
    wrong = browser.get(url, headers={**headers, "Stripe-Version": "newest"})

    assert plain["request-id"].startswith("req_")
    assert plain["stripe-version"] == "2026-10-28.endive"
    assert other["stripe-version"] == "2025-03-31.basil"
    assert wrong.status_code == 400


@pytest.mark.parametrize(
    ("form", "code", "param"),
    [
        ({"amount": "500", "currency": "usd", "amountt": "1"}, "parameter_unknown", "amountt"),
        ({"currency": "usd"}, "parameter_missing", "amount"),
        ({"amount": "x", "currency": "usd"}, "parameter_invalid_integer", "amount"),
        ({"amount": "49", "currency": "usd"}, "amount_too_small", "amount"),
        ({"amount": "100000000", "currency": "usd"}, "amount_too_large", "amount"),
        ({"amount": "500", "currency": "xyz"}, None, "currency"),
        (
            {"amount": "500", "currency": "usd", "automatic_payment_methods[on]": "true"},
            "parameter_unknown",
            "automatic_payment_methods[on]",
        ),
    ],
)
def test_a_refusal_says_which_parameter_is_wrong_and_how(
    browser: httpx.Client,
    sandbox: SandboxStripe,
    form: dict[str, str],
    code: str | None,
    param: str,
) -> None:
    answer = browser.post(
        f"{sandbox.url}/v1/payment_intents", data=form, auth=(sandbox.secret_key, "")
    )

    error = answer.json()["error"]
    assert answer.status_code == 400
    assert (error["type"], error.get("code"), error["param"]) == (
        "invalid_request_error",
        code,
        param,
    )


def test_what_is_not_imitated_is_not_found(browser: httpx.Client, sandbox: SandboxStripe) -> None:
    auth = (sandbox.secret_key, "")

    unknown = browser.get(f"{sandbox.url}/v1/subscriptions", auth=auth)
    stranger = browser.get(f"{sandbox.url}/v1/charges/ch_nothing", auth=auth)

    assert unknown.status_code == stranger.status_code == 404
    assert "Unrecognized request URL" in unknown.json()["error"]["message"]
    assert stranger.json()["error"]["code"] == "resource_missing"


def test_a_body_of_json_is_refused(browser: httpx.Client, sandbox: SandboxStripe) -> None:
    url, auth = f"{sandbox.url}/v1/customers", (sandbox.secret_key, "")

    assert browser.post(url, json={"name": "A"}, auth=auth).status_code == 400
    assert browser.post(url, content=b"name=\xff", auth=auth).status_code == 400
    assert browser.post(url, content=b"x" * 1_100_000, auth=auth).status_code == 413
    assert browser.get(url, auth=auth).json()["data"] == []


def test_only_this_machine_is_answered(browser: httpx.Client, sandbox: SandboxStripe) -> None:
    for name, value in (("Host", "stripe.example.org"), ("Origin", "https://evil.example")):
        assert browser.get(f"{sandbox.url}/sandbox", headers={name: value}).status_code == 403


def test_lists_are_expanded_member_by_member(client: stripe.StripeClient) -> None:
    customer = client.v1.customers.create({"email": "a@example.com"})
    pay_intent(client, customer=customer.id)

    listed = client.v1.payment_intents.list(
        {"expand": ["data.latest_charge.balance_transaction", "data.customer"]}
    )

    intent = listed.data[0]
    assert intent["latest_charge"].balance_transaction.net == 2397
    assert intent["customer"].email == "a@example.com"


@pytest.mark.parametrize("path", ["nothing", "amount", "a.b.c.d.e"])
def test_what_can_not_be_expanded_is_refused(client: stripe.StripeClient, path: str) -> None:
    intent = pay_intent(client)

    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payment_intents.retrieve(intent.id, {"expand": [path]})


def test_a_list_begins_after_something_that_is_in_it(client: stripe.StripeClient) -> None:
    made = [client.v1.customers.create({}).id for _ in range(3)][::-1]

    after = client.v1.customers.list({"starting_after": made[0], "limit": 1})

    assert [one.id for one in after] == [made[1]]
    assert after.has_more
    for wrong in ({"starting_after": "cus_x"}, {"limit": 0}, {"limit": 101}):
        with pytest.raises(stripe.InvalidRequestError):
            client.v1.customers.list(wrong)  # type: ignore[arg-type]  # a wrong one on purpose
