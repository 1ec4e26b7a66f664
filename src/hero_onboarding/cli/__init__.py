"""The command line: parsers and printers around a running server's API."""

from hero_onboarding.cli.program import main

__all__ = ["main"]
