"""Mycelium keys and addresses, held to published and own vectors."""

import hashlib
from ipaddress import IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hero_onboarding.identity import Address, PublicKey, WrongAddressError, WrongKeyError

PRIME = 2**255 - 19
CURRENT = {
    # published by herolib, made by others
    "570c1069736786f06c4fd2a6dc6c17cd88347604593b60e34b5688c369fa1b39": (
        "4ff:3da9:f2b2:4103:fa6e:7ea:7cbe:8fef"
    ),
    "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079": (
        "50c:f7aa:509e:b77b:d179:1d85:65ae:87b1"
    ),
    "8f40c5adb68f25624ae5b214ea767a6ec94d829d3d7b5e1ad1ba6f3e2138285f": (
        "430:9364:d8d8:84a9:dd60:de78:c767:d361"
    ),
    "132c442be010fbd57e72603328aa76e71fccc1503aae219327d14d9c9993f472": (
        "4a1:acf3:2837:d9cf:d930:4520:c759:467b"
    ),
    "847c0d2c375234f365e660955187a3735a0f7613d1609d3a6a4d8c53aeaa5a22": (
        "569:215c:b0bf:ab7b:fe1b:f51d:b0c2:635a"
    ),
    "68b1e46ac98f90d101d9b776522bf566d696ea22a5c79546632417658b147264": (
        "5ff:b821:c76e:9444:f439:18bf:59a0:1594"
    ),
    "5c60e5fa60271a5eb3ecd53e0d9e04afc4f6972164a30563f80acf42a177e81f": (
        "561:38fc:e2:823e:ab5d:ee8b:f803:a1fc"
    ),
    # keys whose published addresses are stale, with the address that they have now
    "abd16194646defe7ad2318a0f0a69eb2e3fe939c3b0b51cf0bb88bb8028ecd1d": (
        "597:d890:a254:dd45:2bc6:9a47:40d5:ed83"
    ),
    "a47c1d6f2a15b2c670d3a88fbe0aeb301ced12f7bcb4c8e3aa877b20f8559c02": (
        "548:c783:d7ce:74a3:9ba1:a0cb:ae21:338d"
    ),
    "955bf6bea5e1150fd8e270c12e5b2fc08f08f7c5f3799d10550096cc137d671b": (
        "514:74ce:dd13:296f:ada7:4d2e:9335:acac"
    ),
    "bb39b4a3a4efd70f3e05e37887677e02efbda14681d0acd3882bc0f754792c32": (
        "57f:ad8b:cfa2:e46a:adb7:fe0d:4878:1f71"
    ),
}
STALE = {
    "abd16194646defe7ad2318a0f0a69eb2e3fe939c3b0b51cf0bb88bb8028ecd1d": (
        "5c4:c176:bf44:b2ab:5e7e:f6a:b7e2:11ca"
    ),
    "a47c1d6f2a15b2c670d3a88fbe0aeb301ced12f7bcb4c8e3aa877b20f8559c02": (
        "47f:b2c5:a944:4dad:9cb1:da4:8bf7:7e65"
    ),
    "955bf6bea5e1150fd8e270c12e5b2fc08f08f7c5f3799d10550096cc137d671b": (
        "54f:b680:ba6e:7ced:355f:346f:d97b:eecb"
    ),
}
TEXT = "561:38fc:e2:823e:ab5d:ee8b:f803:a1fc"


@pytest.mark.parametrize(("key", "address"), CURRENT.items())
def test_an_address_follows_from_its_key(key: str, address: str) -> None:
    assert str(PublicKey.parse(key).address) == address
    assert Address.parse(address) == PublicKey.parse(key.upper()).address


@pytest.mark.parametrize(("key", "address"), STALE.items())
def test_addresses_of_older_daemons_do_not_match(key: str, address: str) -> None:
    assert PublicKey.parse(key).address != Address.parse(address)


@given(st.integers(0, PRIME - 1))
def test_every_address_lies_in_the_overlay_and_reads_back(number: int) -> None:
    key = PublicKey.parse(number.to_bytes(32, "little").hex())

    assert key.address.packed[0] in {4, 5}
    assert Address.parse(str(key.address)) == key.address
    assert PublicKey.parse(str(key)) == key


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        TEXT.upper(),
        "0561:38fc:00e2:823e:ab5d:ee8b:f803:a1fc",
        IPv6Address(TEXT).exploded,
    ],
)
def test_every_spelling_of_an_address_is_one_address(text: str) -> None:
    assert str(Address.parse(text)) == TEXT


def test_zeros_are_shortened_as_rfc_5952_says() -> None:
    assert str(Address.parse("400:0:0:1:0:0:0:1")) == "400:0:0:1::1"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " " + TEXT,
        TEXT + "\n",
        TEXT + "%eth0",
        TEXT + "/64",
        f"[{TEXT}]",
        "::ffff:4.0.0.1",
        "400::1.2.3.4",
        "300::1",
        "600::1",
        "2001:db8::1",
        "::1",
        "4.5.6.7",
        "400",
        "400:::1",
        "400:1:2:3:4:5:6:7:8",
        "4\u0660\u0660::1",
        "400::1\0",
        "4" * 5000,
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(WrongAddressError, match="no mycelium address"):
        Address.parse(text)


@given(st.text())
def test_any_text_is_an_address_or_refused(text: str) -> None:
    try:
        address = Address.parse(text)
    except WrongAddressError:
        return
    assert IPv6Address(str(address)) == IPv6Address(text)


@pytest.mark.parametrize(
    "number",
    [PRIME, PRIME + 1, 2**255 - 1, 2**255, 2**255 + 9, 2**256 - 1],
)
def test_a_second_form_of_a_key_is_refused(number: int) -> None:
    with pytest.raises(WrongKeyError):
        PublicKey.parse(number.to_bytes(32, "little").hex())


def test_the_top_bit_would_give_one_secret_two_addresses() -> None:
    key = "68b1e46ac98f90d101d9b776522bf566d696ea22a5c79546632417658b147264"
    alias = bytearray.fromhex(key)
    alias[31] |= 0x80

    assert str(PublicKey(bytes(alias)).address) == "59f:dd87:4034:71bb:122:6855:17f1:7602"
    with pytest.raises(WrongKeyError):
        PublicKey.parse(alias.hex())


@pytest.mark.parametrize(
    "text",
    ["", "ab" * 31, "ab" * 33, "0x" + "ab" * 31, "ab" * 31 + "g0", " " + "ab" * 32, "é" * 64],
)
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(WrongKeyError, match="no mycelium public key"):
        PublicKey.parse(text)


def test_the_vectors_of_the_older_rules_are_what_they_are_said_to_be() -> None:
    """So that the test above fails for the right reason."""
    for key, address in STALE.items():
        digest = hashlib.blake2b(bytes.fromhex(key), digest_size=16).digest()
        old = bytes([0x04 | digest[0] & 1]) + digest[1:]
        assert Address(old) == Address.parse(address)
