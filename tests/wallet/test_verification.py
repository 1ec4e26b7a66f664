"""What changed since the books were verified: all of it, once, and nothing else."""

from sqlalchemy import text

from hero_onboarding.aggregation import check_news, verify_books
from hero_onboarding.wallet import mark_wallets_verified, read_wallet_news
from hero_onboarding.wallet.verification import WalletNews
from tests.support.world import a_record
from tests.wallet.people import People

NOTHING = WalletNews([], [], {}, {}, {}, {}, {}, {}, {})


def news(people: People) -> WalletNews:
    with people.database.reading() as tx:
        return read_wallet_news(tx)


def verify(people: People) -> None:
    states = news(people).states
    with people.database.transaction() as tx:
        mark_wallets_verified(tx, states)


def wrong(people: People) -> list[str]:
    with people.database.reading() as tx:
        return [check.name for check in check_news(tx) if not check.ok]


def test_all_is_news_at_first(people: People) -> None:
    found = news(people)

    assert found.nets == {"ada": 1_000_000}
    assert found.facts == {"ada": 1_000_000}
    assert found.posted == {"user:ada:wallet": 1_000_000}
    assert found.stored == {
        "user:ada:wallet": 1_000_000,
        "user:ada:debt": 0,
    }


def test_what_was_verified_is_no_news(people: People) -> None:
    verify(people)

    assert news(people) == NOTHING
    verify(people)
    assert news(people) == NOTHING


def test_news_is_only_what_came_since(people: People) -> None:
    people.accept([a_record("k1", amount_cents=9)])
    people.charge()
    people.dispute("ada", 50, "d1")
    verify(people)

    people.adjust("ada", -300, "k1")
    people.dispute("ada", 7, "d2")
    people.accept([a_record("k2", amount_cents=2)])
    people.charge()

    found = news(people)
    assert [state.net for state in found.states] == [889_700]
    assert found == WalletNews(
        states=found.states,
        grants=[],
        stored={"user:ada:wallet": -20_300, "user:ada:debt": -7},
        posted={"user:ada:wallet": -20_300, "user:ada:debt": -7},
        charged={"ada": 20_000},
        facts={"ada": -300},
        nets={"ada": -20_300},
        owed={"ada": 7},
        debts={"ada": 7},
    )


def test_refusals_repeats_and_holds_are_no_news(people: People) -> None:
    people.adjust("ada", -300, "k1")
    verify(people)

    people.adjust("ada", -300, "k1")
    hold, _ = people.hold("ada", 5, "h1")
    people.shrink(hold, 2)
    people.close(hold)

    assert news(people) == NOTHING


def test_a_user_who_came_later_is_news(people: People) -> None:
    verify(people)

    people.open("eve", 3)

    assert news(people).nets == {"eve": 3}


def test_a_charge_of_nothing_is_news_and_balances(people: People) -> None:
    verify(people)
    people.accept([a_record(amount_cents=0)])
    people.charge()

    assert news(people).nets == {"ada": 0}
    assert wrong(people) == []


def test_news_balances_however_often_it_is_verified(people: People) -> None:
    for number in range(6):
        people.adjust("bob", number + 1, f"k{number}")
        people.dispute("ada", 5, f"d{number}")
        people.accept([a_record(f"u{number}", amount_cents=number)])
        if number % 2:
            people.charge()
            assert wrong(people) == []
            assert verify_books(people.database, people.now)
            assert news(people) == NOTHING


def test_news_that_is_wrong_stays_news(people: People) -> None:
    verify(people)
    people.adjust("ada", 5, "k1")
    with people.database.transaction() as tx:
        tx.execute(text("UPDATE wallets SET net = net + 1 WHERE user_sid = 'ada'"))

    for _ in range(2):
        assert not verify_books(people.database, people.now)

    assert news(people).nets == {"ada": 6}


def test_a_net_that_moves_without_a_line_is_news(people: People) -> None:
    verify(people)
    with people.database.transaction() as tx:
        tx.execute(text("UPDATE wallets SET net = net + 1 WHERE user_sid = 'bob'"))

    assert wrong(people) == [
        "balances equal the sums of entries",
        "wallets equal the fold of facts",
    ]


def test_a_debt_that_moves_without_a_line_is_news(people: People) -> None:
    verify(people)
    with people.database.transaction() as tx:
        tx.execute(text("UPDATE wallets SET debt = debt + 1 WHERE user_sid = 'bob'"))

    assert wrong(people) == [
        "balances equal the sums of entries",
        "debts equal the fold of facts",
    ]
