"""A till that saves cards, as a test uses and looks at it."""

from dataclasses import dataclass

from sqlalchemy import select

from hero_onboarding.jobs.tables import jobs
from hero_onboarding.payments import (
    TELL_PAYER,
    AutomaticTopUp,
    AutomaticWish,
    Cashier,
    SavedCard,
    Telling,
    TopUp,
    agree,
    find_automatic,
    let_go_of_card,
    list_cards,
    list_top_ups,
)
from hero_onboarding.payments.ports import SAVED_CARD
from tests.fakes.cards import FakeCardProvider
from tests.payments.till import Till
from tests.wallet.people import People

DOLLAR = 1_000_000


@dataclass(frozen=True)
class CardTill(Till):
    provider: FakeCardProvider

    def save(self, key: str = "save", *, sid: str = "ada") -> TopUp:
        """A top-up of 25 dollars whose payer agreed that the card is kept."""
        top_up = self.open(key, sid=sid, saves_card=True)
        self.pay(top_up)
        return self.settle(top_up)

    def cards(self, sid: str = "ada") -> list[SavedCard]:
        with self.database.reading() as tx:
            return list(list_cards(tx, sid))

    def card(self, sid: str = "ada") -> SavedCard:
        [card] = self.cards(sid)
        return card

    def agree(self, sid: str = "ada", **changes: int) -> AutomaticTopUp:
        """Top up by 25 dollars below 10, at most twice a day and four times a month."""
        fields = {"threshold": 10 * DOLLAR, "amount": 2_500, "daily_cap": 5_000} | changes
        wish = AutomaticWish(sid, self.cards(sid)[-1].id, **{"monthly_cap": 10_000} | fields)
        with self.database.transaction() as tx:
            return agree(tx, wish, self.now)

    def ready(self, sid: str = "ada", **changes: int) -> None:
        """A saved card, what its holder agreed to, and 5 dollars left."""
        self.save(sid=sid)
        self.agree(sid, **changes)
        self.spend(20, sid)

    def spend(self, dollars: int, sid: str = "ada") -> None:
        key = f"spent {next(self.numbers)}"
        self.people.adjust(sid, -dollars * DOLLAR, key, allow_debt=True)

    def watch(self) -> None:
        """Look at balances, and do what follows."""
        self.cashier.watch()
        self.run()

    def automatic(self, sid: str = "ada") -> AutomaticTopUp:
        with self.database.reading() as tx:
            found = find_automatic(tx, sid)
        assert found is not None
        return found

    def charged(self, sid: str = "ada") -> list[TopUp]:
        """All automatic top-ups of a user, oldest first."""
        with self.database.reading() as tx:
            page = list_top_ups(tx, sid, None, size=100)
        return [one for one in page.items[::-1] if one.method == SAVED_CARD]

    def tellings(self) -> list[Telling]:
        """What users are to be told."""
        with self.database.reading() as tx:
            query = select(jobs.c.payload).where(jobs.c.kind == TELL_PAYER)
            return [Telling.of(one) for one in tx.execute(query.order_by(jobs.c.number)).scalars()]

    def remove(self, card: SavedCard) -> bool:
        with self.database.transaction() as tx:
            return let_go_of_card(tx, card.user_sid, card.id, self.now)


def new_card_till(people: People) -> CardTill:
    provider = FakeCardProvider()
    providers = {provider.name: provider}
    cashier = Cashier(people.database, people.clock, providers, "https://site.invalid")
    return CardTill(people, provider, cashier)
