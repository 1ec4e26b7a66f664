"""Short ids that people see: base 36, dense, guessable, never a secret."""

from typing import Final

_ALPHABET: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_LENGTH_MIN: Final = 4
_LIMIT: Final = 36**6


def sid_from_counter(counter: int) -> str:
    """Write the sid of the n-th thing of a space with a single contributor.

    With one contributor the global id is the counter plus one (mycelium-hero.md 3.6).

    Args:
        counter: Things made before this one, from 0.

    Raises:
        ValueError: If the space of six characters is used up.
    """
    global_id = counter + 1
    if not 0 < global_id < _LIMIT:
        raise ValueError("no sid is left in this space")
    digits = ""
    while global_id:
        global_id, digit = divmod(global_id, 36)
        digits = _ALPHABET[digit] + digits
    return digits.rjust(_LENGTH_MIN, "0")
