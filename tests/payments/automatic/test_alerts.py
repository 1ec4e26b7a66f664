"""Who is told of a low balance: once for each fall, by mail, in their language."""

import msgspec
import pytest
from sqlalchemy import insert, select

from hero_onboarding.contacts.tables import user_emails
from hero_onboarding.languages import NO_BREAK, load_locales
from hero_onboarding.mail import MailText, Outbox, load_texts
from hero_onboarding.mail.tables import mails
from hero_onboarding.payments import Telling, Topic, WrongAlertError, get_alert, set_alert, tell
from hero_onboarding.wallet import WalletNotFoundError
from tests.fakes.post import FakeBox
from tests.payments.cards.wallet_of_cards import DOLLAR, CardTill
from tests.payments.machine import together

OUTBOX = Outbox(can_send=True, box=FakeBox(), texts=load_texts())
LOCALES = load_locales()


def prove_address(till: CardTill, sid: str = "ada", language: str = "en") -> None:
    fields = {"user_sid": sid, "language": language, "created_at": till.now, "code_tries": 0}
    address = f"{sid}@example.org"
    with till.database.transaction() as tx:
        tx.execute(
            insert(user_emails).values(
                address=address, normalised=address, verified_at=till.now, **fields
            )
        )


def lows(till: CardTill) -> list[tuple[str, int]]:
    return [(one.user_sid, one.amount) for one in till.tellings() if one.topic is Topic.LOW]


def test_whoever_proved_an_address_is_told_below_five_dollars_once_for_each_fall(
    till: CardTill,
) -> None:
    prove_address(till)
    till.cashier.watch()
    assert lows(till) == []  # a wallet that never had money did not fall
    till.people.adjust("ada", 5 * DOLLAR, "money")
    till.people.adjust("bob", DOLLAR, "money")
    till.cashier.watch()
    assert lows(till) == []

    till.people.adjust("ada", -1, "use")
    for _ in range(3):
        till.cashier.watch()
    assert lows(till) == [("ada", 5 * DOLLAR)]

    till.people.adjust("ada", 1, "more")
    till.cashier.watch()
    till.people.adjust("ada", -1, "use again")
    assert together([till.cashier.watch] * 4) == []
    assert lows(till) == [("ada", 5 * DOLLAR)] * 2


def test_what_a_user_says_goes_before_the_default(till: CardTill) -> None:
    prove_address(till)
    till.people.adjust("ada", 4 * DOLLAR, "money")
    till.people.adjust("bob", 8 * DOLLAR, "money")
    with till.database.transaction() as tx:
        assert get_alert(tx, "ada").threshold == 5 * DOLLAR
        set_alert(tx, "ada", 5 * DOLLAR, till.now, is_on=False)
        set_alert(tx, "bob", 9 * DOLLAR, till.now, is_on=True)
    till.cashier.watch()
    assert lows(till) == [("bob", 9 * DOLLAR)]

    with till.database.transaction() as tx:
        assert not set_alert(tx, "ada", 3 * DOLLAR, till.now, is_on=True).is_low
    till.cashier.watch()
    assert len(lows(till)) == 1


@pytest.mark.parametrize("threshold", [0, 9_999, 10_000_000_001, -1])
def test_a_threshold_that_tells_nothing_is_refused(till: CardTill, threshold: int) -> None:
    before = till.rows()
    with pytest.raises(WrongAlertError), till.database.transaction() as tx:
        set_alert(tx, "ada", threshold, till.now, is_on=True)
    with pytest.raises(WalletNotFoundError), till.database.transaction() as tx:
        set_alert(tx, "nobody", DOLLAR, till.now, is_on=True)
    assert till.rows() == before


SAID = {
    Topic.LOW: ("USD 3.00", "USD 25.00"),
    Topic.PAUSED: ("Visa •••• 4242", "https://site.invalid/payment-methods"),
    Topic.CONFIRM: ("USD 25.00", "https://site.invalid/top-up?amount=25.00\n"),
}


@pytest.mark.parametrize("topic", Topic)
def test_a_mail_is_written_once_to_each_proved_address(till: CardTill, topic: Topic) -> None:
    prove_address(till)
    till.people.adjust("ada", 3 * DOLLAR, "money")
    telling = Telling("ada", topic, "1", 25 * DOLLAR, "Visa •••• 4242")
    assert Telling.of(telling.payload) == telling
    written = []
    for _ in range(2):
        with till.database.transaction() as tx:
            written.append(tell(tx, OUTBOX, LOCALES, telling, till.now))

    assert written == [1, 0]
    with till.database.reading() as tx:
        [mail] = tx.execute(select(mails)).mappings()
    assert (mail["language"], mail["recipient"]) == ("en", "ada@example.org")
    sealed = OUTBOX.box.open(mail["parameters"])
    assert sealed is not None
    parameters = msgspec.json.decode(sealed)
    body = OUTBOX.texts[MailText(mail["text"]), "en"].fill(parameters, "https://site.invalid")
    assert all(said in body.replace(NO_BREAK, " ") for said in SAID[topic])


def test_a_top_up_ends_a_fall_and_the_next_one_is_told(till: CardTill) -> None:
    prove_address(till)
    till.people.adjust("ada", 4 * DOLLAR, "money")
    till.cashier.watch()
    assert len(lows(till)) == 1

    till.open_paid()
    till.people.adjust("ada", -26 * DOLLAR, "use")
    till.cashier.watch()

    assert len(lows(till)) == 2


def test_of_a_balance_that_is_not_low_any_more_nothing_is_told(till: CardTill) -> None:
    prove_address(till)
    till.people.adjust("ada", 25 * DOLLAR, "money")
    telling = Telling("ada", Topic.LOW, "1", 25 * DOLLAR)

    with till.database.transaction() as tx:
        assert tell(tx, OUTBOX, LOCALES, telling, till.now) == 0
