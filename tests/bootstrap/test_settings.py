"""Every setting: its default, a value that is taken, a value that is refused with a remedy."""

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hero_onboarding.bootstrap import settings as module
from hero_onboarding.bootstrap.reading import Address, default_page_processes
from hero_onboarding.bootstrap.settings import read_settings
from hero_onboarding.kernel.server import Mode, Role
from tests.bootstrap.reading import outcome, problems, read

HOME = Path("~/hero/var/hero_onboarding").expanduser()
REPOSITORY = "lhumina_code/hero_onboarding_billing"
SECRET = "a-secret-of-the-tests"
KEY = "a-secret-key-of-the-tests-000032"
DEFAULTS: dict[str, object] = {
    "mode": Mode.SANDBOX,
    "role": Role.ALL,
    "listen": Address("127.0.0.1", 9920),
    "admin_listen": Address("127.0.0.1", 9921),
    "data_dir": HOME,
    "database_url": f"sqlite:///{HOME}/hero_onboarding.sqlite",
    "admin_secret": None,
    "forge_url": None,
    "forge_repo": REPOSITORY,
    "forge_token": None,
    "forge_branch": None,
    "forge_repos": (REPOSITORY,),
    "forge_read": "auto",
    "public_url": "http://localhost:9920",
    "bucket_bytes_max": 8_388_608,
    "scheduler": "embedded",
    "secret_key": None,
    "rate_limits": "on",
    "page_processes": 0,
    "exchange_margin": 200,
    "mycelium_api": None,
    "smtp_url": None,
    "mail_from": None,
    "socket_dir": Path("~/hero/var/sockets").expanduser(),
}
GOOD: list[tuple[str, str, object]] = [
    ("MODE", "sandbox", Mode.SANDBOX),
    ("ROLE", "node", Role.NODE),
    ("ROLE", "central", Role.CENTRAL),
    ("LISTEN", "localhost:0", Address("localhost", 0)),
    ("LISTEN", "[::1]:65535", Address("::1", 65_535)),
    ("ADMIN_LISTEN", "127.9.9.9:1", Address("127.9.9.9", 1)),
    ("PUBLIC_URL", "http://127.0.0.1:1/", "http://127.0.0.1:1"),
    ("PUBLIC_URL", "http://[::1]:9920", "http://[::1]:9920"),
    ("PUBLIC_URL", "https://site.localhost", "https://site.localhost"),
    ("DATA_DIR", "/srv/a folder", Path("/srv/a folder")),
    ("DATA_DIR", "~/hero", Path("~/hero").expanduser()),
    ("DATABASE_URL", "sqlite:////srv/hero.sqlite", "sqlite:////srv/hero.sqlite"),
    ("DATABASE_URL", "postgresql://h/d", "postgresql://h/d"),
    ("NODE_NAME", "a" * 63, "a" * 63),
    ("ADMIN_SECRET", SECRET, SECRET),
    ("API_KEY", "hok_x", "hok_x"),
    ("FORGE_URL", "https://forge.example/", "https://forge.example"),
    ("FORGE_URL", "git+ssh://git@forge.example/a/b", "git+ssh://git@forge.example/a/b"),
    ("FORGE_URL", "git+file:///srv/b.git", "git+file:///srv/b.git"),
    ("FORGE_REPO", "a/b.c_d-e", "a/b.c_d-e"),
    ("FORGE_REPOS", "a/b, c/d", ("a/b", "c/d")),
    ("FORGE_TOKEN", "t", "t"),
    ("FORGE_BRANCH", "bills/2026", "bills/2026"),
    ("FORGE_READ", "rest", "rest"),
    ("BUCKET_BYTES_MAX", "1", 1),
    ("SECRET_KEY", KEY, KEY),
    ("SECRET_KEY", f"{KEY}, {KEY}", f"{KEY}, {KEY}"),
    ("RATE_LIMITS", "off", "off"),
    ("EXCHANGE_MARGIN", "0", 0),
    ("EXCHANGE_MARGIN", "2000", 2000),
    ("PAGE_PROCESSES", "0", 0),
    ("PAGE_PROCESSES", "32", 32),
    ("MYCELIUM_API", "http://127.0.0.1:8989/", "http://127.0.0.1:8989"),
    ("SOCKET_DIR", "/run/hero", Path("/run/hero")),
    ("SOCKET_DIR", "~/sockets", Path("~/sockets").expanduser()),
    ("SOCKET_DIR", "off", None),
    ("SCHEDULER", "off", "off"),
    ("SCHEDULER", "systemd", "systemd"),
    ("SMTP_URL", "smtps://u:p%2F@mail.example.org:466", "smtps://u:p%2F@mail.example.org:466"),
    ("SMTP_URL", "smtp+starttls://mail.example.org", "smtp+starttls://mail.example.org"),
    ("SMTP_URL", "smtp://localhost", "smtp://localhost"),
    ("STRIPE_SECRET_KEY", "sk_test_4eC39H", "sk_test_4eC39H"),
    ("STRIPE_SECRET_KEY", "rk_test_4eC39H", "rk_test_4eC39H"),
    ("STRIPE_WEBHOOK_SECRET", "whsec_abcdefgh1", "whsec_abcdefgh1"),
    ("STRIPE_WEBHOOK_SECRET", "whsec_abcdefgh1, whsec_+/=12345", "whsec_abcdefgh1, whsec_+/=12345"),
    ("STRIPE_API_BASE", "http://127.0.0.1:12111/", "http://127.0.0.1:12111"),
    ("CLICKPESA_CLIENT_ID", "IDxyz", "IDxyz"),
    ("CLICKPESA_API_KEY", "SKxyz", "SKxyz"),
    ("CLICKPESA_CHECKSUM_KEY", "CHKxyz", "CHKxyz"),
    (
        "CLICKPESA_BASE_URL",
        "http://127.0.0.1:9940/third-parties/",
        "http://127.0.0.1:9940/third-parties",
    ),
    ("MAIL_FROM", "Hero@Example.org", "hero@example.org"),
    ("MAIL_FROM", "hero@b\u00fccher.example", "hero@xn--bcher-kva.example"),
]
BAD: list[tuple[str, str, str]] = [
    ("MODE", "Production", "use one of sandbox, production"),
    ("ROLE", "both", "use one of node, central, all"),
    ("LISTEN", "9920", "use host:port"),
    ("LISTEN", "127.0.0.1:65536", "use host:port"),
    ("LISTEN", "127.0.0.1:\u00b2", "use host:port"),
    ("LISTEN", "::1", "use host:port"),
    ("ADMIN_LISTEN", ":9921", "use host:port"),
    ("PUBLIC_URL", "localhost", "use an origin"),
    ("PUBLIC_URL", "http://localhost/site", "leave out everything after the host"),
    ("PUBLIC_URL", "http:\n//localhost", "leave out spaces and line ends"),
    ("PUBLIC_URL", "http://:word@localhost", "holds a user or password"),
    ("PUBLIC_URL", "http://[::1", "is no address"),
    ("DATA_DIR", "var/hero", "use an absolute path"),
    ("DATA_DIR", "~nobody-of-this-name/hero", "has no home folder"),
    ("DATABASE_URL", "mysql://h/d", "use sqlite:///PATH or postgresql://HOST/NAME"),
    ("DATABASE_URL", "sqlite:///", "use sqlite:///PATH"),
    ("DATABASE_URL", "sqlite:///rel.db", "use sqlite:////FOLDER/FILE"),
    ("DATABASE_URL", "sqlite:///:memory:", "use sqlite:////FOLDER/FILE"),
    ("DATABASE_URL", "sqlite:////srv/a.sqlite?mode=ro", "has a query or fragment"),
    ("DATABASE_URL", "postgresql:///d", "postgresql://HOST/NAME"),
    ("NODE_NAME", "-a", "use [a-z0-9]"),
    ("NODE_NAME", "a" * 64, "use [a-z0-9]"),
    ("NODE_NAME", "a\n", "use [a-z0-9]"),
    ("ADMIN_SECRET", "fifteen-letters", "use at least 16 characters"),
    ("ADMIN_SECRET", "a-secret-with-\u00e9-in-it", "use plain ASCII"),
    ("API_KEY", "hok_\u00e9", "use plain ASCII"),
    ("FORGE_URL", "ftp://forge.example", "use one of http, https, git+https"),
    ("FORGE_URL", "HTTPS://forge.example", "use lower case"),
    ("FORGE_URL", "https://u@forge.example", "use HERO_ONBOARDING_FORGE_TOKEN"),
    ("FORGE_URL", "https://:p@forge.example", "use HERO_ONBOARDING_FORGE_TOKEN"),
    ("FORGE_URL", "git+ssh://u:p@forge.example", "use HERO_ONBOARDING_FORGE_TOKEN"),
    ("FORGE_URL", "https://forge.example?a=b", "leave it out"),
    ("FORGE_URL", "https://", "names no host"),
    ("FORGE_URL", "git+file://srv", "use git+file:///PATH"),
    ("FORGE_REPO", "a/..", "use owner/name"),
    ("FORGE_REPO", "a/b/c", "use owner/name"),
    ("FORGE_REPOS", "a/b,a/b", "name each once"),
    ("FORGE_REPOS", "a/b,", "use owner/name"),
    ("FORGE_TOKEN", "a\nb", "use plain ASCII"),
    ("FORGE_BRANCH", "a..b", "use the name of a branch"),
    ("FORGE_BRANCH", "-f", "use the name of a branch"),
    ("FORGE_LAYOUT", "monthly", "use one of single"),
    ("FORGE_LAYOUT", "branch-per-node", "use one of single"),
    ("FORGE_READ", "clone", "use one of auto, git, rest"),
    ("BUCKET_BYTES_MAX", "0", "use a whole number above 0"),
    ("BUCKET_BYTES_MAX", "8388609", "is above 8388608"),
    ("BUCKET_BYTES_MAX", "9" * 5000, "use a whole number above 0"),
    ("BUCKET_BYTES_MAX", "1e6", "use a whole number above 0"),
    ("SECRET_KEY", KEY[:-1], "use keys of at least 32 characters each"),
    ("SECRET_KEY", f"{KEY},", "holds an empty or short key"),
    ("RATE_LIMITS", "none", "use one of on, off"),
    ("EXCHANGE_MARGIN", "2001", "use hundredths of a percent, from 0 to 2000"),
    ("PAGE_PROCESSES", "33", "use a whole number from 0 to 32"),
    ("PAGE_PROCESSES", "-1", "use a whole number from 0 to 32"),
    ("PAGE_PROCESSES", "two", "use a whole number from 0 to 32"),
    ("MYCELIUM_API", "127.0.0.1:8989", "use an origin"),
    ("MYCELIUM_API", "http://daemon.example:8989", "name a daemon of your own network"),
    ("SOCKET_DIR", "run/hero", "use an absolute path"),
    ("SOCKET_DIR", "/" + "s" * 90, "name a folder with a shorter path, or off"),
    ("SCHEDULER", "cron", "use one of embedded, systemd, off"),
    ("SMTP_URL", "mail.example.org:25", "use one of them"),
    ("STRIPE_SECRET_KEY", "pk_test_4eC39H", "begins with sk_ or rk_"),
    ("STRIPE_SECRET_KEY", "sk_4eC39H", "begins with sk_ or rk_"),
    ("STRIPE_SECRET_KEY", "sk_live_4eC39H", "use a test key"),
    ("STRIPE_WEBHOOK_SECRET", "secret", "use whsec_"),
    ("STRIPE_WEBHOOK_SECRET", "whsec_abcdefgh1,", "use whsec_"),
    ("STRIPE_API_BASE", "http://127.0.0.1/v1", "leave out everything after the host"),
    ("STRIPE_API_BASE", "https://api.stripe.com", "use a stand-in on 127.0.0.1"),
    ("STRIPE_API_BASE", "http://10.0.0.1", "use a stand-in on 127.0.0.1"),
    ("CLICKPESA_CLIENT_ID", "ID\u00e9", "use plain ASCII"),
    ("CLICKPESA_API_KEY", "SK\u00e9", "use plain ASCII"),
    ("CLICKPESA_CHECKSUM_KEY", "CHK\n", "use plain ASCII"),
    ("CLICKPESA_BASE_URL", "127.0.0.1:9940", "use one such as https://api.example"),
    ("CLICKPESA_BASE_URL", "http://a:b@127.0.0.1:9940", "credentials"),
    ("CLICKPESA_BASE_URL", "https://api.clickpesa.com/third-parties", "use a stand-in"),
    ("CLICKPESA_BASE_URL", "http://10.0.0.1", "use a stand-in"),
    ("SMTP_URL", "http://mail.example.org", "use one of them"),
    ("SMTP_URL", "SMTPS://mail.example.org", "use one of them"),
    ("SMTP_URL", "smtps://", "names no host"),
    ("SMTP_URL", "smtps://u:p@", "names no host"),
    ("SMTP_URL", "smtps://ma il.example.org", "names no host"),
    ("SMTP_URL", "smtps://" + "a" * 64 + ".example.org", "names no host"),
    ("SMTP_URL", "smtps://mail.example.org:0", "names no host"),
    ("SMTP_URL", "smtps://mail.example.org:66666", "escape its password"),
    ("SMTP_URL", "smtps://[::1", "escape its password"),
    ("SMTP_URL", "smtps://u:p/w@mail.example.org", "escape its password"),
    ("SMTP_URL", "smtps://mail.example.org/x", "leave it out"),
    ("SMTP_URL", "smtps://mail.example.org?a=b", "leave it out"),
    ("SMTP_URL", "smtps://u@mail.example.org", "give both or neither"),
    ("SMTP_URL", "smtps://:p@mail.example.org", "give both or neither"),
    ("SMTP_URL", "smtps://u:p%0A@mail.example.org", "use plain ASCII"),
    ("SMTP_URL", "smtps://u:p%C3%A9@mail.example.org", "use plain ASCII"),
    ("SMTP_URL", "smtps://u:p%FF@mail.example.org", "use plain ASCII"),
    ("SMTP_URL", "smtps://mail.example.org\n", "use plain ASCII"),
    ("SMTP_URL", "smtp://mail.example.org", "use smtps or smtp+starttls"),
    ("MAIL_FROM", "hero", "use an address such as"),
    ("MAIL_FROM", "Hero <hero@example.org>", "use an address such as"),
]
TAKEN = {"FORGE_LAYOUT": "single"}
ANYTHING = st.text(max_size=40) | st.sampled_from([value for _, value, _ in GOOD + BAD])


def test_without_any_setting_there_are_the_defaults_of_the_documents() -> None:
    settings = read()

    found = {name: getattr(settings, name) for name in DEFAULTS}
    assert found == DEFAULTS
    assert read(NODE_NAME=settings.node_name) == settings, "the default name is a good one"


@pytest.mark.parametrize(("name", "text", "value"), GOOD)
def test_a_good_value_is_taken_and_changes_nothing_else(name: str, text: str, value: Any) -> None:  # noqa: ANN401 - of every setting
    settings = read(**{name: text})

    assert getattr(settings, name.lower()) == value
    derived = {"LISTEN": "public_url", "DATA_DIR": "database_url", "FORGE_REPO": "forge_repos"}
    for other, default in DEFAULTS.items():
        if other not in {name.lower(), derived.get(name)}:
            assert getattr(settings, other) == default, other


@pytest.mark.parametrize(("name", "text", "remedy"), BAD)
def test_a_bad_value_is_refused_with_its_remedy(name: str, text: str, remedy: str) -> None:
    found = problems(**{name: text})

    assert list(found) == [name]
    assert remedy in found[name]


def test_the_one_layout_there_is_may_be_named() -> None:
    assert read(**TAKEN) == read()


def test_every_setting_of_the_documents_is_tried_here() -> None:
    reader = module._Reader({})
    reader.read()
    tried = {name for name, _, _ in GOOD} | set(TAKEN)

    assert {name for name in reader._asked if not name.endswith("_FILE")} == tried
    assert tried - {name for name, _, _ in BAD} == set()


def test_what_depends_on_another_setting_follows_it() -> None:
    settings = read(LISTEN="127.0.0.1:81", DATA_DIR="/srv/hero", FORGE_REPO="a/b")

    assert settings.public_url == "http://localhost:81"
    assert settings.database_url == "sqlite:////srv/hero/hero_onboarding.sqlite"
    assert settings.forge_repos == ("a/b",)


def test_an_empty_value_counts_as_absent() -> None:
    names = [name for name, _, _ in GOOD]

    assert read(**dict.fromkeys(names, ""), ADMIN_SECRET_FILE="", CONFIG="", BOGUS="") == read()


def test_everything_that_is_wrong_is_said_at_once() -> None:
    wrong = {name: text for name, text, _ in BAD if name != "MODE"}

    assert problems(**wrong, BOGUS="x").keys() == {*wrong, "BOGUS"}


@pytest.mark.parametrize("name", ["BOGUS", "LISTEN_FILE", "node_name", "FORGE_TOKENS", "STRIPE"])
def test_a_name_that_is_no_setting_is_refused(name: str) -> None:
    assert "is no setting" in problems(**{name: "x"})[name]


@pytest.mark.parametrize(
    "name",
    [
        "IDENFY_API_KEY_FILE",
    ],
)
def test_the_settings_of_later_parts_are_taken_and_not_used(name: str) -> None:
    assert read(**{name: "anything"}) == read()


def test_variables_of_other_programs_are_none_of_ours() -> None:
    assert read_settings({"PATH": "/bin", "HERO_ONBOARDINGS": "x", "MODE": "x"}) == read()


@pytest.mark.parametrize("name", ["LISTEN", "ADMIN_LISTEN"])
@pytest.mark.parametrize("host", ["0.0.0.0", "[::]", "10.0.0.1", "example.org", "127.0.0.1.org"])
def test_the_sandbox_listens_on_loopback_only(name: str, host: str) -> None:
    found = problems(**{name: f"{host}:80"})

    assert list(found) == [name]
    assert "is not loopback" in found[name]


@pytest.mark.parametrize("host", ["example.org", "10.0.0.1:80", "[2001:db8::1]:80", "localhost.x"])
def test_the_sandbox_has_a_loopback_origin_only(host: str) -> None:
    assert "is not loopback" in problems(PUBLIC_URL=f"https://{host}")["PUBLIC_URL"]


def test_production_may_listen_anywhere_under_an_https_origin() -> None:
    settings = read(
        MODE="production",
        LISTEN="0.0.0.0:80",
        ADMIN_LISTEN="[::]:81",
        PUBLIC_URL="https://onboarding.example",
    )

    assert (settings.mode, settings.listen.text) == (Mode.PRODUCTION, "0.0.0.0:80")
    assert settings.admin_listen.text == "[::]:81"


@pytest.mark.parametrize("role", ["central", "all"])
def test_production_needs_an_https_origin(role: str) -> None:
    for url in ("", "http://onboarding.example", "http://localhost"):
        found = problems(MODE="production", ROLE=role, PUBLIC_URL=url)
        assert "set the site's https origin" in found["PUBLIC_URL"]


def test_a_node_in_production_needs_no_origin_at_all() -> None:
    assert read(MODE="production", ROLE="node").public_url == "http://localhost:9920"


@given(
    st.dictionaries(
        st.sampled_from([name for name, _, _ in BAD]) | st.text(max_size=12), ANYTHING, max_size=6
    )
)
def test_whatever_is_set_nothing_but_a_settings_error_comes_of_it(values: dict[str, str]) -> None:
    found = outcome(**values)

    assert repr(found)
    if isinstance(found, tuple):
        assert all(one.setting.startswith("HERO_ONBOARDING_") for one in found)


def test_outside_the_sandbox_each_core_has_a_process_for_pages() -> None:
    cores = len(os.sched_getaffinity(0))

    found = default_page_processes(is_sandbox=False)

    assert found == (0 if cores == 1 else min(cores, 8))
    production = read(MODE="production", PUBLIC_URL="https://onboarding.example")
    assert production.page_processes == found
