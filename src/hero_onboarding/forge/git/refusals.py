"""Tell from git's words who has to do what about a failure."""

import re
from collections.abc import Iterable
from typing import Final

from hero_onboarding.forge.errors import (
    ForgeAnswerError,
    ForgeMovedError,
    ForgeRefusedError,
    ForgeUnavailableError,
)
from hero_onboarding.forge.git.program import GitResult
from hero_onboarding.kernel.errors import HeroError

SAID_CHARACTERS_MAX: Final = 300

_MOVED: Final = re.compile(
    r"\[rejected\].*\((fetch first|non-fast-forward|stale info|already exists)\)"
    r"|cannot lock ref|failed to update ref|reference already exists|incorrect old value"
)
_BUSY: Final = re.compile(
    r"returned error: (429|5\d\d)|unpacker error|unable to migrate objects|No space left"
    r"|[Cc]ould not resolve|Connection (refused|timed out)"
)
_REMEDIES: Final = (
    (
        r"Authentication failed|could not read (User|Pass)|error: 401|Permission denied|publickey",
        "the forge does not know our token or key: set a valid one",
    ),
    (
        r"Host key verification failed",
        "the SSH host is not known: add its key to the known hosts of the service's user",
    ),
    (
        r"not found|does not appear to be a git repository|returned error: 404",
        "the repository does not exist or our token does not see it: create it or correct its name",
    ),
    (
        r"returned error: 413",
        "the forge takes no upload of this size: raise its limit or its quota",
    ),
    (
        r"returned error: (403|423)|protected branch|hook declined|\[remote rejected\]",
        "the forge does not let us: check the token's scope, protections, hooks and archiving",
    ),
    (
        r"dubious ownership",
        "the repository's folder belongs to another user: change its owner",
    ),
    (
        r"redirect",
        "the forge answers from another address: set that one",
    ),
    (
        r"certificate|SSL",
        "the forge's certificate can't be verified: add its authority to the system's",
    ),
    (
        r"mismatched algorithms|unknown object format|object format",
        "the repository is not in SHA-1 format: use one that is",
    ),
    (
        r"transport '[^']*' not allowed|not a git command",
        "git lacks what this kind of address needs: install it",
    ),
)
_BROKEN: Final = re.compile(r"fsck error|fsckObjects|bad object|did not send all necessary objects")
_CONTROL: Final = re.compile(r"[^\x20-\x7e]+")


def failure_of(call: str, result: GitResult, secrets: Iterable[str]) -> HeroError:
    """Translate a failed run into one of the forge's errors; unknown words mean trying again."""
    text = f"{result.output}\n{result.said}"
    shown = f"git {call}: {summarise(text, secrets)}"
    if _MOVED.search(text):
        return ForgeMovedError(shown)
    if _BUSY.search(text):
        return ForgeUnavailableError(shown)
    if _BROKEN.search(text):
        return ForgeAnswerError(shown)
    for pattern, remedy in _REMEDIES:
        if re.search(pattern, text):
            return ForgeRefusedError(f"{remedy} ({shown})")
    return ForgeUnavailableError(shown)


def summarise(text: str, secrets: Iterable[str]) -> str:
    """Cut git's words to one short line that holds no secret and no control character."""
    for secret in secrets:
        text = text.replace(secret, "***")
    telling = [line for line in text.splitlines() if re.search(r"fatal|error|reject|remote:", line)]
    line = "; ".join(" ".join(_CONTROL.sub(" ", one).split()) for one in telling)
    return line[:SAID_CHARACTERS_MAX] or "no reason given"
