from hypothesis import given, settings
from hypothesis import strategies as st

from anonymize.replacing.keys import Key
from anonymize.replacing.permutations import permuted, same_form

KEY = Key(b"p" * 32)


@given(st.integers(1, 300), st.binary(min_size=1, max_size=4))
@settings(max_examples=30)
def test_every_domain_is_permuted_onto_itself(size: int, tweak: bytes) -> None:
    assert sorted(permuted(number, size, KEY, tweak) for number in range(size)) == list(range(size))


def test_all_codes_of_a_form_stay_different_and_in_their_form() -> None:
    codes = {same_form(f"e-{number:03d}", KEY, "EMPLOYEE_ID", 0) for number in range(1000)}
    assert len(codes) == 1000
    assert all(len(code) == 5 and code[0].isalpha() and code[1] == "-" and code[2:].isdecimal() for code in codes)


@given(st.text(st.sampled_from("ab09あい-ア/ "), min_size=1, max_size=12), st.integers(0, 3))
@settings(max_examples=50)
def test_the_form_of_any_code_is_kept(code: str, attempt: int) -> None:
    drawn = same_form(code, KEY, "BADGE", attempt)
    assert len(drawn) == len(code)
    assert [char.isdecimal() for char in drawn] == [char.isdecimal() for char in code]
    assert [char.isascii() for char in drawn] == [char.isascii() for char in code]
    assert [at for at, char in enumerate(drawn) if char in "-/ "] == [at for at, c in enumerate(code) if c in "-/ "]


def test_another_key_kind_or_attempt_gives_another_code() -> None:
    codes = {
        same_form("k4711-0099-2231", key, kind, attempt)
        for key in (KEY, Key(b"q" * 32))
        for kind in ("BADGE", "EMPLOYEE_ID")
        for attempt in (0, 1)
    }
    assert len(codes) == 8


def test_kanji_of_a_code_are_drawn_and_a_very_long_code_is_permuted_in_pieces() -> None:
    assert same_form("品川500", KEY, "VEHICLE_PLATE", 0)[:2] != "品川"
    assert len(set(same_form("7" * 400, KEY, "BADGE", 0))) > 5
