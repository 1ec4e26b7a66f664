"""What ClickPesa needs to be used."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ClickPesaSettings:
    """Keys and the address; ClickPesa has no sandbox, so the address says whether money moves.

    Attributes:
        client_id: With the key, what gives a token.
        checksum_key: What bodies of both directions are summed with; without it bodies go out
            without a checksum and no notice is authentic.
        base_url: The address of the API, a path included.
        is_live: Whether real money moves there.
    """

    client_id: str = field(repr=False)
    api_key: str = field(repr=False)
    base_url: str
    is_live: bool
    checksum_key: str | None = field(default=None, repr=False)
