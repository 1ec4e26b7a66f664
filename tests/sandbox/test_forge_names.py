from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hero_onboarding.sandbox.forge import SandboxForge, names
from tests.sandbox.forge_bench import Bench

OUTSIDE = [
    "../x",
    "a/../../x",
    "a/..",
    "./a",
    "/etc/passwd",
    "a//b",
    "a/",
    ".git",
    ".git/config",
    "a/.GIT/b",
    "a/.git./b",
    "a/.git /b",
    "a/.git:x/b",
    "a/GIT~1/b",
    "a/.g\u200cit/b",
    "a\x00b",
    "a\nb",
    "a\x7f",
    "a\\b",
    "",
]
INSIDE = ["a", "a b", "é/ü", ".gitignore", "a.git/b", "..a", "a..", "nodes/n-1/usage_2026.otoml"]


@pytest.mark.parametrize("path", OUTSIDE)
def test_a_path_that_could_leave_the_tree_is_no_path(path: str) -> None:
    assert not names.is_file_path(path)


@pytest.mark.parametrize("path", INSIDE)
def test_an_ordinary_path_is_one(path: str) -> None:
    assert names.is_file_path(path)


@pytest.mark.parametrize("path", [path for path in OUTSIDE if path])
def test_a_path_that_could_leave_the_tree_is_refused_in_a_write_of_many(
    path: str, bench: Bench
) -> None:
    head = bench.head()

    answer = bench.change({"operation": "create", "path": path, "content": ""})

    assert answer.status_code == 422
    assert bench.head() == head


@pytest.mark.parametrize("path", ["../x", "%2e%2e/x", "a/%2e%2e/%2e%2e/x", "%ff", "a%00b", "%2Fa"])
def test_a_path_that_could_leave_the_tree_is_refused_in_the_address(
    path: str, bench: Bench
) -> None:
    head = bench.head()

    statuses = {
        method: ask(bench.forge, method, f"/api/v1/repos/{bench.name}/contents/{path}")
        for method in ("POST", "GET")
    }

    assert statuses == {"POST": 422, "GET": 422}
    assert bench.head() == head


def ask(forge: SandboxForge, method: str, path: str) -> int:
    """Ask for a path as it stands; other clients tidy it first."""
    connection = HTTPConnection(urlsplit(forge.url).netloc, timeout=20)
    headers = {"Authorization": f"token {forge.token}", "Content-Type": "application/json"}
    connection.putrequest(method, path, skip_accept_encoding=True)
    body = b"{}" if method == "POST" else b""
    for name, value in {**headers, "Content-Length": str(len(body))}.items():
        connection.putheader(name, value)
    connection.endheaders(body)
    status = connection.getresponse().status
    connection.close()
    return status


@pytest.mark.parametrize(
    "name", ["..", ".", "a/b", "../a", "a.git", "a..b", "é", "", "a" * 101, ".git"]
)
def test_a_repository_cannot_be_called_so(name: str, bench: Bench) -> None:
    answer = bench.client.post("/user/repos", json={"name": name})

    assert answer.status_code == 422


@pytest.mark.parametrize("path", ["%2e%2e/r", "o/%2e%2e", "..%2f..%2fo/r", ".work/x", "o%00/r"])
def test_a_repository_outside_the_folder_is_not_found(path: str, forge: SandboxForge) -> None:
    assert ask(forge, "GET", f"/api/v1/repos/{path}") == 404


@pytest.mark.parametrize(
    "name", ["../a", "a..b", "a b", "-a", "a.lock", "a/", "/a", "a//b", ".a", "a/.b", "HEAD", "a~1"]
)
def test_a_branch_cannot_be_called_so(name: str, bench: Bench) -> None:
    answer = bench.create("a", b"1", new_branch=name)

    assert answer.status_code == 422
    assert not names.is_branch_name(name)


@given(st.text(max_size=60))
def test_whatever_is_taken_as_a_path_stays_below_its_tree(path: str) -> None:
    if names.is_file_path(path):
        parts = path.split("/")
        assert not path.startswith("/")
        assert not {"", ".", "..", ".git"} & {part.lower() for part in parts}


@pytest.mark.parametrize("field", ["branch", "new_branch"])
def test_a_branch_name_longer_than_the_field_is_refused(field: str, bench: Bench) -> None:
    assert bench.create("a", b"1", **{field: "a" * 101}).status_code == 422


def test_author_fields_longer_than_the_server_takes_are_refused(bench: Bench) -> None:
    long_name = {"name": "a" * 101, "email": "a@b.invalid"}
    long_email = {"name": "a", "email": "a" * 255}

    assert bench.create("a", b"1", author=long_name).status_code == 422
    assert bench.create("a", b"1", author=long_email).status_code == 422


def test_an_author_of_strange_characters_makes_a_sound_commit(bench: Bench) -> None:
    author = {"name": "<a>\n\x00b", "email": "<x>@y\n"}

    assert bench.create("a", b"1", author=author).status_code == 201
    bench.fsck()
