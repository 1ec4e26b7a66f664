"""Answers that no good server gives, and a token that is never repeated."""

import pytest

from hero_onboarding.forge import Forge, ForgeAnswerError, ForgeRefusedError, ForgeUnavailableError
from hero_onboarding.forge.forgejo import ForgejoSettings, connect, read_root
from tests.contracts.forge import a_commit, new
from tests.outbound.scripted_server import ScriptedServer, answer, answering

SECRET = "s3cret-t0ken"
TREE = "a" * 40
SETTINGS = answer("{}")
ENTRY = '{"path":"a","mode":"100644","type":"blob","size":1,"sha":"' + "b" * 40 + '"}'


def open_forge(server: ScriptedServer) -> Forge:
    return connect(ForgejoSettings(read_root(server.url), "o/n", "main", SECRET))


@pytest.mark.parametrize(
    "body",
    [
        "",
        "not json",
        "<html>sign in</html>",
        "[]",
        "{}",
        '{"commit":{}}',
        '{"commit":{"id":7}}',
        '{"commit":{"id":"main"}}',
        '{"commit":{"id":"' + "A" * 40 + '"}}',
    ],
)
def test_a_branch_that_can_not_be_read_makes_no_sense(body: str) -> None:
    with answering(answer(body)) as server, pytest.raises(ForgeAnswerError):
        open_forge(server).fetch_head()


@pytest.mark.parametrize(
    "body",
    [
        '{"total_count":2,"tree":null}',
        '{"total_count":0,"tree":[' + ENTRY + "]}",
        '{"total_count":99999999999,"tree":[' + ENTRY + "]}",
        '{"total_count":1,"tree":[{"path":"a"}]}',
        '{"tree":[]}',
    ],
)
def test_pages_that_do_not_add_up_make_no_sense(body: str) -> None:
    with answering(SETTINGS, answer(body)) as server, pytest.raises(ForgeAnswerError):
        open_forge(server).fetch_tree(TREE)


def test_an_empty_directory_is_listed_as_empty() -> None:
    with answering(SETTINGS, answer('{"total_count":0,"tree":null}')) as server:
        assert open_forge(server).fetch_tree(TREE) == []


@pytest.mark.parametrize(
    "body",
    [
        '{"sha":"x","size":1,"content":"%%%"}',
        '{"sha":"x","size":1,"content":"MQ=="}',
        '{"sha":"x","size":-1,"content":"MQ=="}',
        '{"size":1}',
        "{",
    ],
)
def test_a_file_that_can_not_be_trusted_makes_no_sense(body: str) -> None:
    with answering(SETTINGS, answer(body)) as server, pytest.raises(ForgeAnswerError):
        open_forge(server).fetch_blobs(["c" * 40], bytes_max=10)


def test_a_redirect_names_the_remedy_and_is_not_followed() -> None:
    location = "Location: https://evil.example/"
    with answering(answer("", "301 Moved Permanently", location)) as server:
        with pytest.raises(ForgeRefusedError, match="another address"):
            open_forge(server).fetch_head()
        assert len(server.heads) == 1


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden", "404 Not Found"])
def test_a_server_that_hides_its_sizes_has_the_usual_ones(status: str) -> None:
    page = answer('{"total_count":1,"tree":[' + ENTRY + "]}")
    with answering(answer("", status), page) as server:
        assert len(open_forge(server).fetch_tree(TREE)) == 1

        assert "per_page=1000" in server.heads[1]


def test_a_server_in_trouble_is_asked_for_its_sizes_again() -> None:
    page = answer('{"total_count":1,"tree":[' + ENTRY + "]}")
    with answering(answer("", "503 Busy"), SETTINGS, page) as server:
        forge = open_forge(server)
        with pytest.raises(ForgeUnavailableError):
            forge.fetch_tree(TREE)

        assert len(forge.fetch_tree(TREE)) == 1


@pytest.mark.parametrize("status", [401, 403, 404, 418, 422, 423, 500])
def test_a_server_that_repeats_our_token_does_not_make_us_repeat_it(status: int) -> None:
    body = '{"message":"no access with ' + SECRET + ' \\u0000\\u001b[31m"}'
    with (
        answering(answer(body, f"{status} No")) as server,
        pytest.raises((ForgeRefusedError, ForgeUnavailableError, ForgeAnswerError)) as caught,
    ):
        open_forge(server).fetch_head()

    assert SECRET not in f"{caught.value!s}{caught.value!r}"
    assert str(caught.value).isprintable()


def test_the_token_is_in_a_header_and_nowhere_else() -> None:
    with answering(answer('{"commit":{"id":"' + TREE + '"}}'), answer("", "500 x")) as server:
        forge = open_forge(server)
        with pytest.raises(ForgeUnavailableError):
            forge.push_files([new("a", b"1")], a_commit())

        lines = [line.lower() for head in server.heads for line in head.splitlines()]
        assert {line for line in lines if SECRET in line} == {f"authorization: token {SECRET}"}
        assert not any(SECRET.encode() in body for body in server.bodies)
    assert SECRET not in repr(forge)
