"""While a transaction is open, nothing calls out of the process."""

import contextvars
import threading

import pytest

from hero_onboarding.kernel.boundary import (
    OutsideCallInTransactionError,
    require_no_transaction,
    transaction_is_open,
)


def test_a_call_outside_any_transaction_is_let_through() -> None:
    require_no_transaction("GET /")


def test_a_call_in_a_transaction_is_stopped_and_named() -> None:
    with (
        transaction_is_open(),
        pytest.raises(OutsideCallInTransactionError, match="GET / inside a transaction"),
    ):
        require_no_transaction("GET /")


def test_the_rule_ends_with_the_outermost_transaction_even_when_it_fails() -> None:
    def fail() -> None:
        with transaction_is_open():
            with transaction_is_open():
                pass
            with pytest.raises(OutsideCallInTransactionError):
                require_no_transaction("still open")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    require_no_transaction("closed")


def test_another_thread_may_call_while_this_one_has_a_transaction() -> None:
    failures: list[BaseException] = []

    def call() -> None:
        try:
            require_no_transaction("elsewhere")
        except OutsideCallInTransactionError as error:
            failures.append(error)

    with transaction_is_open():
        thread = threading.Thread(target=call)
        thread.start()
        thread.join(10)

    assert failures == []


def test_work_handed_to_a_thread_with_its_context_is_still_inside() -> None:
    with transaction_is_open():
        context = contextvars.copy_context()

    with pytest.raises(OutsideCallInTransactionError):
        context.run(require_no_transaction, "handed over")
