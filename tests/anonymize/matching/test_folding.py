import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymize.matching.folding import canonical, fold

JAPANESE = st.text(st.sampled_from("ﾊﾟﾎﾞポンプー０１９－ＡｂＺ㈱㍉が\u304b\u3099é e\u0301 a1-\u200b佐藤"), max_size=20)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("０９０－１２３４", "090-1234"),
        ("ﾎﾟﾝﾌﾟ", "ポンプ"),
        ("090ー1234", "090-1234"),
        ("モーター", "モーター"),
        ("㈱山田", "(株)山田"),
        ("taro＠plant０１．local", "taro@plant01.local"),
        ("佐\u200b藤", "佐藤"),
        ("555\u20110123", "555-0123"),
    ],
)
def test_odd_spellings_fold_to_the_plain_one(text: str, folded: str) -> None:
    assert fold(text).text == folded


def test_a_folded_place_leads_back_to_its_own_characters() -> None:
    text = "㈱山田ﾎﾟﾝﾌﾟ０９０"
    folded = fold(text)
    start = folded.text.index("ポ")
    span = folded.original(start, start + 3)
    assert text[span.start : span.end] == "ﾎﾟﾝﾌﾟ"


@given(st.text(max_size=30) | JAPANESE)
def test_the_map_covers_every_folded_character_in_order(text: str) -> None:
    folded = fold(text)
    spans = [folded.original(at, at + 1) for at in range(len(folded.text))]
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    assert spans == sorted(spans)


@given(JAPANESE, st.data())
def test_the_original_of_a_place_folds_to_a_text_that_holds_the_place(text: str, data: st.DataObject) -> None:
    folded = fold(text)
    if not folded.text:
        return
    start = data.draw(st.integers(0, len(folded.text) - 1))
    end = data.draw(st.integers(start + 1, len(folded.text)))
    span = folded.original(start, end)
    piece = text[span.start : span.end]
    context_free = unicodedata.normalize("NFKC", piece).replace("\u200b", "").replace("ー", "-")
    assert folded.text[start:end].replace("ー", "-") in context_free


def test_equal_values_have_one_canonical_form() -> None:
    assert canonical("Ｓａｒａｈ　 WHITFIELD ") == canonical("sarah whitfield") == "sarah whitfield"
