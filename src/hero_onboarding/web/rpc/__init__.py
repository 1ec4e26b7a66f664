"""The routes of scripts as JSON-RPC 2.0 methods, on a Unix socket after the Hero convention."""

from hero_onboarding.web.rpc.application import make_rpc
from hero_onboarding.web.rpc.names import METHOD_NAMES

__all__ = ["METHOD_NAMES", "make_rpc"]
