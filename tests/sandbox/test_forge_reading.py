import pytest

from tests.sandbox.forge_bench import AUTHOR, DATES, Bench, encode


def test_a_file_is_given_with_everything_that_clients_read(bench: Bench) -> None:
    blob = bench.put_down("nodes/a b", b"12345")

    shown = bench.get("/contents/nodes/a b").json()

    assert (shown["name"], shown["path"], shown["type"]) == ("a b", "nodes/a b", "file")
    assert (shown["sha"], shown["size"]) == (blob, 5)
    assert (shown["encoding"], shown["content"]) == ("base64", encode(b"12345"))
    assert shown["last_commit_sha"] == bench.head()
    assert shown["url"].endswith("/contents/nodes/a%20b?ref=main")
    assert set(shown["_links"]) == {"self", "git", "html"}


def test_a_folder_is_a_list_without_contents(bench: Bench) -> None:
    bench.put_down("nodes/a", b"1")
    first = bench.head()
    bench.put_down("nodes/b", b"2")

    listed = bench.get("/contents/nodes").json()

    assert [entry["path"] for entry in listed] == ["nodes/a", "nodes/b"]
    assert [entry["content"] for entry in listed] == [None, None]
    assert [entry["last_commit_sha"] for entry in listed] == [first, bench.head()]


def test_an_empty_repository_is_an_empty_list(empty_bench: Bench) -> None:
    assert empty_bench.get("/contents").json() == []
    assert empty_bench.get("/contents/a").json() == []
    assert empty_bench.get("/branches").json() == []
    assert empty_bench.get().json()["empty"] is True
    assert empty_bench.get("/branches/main").status_code == 404
    assert empty_bench.get("/raw/a").status_code == 404


def test_the_commits_of_an_empty_repository_are_a_conflict(empty_bench: Bench) -> None:
    answer = empty_bench.get("/commits")

    assert answer.status_code == 409
    assert answer.json()["message"] == "Git Repository is empty."


@pytest.mark.parametrize(
    "rest", ["/contents/none", "/contents/a?ref=none", "/raw/none", "/raw/a?ref=x"]
)
def test_what_is_not_there_is_not_found(bench: Bench, rest: str) -> None:
    bench.put_down("a", b"1")

    answer = bench.client.get(f"/repos/{bench.name}{rest}")

    assert answer.status_code == 404
    assert answer.json()["errors"] != []


def test_raw_bytes_carry_the_blob_id_as_etag_and_are_not_sent_twice(bench: Bench) -> None:
    blob = bench.put_down("a", b"\x00\xff")
    address = f"/repos/{bench.name}/raw/a"

    first = bench.client.get(address)
    second = bench.client.get(address, headers={"If-None-Match": first.headers["etag"]})
    other = bench.client.get(address, headers={"If-None-Match": '"other"'})

    assert first.content == b"\x00\xff"
    assert first.headers["etag"] == f'"{blob}"'
    assert first.headers["x-forgejo-object-type"] == "blob"
    assert (second.status_code, second.content) == (304, b"")
    assert other.status_code == 200


def test_an_old_version_of_a_file_is_read_by_commit(bench: Bench) -> None:
    sha = bench.put_down("a", b"1")
    old = bench.head()
    bench.update("a", b"2", sha)

    assert bench.get("/raw/a", ref=old).content == b"1"
    assert bench.get("/raw/a").content == b"2"


def test_commits_are_listed_newest_first_with_pages_and_totals(bench: Bench) -> None:
    for number in range(4):
        bench.put_down(f"{number}", b"1")

    first = bench.get("/commits", limit=2)
    last = bench.get("/commits", limit=2, page=3)

    assert [commit["sha"] for commit in first.json()] == bench.commits()[:2]
    assert first.headers["x-total-count"] == "5"
    assert (first.headers["x-hasmore"], first.headers["x-pagecount"]) == ("true", "3")
    assert 'rel="next"' in first.headers["link"]
    assert len(last.json()) == 1
    assert last.headers["x-hasmore"] == "false"
    assert 'rel="next"' not in last.headers["link"]


def test_a_limit_above_the_server_s_is_lowered_without_a_word(bench: Bench) -> None:
    for number in range(4):
        bench.put_down(f"{number}", b"1")
    bench.forge.switches.change({"max_response_items": 3})

    answer = bench.get("/commits", limit=100)

    assert answer.status_code == 200
    assert len(answer.json()) == 3
    assert answer.headers["x-total-count"] == "5"


def test_with_a_path_the_limit_is_ignored(bench: Bench) -> None:
    sha = bench.put_down("a", b"1")
    bench.put_down("b", b"1")
    bench.update("a", b"2", sha)

    listed = bench.get("/commits", path="a", limit=1).json()

    assert [commit["commit"]["message"] for commit in listed] == ["update a\n", "add a\n"]


def test_in_a_list_the_tree_of_a_commit_is_the_commit(bench: Bench) -> None:
    listed = bench.get("/commits").json()[0]
    alone = bench.get(f"/git/commits/{bench.head()}").json()
    written = bench.create("a", b"1").json()["commit"]

    assert listed["commit"]["tree"]["sha"] == listed["sha"]
    assert alone["commit"]["tree"]["sha"] == alone["sha"]
    assert written["tree"]["sha"] != written["sha"]


def test_what_an_older_commit_reaches_is_left_out(bench: Bench) -> None:
    bench.put_down("a", b"1")
    old = bench.head()
    bench.put_down("b", b"1")
    bench.put_down("c", b"1")

    listed = bench.get("/commits", **{"sha": "main", "not": old}).json()

    assert [commit["sha"] for commit in listed] == bench.commits()[:2]


def test_commits_tell_their_files_and_lines_unless_asked_not_to(bench: Bench) -> None:
    bench.put_down("a", b"1\n2\n")
    bench.put_down("b", b"1\n")
    sha = bench.get("/contents/a").json()["sha"]
    bench.delete("a", sha)

    removed, added = bench.get("/commits", limit=2).json()
    bare = bench.get("/commits", files="false", stat="false", verification="false").json()[0]

    assert removed["files"] == [{"filename": "a", "status": "removed"}]
    assert removed["stats"] == {"total": 2, "additions": 0, "deletions": 2}
    assert added["files"] == [{"filename": "b", "status": "added"}]
    assert (bare["files"], bare["stats"], bare["commit"]["verification"]) == (None, None, None)


def test_the_first_commit_tells_its_files_too(bench: Bench) -> None:
    first = bench.get("/commits").json()[-1]

    assert first["files"] == [{"filename": "README.md", "status": "added"}]
    assert first["stats"]["additions"] == 1


def test_a_comparison_lists_what_the_head_has_and_the_base_lacks(bench: Bench) -> None:
    old = bench.head()
    bench.put_down("a", b"1")

    compared = bench.get(f"/compare/{old}...main").json()

    assert compared["total_commits"] == 1
    assert compared["files"] == [{"filename": "a", "status": "added"}]


def test_branches_are_paged(bench: Bench) -> None:
    for name in ("b", "c", "node/d"):
        assert bench.send("POST", "/branches", {"new_branch_name": name}).status_code == 201

    answer = bench.get("/branches", limit=3)

    assert [branch["name"] for branch in answer.json()] == ["b", "c", "main"]
    assert answer.headers["x-total-count"] == "4"
    references = bench.get("/git/refs/heads/node").json()
    assert [reference["ref"] for reference in references] == ["refs/heads/node/d"]
    assert bench.get("/git/refs/heads/none").status_code == 404


def test_a_branch_can_be_made_once_from_what_exists(bench: Bench) -> None:
    def make(name: str, source: str = "main") -> int:
        body = {"new_branch_name": name, "old_ref_name": source}
        return bench.send("POST", "/branches", body).status_code

    assert make("a", bench.head()) == 201
    assert make("a") == 409
    assert make("a/b") == 409
    assert make("c", "none") == 404
    assert make("../x") == 422
    assert make("x.lock") == 422


def test_a_branch_can_be_deleted_but_not_the_default_one(bench: Bench) -> None:
    bench.send("POST", "/branches", {"new_branch_name": "a"})

    assert bench.send("DELETE", "/branches/a", {}).status_code == 204
    assert bench.send("DELETE", "/branches/a", {}).status_code == 404
    assert bench.send("DELETE", "/branches/main", {}).status_code == 403


def test_a_commit_with_fixed_dates_and_author_is_the_same_anywhere(empty_bench: Bench) -> None:
    content = b'schema = 1\nnode = "node-00007"\nhour = "2026-01-01-00"\n'

    written = empty_bench.create(
        "nodes/node-00007/usage_2026-01-01-00.otoml",
        content,
        message="usage node-00007 2026-01-01-00",
        author=AUTHOR,
        dates=DATES,
    ).json()

    assert written["content"]["sha"] == "34e0e815b95582a08468221394b5486071b5ee8d"
    assert written["commit"]["tree"]["sha"] == "234989b1affeddc33026ea26fdba56df402f476e"
    assert written["commit"]["sha"] == "7e30ac042967332965015b89dde1e4b9ae59fb6c"
    assert written["commit"]["committer"] == {**AUTHOR, "date": "2026-01-01T01:00:00Z"}
    empty_bench.fsck()


def test_without_an_author_the_token_s_user_writes(bench: Bench) -> None:
    commit = bench.create("a", b"1", signoff=True).json()["commit"]

    assert commit["author"]["name"] == "sandbox"
    assert "Signed-off-by: sandbox <sandbox@sandbox.invalid>" in commit["message"]


def test_the_server_words_a_message_that_is_missing(bench: Bench) -> None:
    written = bench.send("POST", "/contents/a", {"content": ""}).json()

    assert written["commit"]["message"] == "Add a\n"
    assert written["content"]["sha"] == "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"


def test_many_files_are_one_commit_or_nothing(bench: Bench) -> None:
    sha = bench.put_down("a", b"1")
    before = bench.head()

    refused = bench.change(
        {"operation": "create", "path": "b", "content": encode(b"2")},
        {"operation": "create", "path": "a", "content": encode(b"2")},
    )
    done = bench.change(
        {"operation": "create", "path": "b", "content": encode(b"2")},
        {"operation": "update", "path": "c", "from_path": "a", "content": encode(b"3"), "sha": sha},
        {"operation": "delete", "path": "README.md", "sha": _blob(bench, "README.md")},
    )

    assert refused.status_code == 422
    assert done.status_code == 201
    assert [file and file["path"] for file in done.json()["files"]] == ["b", "c", None]
    assert bench.commits()[1] == before
    assert [entry["path"] for entry in bench.get("/contents").json()] == ["b", "c"]
    bench.fsck()


def test_the_same_path_cannot_be_created_twice_in_one_commit(bench: Bench) -> None:
    twice = [{"operation": "create", "path": "a", "content": ""}] * 2

    assert bench.change(*twice).status_code == 422


def test_gitea_can_upload_and_rename_in_one_commit(bench: Bench) -> None:
    bench.forge.switches.change({"server": "gitea"})
    bench.put_down("a", b"1")

    answer = bench.change(
        {"operation": "upload", "path": "new", "content": encode(b"2")},
        {"operation": "rename", "path": "b", "from_path": "a"},
    )

    assert answer.status_code == 201
    assert (bench.read("b"), bench.read("new")) == ("1", "2")


def test_a_server_without_many_files_answers_405(bench: Bench) -> None:
    bench.forge.switches.change({"overrides": {"multi_file": False}})

    assert bench.change({"operation": "create", "path": "a", "content": ""}).status_code == 405


def test_a_new_branch_starts_with_the_commit(bench: Bench) -> None:
    main = bench.head()

    answer = bench.create("a", b"1", new_branch="node/a")

    assert answer.status_code == 201
    assert bench.head() == main
    assert bench.read("a", "node/a") == "1"


def test_a_new_branch_may_be_overwritten_where_the_server_knows_how(bench: Bench) -> None:
    bench.create("a", b"1", new_branch="other")

    forced = bench.create("b", b"1", new_branch="other", force_overwrite_new_branch=True)
    bench.forge.switches.change({"server": "forgejo-mid-2025"})
    refused = bench.create("c", b"1", new_branch="other", force_overwrite_new_branch=True)

    assert forced.status_code == 201
    assert refused.status_code == 422


def test_the_first_branch_of_an_empty_repository_becomes_its_default(empty_bench: Bench) -> None:
    empty_bench.create("a", b"1", new_branch="first")

    assert empty_bench.get().json()["default_branch"] == "first"
    assert empty_bench.get("/contents/a").status_code == 200


def _blob(bench: Bench, path: str) -> str:
    sha = bench.get(f"/contents/{path}").json()["sha"]
    assert isinstance(sha, str)
    return sha


def test_a_folder_goes_with_its_last_file(bench: Bench) -> None:
    sha = bench.put_down("nodes/deep/a", b"1")
    bench.put_down("nodes/b", b"2")

    bench.delete("nodes/deep/a", sha)

    listed = bench.get("/git/trees/main", recursive="1").json()["tree"]
    assert [entry["path"] for entry in listed] == ["README.md", "nodes", "nodes/b"]
    bench.fsck()


def test_a_branch_can_lose_its_last_file(bench: Bench) -> None:
    bench.delete("README.md", _blob(bench, "README.md"))

    answer = bench.get("/git/trees/main").json()

    assert (answer["tree"], answer["total_count"], answer["truncated"]) == (None, 0, False)
    assert bench.get("/contents").json() == []
    bench.fsck()
