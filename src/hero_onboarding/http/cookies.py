"""Cookies that hold one random token, over https guarded by their name's prefix."""

from dataclasses import dataclass

from litestar.datastructures import Cookie


@dataclass(frozen=True, slots=True)
class TokenCookie:
    """A cookie that no script can read and no other site's form sends.

    Attributes:
        plain_name: Its name without prefix.
        is_secure: Whether it goes over https only; no other host can set or read it then.
        life_seconds: How long browsers keep it.
    """

    plain_name: str
    is_secure: bool
    life_seconds: int

    @property
    def name(self) -> str:
        """The name with the prefix that browsers guard, where they can."""
        return f"__Host-{self.plain_name}" if self.is_secure else self.plain_name

    def give(self, token: str) -> Cookie:
        """Make the cookie that carries a token."""
        return self._cookie(token, self.life_seconds)

    def take_back(self) -> Cookie:
        """Make the cookie that removes it."""
        return self._cookie("", 0)

    def _cookie(self, value: str, max_age: int) -> Cookie:
        return Cookie(
            self.name,
            value=value,
            max_age=max_age,
            secure=self.is_secure,
            httponly=True,
            samesite="lax",
        )
