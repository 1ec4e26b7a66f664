"""Which keys can be asked for, and what their texts look like."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hero_onboarding.api_keys import Scope, WrongKeyRequestError, read_scopes
from hero_onboarding.api_keys.domain import new_key_text, read_key_text
from tests.api_keys.asked import asked, others_of

S = Scope
BOUND = {S.USAGE_RECORD, S.ACCOUNT_READ}
FREE = [scope for scope in Scope if scope not in BOUND]


def test_a_key_is_for_a_node_for_a_user_or_for_an_operator() -> None:
    asked(S.USAGE_RECORD, node_id="node-a").require_sound()
    asked(S.USAGE_RECORD, S.USAGE_PUSH, node_id="a" * 63).require_sound()
    asked(S.ACCOUNT_READ, user_sid="ada").require_sound()
    asked(*FREE).require_sound()
    for scope in FREE:
        asked(scope).require_sound()


@pytest.mark.parametrize(
    ("scopes", "subject", "sentence"),
    [
        ([S.USAGE_RECORD], {}, "a key with usage:record needs node_id, and no other"),
        ([S.USAGE_RECORD], {"user_sid": "ada"}, "needs node_id, and no other"),
        ([S.USAGE_RECORD], {"node_id": "a", "user_sid": "ada"}, "needs node_id, and no other"),
        ([S.USAGE_RECORD], {"node_id": "-a"}, "node_id must be [a-z0-9][a-z0-9-]{0,62}"),
        ([S.USAGE_RECORD], {"node_id": "a\n"}, "node_id must be [a-z0-9][a-z0-9-]{0,62}"),
        ([S.USAGE_RECORD], {"node_id": ""}, "node_id must be [a-z0-9][a-z0-9-]{0,62}"),
        ([S.USAGE_RECORD, S.READ], {"node_id": "a"}, "read can't be in one key with usage:record"),
        (
            [S.USAGE_RECORD, S.ACCOUNT_READ],
            {"node_id": "a", "user_sid": "ada"},
            "account:read can't be in one key with usage:record; make two",
        ),
        ([S.ACCOUNT_READ], {}, "a key with account:read needs user_sid, and no other"),
        ([S.ACCOUNT_READ], {"node_id": "a"}, "needs user_sid, and no other"),
        (
            [S.USAGE_PUSH, S.ACCOUNT_READ],
            {"user_sid": "ada"},
            "usage:push can't be in one key with account:read",
        ),
        ([S.READ], {"node_id": "a"}, "only usage:record is for a node"),
        ([S.USAGE_PUSH], {"node_id": "a"}, "only usage:record is for a node"),
        ([S.KEYS_WRITE], {"user_sid": "ada"}, "only account:read for a user"),
    ],
)
def test_scopes_and_subject_must_go_together(
    scopes: list[Scope], subject: dict[str, str], sentence: str
) -> None:
    with pytest.raises(WrongKeyRequestError) as caught:
        asked(*scopes, **subject).require_sound()

    assert sentence in str(caught.value)


def test_a_key_that_opens_nothing_is_not_made() -> None:
    with pytest.raises(WrongKeyRequestError, match="a key needs a scope; there are usage:record, "):
        asked(scopes=()).require_sound()


@pytest.mark.parametrize("label", ["", " ", "a\nb", "\0", "\udcff", "x" * 101, "\u2028"])
def test_a_label_that_can_not_be_printed_is_refused(label: str) -> None:
    with pytest.raises(WrongKeyRequestError, match="1 to 100 printable characters"):
        asked(label=label).require_sound()


@pytest.mark.parametrize("label", ["a", "x" * 100, "Zo\u00eb's laptop", " - "])
def test_a_label_that_can_be_printed_is_taken(label: str) -> None:
    asked(label=label).require_sound()


@pytest.mark.parametrize("days", [0, -1, 3651, 2**63])
def test_a_key_lasts_from_a_day_to_ten_years_or_for_ever(days: int) -> None:
    with pytest.raises(WrongKeyRequestError, match="expires_days must be from 1 to 3650"):
        asked(expires_days=days).require_sound()
    for fitting in (None, 1, 3650):
        asked(expires_days=fitting).require_sound()


def test_scopes_are_read_once_each_in_one_order() -> None:
    assert read_scopes(["read", "usage:push", "read"]) == (S.USAGE_PUSH, S.READ)
    assert read_scopes([]) == ()


@pytest.mark.parametrize("name", ["", "READ", "read ", "read,usage:push", "*", "admin", "\0"])
def test_a_name_that_is_no_scope_is_refused_with_all_there_are(name: str) -> None:
    with pytest.raises(WrongKeyRequestError) as caught:
        read_scopes(["read", name])

    assert all(scope in str(caught.value) for scope in Scope)


def test_texts_are_never_the_same_and_need_no_escaping() -> None:
    texts = {new_key_text().text for _ in range(200)}

    assert len(texts) == 200
    for text in texts:
        assert re.fullmatch(r"hok_[0-9a-f]{16}_[A-Za-z0-9_-]{43}", text)
        found = read_key_text(text)
        assert found is not None
        assert found.text == text
        assert found.secret not in repr(found)
        assert len(found.digest) == 32


def test_what_is_nearly_a_text_of_a_key_is_read_as_another_or_none() -> None:
    text = new_key_text().text

    for other in others_of(text):
        found = read_key_text(other)
        assert found is None or found.text == other != text


@given(st.text(max_size=80) | st.from_regex(r"hok_[0-9a-f]{16}_[A-Za-z0-9_-]{43}"))
def test_any_text_is_read_as_a_key_or_as_none(text: str) -> None:
    found = read_key_text(text)

    assert found is None or found.text == text
