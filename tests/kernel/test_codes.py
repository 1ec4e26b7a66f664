"""Codes that people copy: from few symbols, in two halves, typed as they like."""

from hero_onboarding.kernel.codes import SYMBOLS, make_code, shown, typed


def test_codes_are_drawn_from_symbols_that_are_not_taken_for_each_other() -> None:
    codes = {make_code() for _ in range(500)}

    assert len(codes) == 500
    assert len(set(SYMBOLS)) == len(SYMBOLS) == 32
    assert set("".join(codes)) == set(SYMBOLS)
    assert not set("01IO") & set(SYMBOLS)
    assert all(len(code) == 8 and typed(shown(code)) == code for code in codes)


def test_a_code_may_be_typed_in_any_case_with_spaces_and_hyphens() -> None:
    for text in ("ABCD-EFGH", "abcdefgh", " ab cd\tEF-gh\n", "ABCD - EFGH"):
        assert typed(text) == "ABCDEFGH"
