import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anonymize.matching.folding import fold
from anonymize.recognizers.japanese_dates import JapaneseDates


def found(text: str) -> list[tuple[str, str]]:
    """Return kind and original text of every guess."""
    folded = fold(text)
    guesses = JapaneseDates().find([folded.text])[0]
    spans = [(guess.kind, folded.original(guess.start, guess.end)) for guess in guesses]
    return [(kind, text[span.start : span.end]) for kind, span in spans]


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("点検は2024年3月5日に実施", "2024年3月5日"),
        ("実施日２０２４年０３月０５日（火）", "２０２４年０３月０５日（火）"),
        ("2024/3/5完了", "2024/3/5"),
        ("記録2024-03-05", "2024-03-05"),
        ("24/03/05交換", "24/03/05"),
        ("2024.03.05", "2024.03.05"),
        ("令和6年8月6日に確認", "令和6年8月6日"),
        ("R6.8.6点検", "R6.8.6"),
        ("平成元年から使用", "平成元年"),
        ("二〇二四年三月五日", "二〇二四年三月五日"),
        ("3月5日より停止", "3月5日"),
        ("3/5(火)に来社", "3/5"),
        ("2024年度の計画", "2024年度"),
        ("受付日:20240305", "20240305"),
        ("2024-03-05T10:15:30", "2024-03-05"),
        ("2024-03-05T10:15:30", "10:15:30"),
        ("10時15分に停止", "10時15分"),
        ("午後3時半ごろ", "午後3時半"),
        ("開始：１０：１５", "１０：１５"),
        ("08:00-11:30", "11:30"),
        ("14:05:33.123 ALM", "14:05:33.123"),
    ],
)
def test_dates_and_times_are_found_in_every_spelling(text: str, date: str) -> None:
    assert ("DATE_TIME", date) in found(text)


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("生年月日：昭和38年11月15日", "昭和38年11月15日"),
        ("生年月日（西暦）1964/03/05", "1964/03/05"),
        ("誕生日は3月5日です", "3月5日"),
        ("昭和55年生まれの担当", "昭和55年"),
        ("Ｓ３８．１１．１５生", "Ｓ３８．１１．１５"),
        ("昭38.11.15（生年月日）", "昭38.11.15"),
        ("生年月日 H2年5月8日", "H2年5月8日"),
        ("生年月日 ５５年３月５日", "５５年３月５日"),
        ("生年月日\n19640305", "19640305"),
        ("1964年3月5日生まれ", "1964年3月5日"),
        ("DOB: 1964-03-05", "1964-03-05"),
    ],
)
def test_a_date_of_birth_is_known_by_the_words_beside_it(text: str, date: str) -> None:
    assert ("BIRTH_DATE", date) in found(text)


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("患者(60歳)", "60歳"),
        ("満６０才", "６０才"),
        ("六十歳で退職", "六十歳"),
        ("年齢：60", "60"),
        ("age: 60", "60"),
        ("50代の男性", "50代"),
    ],
)
def test_ages_are_found(text: str, age: str) -> None:
    assert ("AGE", age) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "03-1234-5678",
        "10年保証、3日間停止、5年間使用",
        "比率1:50、トルク12:1",
        "材質S45C、公差H8、R5面取り",
        "ボルトM10.5.3",
        "IP 192.168.1.10",
        "Ver2.3.1に更新",
        "2/3に減少",
        "13/45",
        "図番2024-031-5",
        "20240305",
        "2024/13/45",
        "12時間運転",
        "P-2024-03-05A",
        "部品 99:75",
        "90代替品",
        "",
    ],
)
def test_measured_values_and_part_numbers_are_no_dates(text: str) -> None:
    assert found(text) == []


def test_production_behind_a_date_is_no_birth() -> None:
    assert "BIRTH_DATE" not in [kind for kind, _ in found("2024年3月5日生産分")]


@settings(max_examples=30)
@given(st.dates(), st.sampled_from(["は", "に", "、", "\n"]))
def test_every_day_of_the_last_two_centuries_is_found(day, behind: str) -> None:
    written = f"{1900 + day.year % 130}年{day.month}月{day.day}日"
    assert ("DATE_TIME", written) in found(f"記録{written}{behind}")


@pytest.mark.parametrize("piece", ["2024年", "令和", "生年月日", "1/1/", "10:", "一", "60歳", "S3."])
def test_the_time_grows_with_the_length_only(piece: str) -> None:
    text = piece * (20_000 // len(piece))
    started = time.perf_counter()
    JapaneseDates().find([text])
    assert time.perf_counter() - started < 2
