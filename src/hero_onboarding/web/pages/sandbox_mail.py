"""The mails that this sandbox kept instead of sending them; the page is in sandbox mode only."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

from litestar import Request, Response, get
from litestar.params import QueryParameter

from hero_onboarding.http import Answer, Page, locale_of, render, services_of
from hero_onboarding.http.sessions import find_user_at
from hero_onboarding.languages import Locale, Moment
from hero_onboarding.mail import KeptMail, SandboxMailbox, list_kept_mails

MAILS: Final = Page("sandbox_mail.html", "mails")
MAILS_SHOWN: Final = 25

Cursor = Annotated[str | None, QueryParameter(name="cursor", required=False)]


@dataclass(frozen=True, slots=True)
class MailLine:
    """One mail as its reader would see it."""

    at: Moment
    recipient: str
    language: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class MailsView:
    """One page of mails, and whether new ones are kept here or go to a mail server."""

    mails: Sequence[MailLine]
    next_cursor: str | None
    is_first_page: bool
    is_kept_here: bool


@get("/sandbox/mail", name="sandbox_mail", sync_to_thread=True)
def show_sandbox_mail(request: Request[Any, Any, Any], cursor: Cursor = None) -> Response[str]:
    """Show mails, newest first, to anyone: anyone can be anyone here."""
    services = services_of(request.app.state)
    with services.database.reading() as tx:
        page = list_kept_mails(tx, cursor, size=MAILS_SHOWN)
        visitor = find_user_at(tx, request)
    locale = locale_of(request)
    view = MailsView(
        mails=[_line(locale, mail) for mail in page.items],
        next_cursor=page.next_cursor,
        is_first_page=cursor is None,
        is_kept_here=isinstance(services.mailer.sender, SandboxMailbox),
    )
    return render(request, MAILS, view, Answer(visitor=visitor, locale=locale))


def _line(locale: Locale, mail: KeptMail) -> MailLine:
    at = locale.moment(mail.written_at, seconds=True)
    return MailLine(at, mail.recipient, mail.language, mail.subject, mail.text)
