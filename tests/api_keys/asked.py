"""Keys that tests ask for."""

from collections.abc import Sequence
from datetime import datetime

from hero_onboarding.api_keys import ApiKey, KeyRequest, Scope, create_key
from hero_onboarding.database import Database
from tests.fakes.clock import FakeClock

NOW = FakeClock().now()


def asked(*scopes: Scope, **changes: object) -> KeyRequest:
    """A request that is right, changed where a test cares."""
    fields: dict[str, object] = {"label": "a script", "scopes": scopes or (Scope.READ,), **changes}
    return KeyRequest(**fields)  # type: ignore[arg-type]  # as the test says


def made(
    database: Database, *scopes: Scope, now: datetime = NOW, **changes: object
) -> tuple[ApiKey, str]:
    with database.transaction() as tx:
        return create_key(tx, asked(*scopes, **changes), "server", now)


def others_of(text: str) -> Sequence[str]:
    """Texts that are nearly a key's."""
    return [
        "",
        text[:-1],
        text + "x",
        text.upper(),
        text.swapcase(),
        f" {text}",
        f"{text}\n",
        text[:-1] + ("A" if text[-1] != "A" else "B"),
        text[:4] + ("0" if text[4] != "0" else "1") + text[5:],
        f"hok_{'0' * 16}_{'A' * 43}",
        text.replace("hok_", "hak_"),
        text.partition("_")[2],
        "\0" * 64,
        "\udcff",
        "\N{ARABIC-INDIC DIGIT ONE}" * 64,
        "x" * 1_000_000,
    ]
