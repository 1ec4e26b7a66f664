"""The sandbox's page of mails: what would be sent, as its reader would see it."""

import re

from litestar.testing import TestClient

from hero_onboarding.http import Mode
from hero_onboarding.mail import Letter, SandboxMailbox
from hero_onboarding.web import make_site
from tests.fakes.post import FakeSender
from tests.support.world import World
from tests.web.served import SITE, Browser, services_for, words

PAGE = "/sandbox/mail"


def a_letter(world: World, number: int = 1, **changes: str) -> Letter:
    fields = {"id": f"m{number}", "recipient": "ada@example.org", "language": "en"} | changes
    subject = fields.pop("subject", f"Subject {number}")
    text = fields.pop("text", f"Text {number}\n")
    return Letter(**fields, subject=subject, text=text, written_at=world.clock.now())


def keep(world: World, *letters: Letter) -> None:
    for letter in letters:
        SandboxMailbox(world.database).send(letter)


def test_without_mails_the_page_says_so_and_leads_on(site: Browser) -> None:
    answer = site.get(PAGE)

    assert answer.status_code == 200
    assert "No mail was sent yet." in words(answer.text)
    assert words(answer.text).endswith("Go to the start")


def test_mails_are_shown_whole_the_newest_first(site: Browser, world: World) -> None:
    keep(world, a_letter(world, 1))
    world.clock.advance(seconds=61)
    keep(world, a_letter(world, 2, recipient="bob@example.org", text="Two\n\n    ABCD\n"))

    shown = words(site.get(PAGE).text)

    assert "Subject 2 To bob@example.org , 1 Mar 2026, 11:01:01 UTC Two ABCD Subject 1" in shown
    assert "Two\n\n    ABCD\n" in site.get(PAGE).text


def test_a_mail_is_text_and_never_markup(site: Browser, world: World) -> None:
    keep(world, a_letter(world, subject="<b>x</b>", text="<script>y</script>", recipient="<i>@a"))

    html = site.get(PAGE).text

    assert not re.search(r"<b>|<script>y|<i>", html)
    assert "&lt;script&gt;y&lt;/script&gt;" in html


def test_a_mail_is_marked_with_its_language(site: Browser, world: World) -> None:
    keep(world, a_letter(world, language="sw"))

    main = site.get(PAGE).text.partition("<main")[2].partition("</main>")[0]
    assert main.count('lang="sw"') == 2


def test_older_mails_are_a_page_away(site: Browser, world: World) -> None:
    keep(world, *(a_letter(world, number) for number in range(1, 28)))

    first = site.get(PAGE).text
    older = re.search(r'href="(/sandbox/mail\?cursor=\d+)">Older', first)
    assert older is not None
    second = words(site.get(older[1]).text)

    assert [f"Subject {n} " in words(first) for n in (27, 3, 2)] == [True, True, False]
    assert "Subject 2 " in second
    assert "Subject 1 " in second
    assert second.endswith("Newest")
    assert site.get(f"{PAGE}?cursor=x").status_code == 422
    assert "There are no older mails." in words(site.get(f"{PAGE}?cursor=1").text)


def test_the_sandboxs_banner_leads_there_from_every_page_of_the_site(site: Browser) -> None:
    for path in ("/", "/sign-in", "/no-such-page", PAGE):
        banner = re.search(r'<aside class="sandbox".*?</aside>', site.get(path).text, re.DOTALL)
        assert banner is not None
        assert f'href="{PAGE}"' in banner[0]
    assert site.get("/").text.count(PAGE) == 1


def test_with_a_mail_server_the_page_says_where_mails_go(world: World) -> None:
    services = services_for(world, sender=FakeSender())
    with TestClient(make_site(services), base_url=SITE) as client:
        shown = words(Browser(client).get(PAGE).text)

    assert "New mails go to the mail server that is set." in shown


def test_production_has_no_such_page(world: World) -> None:
    origin = "https://hero.example.org"
    keep(world, a_letter(world))
    services = services_for(world, mode=Mode.PRODUCTION, public_origin=origin)
    with TestClient(make_site(services), base_url=origin) as client:
        browser = Browser(client)
        assert browser.get(PAGE).status_code == 404
        assert PAGE not in browser.get("/").text
    assert not services.mailer.outbox.can_send
