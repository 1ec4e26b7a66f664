"""The machine's own check of units; CI has it, elsewhere tests of it may be skipped."""

import os
import shutil

import pytest


def require_systemd_analyze() -> None:
    """Skip the test where the program is missing, but fail it in CI."""
    if shutil.which("systemd-analyze") is None:
        if os.environ.get("CI"):
            pytest.fail("CI has no systemd-analyze: install systemd")
        pytest.skip("no systemd-analyze on this machine, so units can't be verified")
