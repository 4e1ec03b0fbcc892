import json
import pickle
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anonymize.errors import DetectionError
from anonymize.matching.folding import fold
from anonymize.recognizers.id_form import IdForm, from_json, hand_written, passes, to_json, validate_pattern
from anonymize.recognizers.id_forms import IdForms, learn, learn_labels, overlap, shape_of, suggest

EMPLOYEES = ("EMP-10293", "EMP-20411", "EMP-33920")
CASES = ("12345/02", "4071/98", "60318/11")
MATTERS = ("2019-KA-0042", "2020-KB-0911", "2021-ZA-1200")
JAPANESE = ("社員番号 A-10293", "社員番号 A-10411", "社員番号:B-22010")
CONTROL = ("管理番号 第12-345号", "管理番号 第13-001号", "管理番号 第99-720号")


def found(form: IdForm, text: str) -> list[str]:
    folded = fold(text).text
    return [folded[guess.start : guess.end] for guess in IdForms([form]).find([folded])[0]]


@pytest.mark.parametrize(
    ("examples", "description", "text", "value"),
    [
        (EMPLOYEES, "EMP- and 5 digits", "badge EMP-55555, gate 3", "EMP-55555"),
        (("C00042", "C12991", "C00917"), "C and 5 digits", "顧客C77777様", "C77777"),
        (CASES, "3 to 6 digits, / and 2 digits", "see no. 7788/03.", "7788/03"),
        (MATTERS, "4 digits, -, 2 capitals, - and 4 digits", "件名2018-XX-1111の件", "2018-XX-1111"),
        (JAPANESE, "1 capital, - and 5 digits", "担当はＣ－５５５５５です", "C-55555"),
        (CONTROL, "第, 2 digits, -, 3 digits and 号", "管理番号第55-555号を参照", "第55-555号"),
    ],
)  # fmt: skip
def test_three_examples_teach_a_form(examples: tuple[str, ...], description: str, text: str, value: str) -> None:
    form = learn(examples)
    assert form.description == description
    assert found(form, text) == [value]


@pytest.mark.parametrize("text", ["EMP-1029", "XEMP-10293", "EMP-102934", "P-922", "E487"])
def test_what_only_resembles_the_form_is_not_found(text: str) -> None:
    assert found(learn(EMPLOYEES), text) == []


def test_a_form_of_digits_is_not_found_inside_of_a_longer_number() -> None:
    assert found(learn(("12-345", "13-111", "99-720")), "03-12-345-6789") == []


def test_letters_and_digits_without_a_digit_are_a_word() -> None:
    form = learn(("AB12c", "9ZZ1q", "77aB0"))
    assert found(form, "valve Q7x2z here") == ["Q7x2z"]


def test_a_label_makes_a_place_surer() -> None:
    form = learn(JAPANESE)
    assert form.labels == ("社員番号",)
    (guesses,) = IdForms([form]).find(["社員番号:A-99999、部品A-88888"])
    assert [guess.score for guess in guesses] == [0.95, 0.6]
    assert {(guess.strength, guess.kind) for guess in guesses} == {("rule", "PERSONAL_ID")}


def test_a_form_that_needs_its_label_is_found_beside_it_only() -> None:
    form = IdForm("PERSONAL_ID", "5 digits", "[0-9]{5}", labels=("customer",), needs_label=True)
    assert found(form, "Customer No. 12345, lot 54321") == ["12345"]


def test_labels_are_learnt_from_texts() -> None:
    form = learn_labels(["ref patient 1234/01", "patient: 4321/02", "the patient 5555/03"], learn(CASES))
    assert form.labels == ("patient",)


def test_counter_examples_narrow_the_digits() -> None:
    form = learn(("9012345", "9055555", "9077777"), counter_examples=("4512345",))
    assert found(form, "9011111 4511111") == ["9011111"]
    with pytest.raises(DetectionError, match="counter-example"):
        learn(("1234567", "2234567", "3234567"), counter_examples=("4512345",))


def test_two_examples_or_two_forms_teach_nothing() -> None:
    with pytest.raises(DetectionError, match="3 different"):
        learn(("A-1", "A-1", "A-2"))
    with pytest.raises(DetectionError, match="more than one form"):
        learn(("A-1", "12/3", "B-2"))


def test_a_check_digit_that_eight_examples_satisfy_is_learnt() -> None:
    values = [
        f"{number}{next(d for d in range(10) if passes('mod10', f'{number}{d}'))}" for number in range(71230, 71330, 11)
    ]
    form = learn(values)
    assert form.check == "mod10"
    good = values[0]
    wrong = good[:-1] + str((int(good[-1]) + 1) % 10)
    assert found(form, f"{good} {wrong}") == [good]


def test_seven_examples_are_too_few_for_a_check_digit() -> None:
    values = [
        f"{number}{next(d for d in range(10) if passes('mod10', f'{number}{d}'))}" for number in range(71230, 71300, 11)
    ]
    assert len(values) == 7
    assert learn(values).check == ""


def test_a_form_keeps_no_example_and_survives_json_and_pickle() -> None:
    form = learn(EMPLOYEES, labels=("badge",))
    plain = json.dumps(to_json(form))
    assert "10293" not in plain
    assert "AAA-99999" in plain
    assert from_json(json.loads(plain)) == form
    assert pickle.loads(pickle.dumps(form)) == form


@pytest.mark.parametrize(
    "pattern", ["(a+)+", "a*", "(a|a){1,30}", "[0-9]{1,20}[0-9]{1,20}[0-9]{1,20}", r"(a)\1", "(?=a)", "x{90}", "("]
)
def test_a_pattern_that_could_stall_or_match_nothing_is_refused(pattern: str) -> None:
    with pytest.raises(DetectionError):
        validate_pattern(pattern)
    with pytest.raises(DetectionError):
        from_json({"kind": "PERSONAL_ID", "description": "", "pattern": pattern})


def test_a_pattern_by_hand_may_not_match_technical_tokens() -> None:
    with pytest.raises(DetectionError, match="2 of 3 technical"):
        hand_written("[A-Z]-?[0-9]{3}", "PERSONAL_ID", technical=("P-922", "E487", "pump"))
    assert found(hand_written("K[0-9]{4}", "PERSONAL_ID", technical=("P-922",)), "K1234") == ["K1234"]


def test_technical_tokens_of_the_same_form_are_told_as_shapes() -> None:
    told = overlap(learn(("A-102", "B-104", "C-220")), ("P-922", "V-645", "pump"))
    assert told is not None
    assert (told.tokens, told.matched, told.shapes) == (3, 2, ("A-999",))
    assert overlap(learn(EMPLOYEES), ("P-922",)) is None


def test_forms_of_a_column_are_suggested_with_their_support() -> None:
    values = [*EMPLOYEES, "X1", "佐藤", "4071/98", "12345/02", "60318/11"]
    suggestions = suggest(["EMP-10293 and EMP-77777", "EMP-10293", "no. 8888/01"], values)
    assert [(one.form.description, one.values, one.mentions, one.texts, one.distinct) for one in suggestions] == [
        ("EMP- and 5 digits", 3, 3, 2, 2),
        ("3 to 6 digits, / and 2 digits", 3, 1, 1, 1),
    ]


@settings(max_examples=40, derandomize=True)
@given(st.lists(st.from_regex(r"[A-Z]{2}[0-9]{4}-[0-9]{2}", fullmatch=True), min_size=3, max_size=6, unique=True))
def test_every_example_is_found_whole_and_glued_to_japanese(examples: list[str]) -> None:
    form = learn(examples)
    for example in examples:
        assert found(form, f"番号は{example}です") == [example]
        assert re.fullmatch(r"[A9-]+", shape_of(example))
