"""Settings that are good each for itself and can't stand together, or not in their mode."""

from pathlib import Path

import pytest

from hero_onboarding.bootstrap.networks import is_near
from tests.bootstrap.reading import problems, read

PRODUCTION = {"MODE": "production", "PUBLIC_URL": "https://onboarding.example"}
NEAR = [
    *("localhost", "a.localhost", "127.0.0.1", "127.1", "0x7f.1", "2130706433", "10.1.2.3"),
    *("[::1]", "[fd00::1]", "[54a:1::1]", "[::ffff:10.0.0.1]", "0.0.0.0", "169.254.1.1"),
    *("forge", "forge.lan", "forge.home.arpa", "localhost.", "LOCALHOST"),
]
FAR = [
    *("forge.example.org", "8.8.8.8", "[2606:4700::1111]", "[::ffff:8.8.8.8]"),
    *("localhost.example.org", "134744072", "10.0.0.1.example.org"),
]


@pytest.mark.parametrize(
    ("listen", "admin"),
    [
        ("127.0.0.1:81", "127.0.0.1:81"),
        ("localhost:81", "127.0.0.1:81"),
        ("[::1]:81", "[::1]:81"),
        ("127.0.0.1:9921", ""),
    ],
)
def test_two_listeners_want_two_addresses(listen: str, admin: str) -> None:
    found = problems(LISTEN=listen, ADMIN_LISTEN=admin)

    assert list(found) == ["ADMIN_LISTEN"]
    assert found["ADMIN_LISTEN"].endswith("which LISTEN takes already; use another port")


@pytest.mark.parametrize("everywhere", ["0.0.0.0", "[::]"])
def test_a_listener_on_all_addresses_has_its_port_everywhere(everywhere: str) -> None:
    found = problems(**PRODUCTION, LISTEN=f"{everywhere}:81", ADMIN_LISTEN="127.0.0.1:81")

    assert list(found) == ["ADMIN_LISTEN"]


def test_listeners_apart_or_on_free_ports_do_not_meet() -> None:
    for listen, admin in (
        ("127.0.0.1:0", "127.0.0.1:0"),
        ("127.0.0.1:81", "127.0.0.2:81"),
        ("127.0.0.1:81", "[::1]:81"),
    ):
        assert read(LISTEN=listen, ADMIN_LISTEN=admin).admin_listen.text == admin


def test_a_node_has_one_listener_only() -> None:
    assert read(ROLE="node", LISTEN="127.0.0.1:9921").listen.port == 9921


@pytest.mark.parametrize("host", NEAR)
def test_a_host_of_ones_own_is_near(host: str) -> None:
    assert is_near(host)


@pytest.mark.parametrize("host", FAR)
def test_a_host_of_the_internet_is_far(host: str) -> None:
    assert not is_near(host)


@pytest.mark.parametrize("scheme", ["http", "git+http"])
@pytest.mark.parametrize("host", FAR)
def test_production_sends_no_token_in_plain_text_over_the_internet(scheme: str, host: str) -> None:
    url = f"{scheme}://{host}/a/b"

    found = problems(**PRODUCTION, FORGE_URL=url)

    assert list(found) == ["FORGE_URL"]
    assert found["FORGE_URL"].endswith("over plain http; use https in production")
    assert read(FORGE_URL=url).forge_url == url, "the sandbox may"


@pytest.mark.parametrize("url", ["http://forge.lan", "git+http://10.1.2.3/a", "https://10.1.2.3"])
def test_production_takes_a_forge_of_the_operators_network(url: str) -> None:
    assert read(**PRODUCTION, FORGE_URL=url).forge_url == url


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1:8443", "[::1]", "site.localhost", "127.1"]
)
def test_production_has_an_origin_that_others_can_reach(host: str) -> None:
    found = problems(MODE="production", PUBLIC_URL=f"https://{host}")

    assert list(found) == ["PUBLIC_URL"]
    assert found["PUBLIC_URL"].endswith("set the site's name")


@pytest.mark.parametrize(
    "text",
    [
        "http://api.example",
        "https://127.0.0.1:1",
        "https://10.0.0.1",
        "https://a.lan",
        "https://",
        "x",
    ],
)
def test_production_asks_no_provider_but_by_https_on_the_internet(text: str) -> None:
    found = problems(**PRODUCTION, IDENFY_BASE_URL=text)

    assert list(found) == ["IDENFY_BASE_URL"]
    assert "leave it out" in found["IDENFY_BASE_URL"]
    assert read(IDENFY_BASE_URL=text) == read(), "the sandbox may"


def test_production_takes_providers_of_the_internet_and_a_daemon_nearby() -> None:
    plain = read(**PRODUCTION)

    assert read(**PRODUCTION, IDENFY_BASE_URL="https://api.example/v1") == plain
    assert read(**PRODUCTION, MYCELIUM_API="http://127.0.0.1:8989").mycelium_api is not None


@pytest.mark.parametrize("name", ["STRIPE_API_BASE", "CLICKPESA_BASE_URL"])
@pytest.mark.parametrize("text", ["http://api.example", "https://127.0.0.1:1", "https://a.lan"])
def test_production_asks_for_payments_but_by_https_on_the_internet(name: str, text: str) -> None:
    found = problems(**PRODUCTION, **{name: text})

    assert list(found) == [name]
    assert "leave it out" in found[name]
    settings = read(**PRODUCTION, **{name: "https://api.example"})
    assert getattr(settings, name.lower()) == "https://api.example"


def test_the_sandbox_never_asks_clickpesa_itself_which_has_none() -> None:
    keys = {"CLICKPESA_CLIENT_ID": "IDhidden", "CLICKPESA_API_KEY": "SKhidden"}

    found = problems(**keys)

    assert list(found) == ["CLICKPESA_BASE_URL"]
    assert "every call to it moves real money; use a stand-in" in found["CLICKPESA_BASE_URL"]
    assert read(**keys, CLICKPESA_BASE_URL="http://localhost:9940").clickpesa_client_id
    real = read(**PRODUCTION, **keys, CLICKPESA_CHECKSUM_KEY="CHKhidden")
    assert real.clickpesa_base_url is None
    assert "SKhidden" not in repr(real)
    assert "CHKhidden" not in repr(real)


def test_each_mode_takes_keys_of_its_own_alone_and_quotes_none() -> None:
    found = problems(**PRODUCTION, STRIPE_SECRET_KEY="rk_test_confidential")

    assert "use a live key" in found["STRIPE_SECRET_KEY"]
    assert "confidential" not in str(found)
    live = read(**PRODUCTION, STRIPE_SECRET_KEY="sk_live_confidential")
    assert "confidential" not in repr(live)


def test_limits_are_off_in_the_sandbox_only() -> None:
    assert read(RATE_LIMITS="off").rate_limits == "off"
    assert "only the sandbox takes" in problems(**PRODUCTION, RATE_LIMITS="off")["RATE_LIMITS"]
    assert "use one of on, off" in problems(RATE_LIMITS="none")["RATE_LIMITS"]


def test_all_contradictions_are_said_with_everything_else_that_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('rate_limits = "off"\nforge_url = "http://forge.example"\n')

    found = problems(
        MODE="production",
        ROLE="both",
        PUBLIC_URL="https://localhost",
        IDENFY_BASE_URL="http://x",
        CONFIG=str(file),
    )

    assert found.keys() == {"ROLE", "PUBLIC_URL", "FORGE_URL", "RATE_LIMITS", "IDENFY_BASE_URL"}
