"""Worlds worth looking at: people with and without money, nodes in order and not."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from hero_onboarding.database import Database
from hero_onboarding.exchange import Rate, publish_rate
from hero_onboarding.incidents import Incident, IncidentKind, open_incident
from hero_onboarding.jobs import Job, enqueue
from hero_onboarding.mail import Letter, MailText, SandboxMailbox, load_texts
from hero_onboarding.payments import AutomaticWish, TopUpRequest, agree, list_cards, set_alert
from hero_onboarding.payments.automatic.store import change_setting
from hero_onboarding.payments.cards.store import insert_card
from hero_onboarding.payments.ports import KeptCard, PaymentState, ProviderPayment
from hero_onboarding.payments.service import settle
from hero_onboarding.payments.store import change_top_up, insert_top_up
from hero_onboarding.pricing import PriceTable, set_prices
from hero_onboarding.wallet import Adjustment, HoldRequest, adjust, hold_funds, open_user
from hero_onboarding_schema import OTime, UsageRecord
from tests.fakes.clock import FakeClock
from tests.fakes.forge import FakeForge
from tests.support.world import World, a_record

HOURS = 75
ONE_DOLLAR = 1_000_000


@dataclass(frozen=True)
class People:
    """Sids of users in different states."""

    normal: str = "ada"
    overdrawn: str = "bob"
    short: str = "chi"
    new: str = "dan"
    quiet: str = "eve"
    wordy: str = "w" * 64
    payer: str = "pam"


PEOPLE = People()
PAID: Final = UUID(int=25)
ASKED: Final = UUID(int=26)
AT_A_BANK: Final = UUID(int=27)
"""The paid top-up of the payer, whose card was kept with it."""


def empty_world(database: Database) -> World:
    """A server on which nothing has happened."""
    world = World(database, FakeForge(), FakeClock())
    world.allow_all()
    return world


def lived_in_world(database: Database) -> World:
    """Some days of use by people in different states, hour by hour, on two nodes."""
    world = empty_world(database)
    _open_users(world)
    for number in range(HOURS):
        world.record(_records_of_hour(world.clock, number))
        world.clock.advance(hours=1)
        world.push()
        world.aggregate()
    with world.database.transaction() as tx:
        set_prices(tx, PriceTable(30_560, 19_440, 2_550), world.clock.now())
        expires_at = world.clock.now() + timedelta(days=1)
        hold_funds(
            tx,
            HoldRequest(PEOPLE.short, ONE_DOLLAR // 10, "a machine", "hold", expires_at),
            world.clock.now(),
        )
    _pay_by_card(world)
    _pay_in_shillings(world)
    _keep_mails(world)
    world.clock.advance(minutes=12, seconds=31)
    return world


def _pay_in_shillings(world: World) -> None:
    """A rate, a top-up that a phone is asked for, and one that is paid at a bank."""
    now, sid = world.clock.now(), PEOPLE.normal
    until = {"asked_at": now, "expires_at": now + timedelta(hours=23), "changed_at": now}
    opened = {"credit": 9_803_921, "is_live": False, **until}
    with world.database.transaction() as tx:
        publish_rate(tx, Rate(0, "TZS", "operator", 2_500_000_000, 200, now))
        for top_up_id, method, phone, number in (
            (ASKED, "push", "255712345678", None),
            (AT_A_BANK, "control_number", None, "12345678901234"),
        ):
            key, cents = str(top_up_id), 2_500_000
            request = TopUpRequest(sid, "clickpesa", method, cents, "TZS", key, phone)
            insert_top_up(tx, request, {"id": top_up_id, **opened})
            change_top_up(tx, top_up_id, reference=f"TU{key[-4:]}", control_number=number)


def _pay_by_card(world: World) -> None:
    """A paid top-up with a kept card, one that is over, and automatic top-ups that were paused."""
    now, sid = world.clock.now(), PEOPLE.payer
    times = {"asked_at": now, "expires_at": now, "changed_at": now}
    values = {"id": PAID, "credit": 25 * ONE_DOLLAR, "is_live": False, "customer": "cus_1"}
    request = TopUpRequest(sid, "stripe", "checkout", 2_500, "USD", "paid", saves_card=True)
    card = KeptCard("pm_1", "cus_1", "visa", "4242", 12, 2030)
    paid = ProviderPayment(
        *(PaymentState.PAID, 2_500, "USD", str(PAID), False, "cs_1"), payment_id="pi_1", card=card
    )
    over = replace(card, reference="pm_2", brand="american_express", expires_year=2025)
    with world.database.transaction() as tx:
        insert_top_up(tx, request, {**values, **times})
        settle(tx, PAID, paid, 0, now)
        insert_card(tx, sid, "stripe", over, now)
        [kept] = [one for one in list_cards(tx, sid) if one.reference == "pm_1"]
        agree(tx, AutomaticWish(sid, kept.id, 10 * ONE_DOLLAR, 2_500, 5_000, 20_000), now)
        paused = {"state": "paused", "pause_reason": "declined"}
        change_setting(tx, sid, **paused)
        set_alert(tx, sid, 30 * ONE_DOLLAR, now, is_on=True)


def _keep_mails(world: World) -> None:
    """Mails in every language, one to a very long address, one with words that never end."""
    texts = load_texts()
    details = {"place": "Dar es Salaam", "browser": "b" * 200, "time": "4 Mar 2026, 13:00"}
    money = {"balance": "USD 3.20", "threshold": "USD 5.00", "amount": "USD 25.00"}
    details |= money | {"card": "Visa •••• 4242", "typed": "25.00"}
    parameters = {"code": "ABCD EFGH", "minutes": "15", "shown": "JKLM-NPQR", **details}
    recipients = {"en": "ada@example.org", "sw": f"{'w' * 64}@{'x' * 60}.example.org"}
    mailbox = SandboxMailbox(world.database)
    for name, language in sorted(texts):
        words = texts[MailText(name), language]
        recipient = recipients.get(language, "ada@xn--bcher-kva.example")
        text = words.fill(parameters, "http://localhost:9920")
        at = world.clock.now()
        mailbox.send(Letter(f"{name}-{language}", recipient, language, words.subject, text, at))


def trouble(world: World) -> None:
    """Break what can break: quarantine, incidents, a silent node, a job given back."""
    now = world.clock.now()
    hour = int(now.timestamp()) // 3600
    world.record(
        [
            _record(hour - 1, "stranger", user_sid="nobody"),
            _record(hour - 1, "k" * 200, user_sid="n" * 64),
        ]
    )
    world.push()
    forge = world.forge
    assert isinstance(forge, FakeForge)
    forge.put("nodes/node-c/usage_2026-03-03-20.otoml", b"[[records]]\nnode_id = ")
    with world.database.transaction() as tx:
        enqueue(tx, Job("aggregate", "all", now))
        for kind, path, evidence in _INCIDENTS:
            incident = Incident(kind, world.repository, path, evidence)
            open_incident(tx, incident, now - timedelta(hours=5))
            open_incident(tx, incident, now)
    world.aggregate()
    world.clock.advance(hours=3, minutes=7)


_INCIDENTS = (
    (
        IncidentKind.KEY_CONFLICT,
        "nodes/node-a/usage_2026-03-01-10.otoml",
        {"idempotency_key": "kili-07:cpu:2026-03-01T10", "first": 5, "second": 7},
    ),
    (
        IncidentKind.HISTORY_REWRITTEN,
        "",
        {
            "head_before": "3f786850e387550fdab836ed7e6dc881de23001b",
            "head": "89e6c98d92887913cadf06b2adb97f26cde4849b",
        },
    ),
)


def _open_users(world: World) -> None:
    names = {
        PEOPLE.normal: "Ada Mushi",
        PEOPLE.overdrawn: "Bob",
        PEOPLE.short: "Chiku Wanjiru-van den Broecke",
        PEOPLE.new: "",
        PEOPLE.quiet: "Eve",
        PEOPLE.wordy: "N" * 100,
        PEOPLE.payer: "Pam",
    }
    money = {
        PEOPLE.normal: 30,
        PEOPLE.overdrawn: 1,
        PEOPLE.short: 5,
        PEOPLE.quiet: 5,
        PEOPLE.wordy: 987_654_321,
    }
    with world.database.transaction() as tx:
        for sid, name in names.items():
            open_user(tx, sid=sid, name=name, now=world.clock.now())
        for sid, dollars in money.items():
            reason = "R" * 200 if sid == PEOPLE.wordy else "First money, by hand"
            first = Adjustment(sid, dollars * ONE_DOLLAR, reason, "first")
            adjust(tx, first, world.clock.now())


def _records_of_hour(clock: FakeClock, number: int) -> list[UsageRecord]:
    hour = int(clock.now().timestamp()) // 3600
    wave = (number * 7 % 11, number * 5 % 7)
    by_kind = {"cpu": 6 + wave[0], "memory": 3 + wave[1], "storage": 2}
    if number % 4 == 0:
        by_kind["network"] = 4 + wave[1]
    if number % 9 == 5:
        by_kind["gpu"] = 11
    if number % 24 in {2, 3, 4}:
        by_kind = {"storage": 2}
    records = [
        _record(hour, f"ada-{number}-{kind}", resource_kind=kind, amount_cents=amount)
        for kind, amount in by_kind.items()
    ]
    for sid, amount in ((PEOPLE.overdrawn, 4), (PEOPLE.short, 6)):
        records.append(
            _record(hour, f"{sid}-{number}", user_sid=sid, amount_cents=amount, node_id="kili-07")
        )
    if number > HOURS - 20:
        long_kind = {"resource_kind": "k" * 64, "amount_cents": 987_654_321}
        records.append(_record(hour, "l" * 195 + f"{number}", user_sid=PEOPLE.wordy, **long_kind))
    return records


def _record(hour: int, key: str, **changes: object) -> UsageRecord:
    return a_record(key, occurred_at=OTime(hour * 3600), **changes)
