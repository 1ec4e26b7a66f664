"""The helper as a program of one file: ``python3 hero_login.pyz URL [-k FILE] [--yes]``.

Exit codes: 0 done; 1 refused by the site or by you; 2 wrong usage; 3 try again later; 4 no usable
key; 5 the site is not who it says.
"""

from __future__ import annotations

import argparse
import os
import sys
import webbrowser
from pathlib import Path
from typing import Final

from hero_onboarding.helper.curve import exchange_here
from hero_onboarding.helper.key_file import read_key, usual_places
from hero_onboarding.helper.outcome import REFUSED, Stop
from hero_onboarding.helper.sign_in import Terminal, sign_in
from hero_onboarding.helper.site import read_url


def open_page(link: str) -> bool:
    """Open a link in a graphical browser of whoever runs this, unless that is root."""
    if sys.platform not in ("darwin", "win32"):
        is_graphical = bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
        if not is_graphical or os.geteuid() == 0:
            return False
    try:
        return webbrowser.open(link)
    except webbrowser.Error:
        return False


def tell(sentence: str) -> None:
    """Say something to the person."""
    print(sentence, file=sys.stderr, flush=True)


def ask(question: str) -> str:
    """Ask the person; no answer is an empty one."""
    print(question, end="", file=sys.stderr, flush=True)
    return sys.stdin.readline()


TERMINAL: Final = Terminal(ask, tell, lambda result: print(result, flush=True), open_page)


def main(arguments: list[str] | None = None) -> int:
    """Run as a program and return its exit code."""
    parser = argparse.ArgumentParser(
        prog="hero_login", description="Sign in to a Hero site with a mycelium key."
    )
    parser.add_argument("url", help="https://SITE, or https://SITE/login/ATTEMPT")
    parser.add_argument("-k", "--key-file", type=Path, help="the key, 32 raw bytes")
    parser.add_argument("--yes", action="store_true", help="don't ask (not with an attempt)")
    given = parser.parse_args(arguments)
    places = [given.key_file] if given.key_file else usual_places(Path.home(), sys.platform)
    try:
        site = read_url(given.url)
        sign_in(site, read_key(places), TERMINAL, is_sure=given.yes, exchange=exchange_here)
    except Stop as stop:
        tell(f"hero_login: {stop.sentence}.")
        return stop.exit_code
    except KeyboardInterrupt:
        tell("hero_login: nothing was proved.")
        return REFUSED
    return 0
