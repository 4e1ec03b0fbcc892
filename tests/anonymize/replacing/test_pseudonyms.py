import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anonymize.errors import DecisionError, KeyTooShort
from anonymize.records import Decision, Finding, Record, Span
from anonymize.replacing import pseudonyms as pseudonyms_module
from anonymize.replacing.keys import Key
from anonymize.replacing.pseudonyms import Pseudonyms, Values, assign, standing_in
from anonymize.replacing.spelling import comparable
from anonymize.replacing.techniques import Technique, Techniques

KEY = Key(b"k" * 32)
PEOPLE = (("PERSON", "佐藤 太郎"), ("PERSON", "Sarah Whitfield"), ("PHONE_NUMBER", "090-1234-5678"), ("BADGE", "K-17"))


def assigned(*pairs: tuple[str, str], key: Key = KEY, technique: Technique = "placeholder") -> Pseudonyms:
    values = Values()
    for kind, value in pairs:
        values.add(kind, value)
    return assign(values, key, Techniques(default=technique))


def replacements(pseudonyms: Pseudonyms) -> dict[tuple[str, str], str]:
    return {(each.kind, each.value): each.placeholder for each in pseudonyms.originals()}


def test_a_placeholder_tells_the_kind_and_twelve_signs() -> None:
    assert re.fullmatch(r"<PERSON_[A-HJ-NP-Z2-9]{12}>", assigned(*PEOPLE).of("PERSON", "佐藤太郎"))


def test_a_title_and_an_honorific_stay_in_the_text() -> None:
    pseudonyms = assigned(*PEOPLE)
    placeholder = pseudonyms.of("PERSON", "佐藤太郎")
    assert pseudonyms.of("PERSON", "佐藤 太郎さん") == placeholder + "さん"
    assert pseudonyms.of("PERSON", "Ms. SARAH whitfield") == "Ms. " + pseudonyms.of("PERSON", "Sarah Whitfield")


@pytest.mark.parametrize("technique", ["placeholder", "surrogate"])
def test_the_order_of_the_input_decides_nothing(technique: Technique) -> None:
    pairs = [("BADGE", str(number)) for number in range(60)] + [("PERSON", f"佐藤{sign}") for sign in "一二三四五"]
    forwards, backwards = assigned(*pairs, technique=technique), assigned(*pairs[::-1], technique=technique)
    assert replacements(forwards) == replacements(backwards)


@pytest.mark.parametrize("technique", ["placeholder", "surrogate"])
def test_another_key_gives_other_replacements(technique: Technique) -> None:
    here = replacements(assigned(*PEOPLE, technique=technique))
    there = replacements(assigned(*PEOPLE, key=Key(b"l" * 32), technique=technique))
    assert all(here[value] != there[value] for value in here)


@given(st.sets(st.text("0123456789ab-", min_size=1, max_size=3), min_size=1, max_size=40))
@settings(max_examples=25)
def test_no_surrogate_is_shared_or_real_however_small_the_form_is(values: set[str]) -> None:
    pseudonyms = assigned(*(("BADGE", value) for value in values), technique="surrogate")
    forms = [comparable(each.placeholder) for each in pseudonyms.originals()]
    assert len(forms) == len(set(forms))
    assert not set(forms) & {comparable(value) for value in values}


def test_a_form_that_is_full_falls_back_to_placeholders() -> None:
    pseudonyms = assigned(*(("BADGE", str(digit)) for digit in range(10)), technique="surrogate")
    assert {each.technique for each in pseudonyms.originals()} == {"placeholder"}


def test_placeholders_that_meet_are_lengthened_in_the_order_of_their_digests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pseudonyms_module, "PLACEHOLDER_SIGNS", 1)
    pairs = [("BADGE", str(number)) for number in range(200)]
    forwards, backwards = replacements(assigned(*pairs)), replacements(assigned(*pairs[::-1]))
    assert forwards == backwards
    assert len(set(forwards.values())) == 200


def test_an_earlier_vault_keeps_its_replacements_and_lends_none_of_them() -> None:
    earlier = tuple(assigned(*PEOPLE, technique="surrogate").originals())
    values = Values()
    for number in range(10):
        values.add("BADGE", f"K-{number}7")
    values.add("PERSON", "佐藤太郎")
    again = assign(values, Key(b"m" * 32), Techniques(default="surrogate"), earlier=earlier)
    assert again.of("PERSON", "佐藤 太郎") == earlier[0].placeholder
    assert sum(each.placeholder == earlier[0].placeholder for each in again.originals()) == 1


def test_an_earlier_surrogate_is_not_kept_where_the_policy_asks_for_placeholders_now() -> None:
    earlier = tuple(assigned(*PEOPLE, technique="surrogate").originals())
    values = Values()
    values.add("PERSON", "佐藤太郎")
    assert assign(values, KEY, Techniques(), earlier=earlier).of("PERSON", "佐藤太郎").startswith("<PERSON_")


def test_an_earlier_surrogate_that_is_somebodys_value_now_is_replaced() -> None:
    earlier = tuple(assigned(*PEOPLE, technique="surrogate").originals())
    values = Values()
    values.add("PERSON", "佐藤太郎")
    values.add("PERSON", earlier[0].placeholder)
    again = assign(values, Key(b"m" * 32), Techniques(default="surrogate"), earlier=earlier)
    assert again.of("PERSON", "佐藤 太郎") != earlier[0].placeholder


def test_a_surrogate_that_stands_in_the_text_already_is_not_taken() -> None:
    values = Values()
    values.add("PERSON", "Sarah Whitfield")
    first = assign(values, KEY, Techniques(default="surrogate"))
    text = f"valve checked by {first.of('PERSON', 'Sarah Whitfield')} again"
    taken = standing_in([text], first)
    second = assign(values, KEY, Techniques(default="surrogate"), taken=taken)
    assert len(taken) == 1
    assert second.of("PERSON", "Sarah Whitfield") not in text


def test_values_are_collected_from_accepted_findings_with_their_counts() -> None:
    record = Record("1", "row 2", {"remark": "佐藤と佐藤と鈴木"})
    spans = {Span(0, 2): "accept", Span(3, 5): "accept", Span(6, 8): "reject"}
    decisions = [
        Decision(Finding("1", "remark", span, "PERSON", 1.0, "test"), verdict, "", "test")  # type: ignore[arg-type]
        for span, verdict in spans.items()
    ]
    values = Values()
    values.collect([(record, decisions)])
    (original,) = assign(values, KEY, Techniques()).originals()
    assert (original.value, original.count) == ("佐藤", 2)


def test_a_value_that_was_not_collected_or_a_kind_in_small_letters_is_refused_without_telling_it() -> None:
    with pytest.raises(DecisionError, match="a value of kind PERSON was not collected") as caught:
        assigned(*PEOPLE).of("PERSON", "鈴木")
    assert "鈴木" not in str(caught.value)
    with pytest.raises(DecisionError, match="not written in capitals"):
        Values().add("per>son", "佐藤")


def test_a_short_key_is_refused_and_a_key_does_not_show_itself() -> None:
    with pytest.raises(KeyTooShort, match="31 bytes, 32 are needed"):
        Key(b"k" * 31)
    assert repr(KEY) == f"Key({KEY.id})"
    assert re.fullmatch("[0-9a-f]{16}", KEY.id)
