import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anonymize.matching.folding import fold
from anonymize.recognizers.guesses import Recognizer
from anonymize.recognizers.japanese_proper_nouns import JapaneseProperNouns
from anonymize.recognizers.ner_japanese import JapaneseDictionary, JapaneseNames

DICTIONARY = JapaneseDictionary()


@pytest.fixture(scope="module")
def proper_nouns() -> JapaneseProperNouns:
    return JapaneseProperNouns()


def found(recognizer: Recognizer, text: str) -> list[tuple[str, str]]:
    folded = fold(text).text
    return [(guess.kind, folded[guess.start : guess.end]) for guess in recognizer.find([folded])[0]]


def people(text: str) -> list[str]:
    return [name for kind, name in found(DICTIONARY, text) if kind == "PERSON"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("佐藤健太がポンプを点検した。", "佐藤健太"),
        ("長谷川 哲也から連絡あり", "長谷川 哲也"),
        ("齋藤翔太郎が確認済み", "齋藤翔太郎"),
        ("小鳥遊凜が報告。", "小鳥遊凜"),
        ("宮村 浄太郎が漏れを発見", "宮村 浄太郎"),
        ("昨日、田中が軸受を交換した。", "田中"),
        ("髙橋へ引継ぎ", "髙橋"),
        ("三田が配線を点検", "三田"),
        ("点検は小玉、記録は別紙", "小玉"),
    ],
)
def test_a_bare_name_is_found(text: str, name: str) -> None:
    assert people(text) == [name]


def test_a_surname_that_is_a_place_or_a_word_needs_neighbours_that_speak_of_a_person() -> None:
    assert people("保全課森が確認。") == ["森"]
    assert people("千葉が報告した。") == ["千葉"]
    assert people("森の中で火災") == []
    assert people("千葉で発生した。") == []
    assert people("ポンプ出口が詰まった。") == []


@pytest.mark.parametrize(
    "text",
    [
        "山形ボルトを交換した。",
        "田中製作所のポンプ",
        "清が光を進める",
        "小口径の配管を点検",
        "バルブの中に水",
        "フィルターの目詰まりを清掃、運転再開。",
        "圧力計の指示値が低下したため、弁を閉止した。",
    ],
)
def test_factory_text_without_a_person_has_none(text: str) -> None:
    assert people(text) == []


def test_places_and_organisations_are_told_by_their_own_kinds() -> None:
    assert found(DICTIONARY, "東京都千代田区に本社を置く") == [("LOCATION", "東京都千代田区")]
    assert ("ORGANIZATION", "山田電機製作所") in found(DICTIONARY, "山田電機製作所から納入")
    assert found(DICTIONARY, "電機設備を点検") == []


@pytest.mark.slow
def test_english_text_has_no_guess(proper_nouns: JapaneseProperNouns) -> None:
    assert found(DICTIONARY, "John Smith replaced the pump") == []
    assert found(proper_nouns, "John Smith replaced the pump") == []


def test_text_longer_than_the_dictionary_reads_at_once_is_read_to_its_end() -> None:
    text = "弁を閉止した" * 10_000 + "。田中が確認した。"
    (guess,) = (guess for guess in DICTIONARY.find([text])[0] if guess.kind == "PERSON")
    assert text[guess.start : guess.end] == "田中"
    assert guess.start == len(text) - 8


@settings(max_examples=40)
@given(st.text(alphabet="佐藤健太森が確認 東京都(株)ポンプ𠮷髙Aa。、\n", max_size=40))
def test_every_guess_lies_inside_of_its_text(text: str) -> None:
    for guess in DICTIONARY.find([text])[0]:
        assert 0 <= guess.start < guess.end <= len(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("ジャン・ピエールが来日した", "ジャン・ピエール"),
        ("北陸建機工業株式会社に依頼", "北陸建機工業株式会社"),
        ("式典にはMarble Foxが出演", "Marble Fox"),
        ("株式会社やまびこの製品", "株式会社やまびこ"),
        ("神奈川県立こども医療センターへ搬送", "神奈川県立こども医療センター"),
    ],
)
def test_names_of_all_sorts_are_covered_when_recall_comes_first(
    proper_nouns: JapaneseProperNouns, text: str, name: str
) -> None:
    at = text.index(name)
    covered = {place for guess in proper_nouns.find([text])[0] for place in range(guess.start, guess.end)}
    assert covered >= set(range(at, at + len(name)))


def test_a_part_of_a_found_name_is_found_elsewhere_in_the_text(proper_nouns: JapaneseProperNouns) -> None:
    text = "日立製作所が納入した。後に日立は改修した。"
    assert text.rindex("日立") in {guess.start for guess in proper_nouns.find([text])[0]}


@pytest.mark.slow
def test_the_model_sees_people_and_companies() -> None:
    names = found(JapaneseNames(), "山田太郎はトヨタ自動車に勤めている。")
    assert names == [("PERSON", "山田太郎"), ("ORGANIZATION", "トヨタ自動車")]


@pytest.mark.parametrize("piece", ["山", "田中", "田中 ", "ア・", "A", "A ", "東京都", "三田", "森が"])
def test_hostile_text_takes_no_longer_than_its_length(proper_nouns: JapaneseProperNouns, piece: str) -> None:
    text = piece * (10_000 // len(piece)) + "の"
    start = time.process_time()
    found(DICTIONARY, text)
    found(proper_nouns, text)
    assert time.process_time() - start < 3
