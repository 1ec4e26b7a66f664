"""Notices: kept once as they came, answered at once, and a hint to ask and no more."""

from dataclasses import replace
from datetime import timedelta

import pytest

from hero_onboarding.kernel.clock import from_unix
from hero_onboarding.kernel.errors import HeroError
from hero_onboarding.payments import ForgedNoticeError, MalformedNoticeError, PaymentsOffError
from hero_onboarding.payments.ports import Delivery
from tests.fakes.provider import a_delivery, signature_of
from tests.payments.till import Till, reference_of


def test_a_repeated_notice_is_answered_like_the_first_and_kept_once(till: Till) -> None:
    top_up = till.open()

    assert till.notify(reference_of(top_up), event="evt_1") is True
    before = till.rows()
    assert till.notify(reference_of(top_up), event="evt_1") is False
    assert till.rows() == before


def test_a_notice_is_kept_as_it_came(till: Till) -> None:
    delivery = a_delivery("evt_1", ["cs_x"], till.now, kind="paid")

    till.cashier.receive("stripe", delivery)

    [row] = till.rows()["notices"]
    assert row[1:4] == ("stripe", "evt_1", "paid")
    assert bytes(row[6]) == delivery.body


def refused(till: Till) -> list[tuple[type[HeroError], str, Delivery]]:
    good = a_delivery("evt_1", ["cs_1"], till.now)
    broken = b'{"id":'
    return [
        (ForgedNoticeError, "stripe", replace(good, headers={})),
        (ForgedNoticeError, "stripe", replace(good, headers={"signature": "0" * 64})),
        (ForgedNoticeError, "stripe", replace(good, body=good.body + b" ")),
        (
            MalformedNoticeError,
            "stripe",
            Delivery({"signature": signature_of(broken)}, broken, till.now),
        ),
        (PaymentsOffError, "clickpesa", good),
    ]


def test_what_is_not_authentic_changes_nothing(till: Till) -> None:
    till.open()
    before, calls = till.rows(), list(till.provider.calls)

    for error, name, delivery in refused(till):
        with pytest.raises(error):
            till.cashier.receive(name, delivery)

    assert till.rows() == before
    assert till.provider.calls == calls


def test_a_notice_of_no_concern_is_not_kept(till: Till) -> None:
    before = till.rows()

    assert till.cashier.receive("stripe", a_delivery("e", ["x"], till.now, kind="other")) is False
    assert till.rows() == before


def test_an_unknown_reference_causes_no_call_and_waits_for_a_person(till: Till) -> None:
    till.notify("cs_unknown", event="evt_1")
    till.notify("cs_other", event="evt_2")
    till.run()
    assert till.incidents() == []

    till.clock.advance(minutes=10)
    assert till.run() == (2, 0)

    assert till.provider.calls == []
    [(kind, evidence)] = till.incidents()
    assert kind == "notice_unmatched"
    assert (evidence["event"], evidence["references"]) == ("evt_1", ["cs_unknown"])
    assert len(till.rows()["notices"]) == 2


def test_a_notice_that_overtook_its_top_up_finds_it_later(till: Till) -> None:
    till.notify("pi_1")
    top_up = till.open()
    till.pay(top_up)
    till.clock.advance(minutes=1)
    till.run()
    calls = len(till.provider.calls)

    till.clock.advance(minutes=9)
    till.run()

    assert till.incidents() == []
    assert len(till.provider.calls) == calls + 1


def test_our_own_id_finds_a_top_up_whose_checkout_has_no_name_yet(till: Till) -> None:
    till.provider.loses_answers = True
    with pytest.raises(HeroError):
        till.open()
    till.provider.loses_answers = False
    till.provider.pay("cs_1")
    [row] = till.rows()["top_ups"]

    till.notify("cs_1", top_up_id=str(row[1]))
    till.run()

    assert till.people.wallet("ada").net == 25_000_000


@pytest.mark.parametrize("hint", ["", "x", "00000000-0000-0000-0000-000000000000"])
def test_a_hint_that_is_no_top_up_is_none(till: Till, hint: str) -> None:
    till.open()
    calls = list(till.provider.calls)

    till.notify("cs_x", top_up_id=hint)
    till.run()

    assert till.provider.calls == calls


def test_a_notice_about_a_settled_top_up_has_it_asked_about_too(till: Till) -> None:
    top_up = till.open()
    payment_id = till.pay(top_up)
    till.settle(top_up)
    calls = len(till.provider.calls)

    till.notify("re_1", payment_id)
    till.run()

    assert len(till.provider.calls) == calls + 1


def test_a_notice_during_a_question_is_asked_after_it(till: Till) -> None:
    """What the provider said may be older than the notice: another question follows."""
    top_up = till.open()
    asked = till.provider.fetch_payment

    def fetch_and_be_told(question: object) -> object:
        answer = asked(question)  # type: ignore[arg-type]  # as it came
        if till.provider.calls.count("fetch") == 1:
            till.pay(top_up)
            till.notify(reference_of(top_up))
        return answer

    slow = _Told(till.provider, fetch_and_be_told)
    told = replace(till, cashier=replace(till.cashier, providers={"stripe": slow}))  # type: ignore[dict-item]  # obeys the protocol
    told.clock.advance(minutes=1)

    assert told.run() == (2, 0)
    assert till.people.wallet("ada").net == 25_000_000


class _Told:
    """A provider whose answers a test sees first."""

    def __init__(self, inner: object, fetch: object) -> None:
        self.fetch_payment = fetch
        self._inner = inner

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)


def test_replaying_asks_about_each_top_up_once_and_credits_nothing_twice(till: Till) -> None:
    top_up = till.open()
    till.pay(top_up)
    for _ in range(3):
        till.notify(reference_of(top_up))
    till.notify("cs_unknown")
    till.run()
    net = till.people.wallet("ada").net
    calls = len(till.provider.calls)

    replayed = till.cashier.replay(from_unix(0))
    till.run()

    assert (replayed.notices, replayed.unmatched) == (4, 1)
    assert len(till.provider.calls) == calls + 1
    assert till.people.wallet("ada").net == net == 25_000_000
    assert till.cashier.replay(till.now + timedelta(seconds=1)).notices == 0


def test_a_lost_question_is_found_again_by_replaying(till: Till) -> None:
    top_up = till.open()
    till.pay(top_up)
    till.notify(reference_of(top_up))
    with till.database.transaction() as tx:
        tx.connection.exec_driver_sql("DELETE FROM jobs")

    till.cashier.replay(from_unix(0))
    till.run()

    assert till.people.wallet("ada").net == 25_000_000


def test_bodies_are_dropped_after_ninety_days_and_rows_stay(till: Till) -> None:
    till.notify("cs_old")
    till.clock.advance(days=90)
    till.notify("cs_new")
    assert till.cashier.sweep() == 0
    till.clock.advance(seconds=1)

    assert till.cashier.sweep() == 1
    assert till.cashier.sweep() == 0
    assert [row[6] is None for row in till.rows()["notices"]] == [True, False]
