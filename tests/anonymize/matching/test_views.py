import base64
import urllib.parse

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymize.matching.folding import fold
from anonymize.matching.views import views

SECRET = "電話 090-0000-1234, taro@plant01.local"
HOSTILE = st.text(st.sampled_from("ab1@.&#;%=4A\\u0\n\u00ad -_/佐藤()"), max_size=40)


def readings(text: str) -> list[str]:
    return [view.text for view in views(text)]


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("taro&#64;plant01&period;local", "taro@plant01.local"),
        ("taro&amp;#x40;plant01.local", "taro@plant01.local"),
        ("&#23665;&#30000;様", "山田様"),
        ("taro%40plant01.local", "taro@plant01.local"),
        ("taro%2540plant01.local", "taro@plant01.local"),
        (urllib.parse.quote("佐藤さん"), "佐藤さん"),
        (r"\u4f50\u85e4さん", "佐藤さん"),
        ("=E4=BD=90=E8=97=A4さん", "佐藤さん"),
        ("090-0000=\r\n-1234", "090-0000-1234"),
        ("090-00\n00-1234", "090-0000-1234"),
        ("電話 090-0000-\r\n  1234 まで", "電話 090-0000-1234 まで"),
        ("taro.ya\nmada@plant01.local", "taro.yamada@plant01.local"),
        ("taro@plant\n01.local", "taro@plant01.local"),
        ("mainte\u00ad\nnance", "maintenance"),
        ("氏名:山\n田太郎", "氏名:山田太郎"),
        ("0 9 0 0 0 0 0 1 2 3 4", "09000001234"),
        ("taro (at) plant01 [dot] local", "taro@plant01.local"),
        ("taro @ plant01.local", "taro@plant01.local"),
    ],
)
def test_an_encoded_or_broken_value_has_a_plain_reading(text: str, reading: str) -> None:
    assert reading in readings(text)


def test_a_base64_run_is_read_and_a_place_in_it_leads_to_the_whole_run() -> None:
    run = base64.b64encode(SECRET.encode()).decode()
    text = f"添付 {run} end"
    (_, view) = views(text)
    start = view.text.index("taro")
    span = view.original(start, start + 4)
    assert SECRET in view.text
    assert text[span.start : span.end] == run


def test_an_escape_is_covered_as_a_whole() -> None:
    text = "x &#116;&#97;ro%40plant01.local"
    view = list(views(text))[-1]
    start = view.text.index("taro")
    span = view.original(start, len(view.text))
    assert text[span.start : span.end] == "&#116;&#97;ro%40plant01.local"


@pytest.mark.parametrize(
    "text",
    [
        "Replace pump seal, 100% done; R&D asked",
        "ポンプ交換\n佐藤さんが確認\n完了",
        "1200\n1350\n1410",
        "Mail me\ntaro@plant01.local\nThanks",
        "taro@plant01.local\nNext line",
        "03-0000-1234\n2024-01-05 pump",
        "担当:佐藤\n住所:東京",
        "leak @ pump2",
        "temp=40 set=41",
        "replaceturbochargerassembly and/or/maintenance/schedule",
    ],
)
def test_ordinary_text_has_one_reading(text: str) -> None:
    assert readings(text) == [fold(text).text]


@given(HOSTILE)
def test_every_place_of_every_view_lies_in_the_text_and_in_order(text: str) -> None:
    for view in views(text):
        spans = [view.original(at, at + 1) for at in range(len(view.text))]
        assert all(0 <= span.start < span.end <= len(text) for span in spans)
        assert spans == sorted(spans)


@given(HOSTILE)
def test_there_are_at_most_four_views_and_none_repeats_the_folded_text(text: str) -> None:
    found = readings(text)
    assert len(found) <= 4
    assert found[0] not in found[1:]
