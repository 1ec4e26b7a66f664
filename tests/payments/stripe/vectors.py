"""Signature vectors with made-up secrets; they were made with nothing of ours."""

from datetime import datetime

from hero_onboarding.kernel.clock import from_unix

BODY = (
    b'{"id":"evt_test_0001","object":"event","api_version":"2026-10-28.endive",'
    b'"created":1790000000,"type":"checkout.session.completed","livemode":false,'
    b'"data":{"object":{"id":"cs_test_0001","object":"checkout.session",'
    b'"payment_status":"paid"}}}'
)
BODY_SHA256 = "f268769ef5651df9b3211003df78b0a67d85a36a14438ce7f1dd53d5c63076f3"
T = 1_790_000_005
S1, S2 = "whsec_madeUpSecretForTests0001", "whsec_madeUpSecretForTests0002"
V1_S1 = "ee585c4187213614d37279442a3fe0de671f464d4be90e14512ff415d94ad89a"
V1_S2 = "3fc64a0e9d408c4c073fc3d6a886dca3ba691195c09e01d986512c9bf4395b55"
V1_S1_LATER = "9750757e5d332dee1ac363d9324f163f4bfb81e14bcba107f3c7ff65e03ffceb"
V1_WITHOUT_PREFIX = "70a8ee762713bff3a82bb98860c2160323143cec54fa41e80c01541df9638de5"
V1_SPACED_BODY = "7f53063250ed88f3b7a7e063cbbc0b08b63c248b0f6fb0acfaa167774f930c00"
PLAIN = f"t={T},v1={V1_S1}"
ROTATING = f"t={T},v1={V1_S2},v1={V1_S1}"
LATER = f"t={T + 3600},v1={V1_S1_LATER}"

GOOD = [
    ("plain", PLAIN, [S1], T + 10),
    ("rotation, old secret", ROTATING, [S1], T + 10),
    ("rotation, new secret", ROTATING, [S2], T + 10),
    ("one of our two secrets", PLAIN, [S2, S1], T + 10),
    ("just young enough", PLAIN, [S1], T + 300),
    ("just near enough", PLAIN, [S1], T - 300),
    ("a retry an hour later", LATER, [S1], T + 3601),
]
BAD = [
    ("only v0", f"t={T},v0={V1_S1}", [S1], T + 10),
    ("too old", PLAIN, [S1], T + 301),
    ("from the future", PLAIN, [S1], T - 301),
    ("from the far future", PLAIN, [S1], T - 9999),
    ("a blank after the comma", f"t={T}, v1={V1_S1}", [S1], T + 1),
    ("no time", f"v1={V1_S1}", [S1], T + 1),
    ("two times", f"t={T},t={T},v1={V1_S1}", [S1], T + 1),
    ("another time", f"t={T + 1},v1={V1_S1}", [S1], T + 1),
    ("a time that is none", f"t=x{T},v1={V1_S1}", [S1], T + 1),
    ("the other secret", PLAIN, [S2], T + 10),
    ("no secret", PLAIN, [], T + 10),
    ("a secret without its prefix", f"t={T},v1={V1_WITHOUT_PREFIX}", [S1], T + 10),
    ("another body's", f"t={T},v1={V1_SPACED_BODY}", [S1], T + 10),
    ("in upper case", f"t={T},v1={V1_S1.upper()}", [S1], T + 10),
    ("cut off", PLAIN[:-1], [S1], T + 10),
    ("nothing", "", [S1], T + 10),
    ("commas", ",,,", [S1], T + 10),
    ("much too long", PLAIN + ",v1=" + "0" * 2_000, [S1], T + 10),
]


def at(seconds: int) -> datetime:
    return from_unix(seconds)
