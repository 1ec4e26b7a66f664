"""A stand-in for a Forgejo or Gitea server, over real git repositories."""

from hero_onboarding.sandbox.forge.launcher import USER, SandboxForge
from hero_onboarding.sandbox.forge.switches import Fault, Settings

__all__ = ["USER", "Fault", "SandboxForge", "Settings"]
