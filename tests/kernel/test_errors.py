"""Every failure is of one of six kinds and has a code of its own."""

import importlib
import pkgutil

from hero_onboarding.kernel.errors import (
    ConflictError,
    HeroError,
    InvalidInputError,
    NotFoundError,
    RefusedError,
    UnavailableError,
    UpstreamError,
)

CATEGORIES = {
    ConflictError,
    InvalidInputError,
    NotFoundError,
    RefusedError,
    UnavailableError,
    UpstreamError,
}
PARTS = ("kernel", "database", "ledger", "wallet", "identity", "jobs", "usage", "aggregation")


def concrete_errors() -> list[type[HeroError]]:
    for part in PARTS:
        package = importlib.import_module(f"hero_onboarding.{part}")
        for module in pkgutil.iter_modules(package.__path__, f"hero_onboarding.{part}."):
            importlib.import_module(module.name)
    found: list[type[HeroError]] = []
    waiting = list(CATEGORIES)
    while waiting:
        kinds = waiting.pop().__subclasses__()
        found += kinds
        waiting += kinds
    return found


def test_each_failure_inherits_exactly_one_category() -> None:
    errors = concrete_errors()

    assert len(errors) > 15
    for error in errors:
        assert len(CATEGORIES & set(error.__mro__)) == 1, error
        assert error.__bases__[0] in CATEGORIES, error


def test_codes_are_dotted_and_never_shared() -> None:
    codes = [error.code for error in concrete_errors()]

    assert len(codes) == len(set(codes))
    assert all(code.count(".") == 1 and code == code.lower() for code in codes)


def test_the_six_categories_themselves_are_never_siblings() -> None:
    assert set(HeroError.__subclasses__()) == CATEGORIES
