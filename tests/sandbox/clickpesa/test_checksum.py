"""The published vectors A to W, and the areas where spellings differ."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hero_onboarding.sandbox.clickpesa.checksum import (
    Reading,
    canonical_digest,
    canonical_text,
    is_right,
    legacy_digest,
    legacy_text,
)
from hero_onboarding.sandbox.clickpesa.notices import seal
from hero_onboarding.sandbox.clickpesa.switches import Settings
from tests.sandbox.clickpesa.bench import checksum_of

KEY = "CHKtestkey0123456789abcdef"
A = {
    "phoneNumber": "255712345678",
    "amount": "5000",
    "currency": "TZS",
    "orderReference": "TU7F3K9Q2M1X8ZB4CDHW",
}
B = {
    "orderReference": "TU7F3K9Q2M1X8ZB4CDHW",
    "fetchSenderDetails": False,
    "amount": "5000",
    "currency": "TZS",
}
C = {
    "reference": "TX123",
    "exchange": {"toCurrency": "TZS", "rate": "1", "fromCurrency": "TZS", "amount": "1000"},
    "customer": {"phone": "+255123456789", "name": "John Doe", "email": "john@example.com"},
    "currency": "USD",
    "amount": 100,
}
D = {
    "orderReference": "TU8CARD00000000000A1",
    "customer": {
        "phoneNumber": "255712345678",
        "fullName": "Zoë/Ünal",
        "email": "z@example.org",
    },
    "currency": "USD",
    "amount": "25.00",
}
G = {
    "billReference": "TU9BILL0001",
    "billPaymentMode": "EXACT",
    "billDescription": "Top up",
    "billAmount": 10000,
    "items": [{"b": 2, "a": 1}, {"b": True, "a": None}],
}
W_DATA = {
    "id": "TU7F3K9Q2M1X8ZB4CDHWLCP0A1B2C3D4",
    "status": "SUCCESS",
    "paymentReference": "MP240901123456",
    "orderReference": "TU7F3K9Q2M1X8ZB4CDHW",
    "collectedAmount": "5000",
    "collectedCurrency": "TZS",
    "message": "Payment received",
    "channel": "M-PESA",
    "updatedAt": "2026-09-01T10:15:31.000Z",
    "createdAt": "2026-09-01T10:15:02.000Z",
    "customer": {
        "customerName": "Asha Juma",
        "customerEmail": "asha@example.org",
        "customerPhoneNumber": "255712345678",
    },
}
W = {"event": "PAYMENT RECEIVED", "data": W_DATA}
W_DIGEST = "6d17cb95059cbc88ffccedada421184f4727a926fe235bbd755ba6b1573eaf51"
W_SPELLED = json.dumps(W, separators=(",", ":"))
W_BODY = f'{W_SPELLED[:-1]},"checksum":"{W_DIGEST}","checksumMethod":"canonical"}}'
A_DIGEST = "177a587640a43da821d98bec173510a57a47c3546f1c187ddd5b3f1b9cf77f2e"
E_DIGEST = "25b015616370fcfb3864d7a7006ce42db1038d6a5a8493bae76f8d1541fdd18e"
LEGACY = "c718d0a3d4bd52da888f3d340ed9e65a973cc3f2755745bb75c451069a1fc6bf"
VECTORS: list[tuple[str, dict[str, object], str, Reading, str]] = [
    ("A", {**A}, KEY, "javascript", A_DIGEST),
    (
        "B",
        {**B},
        KEY,
        "javascript",
        "df29ad040beb8fca881cc743887bd3df8614d6e7be9d9f6ad93564c40655e0c8",
    ),
    (
        "C",
        {**C},
        "secret-key",
        "javascript",
        "d777a80827f17cf7882f9ac5efa68416ec680e2d1ab72ad415228d00e4ac4957",
    ),
    (
        "D in UTF-8",
        {**D},
        KEY,
        "javascript",
        "3bd72dfd25686449d703e035a4141b27f67aaaf23e745a3263a5bf6d10627c03",
    ),
    (
        "D in ASCII",
        {**D},
        KEY,
        "python",
        "67b2be5f29fb372e7ff01da62fdeeff6b781cc98f2295faf2c63f9a59274808b",
    ),
    (
        "D with slashes",
        {**D},
        KEY,
        "php",
        "0718b5ac95a9d07641d64cbfceda890cda815079c94f83ee753cd863c3bf7057",
    ),
    ("E", {**A, "amount": 5000}, KEY, "javascript", E_DIGEST),
    ("F as JavaScript", {**A, "amount": 5000.0}, KEY, "javascript", E_DIGEST),
    (
        "F as Python",
        {**A, "amount": 5000.0},
        KEY,
        "python",
        "ebe4beac5ddcc67c7ca8b7525c41f9ad26cf7759120daa89005b4ecc1149bded",
    ),
    (
        "G",
        {**G},
        KEY,
        "javascript",
        "65631856a3a87fc3ad55633605dd7fdc0eb5b7a2ba05088a99ca621644796e41",
    ),
    ("W", {**W}, KEY, "javascript", W_DIGEST),
    (
        "W data only",
        {**W_DATA},
        KEY,
        "javascript",
        "f7563b257699705d4c17cf1919077de21acb0a69e07df7727fbd4ff7651b4e6a",
    ),
    (
        "W tampered",
        {**W, "data": {**W_DATA, "collectedAmount": "50000"}},
        KEY,
        "javascript",
        "d8ec328cefacaf9c717cf46ef09dc56ea03168060503cca27e3426893b399de1",
    ),
]


@pytest.mark.parametrize(
    ("members", "key", "reading", "digest"),
    [one[1:] for one in VECTORS],
    ids=[one[0] for one in VECTORS],
)
def test_a_published_vector_comes_out(
    members: dict[str, object], key: str, reading: Reading, digest: str
) -> None:
    assert canonical_digest(members, key, reading) == digest
    assert canonical_digest({**members, "checksum": "x", "checksumMethod": "y"}, key, reading) == (
        digest
    )
    assert is_right({**members, "checksum": digest}, key, reading)


def test_the_texts_of_the_vectors_come_out() -> None:
    assert canonical_text(B) == (
        '{"amount":"5000","currency":"TZS","fetchSenderDetails":false,'
        '"orderReference":"TU7F3K9Q2M1X8ZB4CDHW"}'
    )
    assert canonical_text(G).endswith('"items":[{"a":1,"b":2},{"a":null,"b":true}]}')
    assert legacy_text({**A, "checksum": "x"}) == "5000TZSTU7F3K9Q2M1X8ZB4CDHW255712345678"


def test_the_legacy_method_is_right_for_flat_bodies_only() -> None:
    nested = {**A, "customer": {"id": "1"}, "checksumMethod": "legacy"}

    assert legacy_digest(A, KEY) == LEGACY
    assert is_right({**A, "checksum": LEGACY, "checksumMethod": "legacy"}, KEY)
    assert not is_right({**A, "checksum": LEGACY}, KEY)
    assert not is_right({**A, "checksum": A_DIGEST, "checksumMethod": "legacy"}, KEY)
    assert not is_right({**nested, "checksum": legacy_digest(nested, KEY)}, KEY)


@pytest.mark.parametrize("label", ["canonical", "HMAC-SHA256", "", 7])
def test_every_other_label_is_canonical(label: object) -> None:
    assert is_right({**A, "checksum": A_DIGEST, "checksumMethod": label}, KEY)


def test_a_notice_is_sealed_as_the_vector_says() -> None:
    body, headers = seal("PAYMENT RECEIVED", {**W_DATA}, Settings(), KEY)

    assert body.decode() == W_BODY
    assert headers == {}


def test_numbers_and_keys_are_spelled_as_javascript_does() -> None:
    value = {"b": 1e-7, "10": 1, "9": 2.5, "é": 1e21, "a": [], "A": {}}

    assert canonical_text(value) == '{"9":2.5,"10":1,"A":{},"a":[],"b":1e-7,"é":1e+21}'
    assert canonical_text(value, "python").startswith('{"10":1,"9":2.5,"A"')


@given(
    st.dictionaries(
        st.text("abcXYZ", min_size=1),
        st.text("abc <&é/") | st.integers() | st.booleans() | st.none(),
    )
)
def test_any_order_of_members_gives_one_digest(members: dict[str, object]) -> None:
    turned = dict(reversed(members.items()))

    assert canonical_digest(members, KEY) == canonical_digest(turned, KEY)
    assert canonical_digest(members, KEY) == checksum_of(members, KEY)
