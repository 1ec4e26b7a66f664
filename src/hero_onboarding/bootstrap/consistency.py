"""What settings contradict: each other, the mode, or what goes over the open internet."""

import os
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import urlsplit

from hero_onboarding.bootstrap.mail_settings import read_smtp_server
from hero_onboarding.bootstrap.networks import is_near, is_this_machine
from hero_onboarding.bootstrap.payment_settings import find_payment_problems
from hero_onboarding.bootstrap.reading import Address
from hero_onboarding.bootstrap.settings_tree import Settings
from hero_onboarding.kernel.server import Mode, Role, is_loopback_host
from hero_onboarding.mail import Security
from hero_onboarding.otoml import BYTES_MAX

SECRET_CHARACTERS_MIN: Final = 16
SECRET_KEY_CHARACTERS_MIN: Final = 32
PROVIDER_BASES: Final = ("IDENFY_BASE_URL",)
SOCKET_PATH_BYTES_MAX: Final = 107
"""What ``sockaddr_un`` of Linux holds, but for the zero byte at its end."""

_EVERYWHERE: Final = ("0.0.0.0", "::")  # noqa: S104 - compared with, not bound

Problem = tuple[str, str]
"""A setting without prefix, and the sentence with its remedy."""


def find_contradictions(settings: Settings, later: Mapping[str, str]) -> Iterator[Problem]:
    """Find what can't stand together.

    Args:
        settings: Each setting can be read for itself.
        later: The texts of settings of parts that do not exist yet.
    """
    secret = settings.admin_secret
    if secret is not None and len(secret) < SECRET_CHARACTERS_MIN:
        yield "ADMIN_SECRET", f"is too short; use at least {SECRET_CHARACTERS_MIN} characters"
    if settings.bucket_bytes_max > BYTES_MAX:
        yield "BUCKET_BYTES_MAX", f"is above {BYTES_MAX}; other readers take no more"
    if settings.role is not Role.NODE and _overlap(settings.listen, settings.admin_listen):
        text = settings.admin_listen.text
        yield "ADMIN_LISTEN", f"is {text!r}, which LISTEN takes already; use another port"
    if settings.secret_key is not None and not _are_long(settings.secret_key):
        least = f"at least {SECRET_KEY_CHARACTERS_MIN} characters each"
        yield "SECRET_KEY", f"holds an empty or short key; use keys of {least}, comma-separated"
    yield from _find_long_path(settings)
    yield from _find_open_codes(settings)
    yield from find_payment_problems(settings)
    if settings.mode is Mode.SANDBOX:
        yield from _find_open_sandbox(settings)
    else:
        yield from _find_open_production(settings)
        if settings.rate_limits == "off":
            yield "RATE_LIMITS", "is 'off', which only the sandbox takes; leave it out"
        yield from _find_later_problems(later)


def _find_long_path(settings: Settings) -> Iterator[Problem]:
    """Find a folder in which no socket can have its name."""
    path = settings.rpc_socket
    size = 0 if path is None else len(os.fsencode(path))
    if size > SOCKET_PATH_BYTES_MAX:
        most = f"the path of a socket has at most {SOCKET_PATH_BYTES_MAX} bytes and {path} {size}"
        yield "SOCKET_DIR", f"is too long: {most}; name a folder with a shorter path, or off"


def _are_long(secret_key: str) -> bool:
    """Whether each of the keys, the newest first, is long enough to be one."""
    return all(len(key.strip()) >= SECRET_KEY_CHARACTERS_MIN for key in secret_key.split(","))


def _overlap(one: Address, other: Address) -> bool:
    """Whether two listeners would want the same port of the same address."""
    hosts = {"127.0.0.1" if host == "localhost" else host for host in (one.host, other.host)}
    is_same_host = len(hosts) == 1 or not hosts.isdisjoint(_EVERYWHERE)
    return one.port == other.port != 0 and is_same_host


def _find_open_sandbox(settings: Settings) -> Iterator[Problem]:
    """Find what would let others than this machine into the sandbox."""
    remedy = "in sandbox mode; use 127.0.0.1, or set HERO_ONBOARDING_MODE=production"
    for name, host in (
        ("LISTEN", settings.listen.text),
        ("ADMIN_LISTEN", settings.admin_listen.text),
        ("PUBLIC_URL", settings.public_url.split("://", 1)[1]),
    ):
        if not is_loopback_host(host):
            yield name, f"names {host!r}, which is not loopback, {remedy}"


def _find_open_codes(settings: Settings) -> Iterator[Problem]:
    """Find messages and mails, which carry codes, that would cross the internet in plain text."""
    daemon = urlsplit(settings.mycelium_api or "")
    if daemon.scheme == "http" and not is_near(daemon.hostname or ""):
        host = daemon.hostname
        yield "MYCELIUM_API", f"names {host} over plain http; name a daemon of your own network"
    server = None if settings.smtp_url is None else read_smtp_server(settings.smtp_url)
    if server is not None and server.security is Security.NONE and not is_near(server.host):
        yield "SMTP_URL", f"names {server.host} over plain smtp; use smtps or smtp+starttls"


def _find_open_production(settings: Settings) -> Iterator[Problem]:
    """Find what production would send in plain text, or tell people that can't be reached."""
    public = urlsplit(settings.public_url)
    if settings.role is not Role.NODE:
        if public.scheme != "https":
            yield "PUBLIC_URL", "must be https in production; set the site's https origin"
        elif is_this_machine(public.hostname or ""):
            host = public.hostname
            yield "PUBLIC_URL", f"names {host}, which is each reader's own; set the site's name"
    forge = urlsplit(settings.forge_url or "")
    if forge.scheme in {"http", "git+http"} and not is_near(forge.hostname or ""):
        host = forge.hostname
        yield "FORGE_URL", f"names {host} over plain http; use https in production"


def _find_later_problems(later: Mapping[str, str]) -> Iterator[Problem]:
    """Find what production refuses of parts that do not exist yet."""
    for name in PROVIDER_BASES:
        text = later.get(name)
        if text is not None and not _is_on_the_internet(text):
            yield name, "is no https address of the internet; leave it out for the provider's own"


def _is_on_the_internet(text: str) -> bool:
    """Whether an address is https, and its host neither this machine nor on a private net."""
    try:
        url = urlsplit(text)
    except ValueError:
        return False
    host = url.hostname or ""
    return url.scheme == "https" and host != "" and not is_near(host)
