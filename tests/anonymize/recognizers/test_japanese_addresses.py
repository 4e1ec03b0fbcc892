import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anonymize.errors import DetectionError
from anonymize.matching.folding import fold
from anonymize.recognizers import japanese_places
from anonymize.recognizers.japanese_addresses import JapaneseAddresses


def found(text: str) -> list[tuple[str, str]]:
    """Return kind and original text of every guess."""
    folded = fold(text)
    guesses = JapaneseAddresses().find([folded.text])[0]
    spans = [(guess.kind, folded.original(guess.start, guess.end)) for guess in guesses]
    return [(kind, text[span.start : span.end]) for kind, span in spans]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("住所：東京都目黒区中目黒2-3-4 青葉台タワー305号", "東京都目黒区中目黒2-3-4 青葉台タワー305号"),
        ("送付は大阪府吹田市江坂町一丁目23番45号です", "大阪府吹田市江坂町一丁目23番45号"),
        ("本日目黒区中目黒2-3-4へ発送", "目黒区中目黒2-3-4"),
        ("中目黒２丁目３番４号まで", "中目黒２丁目３番４号"),
        ("愛知県豊田市トヨタ町1番地", "愛知県豊田市トヨタ町1番地"),
        ("長野県上田市大字国分字仁王堂12番地の3を訪問", "長野県上田市大字国分字仁王堂12番地の3"),
        ("京都市左京区聖護院川原町54", "京都市左京区聖護院川原町54"),
        ("札幌市中央区北1条西5丁目1-3", "札幌市中央区北1条西5丁目1-3"),
        ("港区六本木六丁目十番一号", "港区六本木六丁目十番一号"),
        ("福岡市博多区博多駅前２ー１ー１に転居", "福岡市博多区博多駅前２ー１ー１"),
        ("広島県安芸郡府中町大須1-2 コーポ山田203", "広島県安芸郡府中町大須1-2 コーポ山田203"),
        ("横浜市西区みなとみらい2-3-5サンハイツB-102号室", "横浜市西区みなとみらい2-3-5サンハイツB-102号室"),
        ("〒231-0023 神奈川県横浜市中区山下町1", "神奈川県横浜市中区山下町1"),
        ("新潟市中央区学校町通1番町602番地1の件", "新潟市中央区学校町通1番町602番地1"),
        ("自宅: 東京都港区赤坂", "東京都港区赤坂"),
        ("宮城県仙台市に在住", "宮城県仙台市"),
        ("address: 静岡県浜松市中央区砂山町1-2", "静岡県浜松市中央区砂山町1-2"),
    ],
)
def test_an_address_is_found_from_its_first_to_its_last_character(text: str, address: str) -> None:
    assert ("ADDRESS", address) in found(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("〒１２３－４５６７東京", "１２３－４５６７"),
        ("〒1234567", "1234567"),
        ("郵便番号は123-4567です", "123-4567"),
        ("123-4567（郵便番号）", "123-4567"),
        ("150-0042 東京都渋谷区", "150-0042"),
        ("150-0042\n渋谷区宇田川町", "150-0042"),
        ("zip code 123-4567", "123-4567"),
    ],
)
def test_a_postal_code_needs_its_mark_its_label_or_an_address(text: str, code: str) -> None:
    assert ("POSTAL_CODE", code) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "部品番号123-4567",
        "空港区画3-2を点検",
        "図面L-204、中央3-2、本町系統",
        "2-1-3ラインの3号機",
        "長野県道407号線",
        "市販品に交換、町内放送",
        "ボルトM8を5-10本",
        "第3工場2階の2-1盤",
        "区分2-3を都度確認",
        "銀座一丁目駅",
        "line 3-2-1 stopped",
        "",
    ],
)
def test_places_in_a_factory_are_no_addresses(text: str) -> None:
    assert found(text) == []


def test_an_area_without_numbers_is_a_location_unless_someone_lives_there() -> None:
    assert found("東京都八王子市で漏えい") == [("LOCATION", "東京都八王子市")]
    assert found("東京都渋谷区の工場で3号機が停止") == [("LOCATION", "東京都渋谷区")]


def test_what_follows_an_address_is_no_part_of_it() -> None:
    assert ("ADDRESS", "目黒区中目黒2-3-4") in found("目黒区中目黒2-3-4 電話03-1234-5678")
    assert ("ADDRESS", "目黒区中目黒2-3-4") in found("目黒区中目黒2-3-4 担当305号室")


def test_two_addresses_in_one_line_are_two_findings() -> None:
    assert [text for _, text in found("大阪市北区梅田3-1-3、名古屋市中村区名駅4-7-1")] == [
        "大阪市北区梅田3-1-3",
        "名古屋市中村区名駅4-7-1",
    ]


def test_without_the_names_of_places_the_text_counts_as_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    japanese_places.municipalities.cache_clear()
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(DetectionError):
        JapaneseAddresses().find(["渋谷区宇田川町15-1"])


@settings(max_examples=20)  # the first example reads the postal areas
@given(st.text("をへ、。\n", max_size=8), st.text("にへ、。\n", max_size=8))
def test_an_address_is_cut_out_of_any_surrounding(before: str, behind: str) -> None:
    assert ("ADDRESS", "東京都目黒区中目黒２－３－４") in found(f"{before}東京都目黒区中目黒２－３－４{behind}")


@pytest.mark.parametrize("piece", ["東京都", "渋谷区", "1-1-", "一丁目", "町", "住所", "ビル1", "150-0042 "])
def test_the_time_grows_with_the_length_only(piece: str) -> None:
    text = piece * (20_000 // len(piece))
    JapaneseAddresses().find(["渋谷区"])
    started = time.perf_counter()
    JapaneseAddresses().find([text])
    assert time.perf_counter() - started < 3
