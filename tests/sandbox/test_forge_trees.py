from pathlib import Path

import pytest

from tests.sandbox.forge_bench import Bench, encode, git, run_git


def fill(bench: Bench, count: int) -> None:
    files = [
        {"operation": "create", "path": f"many/{number:05}", "content": encode(b"%d" % number)}
        for number in range(count)
    ]
    assert bench.change(*files).status_code == 201


def tree_of(bench: Bench, path: str) -> str:
    return git("-C", str(bench.path), "rev-parse", f"main:{path}").strip()


def test_a_tree_of_exactly_one_page_is_not_truncated(bench: Bench) -> None:
    fill(bench, 1000)

    answer = bench.get(f"/git/trees/{tree_of(bench, 'many')}").json()

    assert len(answer["tree"]) == 1000
    assert answer["truncated"] is False
    assert (answer["page"], answer["total_count"]) == (1, 1000)


def test_a_tree_of_one_entry_more_is_truncated_on_every_page_the_last_included(
    bench: Bench,
) -> None:
    fill(bench, 1001)
    tree = tree_of(bench, "many")

    first = bench.get(f"/git/trees/{tree}")
    last = bench.get(f"/git/trees/{tree}", page=2)
    beyond = bench.get(f"/git/trees/{tree}", page=3).json()

    assert [len(page.json()["tree"]) for page in (first, last)] == [1000, 1]
    assert [page.json()["truncated"] for page in (first, last)] == [True, True]
    assert first.headers["x-total-count"] == "1001"
    assert (beyond["tree"], beyond["truncated"]) == (None, False)
    names = [entry["path"] for page in (first, last) for entry in page.json()["tree"]]
    assert names == [f"{number:05}" for number in range(1001)]


def test_more_entries_per_page_than_the_server_gives_are_not_given(bench: Bench) -> None:
    fill(bench, 5)
    tree = tree_of(bench, "many")
    bench.forge.switches.change({"default_git_trees_per_page": 3})

    assert len(bench.get(f"/git/trees/{tree}", per_page=1000).json()["tree"]) == 3
    assert len(bench.get(f"/git/trees/{tree}", per_page=2).json()["tree"]) == 2


def test_a_commit_that_is_asked_for_is_echoed_in_place_of_its_tree(bench: Bench) -> None:
    bench.put_down("nodes/a", b"1")
    commit = bench.head()
    root = git("-C", str(bench.path), "rev-parse", "main^{tree}").strip()

    by_commit = bench.get(f"/git/trees/{commit}").json()
    by_branch = bench.get("/git/trees/main").json()
    by_tree = bench.get(f"/git/trees/{root}").json()

    assert by_commit["sha"] == by_branch["sha"] == commit
    assert by_tree["sha"] == root
    assert by_commit["tree"][1]["sha"] == by_tree["tree"][1]["sha"]


def test_entries_tell_mode_type_size_and_id(bench: Bench) -> None:
    blob = bench.put_down("nodes/a", b"12345")

    answer = bench.get("/git/trees/main", recursive="true").json()

    assert [entry["path"] for entry in answer["tree"]] == ["README.md", "nodes", "nodes/a"]
    folder, file = answer["tree"][1:]
    assert (folder["mode"], folder["type"], folder["size"]) == ("040000", "tree", 0)
    assert folder["sha"] == tree_of(bench, "nodes")
    assert (file["mode"], file["type"], file["size"]) == ("100644", "blob", 5)
    assert file["sha"] == blob
    assert file["url"].endswith(f"/git/blobs/{blob}")


def test_links_submodules_and_strange_names_are_shown_as_they_are(
    bench: Bench, tmp_path: Path
) -> None:
    work = tmp_path / "work"
    git("clone", "-q", bench.remote(), str(work))
    (work / "link").symlink_to("README.md")
    (work / "run").write_text("x")
    (work / "run").chmod(0o755)
    (work / "A").write_text("upper")
    (work / "a").write_text("lower")
    git("add", "-A", cwd=work)
    git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},sub", cwd=work)
    git("update-index", "--add", "--cacheinfo", f"100644,{_blob(work)},bad\udcff", cwd=work)
    git("commit", "-q", "-m", "strange", cwd=work)
    git("push", "-q", cwd=work)

    entries = bench.get("/git/trees/main").json()["tree"]
    listed = bench.get("/contents").json()

    modes = {entry["path"]: (entry["mode"], entry["type"]) for entry in entries}
    assert modes["link"] == ("120000", "blob")
    assert modes["run"] == ("100755", "blob")
    assert modes["sub"] == ("160000", "commit")
    assert modes["bad\ufffd"] == ("100644", "blob")
    assert {"A", "a"} <= set(modes)
    kinds = {entry["name"]: entry["type"] for entry in listed}
    assert (kinds["link"], kinds["sub"]) == ("symlink", "submodule")
    assert bench.get("/contents/link").json()["target"] == "README.md"


def _blob(work: Path) -> str:
    return git("rev-parse", "HEAD:README.md", cwd=work).strip()


@pytest.mark.parametrize("name", ["0" * 40, "nothing", "%ff", "%2e%2e", "main~1", "HEAD^{tree}"])
def test_an_unknown_tree_is_answered_400(bench: Bench, name: str) -> None:
    answer = bench.client.get(f"/repos/{bench.name}/git/trees/{name}")

    assert answer.status_code == 400
    assert answer.json()["message"] != ""


def test_a_branch_with_a_slash_is_found_escaped(bench: Bench) -> None:
    bench.send("POST", "/branches", {"new_branch_name": "node/a"})

    assert bench.client.get(f"/repos/{bench.name}/git/trees/node%2Fa").status_code == 200
    assert bench.get("/branches/node/a").json()["name"] == "node/a"


def test_a_blob_is_given_in_base64_by_its_id(bench: Bench) -> None:
    blob = bench.put_down("a", b"12345")

    answer = bench.get(f"/git/blobs/{blob}").json()

    assert answer["content"] == encode(b"12345")
    assert (answer["encoding"], answer["size"], answer["sha"]) == ("base64", 5, blob)
    assert bench.get(f"/git/blobs/{'0' * 40}").status_code == 400
    assert bench.get(f"/git/blobs/{bench.head()}").status_code == 400


def test_many_blobs_are_given_at_once_where_the_server_can(bench: Bench) -> None:
    blobs = [bench.put_down(f"{number}", b"%d" % number) for number in range(3)]

    answer = bench.get("/git/blobs", shas=",".join(blobs))
    bench.forge.switches.change({"overrides": {"batch_blobs": False}})
    refused = bench.get("/git/blobs", shas=",".join(blobs))

    assert [blob["sha"] for blob in answer.json()] == blobs
    assert [blob["content"] for blob in answer.json()] == [encode(b"0"), encode(b"1"), encode(b"2")]
    assert refused.status_code == 404


def test_no_more_blobs_are_given_at_once_than_the_server_allows(bench: Bench) -> None:
    blob = bench.put_down("a", b"1")
    bench.forge.switches.change({"max_response_items": 2})

    assert bench.get("/git/blobs", shas=",".join([blob] * 2)).status_code == 200
    assert bench.get("/git/blobs", shas=",".join([blob] * 3)).status_code == 400


def test_a_blob_over_the_limit_comes_without_content(bench: Bench) -> None:
    blob = bench.put_down("a", b"12345")
    bench.forge.switches.change({"default_max_blob_size": 4})

    by_id = bench.get(f"/git/blobs/{blob}").json()
    by_path = bench.get("/contents/a").json()

    assert (by_id["size"], by_id["content"]) == (5, "")
    assert (by_path["size"], by_path["content"]) == (5, "")
    assert bench.get("/raw/a").content == b"12345"


def test_pushes_with_entries_that_leave_the_folder_are_kept_as_data(bench: Bench) -> None:
    done = run_git("-C", str(bench.path), "hash-object", "-w", "--stdin")
    assert done.returncode == 0
    tree = b"100644 ..\0" + bytes.fromhex(done.stdout.strip())
    (bench.path / "tree").write_bytes(tree)
    made = git(
        "-C", str(bench.path), "hash-object", "-w", "-t", "tree", "--literally", "tree"
    ).strip()

    answer = bench.get(f"/git/trees/{made}").json()

    assert [entry["path"] for entry in answer["tree"]] == [".."]
