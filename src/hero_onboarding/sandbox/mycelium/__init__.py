"""A stand-in for a mycelium daemon: its REST interface as its code really behaves."""

from hero_onboarding.sandbox.mycelium.launcher import SandboxMycelium

__all__ = ["SandboxMycelium"]
