"""The published vector of the sign-in protocol."""

import hashlib

from hero_onboarding.identity import PublicKey
from hero_onboarding.sign_in.domain import Transcript


def digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


USER_SECRET = digest("hero test vector 1")
SERVER_SECRET = digest("hero test server ephemeral")
TRANSCRIPT = Transcript(
    purpose="login",
    origin="https://onboard.example",
    challenge_id="chal_0123456789abcdef",
    public_key=PublicKey.parse("68b1e46ac98f90d101d9b776522bf566d696ea22a5c79546632417658b147264"),
    server_public_key=bytes.fromhex(
        "1ccdf0ebab66620b730945ceb910de4ba50f1705e2647de0739000d48caa3765"
    ),
    nonce=digest("hero test nonce"),
    issued_at=1760000000,
    expires_at=1760000120,
    binding=digest("pre-login-cookie"),
)
PACKED = (
    "00166865726f2d6d7963656c69756d2d6c6f67696e2f763100056c6f67696e001768747470733a2f2f6f6e626f6172"
    "642e6578616d706c6500156368616c5f30313233343536373839616263646566001005ffb821c76e9444f43918bf59"
    "a01594002068b1e46ac98f90d101d9b776522bf566d696ea22a5c79546632417658b14726400201ccdf0ebab66620b"
    "730945ceb910de4ba50f1705e2647de0739000d48caa37650020c89f9ca308b1a2dbb1afba70eb62024d19b2957fd0"
    "ab4ef8e5326f35ab0ccd8a00080000000068e7780000080000000068e778780020d7731c13a3b976b2c04828d17ff7"
    "837804abaff0ebb018ede2d8ad5e3b31a933"
)
PROOF = "f28519655fe4016d217bb050eedb36f22a5dd8d7868bdbc85bf9d30514edb7b5"
PROOF_TEXT = "8oUZZV_kAW0he7BQ7ts28ipd2NeGi9vIW_nTBRTtt7U"
