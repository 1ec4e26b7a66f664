"""How the helper ends."""

from __future__ import annotations

REFUSED, USAGE, TRY_AGAIN, NO_KEY, WRONG_SITE = 1, 2, 3, 4, 5


class Stop(Exception):
    """The end, with the exit code and the sentence that says why."""

    def __init__(self, exit_code: int, sentence: str) -> None:
        super().__init__(sentence)
        self.exit_code = exit_code
        self.sentence = sentence
