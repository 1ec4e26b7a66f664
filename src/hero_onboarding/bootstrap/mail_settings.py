"""Read the settings of mail: where the mail server is, and whom mails are from."""

import re
from typing import Final
from urllib.parse import unquote, urlsplit

from hero_onboarding.bootstrap.reading import WrongTextError, read_secret
from hero_onboarding.mail import EmailAddress, Security, SmtpServer, WrongEmailError

_PORTS: Final = {Security.TLS: 465, Security.STARTTLS: 587, Security.NONE: 25}
_SCHEMES: Final = ", ".join(f"{security}://" for security in Security)
_LABEL: Final = r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_HOST: Final = re.compile(rf"{_LABEL}(\.{_LABEL})*\.?|[0-9A-Fa-f:.]+")


def read_smtp_server(text: str) -> SmtpServer:
    """Read ``smtps://USER:PASSWORD@HOST``; what is wrong is not quoted, for the password's sake."""
    read_secret(text)
    try:
        url = urlsplit(text)
        host, port = url.hostname or "", url.port
    except ValueError:
        raise WrongTextError("is no address; escape its password as in %2F for /") from None
    scheme = text.partition("://")[0]
    if scheme not in set(Security):
        raise WrongTextError(f"begins with none of {_SCHEMES}; use one of them")
    if url.path.strip("/") or "?" in text or "#" in text:
        raise WrongTextError("has something after its host; leave it out, or escape the password")
    if _HOST.fullmatch(host) is None or port == 0:
        raise WrongTextError("names no host; use smtps://USER:PASSWORD@HOST")
    security = Security(scheme)
    user, password = _read_login(url.username, url.password)
    return SmtpServer(security, host, port or _PORTS[security], user, password)


def read_smtp_url(text: str) -> str:
    """Take the address of a mail server."""
    read_smtp_server(text)
    return text


def read_mail_from(text: str) -> str:
    """Take the address that mails are from."""
    try:
        return EmailAddress.parse(text).normalised
    except WrongEmailError:
        raise WrongTextError(f"is {text!r}; use an address such as no-reply@example.org") from None


def _read_login(user: str | None, password: str | None) -> tuple[str | None, str | None]:
    """Decode a user and a password; both are given, or neither."""
    if not user and not password:
        return None, None
    if not user or not password:
        raise WrongTextError("has a user or a password alone; give both or neither")
    return read_secret(unquote(user)), read_secret(unquote(password))
