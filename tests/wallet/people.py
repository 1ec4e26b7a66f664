"""People with wallets, as a test moves and reads them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Table, select

from hero_onboarding.aggregation import charge_users, check_books, grant_credit
from hero_onboarding.aggregation.accepted_store import Candidate, insert_accepted, next_batch
from hero_onboarding.aggregation.tables import usage_deltas, usage_totals
from hero_onboarding.database import Database
from hero_onboarding.kernel.clock import from_unix
from hero_onboarding.ledger import Entry, Fact, FactKind, Operation, Transfer, record_fact
from hero_onboarding.ledger.tables import ledger_entries, ledger_transfers, money_facts
from hero_onboarding.usage import Bucket
from hero_onboarding.wallet import (
    NEVER,
    Adjustment,
    Grant,
    GrantRequest,
    Hold,
    HoldRequest,
    Movement,
    Wallet,
    WriteOff,
    adjust,
    close_expired_holds,
    close_hold,
    debt_account,
    expire_grants,
    freeze,
    get_wallet,
    hold_funds,
    list_grants,
    list_movements,
    open_user,
    post_transfer,
    shrink_hold,
    write_off,
)
from hero_onboarding.wallet.tables import grants, holds, wallets
from hero_onboarding_schema import OTime, UsageRecord, normalised_digest
from tests.fakes.clock import FakeClock
from tests.support.world import HOUR, a_record

MONEY_TABLES = (
    wallets,
    holds,
    grants,
    ledger_transfers,
    ledger_entries,
    money_facts,
    usage_deltas,
    usage_totals,
)


@dataclass(frozen=True)
class People:
    database: Database
    clock: FakeClock

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def open(self, sid: str, amount: int = 0) -> None:
        with self.database.transaction() as tx:
            open_user(tx, sid=sid, name="", now=self.now)
        if amount:
            self.adjust(sid, amount, "start")

    def adjust(
        self, sid: str, amount: int, key: str, *, allow_debt: bool = False, reason: str = "a reason"
    ) -> bool:
        asked = Adjustment(sid, amount, reason, key, allow_debt)
        with self.database.transaction() as tx:
            return adjust(tx, asked, self.now)[1]

    def dispute(self, sid: str, amount: int, key: str) -> bool:
        """Take a payment back: the user owes it."""
        entries = (Entry(debt_account(sid), -amount), Entry("losses", amount))
        transfer = Transfer(Operation.DISPUTE_WITHDRAWN, sid, key, entries, self.now)
        fact = Fact(FactKind.DISPUTE_WITHDRAWN, sid, key, {"amount": amount}, self.now)
        with self.database.transaction() as tx:
            record_fact(tx, fact, self.now)
            return post_transfer(tx, transfer, self.now, is_choice=False)

    def write_off(self, sid: str, amount: int, key: str = "w1") -> bool:
        with self.database.transaction() as tx:
            return write_off(tx, WriteOff(sid, amount, "it is gone", key), self.now)[1]

    def freeze(self, sid: str, amount: int, key: str) -> bool:
        with self.database.transaction() as tx:
            return freeze(tx, HoldRequest(sid, amount, "dispute", key, NEVER), self.now)

    def post(self, transfer: Transfer, *, is_choice: bool = False) -> bool:
        with self.database.transaction() as tx:
            return post_transfer(tx, transfer, self.now, is_choice=is_choice)

    def hold(
        self, sid: str, amount: int, key: str, *, minutes: int = 60, purpose: str = "an order"
    ) -> tuple[Hold, bool]:
        expires_at = self.expiry(minutes)
        with self.database.transaction() as tx:
            return hold_funds(tx, HoldRequest(sid, amount, purpose, key, expires_at), self.now)

    def expiry(self, minutes: int) -> datetime:
        """When a hold of so many minutes ends: counted from the start, the same for a repeat."""
        return FakeClock().now() + timedelta(minutes=minutes)

    def shrink(self, hold: Hold, amount: int) -> int:
        with self.database.transaction() as tx:
            return shrink_hold(tx, hold.id, amount)

    def close(self, hold: Hold) -> bool:
        with self.database.transaction() as tx:
            return close_hold(tx, hold.id, self.now)

    def expire(self) -> int:
        with self.database.transaction() as tx:
            return close_expired_holds(tx, self.now)

    def grant(
        self,
        sid: str,
        amount: int,
        key: str,
        *,
        hours: tuple[int, int] = (0, 24),
        reason: str = "welcome",
    ) -> tuple[Grant, bool]:
        """Give credit for use in a span of hours, counted from the hour of ``a_record``."""
        begins_at, expires_at = (from_unix((HOUR + hour) * 3600) for hour in hours)
        asked = GrantRequest(sid, amount, reason, key, expires_at, begins_at)
        with self.database.transaction() as tx:
            return grant_credit(tx, asked, self.now)

    def grants(self, sid: str) -> dict[str, Grant]:
        with self.database.reading() as tx:
            return {grant.key: grant for grant in list_grants(tx, sid)}

    def expire_grants(self) -> int:
        with self.database.transaction() as tx:
            return expire_grants(tx, self.now)

    def use(self, sid: str, key: str, cents: int, *, hour: int = 0) -> None:
        """Take a record in that was used so many hours after the hour of ``a_record``."""
        at = OTime((HOUR + hour) * 3600 + 60)
        self.accept([a_record(key, user_sid=sid, amount_cents=cents, occurred_at=at)])

    def accept(self, records: Iterable[UsageRecord]) -> None:
        """Take usage records in as stage A does, leaving their deltas open."""
        by_bucket: dict[Bucket, list[UsageRecord]] = {}
        for record in records:
            bucket = Bucket(record.node_id, record.occurred_at.hour)
            by_bucket.setdefault(bucket, []).append(record)
        for bucket, some in sorted(by_bucket.items()):
            candidates = [(Candidate(r, normalised_digest(r), i), 1) for i, r in enumerate(some)]
            with self.database.transaction() as tx:
                insert_accepted(tx, bucket, candidates, next_batch(tx, bucket))

    def charge(self) -> int:
        return charge_users(self.database, self.clock)

    def wallet(self, sid: str) -> Wallet:
        with self.database.reading() as tx:
            return get_wallet(tx, sid)

    def statement(self, sid: str, *, size: int = 3) -> list[Movement]:
        """Read a whole statement page by page, newest first."""
        movements: list[Movement] = []
        cursor = None
        with self.database.reading() as tx:
            while True:
                page = list_movements(tx, sid, cursor, size=size)
                movements += page.items
                assert len(page.items) <= size
                cursor = page.next_cursor
                if cursor is None:
                    return movements
                assert len(page.items) == size

    def rows(self, tables: Iterable[Table] = MONEY_TABLES) -> dict[str, list[tuple[Any, ...]]]:
        """Read everything about money, to compare before and after."""
        with self.database.reading() as tx:
            return {
                table.name: sorted((tuple(row) for row in tx.execute(select(table))), key=repr)
                for table in tables
            }

    def assert_books(self) -> None:
        with self.database.reading() as tx:
            wrong = [check for check in check_books(tx) if not check.ok]
        assert wrong == []
