import httpx
import pytest

from hero_onboarding.sandbox.forge import SandboxForge
from tests.sandbox.forge_bench import Bench


@pytest.mark.parametrize("scheme", ["token", "Bearer", "TOKEN"])
def test_a_token_is_taken_in_the_header(scheme: str, forge: SandboxForge) -> None:
    answer = httpx.get(
        f"{forge.url}/api/v1/user", headers={"Authorization": f"{scheme} {forge.token}"}
    )

    assert answer.json()["login"] == "sandbox"


def test_a_token_is_taken_as_the_password_or_as_the_name(forge: SandboxForge) -> None:
    address = f"{forge.url}/api/v1/user"

    assert httpx.get(address, auth=("anyone", forge.token)).status_code == 200
    assert httpx.get(address, auth=(forge.token, "")).status_code == 200
    assert httpx.get(address, auth=("sandbox", "correct horse")).status_code == 200


@pytest.mark.parametrize(
    "header", ["token bad", "Bearer x y", "Basic !", "Basic c2FuZGJveDp3cm9uZw==", "Basic /w=="]
)
def test_wrong_credentials_are_answered_401_even_where_none_are_needed(
    header: str, forge: SandboxForge
) -> None:
    answer = httpx.get(f"{forge.url}/api/v1/version", headers={"Authorization": header})

    assert answer.status_code == 401
    assert set(answer.json()) == {"message", "url"}


def test_a_token_in_the_query_counts_for_nothing(forge: SandboxForge) -> None:
    answer = httpx.get(f"{forge.url}/api/v1/user", params={"token": forge.token})

    assert answer.status_code == 401


def test_a_reading_token_reads_and_does_not_write(bench: Bench) -> None:
    with bench.with_token(bench.forge.read_token) as reader:
        assert reader.get("/contents").status_code == 200
        refused = reader.create("a", b"1")

    assert refused.status_code == 403
    assert "write:repository" in refused.json()["message"]


def test_nobody_reads_a_public_repository_and_writes_none(bench: Bench) -> None:
    with bench.with_token("") as nobody:
        assert nobody.get("/contents").status_code == 200
        assert nobody.create("a", b"1").status_code == 401


def test_a_private_repository_is_hidden_from_strangers(bench: Bench) -> None:
    bench.forge.change_repository(bench.name, private=True)
    bench.forge.create_user("stranger")
    token = bench.forge.create_token("stranger", "all", ("all",))

    with bench.with_token("") as nobody, bench.with_token(token) as stranger:
        assert nobody.get().status_code == 404
        assert stranger.get().status_code == 404
        assert stranger.create("a", b"1").status_code == 404
    assert bench.get().status_code == 200


def test_a_token_for_public_things_does_not_see_private_ones(bench: Bench) -> None:
    token = bench.forge.create_token("sandbox", "public", ("all", "public-only"))

    with bench.with_token(token) as public:
        assert public.get().status_code == 200
        bench.forge.change_repository(bench.name, private=True)
        assert public.get().status_code == 404


def test_a_collaborator_may_write_to_that_repository_only(bench: Bench) -> None:
    bench.forge.create_user("helper")
    token = bench.forge.create_token("helper", "mine", ("write:repository",))

    with bench.with_token(token) as helper:
        assert helper.create("a", b"1").status_code == 403
        bench.send("PUT", "/collaborators/helper", {"permission": "write"})
        assert helper.create("a", b"1").status_code == 201
        assert helper.send("PATCH", "", {"archived": True}).status_code == 403


def test_a_token_is_made_with_the_password_and_shown_once(forge: SandboxForge) -> None:
    address = f"{forge.url}/api/v1/users/sandbox/tokens"
    body = {"name": "node-1", "scopes": ["write:repository"]}

    made = httpx.post(address, json=body, auth=("sandbox", "correct horse"))
    again = httpx.post(address, json=body, auth=("sandbox", "correct horse"))
    by_token = httpx.post(address, json=body, auth=("sandbox", forge.token))

    assert made.status_code == 201
    secret = made.json()["sha1"]
    assert len(secret) == 40
    assert (again.status_code, by_token.status_code) == (400, 401)
    used = httpx.get(
        f"{forge.url}/api/v1/repos/o/none", headers={"Authorization": f"token {secret}"}
    )
    assert used.status_code == 404


@pytest.mark.parametrize("scopes", [[], ["everything"], ["write:repositories"]])
def test_a_token_needs_known_scopes(scopes: list[str], forge: SandboxForge) -> None:
    answer = httpx.post(
        f"{forge.url}/api/v1/users/sandbox/tokens",
        json={"name": "x", "scopes": scopes},
        auth=("sandbox", "correct horse"),
    )

    assert answer.status_code == 400


def test_repositories_are_made_for_oneself_and_for_one_s_organisations(bench: Bench) -> None:
    bench.client.post("/orgs", json={"username": "lhumina_code"})
    body = {"name": "billing", "private": True, "auto_init": True, "default_branch": "trunk"}

    own = bench.client.post("/user/repos", json=body)
    made = bench.client.post("/orgs/lhumina_code/repos", json=body)
    twice = bench.client.post("/orgs/lhumina_code/repos", json=body)
    nowhere = bench.client.post("/orgs/none/repos", json=body)

    assert own.json()["full_name"] == "sandbox/billing"
    assert made.status_code == 201
    shown = made.json()
    assert shown["full_name"] == "lhumina_code/billing"
    assert shown["clone_url"] == f"{bench.forge.url}/lhumina_code/billing.git"
    assert (shown["private"], shown["default_branch"], shown["empty"]) == (True, "trunk", False)
    assert (twice.status_code, nowhere.status_code) == (409, 404)


def test_a_stranger_makes_no_repository_in_an_organisation(bench: Bench) -> None:
    bench.client.post("/orgs", json={"username": "closed"})
    bench.forge.create_user("stranger")
    token = bench.forge.create_token("stranger", "all", ("all",))

    with bench.with_token(token) as stranger:
        answer = stranger.client.post("/orgs/closed/repos", json={"name": "x"})

    assert answer.status_code == 403


def test_an_archived_repository_is_locked_for_every_write(bench: Bench) -> None:
    sha = bench.put_down("a", b"1")
    bench.send("PATCH", "", {"archived": True})

    answers = [
        bench.create("b", b"1"),
        bench.update("a", b"2", sha),
        bench.delete("a", sha),
        bench.change({"operation": "create", "path": "b", "content": ""}),
        bench.send("POST", "/branches", {"new_branch_name": "x"}),
    ]

    assert [answer.status_code for answer in answers] == [423] * 5
    assert bench.get("/raw/a").content == b"1"


def test_a_deleted_repository_is_gone_from_the_folder_too(bench: Bench) -> None:
    assert bench.client.delete(f"/repos/{bench.name}").status_code == 204

    assert bench.get().status_code == 404
    assert not bench.path.exists()


def test_names_are_found_whatever_their_case(bench: Bench) -> None:
    assert bench.client.get(f"/repos/{bench.name.upper()}").json()["full_name"] == bench.name


def test_the_version_tells_which_server_is_acted(bench: Bench) -> None:
    versions = {}
    for server in ("forgejo-mid-2025", "forgejo-late", "gitea"):
        bench.forge.switches.change({"server": server})
        versions[server] = bench.client.get("/version").json()["version"]

    assert versions == {
        "forgejo-mid-2025": "12.0.0+gitea-1.22.0",
        "forgejo-late": "16.0.3+gitea-1.22.0",
        "gitea": "1.26.0",
    }


def test_the_api_settings_are_those_in_force(bench: Bench) -> None:
    bench.forge.switches.change({"max_response_items": 7})

    assert bench.client.get("/settings/api").json() == {
        "max_response_items": 7,
        "default_paging_num": 30,
        "default_git_trees_per_page": 1000,
        "default_max_blob_size": 10_485_760,
    }


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"{", "application/json"),
        (b"[]", "application/json"),
        (b'{"content": 1}', "application/json"),
        (b'{"dates": {"author": "yesterday"}}', "application/json"),
        (b'{"content": ""}', "text/plain"),
        (b"\xff", "application/json"),
    ],
)
def test_a_body_that_cannot_be_read_is_answered_422(body: bytes, kind: str, bench: Bench) -> None:
    answer = bench.client.post(
        f"/repos/{bench.name}/contents/a", content=body, headers={"Content-Type": kind}
    )

    assert answer.status_code == 422


def test_methods_and_paths_that_do_not_exist_are_told_apart(bench: Bench) -> None:
    assert bench.send("PUT", "/branches", {}).status_code == 405
    assert bench.send("POST", "/git/blobs", {}).status_code == 405
    assert bench.send("POST", "/git/commits", {}).status_code == 404
