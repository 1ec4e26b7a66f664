"""The vectors of ClickPesa's checksum, with a key that was made up; see the specification."""

from typing import Final, NamedTuple

KEY: Final = "CHKtestkey0123456789abcdef"
REFERENCE: Final = "TU7F3K9Q2M1X8ZB4CDHW"
PUSH: Final = (
    '{"phoneNumber":"255712345678","amount":"5000","currency":"TZS",'
    '"orderReference":"TU7F3K9Q2M1X8ZB4CDHW"}'
)


class Vector(NamedTuple):
    name: str
    body: str
    text: str
    digest: str
    key: str = KEY


VECTORS: Final = (
    Vector(
        "A",
        PUSH,
        '{"amount":"5000","currency":"TZS","orderReference":"TU7F3K9Q2M1X8ZB4CDHW",'
        '"phoneNumber":"255712345678"}',
        "177a587640a43da821d98bec173510a57a47c3546f1c187ddd5b3f1b9cf77f2e",
    ),
    Vector(
        "B",
        '{"orderReference":"TU7F3K9Q2M1X8ZB4CDHW","fetchSenderDetails":false,"currency":"TZS",'
        '"amount":"5000"}',
        '{"amount":"5000","currency":"TZS","fetchSenderDetails":false,'
        '"orderReference":"TU7F3K9Q2M1X8ZB4CDHW"}',
        "df29ad040beb8fca881cc743887bd3df8614d6e7be9d9f6ad93564c40655e0c8",
    ),
    Vector(
        "C",
        '{"amount":100,"currency":"USD","reference":"TX123","customer":{"name":"John Doe",'
        '"email":"john@example.com","phone":"+255123456789"},"exchange":{"fromCurrency":"TZS",'
        '"toCurrency":"TZS","rate":"1","amount":"1000"}}',
        '{"amount":100,"currency":"USD","customer":{"email":"john@example.com",'
        '"name":"John Doe","phone":"+255123456789"},"exchange":{"amount":"1000",'
        '"fromCurrency":"TZS","rate":"1","toCurrency":"TZS"},"reference":"TX123"}',
        "d777a80827f17cf7882f9ac5efa68416ec680e2d1ab72ad415228d00e4ac4957",
        "secret-key",
    ),
    Vector(
        "D",
        '{"amount":"25.00","currency":"USD","customer":{"email":"z@example.org",'
        '"fullName":"Zo\\u00eb\\/\\u00dcnal","phoneNumber":"255712345678"},'
        '"orderReference":"TU8CARD00000000000A1"}',
        '{"amount":"25.00","currency":"USD","customer":{"email":"z@example.org",'
        '"fullName":"Zoë/Ünal","phoneNumber":"255712345678"},'
        '"orderReference":"TU8CARD00000000000A1"}',
        "3bd72dfd25686449d703e035a4141b27f67aaaf23e745a3263a5bf6d10627c03",
    ),
    Vector(
        "E",
        PUSH.replace('"5000"', "5000"),
        '{"amount":5000,"currency":"TZS","orderReference":"TU7F3K9Q2M1X8ZB4CDHW",'
        '"phoneNumber":"255712345678"}',
        "25b015616370fcfb3864d7a7006ce42db1038d6a5a8493bae76f8d1541fdd18e",
    ),
    Vector(
        "F",
        PUSH.replace('"5000"', "5000.0"),
        '{"amount":5000.0,"currency":"TZS","orderReference":"TU7F3K9Q2M1X8ZB4CDHW",'
        '"phoneNumber":"255712345678"}',
        "ebe4beac5ddcc67c7ca8b7525c41f9ad26cf7759120daa89005b4ecc1149bded",
    ),
    Vector(
        "G",
        '{"billReference":"TU9BILL0001","billPaymentMode":"EXACT","billDescription":"Top up",'
        '"billAmount":10000,"items":[{"b":2,"a":1},{"b":true,"a":null}]}',
        '{"billAmount":10000,"billDescription":"Top up","billPaymentMode":"EXACT",'
        '"billReference":"TU9BILL0001","items":[{"a":1,"b":2},{"a":null,"b":true}]}',
        "65631856a3a87fc3ad55633605dd7fdc0eb5b7a2ba05088a99ca621644796e41",
    ),
)

OTHER_READINGS: Final = (
    "67b2be5f29fb372e7ff01da62fdeeff6b781cc98f2295faf2c63f9a59274808b",
    "0718b5ac95a9d07641d64cbfceda890cda815079c94f83ee753cd863c3bf7057",
)
"""Digests of D where what is not ASCII, or slashes too, are escaped."""

LEGACY_TEXT: Final = "5000TZSTU7F3K9Q2M1X8ZB4CDHW255712345678"
LEGACY_DIGEST: Final = "c718d0a3d4bd52da888f3d340ed9e65a973cc3f2755745bb75c451069a1fc6bf"

WEBHOOK: Final = (
    '{"event":"PAYMENT RECEIVED","data":{"id":"TU7F3K9Q2M1X8ZB4CDHWLCP0A1B2C3D4",'
    '"status":"SUCCESS","paymentReference":"MP240901123456",'
    '"orderReference":"TU7F3K9Q2M1X8ZB4CDHW","collectedAmount":"5000","collectedCurrency":"TZS",'
    '"message":"Payment received","channel":"M-PESA","updatedAt":"2026-09-01T10:15:31.000Z",'
    '"createdAt":"2026-09-01T10:15:02.000Z","customer":{"customerName":"Asha Juma",'
    '"customerEmail":"asha@example.org","customerPhoneNumber":"255712345678"}},'
    '"checksum":"6d17cb95059cbc88ffccedada421184f4727a926fe235bbd755ba6b1573eaf51",'
    '"checksumMethod":"canonical"}'
)
WEBHOOK_DIGEST: Final = "6d17cb95059cbc88ffccedada421184f4727a926fe235bbd755ba6b1573eaf51"
DATA_ONLY_DIGEST: Final = "f7563b257699705d4c17cf1919077de21acb0a69e07df7727fbd4ff7651b4e6a"
TAMPERED_DIGEST: Final = "d8ec328cefacaf9c717cf46ef09dc56ea03168060503cca27e3426893b399de1"
