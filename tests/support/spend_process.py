"""A process of its own that spends from two wallets over several connections at once."""

import json
import random
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from hero_onboarding.database import open_database
from hero_onboarding.ledger import Entry, Fact, FactKind, Operation, Transfer, record_fact
from hero_onboarding.wallet import BalanceTooLowError, post_transfer
from tests.fakes.clock import FakeClock
from tests.wallet.people import People

THREADS = 4
TURNS = 12
AMOUNT_MAX = 4_000


def spend(people: People, name: str) -> Counter[str]:
    """Choose to spend, again and again; count what was taken, received and new."""
    chance = random.Random(name)
    done: Counter[str] = Counter()
    for turn in range(TURNS):
        done["new of all"] += people.adjust("ada", 1, f"of all {turn}")
        done["new of all"] += people.hold("bob", 1, f"of all {turn}")[1]
        sid, other = chance.sample(("ada", "bob"), 2)
        amount, key = chance.randint(1, AMOUNT_MAX), f"{name}-{turn}"
        try:
            if turn % 3 == 0:
                people.adjust(sid, -amount, key)
            elif turn % 3 == 1:
                hold, _ = people.hold(sid, amount, key)
                if people.shrink(hold, amount // 2):
                    amount -= amount // 2
                if chance.random() < 0.5:
                    people.close(hold)
                    amount = 0
            else:
                assert give(people, sid, other, amount, key)
                assert not give(people, sid, other, amount, key)
                done[other] += amount
            done[sid] -= amount
        except BalanceTooLowError:
            done["refused"] += 1
    return done


def give(people: People, sid: str, other: str, amount: int, key: str) -> bool:
    """Move money between two wallets, with a fact for each, so that their fold is whole."""
    moved = {sid: -amount, other: amount}
    lines = tuple(Entry(f"user:{who}:wallet", part) for who, part in moved.items())
    transfer = Transfer(Operation.ADJUSTMENT, "house", key, lines, people.now)
    with people.database.transaction() as tx:
        new = post_transfer(tx, transfer, people.now, is_choice=True)
        for who, part in moved.items() if new else ():
            fact = Fact(FactKind.ADJUSTMENT, who, key, {"amount": part}, people.now)
            assert record_fact(tx, fact, people.now)
    return new


def main(url: str, number: str) -> None:
    database = open_database(url)
    people = People(database, FakeClock())
    people.wallet("ada")
    print("ready", flush=True)
    sys.stdin.readline()
    done: Counter[str] = Counter()
    with ThreadPoolExecutor(THREADS) as pool:
        for one in pool.map(lambda thread: spend(people, f"{number}-{thread}"), range(THREADS)):
            done.update(one)
    database.close()
    print(json.dumps(done))


if __name__ == "__main__":
    main(*sys.argv[1:])
