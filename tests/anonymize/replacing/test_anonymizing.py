import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anonymize.errors import CountError, DecisionError
from anonymize.proof.leaks import leaks
from anonymize.records import CleanRecord, Decision, Finding, Record, Span
from anonymize.replacing.anonymizing import Account, Dropped, anonymize
from anonymize.replacing.keys import Key
from anonymize.replacing.pseudonyms import Values, assign
from anonymize.replacing.techniques import Techniques

KEY = Key(b"a" * 32)
Reviewed = tuple[Record, list[Decision]]


def reviewed(record_id: str, text: str, *found: tuple[str, str]) -> Reviewed:
    decisions = []
    for kind, value in found:
        start = text.index(value)
        finding = Finding(record_id, "remark", Span(start, start + len(value)), kind, 1.0, "test")
        decisions.append(Decision(finding, "accept", "", "test"))
    return Record(record_id, "row", {"remark": text}), decisions


def outcomes(techniques: Techniques, *rows: Reviewed) -> list[CleanRecord | Dropped]:
    values = Values()
    values.collect(rows)
    return list(anonymize(rows, assign(values, KEY, techniques)))


def test_each_kind_is_treated_by_its_own_technique() -> None:
    techniques = Techniques({"PERSON": "surrogate", "AGE": "generalise", "URL": "keep"})
    row = reviewed(
        "1",
        "佐藤太郎さん(67歳) http://mes/ E100",
        ("PERSON", "佐藤太郎"),
        ("AGE", "67歳"),
        ("URL", "http://mes/"),
        ("BADGE", "E100"),
    )
    (clean,) = outcomes(techniques, row)
    assert isinstance(clean, CleanRecord)
    name, rest = clean.columns["remark"].split("さん")
    assert name not in {"", "佐藤太郎"}
    assert rest.startswith("(60代) http://mes/ <BADGE_")


def test_a_record_with_a_kind_to_be_dropped_is_dropped_whole() -> None:
    rows = (reviewed("1", "番号 123456789018", ("JP_MY_NUMBER", "123456789018")), reviewed("2", "ポンプ交換"))
    assert outcomes(Techniques({"JP_MY_NUMBER": "drop"}), *rows) == [
        Dropped("1", "JP_MY_NUMBER"),
        CleanRecord("2", {"remark": "ポンプ交換"}),
    ]


@given(st.lists(st.sampled_from(["佐藤太郎", "鈴木", "高橋", "Sarah Whitfield", "Brooks"]), min_size=1, max_size=6))
@settings(max_examples=15)  # the first example reads the lists of names
def test_no_original_is_left_among_surrogates(names: list[str]) -> None:
    rows = [reviewed(str(at), f"点検: {name} / pump", ("PERSON", name)) for at, name in enumerate(names)]
    values = Values()
    values.collect(rows)
    pseudonyms = assign(values, KEY, Techniques(default="surrogate"))
    clean = [each for each in anonymize(rows, pseudonyms) if isinstance(each, CleanRecord)]
    assert list(leaks(clean, pseudonyms.originals())) == []
    assert all(name not in each.columns["remark"] for name, each in zip(names, clean, strict=True))


def test_a_finding_that_does_not_fit_its_record_is_refused() -> None:
    record, decisions = reviewed("1", "佐藤", ("PERSON", "佐藤"))
    other = Record("2", "row 3", record.columns)
    pseudonyms = assign(Values(), KEY, Techniques())
    with pytest.raises(DecisionError, match="a finding of record 1"):
        list(anonymize([(other, decisions)], pseudonyms))
    with pytest.raises(DecisionError, match="outside of column"):
        list(anonymize([(Record("1", "row 2", {"remark": "佐"}), decisions)], pseudonyms))


def test_an_account_that_does_not_balance_is_an_error() -> None:
    Account(records_in=6, records_out=3, quarantined=2, dropped=1).check()
    with pytest.raises(CountError, match="6 records in, but 3 out and 2 quarantined"):
        Account(records_in=6, records_out=3, quarantined=2).check()
