"""The address of a mycelium key: part of its BLAKE3 digest, of one block."""

from __future__ import annotations

from typing import Final

_IV: Final = (
    0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19,
)  # fmt: skip
_PERMUTATION: Final = (2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8)
_CORNERS: Final = (
    (0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15),
    (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14),
)  # fmt: skip
_ONE_BLOCK: Final = 1 | 2 | 8  # the first chunk, its end, and the root


def blake3_of_key(content: bytes) -> bytes:
    """Hash 32 bytes with BLAKE3: one compression of one block."""
    words = [int.from_bytes(content[i : i + 4], "little") for i in range(0, 32, 4)] + [0] * 8
    state = [*_IV, *_IV[:4], 0, 0, len(content), _ONE_BLOCK]
    for _ in range(7):
        for place, (a, b, c, d) in enumerate(_CORNERS):
            for word, first, second in ((words[2 * place], 16, 12), (words[2 * place + 1], 8, 7)):
                state[a] = (state[a] + state[b] + word) & 0xFFFFFFFF
                state[d] = _turn(state[d] ^ state[a], first)
                state[c] = (state[c] + state[d]) & 0xFFFFFFFF
                state[b] = _turn(state[b] ^ state[c], second)
        words = [words[place] for place in _PERMUTATION]
    return b"".join((state[i] ^ state[i + 8]).to_bytes(4, "little") for i in range(8))


def _turn(word: int, places: int) -> int:
    return (word >> places | word << (32 - places)) & 0xFFFFFFFF


def address_of(public_key: bytes) -> bytes:
    """Return the 16 bytes of a key's address (mycelium since 0.5.0)."""
    digest = blake3_of_key(public_key)[:16]
    return bytes([4 | bin(digest[0]).count("1") % 2]) + digest[1:]
