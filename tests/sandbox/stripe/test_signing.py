"""The signer, by the published vectors, and by the official verifier."""

import pytest
import stripe

from hero_onboarding.sandbox.stripe.signing import faulty_header, sign, signature_header

BODY = (
    b'{"id":"evt_test_0001","object":"event","api_version":"2026-10-28.endive",'
    b'"created":1790000000,"type":"checkout.session.completed","livemode":false,'
    b'"data":{"object":{"id":"cs_test_0001","object":"checkout.session","payment_status":"paid"}}}'
)
T = 1790000005
S1 = "whsec_madeUpSecretForTests0001"
S2 = "whsec_madeUpSecretForTests0002"
VECTORS = [
    (S1, T, "ee585c4187213614d37279442a3fe0de671f464d4be90e14512ff415d94ad89a"),
    (S2, T, "3fc64a0e9d408c4c073fc3d6a886dca3ba691195c09e01d986512c9bf4395b55"),
    (S1, 1790003605, "9750757e5d332dee1ac363d9324f163f4bfb81e14bcba107f3c7ff65e03ffceb"),
    (
        S1.removeprefix("whsec_"),
        T,
        "70a8ee762713bff3a82bb98860c2160323143cec54fa41e80c01541df9638de5",
    ),
]


@pytest.mark.parametrize(("secret", "moment", "expected"), VECTORS)
def test_the_signer_gives_the_vectors(secret: str, moment: int, expected: str) -> None:
    assert len(BODY) == 239
    assert sign(secret, moment, BODY) == expected


def test_a_header_while_rotating_holds_one_signature_for_each_secret() -> None:
    header = signature_header([S2, S1], T, BODY)

    assert header == f"t={T},v1={VECTORS[1][2]},v1={VECTORS[0][2]}"
    for secret in (S1, S2):
        assert stripe.WebhookSignature.verify_header(BODY.decode(), header, secret)


@pytest.mark.parametrize("switch", ["wrong", "decoy"])
def test_the_official_verifier_refuses_a_faulty_header(switch: str) -> None:
    header = faulty_header(switch, [S1], T, BODY)  # type: ignore[arg-type]  # a parameter is text

    with pytest.raises(stripe.SignatureVerificationError):
        stripe.WebhookSignature.verify_header(BODY.decode(), header, S1)


def test_a_stale_header_is_right_but_old() -> None:
    header = str(faulty_header("stale", [S1], T, BODY))

    assert header.startswith(f"t={T - 3600},")
    assert stripe.WebhookSignature.verify_header(BODY.decode(), header, S1)
    assert faulty_header("missing", [S1], T, BODY) is None
