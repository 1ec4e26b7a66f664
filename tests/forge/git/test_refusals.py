"""Words of git as they were seen, and who has to act on each."""

import pytest

from hero_onboarding.forge import (
    ForgeAnswerError,
    ForgeMovedError,
    ForgeRefusedError,
    ForgeUnavailableError,
)
from hero_onboarding.forge.git.program import GitResult
from hero_onboarding.forge.git.refusals import SAID_CHARACTERS_MAX, failure_of

MAIN = "abc:refs/heads/main"


@pytest.mark.parametrize(
    ("output", "said", "kind"),
    [
        (f"!\t{MAIN}\t[rejected] (fetch first)", "error: failed to push", ForgeMovedError),
        (f"!\t{MAIN}\t[rejected] (non-fast-forward)", "", ForgeMovedError),
        (f"!\t{MAIN}\t[rejected] (stale info)", "", ForgeMovedError),
        (
            f"!\t{MAIN}\t[remote rejected] (failed to update ref)",
            "remote: error: cannot lock ref 'refs/heads/main': is at X but expected Y",
            ForgeMovedError,
        ),
        (f"!\t{MAIN}\t[remote rejected] (reference already exists)", "", ForgeMovedError),
        (f"!\t{MAIN}\t[remote rejected] (pre-receive hook declined)", "", ForgeRefusedError),
        (f"!\t{MAIN}\t[remote rejected] (protected branch hook declined)", "", ForgeRefusedError),
        (f"!\t{MAIN}\t[remote rejected] (unpacker error)", "", ForgeUnavailableError),
        ("", "fatal: Authentication failed for 'https://forge.example/n/'", ForgeRefusedError),
        (
            "",
            "fatal: could not read Username for 'http://h': terminal prompts disabled",
            ForgeRefusedError,
        ),
        ("", "fatal: repository 'http://h/n.git/' not found", ForgeRefusedError),
        ("", "fatal: '/x' does not appear to be a git repository", ForgeRefusedError),
        ("", "git@h: Permission denied (publickey).", ForgeRefusedError),
        ("", "Host key verification failed.", ForgeRefusedError),
        ("", "fatal: unable to access: The requested URL returned error: 403", ForgeRefusedError),
        (
            "",
            "error: RPC failed; The requested URL returned error: 413\nfatal: remote end hung up",
            ForgeRefusedError,
        ),
        ("", "fatal: The requested URL returned error: 502", ForgeUnavailableError),
        ("", "fatal: The requested URL returned error: 429", ForgeUnavailableError),
        ("", "fatal: Could not resolve host: h", ForgeUnavailableError),
        ("", "ssh: Could not resolve hostname h: Name or service not found", ForgeUnavailableError),
        ("", "fatal: the remote end hung up unexpectedly", ForgeUnavailableError),
        ("", "fatal: unable to access: SSL certificate problem", ForgeRefusedError),
        ("", "fatal: mismatched algorithms: client sha1; server sha256", ForgeRefusedError),
        ("", "fatal: detected dubious ownership in repository", ForgeRefusedError),
        ("", "fatal: unable to update url base from redirection:", ForgeRefusedError),
        ("", "error: object 1f: zeroPaddedFilemode\nfatal: fsck error in packed", ForgeAnswerError),
        ("", "fatal: words that nobody has seen before", ForgeUnavailableError),
        ("", "", ForgeUnavailableError),
    ],
)
def test_words_are_told_apart(output: str, said: str, kind: type[Exception]) -> None:
    failure = failure_of("push", GitResult(1, output, said), ())

    assert type(failure) is kind, failure


def test_what_is_shown_is_short_plain_and_without_secrets() -> None:
    said = "fatal: \x1b[31mred\x00 for s3cret-token\n" + "error: x" * 500

    shown = str(failure_of("fetch", GitResult(1, "", said), ("s3cret-token",)))

    assert "s3cret-token" not in shown
    assert "***" in shown
    assert shown.isprintable()
    assert len(shown) < SAID_CHARACTERS_MAX + 200
