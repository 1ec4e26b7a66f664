"""Balances stay within what the engines can count, and one that can't grow stops no other."""

import pytest
from sqlalchemy import text

from hero_onboarding.incidents import list_incidents
from hero_onboarding.wallet import WalletLimitError
from hero_onboarding.wallet.domain import NET_MICROS_MAX
from tests.support.world import a_record
from tests.wallet.people import People


def set_net(people: People, sid: str, net: int) -> None:
    """Put a wallet where no test could take it by adjustments, with the facts that fit."""
    people.adjust(sid, 1, "seed")
    with people.database.transaction() as tx:
        tx.execute(text(f"UPDATE wallets SET net = {net} WHERE user_sid = '{sid}'"))


def net(people: People, sid: str) -> int:
    return people.wallet(sid).net


@pytest.mark.parametrize("sign", [1, -1])
def test_an_adjustment_beyond_what_can_be_counted_is_refused(people: People, sign: int) -> None:
    set_net(people, "bob", sign * NET_MICROS_MAX)

    with pytest.raises(WalletLimitError, match="bob"):
        people.adjust("bob", sign * 1, "k1", allow_debt=True)

    assert net(people, "bob") == sign * NET_MICROS_MAX
    people.adjust("bob", -sign * 1, "k1", allow_debt=True)
    assert net(people, "bob") == sign * (NET_MICROS_MAX - 1)


def test_a_user_at_the_limit_is_reported_and_the_others_are_charged(people: People) -> None:
    set_net(people, "ada", -NET_MICROS_MAX + 1)
    before = net(people, "bob")
    people.accept([a_record("k1"), a_record("k2", user_sid="bob", amount_cents=3)])

    assert people.charge() == 1
    assert people.charge() == 0

    assert net(people, "ada") == -NET_MICROS_MAX + 1
    assert net(people, "bob") == before - 30_000
    with people.database.reading() as tx:
        (incident,) = list_incidents(tx, None).items
    assert (incident.kind, incident.evidence) == ("wallet_limit", {"user_sid": "ada"})
    set_net(people, "ada", 0)
    assert people.charge() == 1
    assert net(people, "ada") == -50_000
