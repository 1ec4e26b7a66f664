"""Saved cards and automatic top-ups through Stripe's client and its stand-in, with notices."""

from dataclasses import replace
from datetime import datetime

import pytest

from hero_onboarding.payments import (
    AutomaticWish,
    SavedCard,
    TopUp,
    TopUpRequest,
    agree,
    find_automatic,
    let_go_of_card,
    list_cards,
    list_top_ups,
)
from hero_onboarding.payments.ports import SAVED_CARD
from hero_onboarding.sandbox.stripe.switches import Fault
from hero_onboarding.scheduling import JobRunner, job_handlers
from tests.mail.office import LongestWait
from tests.payments.stripe.test_whole import Whole

CENTS = 2_500
GOOD, NEEDS_HOLDER, SHORT = "4242424242424242", "4000002760003184", "4000008260003178"


def save(whole: Whole, number: str = GOOD) -> SavedCard:
    """A top-up of 25 dollars whose payer had the card kept."""
    request = TopUpRequest("ada", "stripe", "checkout", CENTS, "USD", "save", saves_card=True)
    top_up, _ = whole.api.services.cashier.open_top_up(request)
    whole.sandbox.act("sessions", session=top_up.reference, number=number)
    whole.carry(whole.peer.notices())
    whole.run()
    [card] = cards(whole)
    return card


def cards(whole: Whole) -> list[SavedCard]:
    with whole.api.services.database.reading() as tx:
        return list(list_cards(tx, "ada"))


def fall_low(whole: Whole, card: SavedCard) -> None:
    """The holder agrees to be topped up below 30 dollars; there are 25."""
    services = whole.api.services
    with services.database.transaction() as tx:
        agree(tx, AutomaticWish("ada", card.id, 30_000_000, CENTS, 5_000, 5_000), now(whole))
    services.cashier.watch()


def now(whole: Whole) -> datetime:
    return whole.api.services.clock.now()


def charged(whole: Whole) -> list[TopUp]:
    with whole.api.services.database.reading() as tx:
        page = list_top_ups(tx, "ada", None)
    return [one for one in page.items if one.method == SAVED_CARD]


def outcome(whole: Whole) -> tuple[str, str, int]:
    """What became of the one automatic top-up, why, and the balance."""
    [one] = charged(whole)
    balance = whole.api.get("/v1/users/ada/wallet").json()["balance"]
    assert whole.api.get("/v1/books").json()["balanced"] is True
    return one.state, one.failure, balance


def test_a_saved_card_is_charged_and_credited_once_by_notices_in_any_order(whole: Whole) -> None:
    card = save(whole)
    assert (card.brand, card.last4) == ("visa", "4242")
    whole.sandbox.switches.change({"webhook_copies": 2, "has_event_twins": True})
    before = len(whole.peer.notices())
    fall_low(whole, card)
    whole.run()

    notices = whole.peer.notices()[before:]
    assert len(notices) > 2
    for some in (notices[::-1], notices):
        assert {answer.status_code for answer in whole.carry(some)} == {200}
        whole.run()

    assert outcome(whole) == ("paid", "", 50_000_000)
    assert whole.api.get("/v1/incidents").json()["items"] == []
    assert whole.sandbox.log.count("POST", "/v1/payment_intents") == 1


@pytest.mark.parametrize(
    ("number", "word", "state"),
    [
        (NEEDS_HOLDER, "authentication_required", "on"),
        (SHORT, "authentication_required", "on"),
        ("4000000000000341", "generic_decline", "on"),
        ("4000000000009987", "lost_card", "paused"),
        ("4000000000000069", "expired_card", "paused"),
        ("4000000000000127", "incorrect_cvc", "paused"),
    ],
)
def test_a_card_that_is_not_charged_says_why(
    whole: Whole, number: str, word: str, state: str
) -> None:
    card = save(whole)
    whole.peer.change_card(card.reference, number)
    fall_low(whole, card)
    before = len(whole.peer.notices())
    whole.run()
    whole.carry(whole.peer.notices()[before:])
    whole.run()

    assert outcome(whole) == ("failed", word, 25_000_000)
    with whole.api.services.database.reading() as tx:
        setting = find_automatic(tx, "ada")
    assert setting is not None
    assert setting.state == state


def test_a_card_that_was_set_up_with_its_holder_is_charged_without(whole: Whole) -> None:
    card = save(whole, "4000002500003155")
    fall_low(whole, card)
    whole.run()

    assert outcome(whole) == ("paid", "", 50_000_000)


def test_a_charge_whose_answers_were_all_lost_is_found_by_the_job(whole: Whole) -> None:
    card = save(whole)
    fall_low(whole, card)
    whole.sandbox.switches.add(Fault(kind="drop-after", method="POST", count=1))
    whole.sandbox.switches.add(Fault(kind="drop", method="POST", count=2))
    services = whole.api.services
    # The shortest wait is none: the job could try again at once.
    patient = JobRunner(services.database, services.clock, job_handlers(services), LongestWait())
    whole.api.app.state["services"] = replace(services, run_due=patient.run_due)
    assert whole.api.post("/admin/run-jobs-now").json()["jobs_failed"] == 1

    whole.api.post("/sandbox/clock", {"advance_seconds": 23 * 3600})
    whole.api.services.cashier.sweep()
    whole.run()

    assert outcome(whole) == ("paid", "", 50_000_000)
    assert whole.sandbox.log.count("POST", "/v1/payment_intents") == 3


def test_a_removed_card_is_detached_at_stripe(whole: Whole) -> None:
    card = save(whole)
    with whole.api.services.database.transaction() as tx:
        let_go_of_card(tx, "ada", card.id, now(whole))
    whole.run()

    assert cards(whole) == []
    assert whole.sandbox.log.count("POST", f"/v1/payment_methods/{card.reference}/detach") == 1
