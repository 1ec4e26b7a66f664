"""The overlay network, by the REST interface of a mycelium daemon."""

from hero_onboarding.overlay.daemon import TOPIC, MyceliumDaemon

__all__ = ["TOPIC", "MyceliumDaemon"]
