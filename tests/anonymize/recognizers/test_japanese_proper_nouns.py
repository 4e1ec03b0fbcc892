"""Whatever looks like a proper noun in Japanese text, and the loan words that do not."""

import pytest

from anonymize.recognizers.japanese_proper_nouns import JapaneseProperNouns


@pytest.fixture(scope="module")
def proper_nouns() -> JapaneseProperNouns:
    return JapaneseProperNouns()


def _covered(proper_nouns: JapaneseProperNouns, text: str) -> str:
    """Return the text with everything that was found as dots."""
    found = {at for guess in proper_nouns.find([text])[0] for at in range(guess.start, guess.end)}
    return "".join("・" if at in found else char for at, char in enumerate(text))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("名古屋電灯が設立された。", "名古屋電灯"),
        ("浅野セメントに入社した。", "浅野セメント"),
        ("大連商工会議所の議員。", "大連商工会議所"),
        ("エルミタージュ王国の首都。", "エルミタージュ王国"),
        ("高知県知事が訪れた。", "高知県"),
        ("次期駐日大使に指名された。", "日"),
        ("マルグレーテ2世の次男。", "マルグレーテ2世"),
        ("ジョン・H・バーハムの家。", "ジョン・H・バーハム"),
        ("李承燁と朴賛浩の試合。", "朴賛浩"),
        ("株式会社さざなみを訪問。", "株式会社"),
    ],
)
def test_a_name_is_covered_whole(proper_nouns: JapaneseProperNouns, text: str, name: str) -> None:
    assert name not in _covered(proper_nouns, text)
    assert _covered(proper_nouns, text).count("・") >= len(name)


@pytest.mark.parametrize(
    "text",
    [
        "ポンプのフィルターを交換した。",
        "チームのメンバーがサービスを開始。",
        "同社は子会社を設立した。",
        "建設の報道があった。",
        "シーズンのイベント。",
    ],
)
def test_loan_words_and_words_that_end_like_a_company_are_left(proper_nouns: JapaneseProperNouns, text: str) -> None:
    assert _covered(proper_nouns, text) == text


@pytest.mark.parametrize("name", ["マーク", "ジム", "マイク", "テイラー", "ベル"])
@pytest.mark.parametrize(
    "frame", ["{}が確認した。", "電気課の{}より連絡あり。", "昨日、{}さんが来た。", "{}・ロスの家。"]
)
def test_a_loan_word_that_is_a_name_as_well_is_covered_where_a_person_stands(
    proper_nouns: JapaneseProperNouns, frame: str, name: str
) -> None:
    assert name not in _covered(proper_nouns, frame.format(name))


@pytest.mark.parametrize("text", ["ベルが鳴った。", "ボルトが緩む。", "マークを付けた。", "モーターが停止した。"])
def test_a_loan_word_that_is_a_name_as_well_is_left_where_it_is_a_thing(
    proper_nouns: JapaneseProperNouns, text: str
) -> None:
    assert _covered(proper_nouns, text) == text
