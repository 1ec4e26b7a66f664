"""What people choose in their profile decides how every page speaks to them."""

import pytest

from hero_onboarding.identity import (
    Origin,
    Profile,
    WrongProfileError,
    get_profile,
    open_session,
    set_profile,
)
from hero_onboarding.languages import countries, list_countries, load_locales, zones
from tests.support.world import World
from tests.web.served import Browser, words

CHOSEN = {"language": "sw", "time_zone": "Africa/Dar_es_Salaam", "country": "TZ"}


def profile_of(world: World, sid: str = "ada") -> Profile:
    with world.database.reading() as tx:
        return get_profile(tx, sid)


def test_a_profile_decides_language_and_zone_before_the_browser_does(site: Browser) -> None:
    site.sign_in("ada")
    utc = site.get("/dashboard", accept_language="fr").text
    answer = site.submit("/account/profile", **CHOSEN)
    page = site.get("/dashboard", accept_language="fr").text
    account = words(site.get("/account", accept_language="fr").text)

    assert 'lang="fr"' in utc
    assert "UTC" in utc
    assert answer.headers["Location"] == "/account"
    assert '<html lang="sw"' in page
    assert "EAT" in page
    assert "UTC" not in page
    assert "Kiswahili" in account
    assert "Dar es Salaam" in account
    assert "Tanzania" in account


def test_the_page_of_a_failure_is_in_the_users_language(site: Browser) -> None:
    site.sign_in("ada")
    site.submit("/account/profile", language="fr")

    assert '<html lang="fr"' in site.get("/no-such-page", accept_language="sw").text


def test_who_is_not_signed_in_reads_as_the_browser_asks(site: Browser) -> None:
    site.sign_in("ada")
    site.submit("/account/profile", **CHOSEN)
    site.submit("/sign-out")

    assert '<html lang="fr"' in site.get("/", accept_language="fr").text


def test_the_switch_changes_the_profile_too(world: World, site: Browser) -> None:
    site.sign_in("ada")
    site.submit("/account/profile", **CHOSEN)

    site.submit("/language", language="fr", back="/dashboard")
    site.submit("/language", language="xx")

    assert profile_of(world) == Profile("fr", "Africa/Dar_es_Salaam", "TZ")
    assert '<html lang="fr"' in site.get("/dashboard").text


def test_the_switch_of_a_stranger_changes_no_profile(world: World, site: Browser) -> None:
    site.submit("/language", language="fr")

    assert profile_of(world) == Profile()


def test_a_limited_session_changes_its_own_browser_and_no_profile(
    world: World, site: Browser
) -> None:
    site.sign_in("ada")
    site.submit("/account/profile", **CHOSEN)
    with world.database.transaction() as tx:
        origin = Origin("code")
        token = open_session(tx, "ada", world.clock.now(), origin, is_limited=True)
    site.client.cookies.clear()
    cookie = {"cookie": f"hero_session={token}"}
    refused = site.post("/account/profile", CHOSEN, sec_fetch_site="same-origin", **cookie)
    form = {"language": "fr"}
    site.post("/language", form, sec_fetch_site="same-origin", **cookie)
    both = {"cookie": f"hero_session={token}; hero_language=fr"}

    assert refused.status_code == 403
    assert profile_of(world) == Profile("sw", "Africa/Dar_es_Salaam", "TZ")
    assert '<html lang="sw"' in site.get("/dashboard", **cookie).text
    assert '<html lang="fr"' in site.get("/dashboard", **both).text


def test_everything_can_be_left_open_again(world: World, site: Browser) -> None:
    site.sign_in("ada")
    site.submit("/account/profile", **CHOSEN)
    site.submit("/account/profile", language="", time_zone="", country="")

    assert profile_of(world) == Profile()
    assert profile_of(world, "bob") == Profile()


def test_the_form_shows_what_is_chosen(site: Browser) -> None:
    site.sign_in("ada")
    site.submit("/account/profile", **CHOSEN)
    page = site.get("/account/profile").text

    for value in CHOSEN.values():
        assert f'<option value="{value}"' in page
        chosen = page.partition(f'<option value="{value}"')[2].partition(">")[0]
        assert chosen.endswith(" selected")


@pytest.mark.parametrize(
    "wrong",
    [
        {"language": "de"},
        {"time_zone": "Africa/Nowhere"},
        {"time_zone": "../../etc/passwd"},
        {"time_zone": "Etc/GMT+5"},
        {"country": "ZZ"},
        {"country": "tz"},
    ],
    ids=str,
)
def test_what_there_is_not_is_refused(world: World, site: Browser, wrong: dict[str, str]) -> None:
    site.sign_in("ada")
    site.submit("/account/profile", **CHOSEN)

    answer = site.submit("/account/profile", **{**CHOSEN, **wrong})

    assert answer.status_code == 422
    assert profile_of(world) == Profile("sw", "Africa/Dar_es_Salaam", "TZ")
    with world.database.transaction() as tx, pytest.raises(WrongProfileError):
        set_profile(tx, "ada", Profile(**wrong))


def test_nobody_is_sent_to_the_sign_in(site: Browser) -> None:
    assert site.get("/account/profile").headers["Location"] == "/sign-in"
    assert site.submit("/account/profile", **CHOSEN).headers["Location"] == "/sign-in"


def test_places_are_those_of_the_standards() -> None:
    assert {"Africa/Dar_es_Salaam", "Europe/Brussels", "UTC"} <= zones()
    assert {"TZ", "BE", "CD", "KE"} <= countries()
    assert len(countries()) == 249
    for locale in load_locales().values():
        named = list_countries(locale)
        assert {code for code, _ in named} == countries()
        assert all(name != code for code, name in named)
