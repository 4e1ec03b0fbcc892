import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anonymize.matching.folding import fold
from anonymize.recognizers.japanese_numbers import JapaneseNumbers


def found(text: str) -> list[tuple[str, str]]:
    """Return kind and original text of every guess."""
    folded = fold(text)
    guesses = JapaneseNumbers().find([folded.text])[0]
    spans = [(guess.kind, folded.original(guess.start, guess.end)) for guess in guesses]
    return [(kind, text[span.start : span.end]) for kind, span in spans]


def score(text: str) -> float:
    return max((guess.score for guess in JapaneseNumbers().find([fold(text).text])[0]), default=0.0)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("電話は090-1234-5678です", "090-1234-5678"),
        ("携帯０８０－１２３４－５６７８まで", "０８０－１２３４－５６７８"),
        ("至急03-1234-5678へ", "03-1234-5678"),
        ("(03)1234-5678", "(03)1234-5678"),
        ("大阪06(1234)5678に電話", "06(1234)5678"),
        ("TEL045-123-4567", "045-123-4567"),
        ("連絡先:0466-12-3456", "0466-12-3456"),
        ("三宅島04994-1-2345まで", "04994-1-2345"),
        ("０９０ー１２３４ー５６７８に連絡", "０９０ー１２３４ー５６７８"),
        ("IP電話050-1234-5678", "050-1234-5678"),
        ("フリーダイヤル0120-123-456まで", "0120-123-456"),
        ("0800-123-4567へ", "0800-123-4567"),
        ("ナビダイヤル0570-012-345", "0570-012-345"),
        ("連絡は09012345678まで", "09012345678"),
        ("電話番号:0312345678", "0312345678"),
        ("0312345678(代表)", "0312345678"),
        ("+81 90 1234 5678まで", "+81 90 1234 5678"),
        ("TEL+81-3-1234-5678", "+81-3-1234-5678"),
        ("call +81(0)3-1234-5678", "+81(0)3-1234-5678"),
        ("電話 123-4567", "123-4567"),
        ("03-1234-5678/03-8765-4321", "03-8765-4321"),
        ("山田,090-1234-5678,保全課", "090-1234-5678"),
        ("内線4711まで", "4711"),
        ("内線：８１２", "８１２"),
        ("4711（内線）", "4711"),
        ("構内PHS 71234", "71234"),
        ("ext.4711", "4711"),
    ],
)
def test_a_telephone_number_is_found_without_its_label(text: str, number: str) -> None:
    assert ("PHONE_NUMBER", number) in found(text)


@pytest.mark.parametrize(
    ("kind", "text", "number"),
    [
        ("JP_MY_NUMBER", "番号は123456789018です", "123456789018"),
        ("JP_MY_NUMBER", "本人の1234-5678-9018を", "1234-5678-9018"),
        ("JP_MY_NUMBER", "１２３４　５６７８　９０１８", "１２３４　５６７８　９０１８"),
        ("JP_MY_NUMBER", "123456789018（マイナンバー）", "123456789018"),
        ("JP_MY_NUMBER", "一覧,1,123456789018,済", "123456789018"),
        ("JP_CORPORATE_NUMBER", "法人番号【7000012050002】", "7000012050002"),
        ("JP_CORPORATE_NUMBER", "登録番号T7000012050002です", "7000012050002"),
        ("JP_DRIVER_LICENSE", "運転免許証番号：301234567890", "301234567890"),
        ("JP_DRIVER_LICENSE", "免許証　第３０１２３４５６７８９０号", "３０１２３４５６７８９０"),
        ("JP_DRIVER_LICENSE", "driver's license 301234567890", "301234567890"),
        ("JP_PASSPORT", "旅券番号TK1234567", "TK1234567"),
        ("JP_PASSPORT", "TK1234567（パスポート）", "TK1234567"),
        ("JP_RESIDENCE_CARD", "控えAB12345678CDを提出", "AB12345678CD"),
        ("JP_HEALTH_INSURANCE", "保険者番号\t138057", "138057"),
        ("JP_HEALTH_INSURANCE", "健康保険 記号 1234 番号 567", "1234"),
        ("JP_HEALTH_INSURANCE", "健康保険 記号 1234 番号 567", "567"),
        ("JP_HEALTH_INSURANCE", "被保険者番号は12345678", "12345678"),
        ("JP_PENSION_NUMBER", "基礎年金番号「1234-567890」", "1234-567890"),
        ("JP_BANK_ACCOUNT", "みずほ銀行新宿支店 普通 1234567", "1234567"),
        ("JP_BANK_ACCOUNT", "渋谷支店（普）1234567", "1234567"),
        ("JP_BANK_ACCOUNT", "口座番号：７６５４３２１", "７６５４３２１"),
        ("JP_BANK_ACCOUNT", "ゆうちょ銀行 記号10130番号12345671", "12345671"),
        ("JP_BANK_ACCOUNT", "ゆうちょ 10130-12345671", "10130-12345671"),
        ("EMPLOYEE_ID", "社員番号:A-10234が作業", "A-10234"),
        ("EMPLOYEE_ID", "社員IDK-32838に変更", "K-32838"),
        ("EMPLOYEE_ID", "社員No.12345", "12345"),
        ("EMPLOYEE_ID", "従業員コード\n０００１２３", "０００１２３"),
        ("EMPLOYEE_ID", "10234（社員番号）", "10234"),
        ("EMPLOYEE_ID", "employee ID: A10234", "A10234"),
        ("PERSONAL_ID", "患者ID：AB-CD-5501", "AB-CD-5501"),
        ("PERSONAL_ID", "カルテ番号は889201です", "889201"),
        ("PERSONAL_ID", "契約番号第12345号", "12345"),
        ("PERSONAL_ID", "| 会員番号 | M-2024-0031 |", "M-2024-0031"),
        ("VEHICLE_PLATE", "車両品川 300 あ 12-34が入構", "品川 300 あ 12-34"),
        ("VEHICLE_PLATE", "本日尾張小牧500さ1234を確認", "尾張小牧500さ1234"),
        ("VEHICLE_PLATE", "横浜３３０は・・１２", "横浜３３０は・・１２"),
    ],
)
def test_the_span_is_the_value_without_label_bracket_or_particle(kind: str, text: str, number: str) -> None:
    assert (kind, number) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "部品番号123-4567",
        "P-0922-11-3",
        "型式090-12",
        "図番L-204を改訂",
        "E487発生、1000H",
        "製番123456789012",  # wrong check digit
        "記録202403051530に停止",  # a logger's stamp
        "JAN 4901234567894",
        "弁V-0570-12-3456",
        "シリアル09012345678A",
        "ロット20240305-001",
        "圧力0.123456789018MPa",
        "LOT_123456789018",
        "2024-03-05 10:15:30 PLC1 D100=0451",
        "IP 192.168.10.21",
        "型式FR-E720-0.4K",
        "普通 20240305",
        "番号10234",
        "記号 12 番号 34",
        "社員番号は未定、ポンプ3台",
        "valve 12-3456-7890 open",
        "",
    ],
)
def test_technical_numbers_are_left_alone(text: str) -> None:
    assert found(text) == []


def test_a_mistyped_number_counts_less_and_only_beside_its_label() -> None:
    assert found("123456789019") == []
    assert 0.4 <= score("マイナンバー:123456789019") < score("マイナンバー:123456789018")
    assert 0.4 <= score("保険者番号 138058") < score("保険者番号 138057")


@settings(max_examples=30)
@given(st.text("あをのは品番号（）: \n", max_size=12), st.text("がですへ、。）(\n", max_size=12))
def test_spans_lie_inside_of_the_text_whatever_surrounds_the_number(before: str, behind: str) -> None:
    assert ("PHONE_NUMBER", "090-1234-5678") in found(f"{before}090-1234-5678{behind}")


@pytest.mark.parametrize("piece", ["社員番号", "0", "090-", "(03)", "記号1", "A-", "1234 ", "品川300あ"])
def test_the_time_grows_with_the_length_only(piece: str) -> None:
    text = piece * (20_000 // len(piece))
    started = time.perf_counter()
    JapaneseNumbers().find([text])
    assert time.perf_counter() - started < 2
