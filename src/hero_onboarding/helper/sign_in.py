"""Sign in: show what is to be proved, ask, prove it."""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import re
import time
from dataclasses import dataclass
from typing import Any, Callable, Final

from hero_onboarding.helper.address import address_of
from hero_onboarding.helper.asking import PURPOSES, post, printable, read_challenge
from hero_onboarding.helper.curve import BASE_POINT, Exchange
from hero_onboarding.helper.key_file import KeyFile
from hero_onboarding.helper.outcome import REFUSED, USAGE, WRONG_SITE, Stop
from hero_onboarding.helper.proof import Challenge, proof_of
from hero_onboarding.helper.site import Site

_CODE_SYMBOLS: Final = frozenset("23456789ABCDEFGHJKLMNPQRSTUVWXYZ")
_APPROVED: Final = "Approved. The waiting browser goes on by itself."
_HALF: Final = "Approved. Now approve with the other key too, within two minutes."
_CLOCK_SECONDS_MAX: Final = 300


@dataclass(frozen=True)
class Terminal:
    """How the person is asked and told."""

    ask: Callable[[str], str]
    tell: Callable[[str], None]
    give: Callable[[str], None]
    open_page: Callable[[str], bool]


def sign_in(
    site: Site, key: KeyFile, terminal: Terminal, *, is_sure: bool, exchange: Exchange
) -> None:
    """Prove the key to a site, for a browser here or for one that waits elsewhere."""
    if site.attempt and is_sure:
        raise Stop(USAGE, "--yes can't be used for a browser elsewhere: its code has to be typed")
    if key.is_wide_open:
        terminal.tell(f"Warning: others may read {key.path}; chmod 640 it.")
    public_key = exchange(key.secret, BASE_POINT)
    assert public_key is not None, "the base point has a large order"
    address = address_of(public_key)
    claim: dict[str, Any] = {
        "address": str(ipaddress.IPv6Address(address)),
        "public_key": public_key.hex(),
    }
    if site.attempt:
        claim["attempt"] = site.attempt
    fields, cookie = post(site, "/auth/challenge", claim)
    challenge = read_challenge(fields, site, address, public_key)
    if abs(time.time() - challenge.issued_at) > _CLOCK_SECONDS_MAX:
        terminal.tell("Warning: this machine's clock and the site's differ by over 5 minutes.")
    _show(terminal, challenge, fields.get("requester"))
    binding = _confirm(site, terminal, cookie, fields, is_sure=is_sure)
    agreed = exchange(key.secret, challenge.server_public_key)
    if agreed is None:
        raise Stop(WRONG_SITE, f"{site.origin} sent a key that proves nothing")
    proof = proof_of(challenge.packed(binding), agreed)
    answer: dict[str, Any] = {
        "challenge_id": challenge.challenge_id,
        "proof": base64.urlsafe_b64encode(proof).rstrip(b"=").decode(),
    }
    if not site.attempt:
        answer["deliver"] = "link"
    outcome, _ = post(site, "/auth/verify", answer, cookie)
    _finish(site, terminal, outcome)


def _show(terminal: Terminal, challenge: Challenge, requester: Any) -> None:
    terminal.tell(f"Site:     {challenge.origin}")
    terminal.tell(f"Address:  {ipaddress.IPv6Address(challenge.address)}")
    terminal.tell(f"Purpose:  {PURPOSES[challenge.purpose]}")
    if isinstance(requester, dict):
        kind = printable(requester.get("kind") or "unknown")
        place = printable(requester.get("place") or "an unknown network")
        terminal.tell(f"Browser:  {kind}, at {place}")


def _confirm(
    site: Site, terminal: Terminal, cookie: str | None, fields: dict[str, Any], *, is_sure: bool
) -> bytes:
    """Ask the person, and return what ties the proof to the right browser."""
    if site.attempt:
        terminal.tell("Go on only if you opened that browser yourself and see its code.")
        code = "".join(terminal.ask("Code: ").upper().replace("-", " ").split())
        if len(code) != 8 or set(code) - _CODE_SYMBOLS:
            raise Stop(REFUSED, "a code has 8 letters and digits, as the waiting browser shows it")
        return hashlib.sha256(code.encode()).digest()
    if cookie is None:
        raise Stop(WRONG_SITE, f"{site.origin} set no cookie to tie the proof to")
    binding = hashlib.sha256(cookie.partition("=")[2].encode()).digest()
    if fields.get("binding") != binding.hex():
        raise Stop(WRONG_SITE, f"{site.origin} ties the proof to another browser than this")
    if not is_sure and terminal.ask("Prove it? [y/N] ").strip().lower() not in ("y", "yes"):
        raise Stop(REFUSED, "nothing was proved")
    return binding


def _finish(site: Site, terminal: Terminal, outcome: dict[str, Any]) -> None:
    if site.attempt:
        terminal.tell(_HALF if outcome.get("missing") == "other_key" else _APPROVED)
        return
    link = str(outcome.get("sign_in_url"))
    if not re.fullmatch(re.escape(f"{site.origin}/login/link/") + r"[A-Za-z0-9_-]{16,128}", link):
        raise Stop(WRONG_SITE, f"{site.origin} gave no link of its own to go on with")
    if terminal.open_page(link):
        terminal.tell("Proved. The signed-in page opens in your browser.")
        return
    terminal.tell("Proved. Open this link within a minute; it works once:")
    terminal.give(link)
