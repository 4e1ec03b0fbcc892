import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymize.matching.folding import fold
from anonymize.recognizers.japanese_names import JapaneseNameRules, romaji

RULES = JapaneseNameRules()


def found(text: str) -> list[tuple[str, str]]:
    folded = fold(text).text
    return [(guess.kind, folded[guess.start : guess.end]) for guess in RULES.find([folded])[0]]


def names(text: str) -> set[str]:
    return {name for kind, name in found(text) if kind == "PERSON"}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("佐藤さんより連絡", "佐藤"),
        ("本日佐藤主任が確認", "佐藤"),
        ("設備保全課田中係長へ", "田中"),
        ("山田 太郎様の依頼", "山田 太郎"),
        ("スミスさんが来社", "スミス"),
        ("Smithさんが来社", "Smith"),
        ("たなかさんへ渡した", "たなか"),
        ("お客様の田中様から", "田中"),
        ("羽生田様から電話", "羽生田"),
        ("泌尿器科のDr.吉田先生から", "吉田"),
    ],
)
def test_a_name_before_an_honorific_is_found(text: str, name: str) -> None:
    assert names(text) == {name}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("担当:鈴木(内線12)", "鈴木"),
        ("担当は山本まで", "山本"),
        ("報告者：田中 由美子", "田中 由美子"),
        ("【氏名】林 智子", "林 智子"),
        ("氏名\t森田剛史", "森田剛史"),
        ("担当：服部 健司", "服部 健司"),
        ("担当者：製造部 田中", "田中"),
        ("検査技師：臨床検査技師 田中美咲", "田中美咲"),
        ("依頼医：Dr. 遠藤 亮（整形外科）", "遠藤 亮"),
        ("担当:佐藤健太確認済", "佐藤健太"),
        ("作業者：田中さくら", "田中さくら"),
        ("フリガナ：ヤマダ タロウ", "ヤマダ タロウ"),
        ("担当者: Taro YAMADA", "Taro YAMADA"),
        ("患者名：エリクソン・アンナ", "エリクソン・アンナ"),
    ],
)
def test_a_name_after_a_label_is_found(text: str, name: str) -> None:
    assert names(text) == {name}


def test_every_name_of_a_list_after_a_label_is_found() -> None:
    assert names("担当者：田中、鈴木/佐藤健太、ポンプ") == {"田中", "鈴木", "佐藤健太"}


def test_the_reading_in_brackets_behind_a_name_is_found_too() -> None:
    assert names("氏名：佐藤明子（さとうあきこ）") == {"佐藤明子", "さとうあきこ"}
    assert names("氏名：高橋美咲（TAKAHASHI Misaki）") == {"高橋美咲", "TAKAHASHI Misaki"}
    assert names("患者名：James Miller (ジェームズ・ミラー)") == {"James Miller", "ジェームズ・ミラー"}


def test_a_name_with_its_relation_is_found_without_a_label() -> None:
    assert names("佐藤健太（長男）に説明した") == {"佐藤健太"}
    assert names("配管交換（長男）") == set()


def test_spaced_and_latin_names_are_found() -> None:
    assert names("山 田 太 郎 が署名") == {"山 田 太 郎"}
    assert names("Taro YAMADAが確認") == {"Taro YAMADA"}
    assert names("T. Satohへ連絡") == {"T. Satoh"}
    assert names("Check VALVEを交換") == set()


def test_a_title_is_told_apart_from_the_name() -> None:
    assert found("Dr.渡辺から") == [("PERSON", "渡辺"), ("DEMOGRAPHIC", "Dr")]
    assert found("田中係長へ") == [("PERSON", "田中"), ("DEMOGRAPHIC", "係長")]


@pytest.mark.parametrize(
    "text",
    [
        "お客様立会い",
        "仕様変更",
        "業者様へ連絡",
        "同様の症状",
        "担当:保全課",
        "担当者:未定",
        "オペレーターさん",
        "皆様へ",
        "製造課長",
        "当該班長は直ちに",
        "ポンプケーシングブリーダー弁",
        "作業員は配管を閉止した",
        "液が沈殿した",
        "作業主任者の職務",
        "担当: E487 PUMP",
    ],
)
def test_words_that_are_no_names_are_left_alone(text: str) -> None:
    assert found(text) == []


def test_spellings_of_one_name_in_latin_letters_are_one() -> None:
    assert romaji("SATOH") == romaji("Satou") == romaji("Sato")


@given(st.text(alphabet="担当者:田中健太さん様 ()（）A.Dr山ポー\n、", max_size=40))
def test_every_finding_lies_inside_of_the_text_and_is_not_blank(text: str) -> None:
    for guess in RULES.find([text])[0]:
        assert 0 <= guess.start < guess.end <= len(text)
        assert text[guess.start : guess.end].strip()


@pytest.mark.parametrize("piece", ["Aa", "A ", "山", "山 ", "ア・", "あ", "担当:", "担当:山", "Dr.", "(山", "様"])
def test_hostile_text_takes_no_longer_than_its_length(piece: str) -> None:
    start = time.process_time()
    found(piece * (20_000 // len(piece)))
    assert time.process_time() - start < 2
