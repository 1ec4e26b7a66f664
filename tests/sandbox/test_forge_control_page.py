import httpx

from tests.sandbox.forge_bench import Bench


def submit(bench: Bench, path: str, **fields: str) -> httpx.Response:
    return httpx.post(f"{bench.forge.url}/sandbox/forge/{path}", data=fields)


def test_the_page_shows_settings_repositories_and_requests(bench: Bench) -> None:
    bench.get("/branches")

    page = httpx.get(f"{bench.forge.url}/sandbox")

    assert page.status_code == 200
    assert f"/api/v1/repos/{bench.name}/branches" in page.text
    assert f"{bench.name}.git" in page.text
    assert '<option value="forgejo-late" selected>' in page.text
    assert bench.forge.token not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]


def test_the_form_changes_settings_and_keeps_what_it_does_not_name(bench: Bench) -> None:
    done = submit(bench, "settings", server="gitea", batch_blobs="yes", max_response_items="9")

    assert done.status_code == 303
    assert bench.forge.switches.settings.max_response_items == 9
    assert bench.forge.switches.behaviour.batch_blobs is True
    assert bench.forge.switches.behaviour.version == "1.26.0"


def test_the_form_adds_a_fault_and_takes_all_away(bench: Bench) -> None:
    submit(bench, "fault", kind="answer", method="GET", count="", status="503", seconds="0")

    assert bench.get().status_code == 503
    assert "until cleared" in httpx.get(f"{bench.forge.url}/sandbox").text
    submit(bench, "reset")
    assert bench.get().status_code == 200


def test_a_form_that_makes_no_sense_is_shown_again_with_the_reason(bench: Bench) -> None:
    wrong = submit(bench, "settings", server="gitlab")
    worse = submit(bench, "fault", kind="answer", status="<b>")

    assert (wrong.status_code, worse.status_code) == (422, 422)
    assert 'role="alert"' in wrong.text
    assert bench.forge.switches.settings.server == "forgejo-late"


def test_text_from_requests_cannot_become_markup(bench: Bench) -> None:
    bench.client.get("/<script>alert(1)</script>")

    page = httpx.get(f"{bench.forge.url}/sandbox").text

    assert "<script>" not in page
    assert "&lt;script&gt;" in page
