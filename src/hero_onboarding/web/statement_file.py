"""A statement as a file to keep: the same for scripts and for whoever is signed in."""

from datetime import datetime
from typing import Final

from litestar.response import Stream

from hero_onboarding.database import Database
from hero_onboarding.http.security_headers import COMMON_HEADERS
from hero_onboarding.wallet import Wallet, read_statement

CSV: Final = "text/csv"


def statement_file(database: Database, wallet: Wallet, now: datetime) -> Stream:
    """Answer with a statement, read while it is sent."""
    headers = {
        **COMMON_HEADERS,
        "Content-Disposition": f'attachment; filename="statement-{wallet.user_sid}.csv"',
        "Cache-Control": "no-store",
    }
    return Stream(read_statement(database, wallet, now), media_type=CSV, headers=headers)
