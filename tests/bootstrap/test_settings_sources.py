"""Where settings come from: the environment, a TOML file, files of secrets; and what is shown."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hero_onboarding.bootstrap.settings import SettingsError, read_settings
from tests.bootstrap.reading import outcome, problems, read

SECRET = "a-secret-of-the-tests"
OTHER = "another-secret-of-the-tests"
NOBODY = 65_534


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "settings.toml"


def test_a_file_sets_what_the_environment_leaves_out(file: Path) -> None:
    file.write_text('role = "node"\nnode_name = "from-file"\nbucket_bytes_max = 0x10\n')

    settings = read(CONFIG=str(file), NODE_NAME="from-environment")

    assert (settings.role, settings.node_name) == ("node", "from-environment")
    assert settings.bucket_bytes_max == 16


def test_an_empty_variable_leaves_the_file_its_word(file: Path) -> None:
    file.write_text('node_name = "from-file"\n')

    assert read(CONFIG=str(file), NODE_NAME="").node_name == "from-file"


def test_an_empty_value_in_the_file_counts_as_absent(file: Path) -> None:
    file.write_text('node_name = ""\nlisten = ""\nadmin_secret = ""\nbogus = ""\n')

    assert read(CONFIG=str(file)) == read()


def test_what_is_wrong_in_the_file_is_said_beside_the_rest(file: Path) -> None:
    file.write_text('listen = "9920"\nbogus = "x"\nrole = "both"\nidenfy_api_key = "later"\n')

    found = problems(CONFIG=str(file), MODE="prod", ROLE="node")

    assert found.keys() == {"MODE", "LISTEN", "BOGUS"}


@pytest.mark.parametrize(
    "line",
    [
        "admin_secret = true",
        "bucket_bytes_max = 1.5",
        "bucket_bytes_max = nan",
        "admin_secret = 2026-03-01T10:00:00Z",
        'forge_repos = ["a/b"]',
        '[listen]\nhost = "127.0.0.1"',
    ],
)
def test_a_value_of_a_wrong_type_is_refused_by_its_name(line: str, file: Path) -> None:
    file.write_text(f"{line}\n")
    name = line.strip("[").split("]")[0].split(" ")[0]

    assert problems(CONFIG=str(file)) == {
        "CONFIG": f"has {name} of a wrong type; use a string or a number"
    }


@pytest.mark.parametrize("name", ["NODE_NAME", "Node_Name", '"l\u0131sten"', '"a b"', '""'])
def test_names_in_the_file_are_in_lower_case(name: str, file: Path) -> None:
    file.write_text(f'{name} = "a"\n', encoding="utf-8")

    assert "use names in lower case" in problems(CONFIG=str(file))["CONFIG"]


def test_the_file_can_not_name_another_file_of_settings(file: Path) -> None:
    file.write_text(f'config = "{file}"\n')

    assert "is no setting" in problems(CONFIG=str(file))["CONFIG"]


@pytest.mark.parametrize(
    "content",
    [
        b"mode = ",
        b'mode = "sandbox"\nmode = "sandbox"\n',
        b"\x00\x01\x02",
        b'mode = "\xff\xfe"\n',
        b"a = " + b"[" * 5000,
        b"bucket_bytes_max = " + b"9" * 5000,
        b"\x7fELF" + bytes(range(256)),
    ],
    ids=["cut", "twice", "NUL", "no UTF-8", "deep", "long number", "binary"],
)
def test_a_broken_file_is_refused_by_its_path(content: bytes, file: Path) -> None:
    file.write_bytes(content)

    found = problems(CONFIG=str(file))

    assert list(found) == ["CONFIG"]
    assert f"names {file}, which can't be read" in found["CONFIG"]


def test_a_file_that_is_missing_or_a_folder_is_refused_by_its_path(tmp_path: Path) -> None:
    missing = (tmp_path / "none.toml", tmp_path / "none" / "x.toml", "~nobody-of-this-name/x")
    for path in (tmp_path, *missing):
        assert f"names {path}, which can't be read" in problems(CONFIG=str(path))["CONFIG"]


@pytest.mark.parametrize(
    ("content", "remedy"),
    [
        (b'mode = "sandbox"\nrole = \n', "line 2, column 8); mend that line"),
        (b'mode = "\xff"\n', "write it anew as text"),
        (None, "create it, or name another file"),
    ],
)
@pytest.mark.parametrize("name", ["CONFIG", "ADMIN_SECRET_FILE"])
def test_a_file_that_can_not_be_read_is_refused_with_its_remedy(
    name: str, content: bytes | None, remedy: str, file: Path
) -> None:
    if content is not None:
        file.write_bytes(content)

    said = problems(**{name: str(file)})[name]

    is_any_secret = name == "ADMIN_SECRET_FILE" and "line" in remedy
    assert ("write one line" if is_any_secret else remedy) in said


@contextmanager
def as_somebody() -> Iterator[None]:
    """Root may read everything, so for a moment be somebody else."""
    own = os.geteuid()
    if own == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(own)


def test_a_file_that_this_user_may_not_read_is_refused_with_its_remedy(file: Path) -> None:
    file.write_text("")
    file.chmod(0)

    with as_somebody():
        found = problems(CONFIG=str(file))

    assert f"chmod u+r {file}" in found["CONFIG"]


def test_a_folder_in_place_of_a_file_is_refused_with_its_remedy(tmp_path: Path) -> None:
    assert problems(CONFIG=str(tmp_path))["CONFIG"].endswith("; name a file")


def test_a_broken_file_does_not_hide_what_else_is_wrong(tmp_path: Path) -> None:
    assert problems(CONFIG=str(tmp_path), ROLE="both").keys() == {"CONFIG", "ROLE"}


@pytest.mark.parametrize("name", ["ADMIN_SECRET", "API_KEY", "FORGE_TOKEN"])
def test_a_secret_can_lie_in_a_file_of_its_own(name: str, tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text(f"\n {SECRET}\r\n")

    assert getattr(read(**{f"{name}_FILE": str(path)}), name.lower()) == SECRET


@pytest.mark.parametrize("name", ["ADMIN_SECRET", "API_KEY", "FORGE_TOKEN"])
def test_a_secret_set_in_both_ways_is_refused(name: str, tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text(OTHER)

    found = problems(**{name: SECRET, f"{name}_FILE": str(path)})

    assert found == {name: f"is set beside HERO_ONBOARDING_{name}_FILE; set one of them"}


@pytest.mark.parametrize("content", [b"", b" \n\t", b"two\nlines-of-text-here", b"zo\xc3\xab" * 9])
def test_a_file_without_one_line_of_plain_text_is_no_secret(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_bytes(content)

    found = problems(ADMIN_SECRET_FILE=str(path))

    assert found["ADMIN_SECRET_FILE"].endswith("write one line of plain ASCII into it")


def test_a_file_of_a_secret_that_can_not_be_read_is_refused_by_its_path(tmp_path: Path) -> None:
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff\xfe\x00")

    for path in (binary, tmp_path, tmp_path / "none", "~nobody-of-this-name/secret", "a\0b"):
        found = problems(FORGE_TOKEN_FILE=str(path))
        assert "which can't be read" in found["FORGE_TOKEN_FILE"]


def test_the_address_of_a_mail_server_can_lie_in_a_file_and_is_measured_too(tmp_path: Path) -> None:
    path = tmp_path / "smtp"
    path.write_text("smtps://u:p@mail.example.org\n")
    assert read(SMTP_URL_FILE=str(path)).smtp_url == "smtps://u:p@mail.example.org"

    path.write_text("smtps://u:hidden-word@\n")
    found = problems(SMTP_URL_FILE=str(path))

    assert "names no host" in found["SMTP_URL_FILE"]
    assert "hidden-word" not in found["SMTP_URL_FILE"]


def test_a_secret_of_a_file_is_measured_too(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("short\n")

    assert "is too short" in problems(ADMIN_SECRET_FILE=str(path))["ADMIN_SECRET"]


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://hero:hidden-word@db/hero", "postgresql://hero:***@db/hero"),
        ("postgresql://hero:hidden-word@at@db/hero", "postgresql://hero:***@db/hero"),
        ("postgresql://db/hero?a=1&password=hidden-word&b=2", "?a=1&password=***&b=2"),
        ("postgresql://hero@db/hero", "postgresql://hero@db/hero"),
    ],
)
def test_printing_settings_blanks_every_secret(url: str, shown: str) -> None:
    token, key = "a-token-of-the-forge", "hok_a-key"
    smtp = "smtps://hero:hidden-word@mail.example.org"
    settings = read(
        DATABASE_URL=url, ADMIN_SECRET=SECRET, FORGE_TOKEN=token, API_KEY=key, SMTP_URL=smtp
    )

    for text in (repr(settings), str(settings), f"{settings}"):
        assert shown in text
        assert "admin_secret='***'" in text
        assert "api_key='***'" in text
        assert "forge_token='***'" in text
        assert "smtp_url='***'" in text
        for secret in ("hidden-word", SECRET, token, key):
            assert secret not in text
    assert "admin_secret=None" in repr(read())


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ADMIN_SECRET", "hidden-word"),
        ("ADMIN_SECRET", "hidden-word-hidden-\u00e9"),
        ("FORGE_TOKEN", "hidden-word\n"),
        ("API_KEY", "hok_hidden-word\u00e9"),
        ("DATABASE_URL", "postgresql://u:hidden-word/x@db/hero"),
        ("DATABASE_URL", "postgresql://u:hidden-word#x@db/hero"),
        ("DATABASE_URL", "postgresql://u:hidden-word\u2100@db/hero"),
        ("DATABASE_URL", "mysql://u:hidden-word@db/hero"),
        ("DATABASE_URL", "postgresql://u:hidden-word@[::1/hero"),
        ("SMTP_URL", "smtp://u:hidden-word@mail.example.org"),
        ("SMTP_URL", "smtps://u:hidden-word/x@mail.example.org"),
        ("SMTP_URL", "smtps://u:hidden-word@mail.example.org:x"),
        ("SMTP_URL", "smtps://:hidden-word@mail.example.org"),
        ("SMTP_URL", "u:hidden-word@mail.example.org"),
        ("FORGE_URL", "https://u:hidden-word@forge.example"),
        ("FORGE_URL", "https://u:hidden-word/x@forge.example"),
        ("FORGE_URL", "https://forge.example?token=hidden-word"),
        ("PUBLIC_URL", "http://u:hidden-word@localhost"),
        ("PUBLIC_URL", "http://u:hidden-word/x@localhost"),
    ],
)
def test_no_refusal_tells_a_secret(name: str, text: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read(**{name: text})

    assert "hidden-word" not in str(caught.value)
    assert f"HERO_ONBOARDING_{name} " in str(caught.value)


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_whatever_a_file_holds_nothing_but_a_settings_error_comes_of_it(content: bytes) -> None:
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        for name in ("CONFIG", "ADMIN_SECRET_FILE"):
            assert repr(outcome(**{name: file.name}))


VALUES = st.text(max_size=8) | st.integers() | st.booleans() | st.floats(allow_nan=False)


@given(st.dictionaries(st.sampled_from(["mode", "listen", "data_dir", "x"]), VALUES))
def test_whatever_types_a_file_has_nothing_but_a_settings_error_comes_of_it(
    values: dict[str, object],
) -> None:
    with tempfile.NamedTemporaryFile("w", encoding="utf-8") as file:
        for name, value in values.items():
            text = str(value).lower() if isinstance(value, bool) else repr(value)
            file.write(f"{name} = {text}\n")
        file.flush()
        found = outcome(CONFIG=file.name)

    assert isinstance(found, tuple) or not values.get("x")


def test_the_ecosystem_says_where_sockets_lie_unless_we_do(file: Path) -> None:
    file.write_text('socket_dir = "/from/file"\n')
    config = {"HERO_ONBOARDING_CONFIG": str(file)}
    shared, own = {"HERO_SOCKET_DIR": "/shared"}, {"HERO_ONBOARDING_SOCKET_DIR": "/own"}

    found = [
        read_settings(environment).rpc_socket
        for environment in (
            config,
            config | {"HERO_SOCKET_DIR": ""},
            config | shared,
            config | shared | own,
            own | {"HERO_SOCKET_DIR": "off"},
            {"HERO_SOCKET_DIR": "off"},
        )
    ]

    folders = ["/from/file", "/from/file", "/shared", "/own", "/own"]
    assert found == [*(Path(one) / "hero_onboarding/rpc.sock" for one in folders), None]


@pytest.mark.parametrize("text", ["sockets", "/" + "s" * 90, "/" + "é" * 50])
def test_what_is_wrong_with_the_ecosystems_variable_is_said_by_its_name(text: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings({"HERO_SOCKET_DIR": text})

    assert [one.setting for one in caught.value.problems] == ["HERO_SOCKET_DIR"]


def test_the_longest_path_that_a_socket_can_have_is_taken() -> None:
    path = "/" + "s" * (107 - len("/hero_onboarding/rpc.sock") - 1)

    assert len(str(read(SOCKET_DIR=path).rpc_socket)) == 107
    assert "SOCKET_DIR" in problems(SOCKET_DIR=f"{path}s")
