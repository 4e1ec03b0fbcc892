"""Bare Japanese names by their spelling and their place in the sentence."""

import time

import pytest

from anonymize.recognizers.gazetteer import NameLists
from anonymize.recognizers.japanese_bare_names import BareNames


@pytest.fixture(scope="module")
def bare_names() -> BareNames:
    return BareNames(NameLists(), "test")


def _found(bare_names: BareNames, text: str) -> list[str]:
    return [text[guess.start : guess.end] for guess in bare_names.find(text)]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("昨日砂金より連絡あり、軸受の温度が上昇。", "砂金"),
        ("搬送ライン停止、一尺八寸が復旧作業を行った。", "一尺八寸"),
        ("点検は神代、記録は別紙参照。", "神代"),
        ("センサー位置を調整した(帯刀)。", "帯刀"),
        ("引継ぎ:水落へ。", "水落"),
        ("点検結果を田京が入力した。", "田京"),
        ("夜勤の久遠が漏れを発見し、弁を閉めた。", "久遠"),
        ("見積は早乙女経由で依頼済み。", "早乙女"),
        ("佐熊の指示で停止。", "佐熊"),
        ("砂金ほか2名で対応。", "砂金"),
        ("清掃は久遠外1名。", "久遠"),
        ("昨日 砂金より連絡あり。", "砂金"),
        ("電気課 砂金より連絡あり。", "砂金"),
        ("第二製造部電気保全課計装担当者班久遠が確認した。", "久遠"),
    ],
)
def test_a_surname_that_is_an_ordinary_word_or_rare_is_found_where_people_are_named(
    bare_names: BareNames, text: str, name: str
) -> None:
    assert _found(bare_names, text) == [name]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("電気課大久保育が配線を点検。", "大久保育"),
        ("電気課江本伊砂代が配線を点検。", "江本伊砂代"),
        ("帯刀 太尊がポンプの異音を確認した。", "帯刀 太尊"),
        ("電気課 帯刀 太尊がポンプの異音を確認した。", "帯刀 太尊"),
        ("本件宮口野留土対応中。", "宮口野留土"),
        ("修理完了。高岡年範確認済。", "高岡年範"),
        ("圧力低下の件、石本公与へ引継ぎ。", "石本公与"),
    ],
)
def test_a_full_name_is_found_whole_however_the_tokenizer_cuts_it(bare_names: BareNames, text: str, name: str) -> None:
    assert _found(bare_names, text) == [name]


@pytest.mark.parametrize("name", ["釘宮", "鶴我", "百目鬼", "砂金", "帯刀"])
@pytest.mark.parametrize(
    "frame",
    [
        "{}が怪我をした。",
        "{}が手を挟んだ。",
        "{}は病院へ。",
        "昨日{}の自宅へ電話。",
        "{}のロッカー。",
        "{}へメール済。",
    ],
)
def test_a_surname_is_found_where_only_a_person_can_stand(bare_names: BareNames, frame: str, name: str) -> None:
    assert _found(bare_names, frame.format(name)) == [name]


@pytest.mark.parametrize("frame", ["{}が床に座る。", "{}は怒った。", "{}に工具を貸した。", "{}の机を移動。"])
def test_behind_what_is_nothing_but_a_surname_any_particle_speaks_of_a_person(
    bare_names: BareNames, frame: str
) -> None:
    assert _found(bare_names, frame.format("釘宮")) == ["釘宮"]


@pytest.mark.parametrize(
    "text",
    [
        "二階が浸水。",
        "出口は病院側に移設。",
        "砂金が底に沈んだ。",
        "加熱炉の出口に水を連続注入した。",
        "断熱材の上部から火炎が出たのを発見した。",
        "上司より連絡あり。",
        "業者が確認した。",
        "軸受が摩耗。弁座を交換し、試運転を実施。",
        "中和洗浄の際に取り外した。",
        "砂金を回収した。",
        "森林の伐採を実施。",
    ],
)
def test_a_word_that_is_a_surname_as_well_is_left_where_nobody_is_named(bare_names: BareNames, text: str) -> None:
    assert _found(bare_names, text) == []


def test_a_run_of_any_length_takes_linear_time(bare_names: BareNames) -> None:
    begun = time.process_time()
    assert _found(bare_names, "課" * 10_000 + "久遠が確認した。") == ["久遠"]
    assert time.process_time() - begun < 2
