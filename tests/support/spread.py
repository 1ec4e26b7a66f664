"""Which tests of a run in several processes stay together, and which are spread.

A file's tests share what is made for their module, so a file goes to one worker as a whole. Long
tests that share nothing go one by one. (The mark ``xdist_group`` does nothing with this pytest.)
"""

from typing import Final

from xdist.scheduler import LoadScopeScheduling

from hero_onboarding.kernel.overriding import override

APART: Final = frozenset(
    {
        "tests/killed/test_killed.py",
        "tests/killed/test_paying.py",
        "tests/migrations/test_upgrade.py",
        "tests/otoml/test_limits.py",
        "tests/payments/test_machine.py",
        "tests/payments/test_planted_disputes.py",
        "tests/payments/test_refund_races.py",
        "tests/wallet/test_machine.py",
        "tests/wallet/test_planted.py",
    }
)
"""Files of long tests that share nothing."""


class Spread(LoadScopeScheduling):  # type: ignore[misc]  # the library has no types
    """Gives a worker a file, or one long test."""

    @override
    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        return nodeid if path in APART else path
