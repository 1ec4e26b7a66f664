"""What signing in needs of the overlay network."""

from typing import Protocol

from hero_onboarding.identity import Address, PublicKey


class Messenger(Protocol):
    """Sends messages over the overlay; each call may take some seconds."""

    def find_key(self, address: Address) -> PublicKey | None:
        """Return the key behind an address as the network knows it, None if it does not yet.

        Raises:
            UnavailableError: If the daemon can't be asked.
            UpstreamError: If it answers nonsense.
        """
        ...

    def call(self, address: Address) -> None:
        """Have the network look for an address, by a message that says nothing.

        Raises:
            UnavailableError: If the daemon can't be asked.
            UpstreamError: If it answers nonsense.
        """
        ...

    def send(self, key: PublicKey, text: str) -> None:
        """Send a text to whoever holds a key.

        Raises:
            UnavailableError: If the daemon can't be asked.
            UpstreamError: If it answers nonsense.
        """
        ...
