import time

import pytest

from anonymize.matching.folding import fold
from anonymize.recognizers.english import EnglishRules


def found(text: str) -> list[tuple[str, str]]:
    folded = fold(text).text
    return [(guess.kind, folded[guess.start : guess.end]) for guess in EnglishRules().find([folded])[0]]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("連絡先はtaro@plant01.localまで", "taro@plant01.local"),
        ("ｔａｒｏ＠ｅｘａｍｐｌｅ．ｃｏ．ｊｐへ送付", "taro@example.co.jp"),
        ("mail j.o'neil@corp.lan", "j.o'neil@corp.lan"),
        ("to root@192.168.1.5.", "root@192.168.1.5"),
        ("ask t.yamada@mailhost", "t.yamada@mailhost"),
        ("taro@plant01 please", "taro@plant01"),
    ],
)
def test_addresses_on_any_host_are_found(text: str, address: str) -> None:
    assert ("EMAIL_ADDRESS", address) in found(text)


@pytest.mark.parametrize(
    "text", ["LEAK @ TRANSMISSION", "LEAK@PUMP", "5 bar @ 20 C", "ENGINE WILL NOT FIRE", "Emp ty tank"]
)
def test_factory_text_is_left_alone(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Mr Kowalski came", "Kowalski"),
        ("MRS. SMITH CALLED", "SMITH"),
        ("Called by Zbigniew Wojcik, urgent", "Zbigniew Wojcik"),
        ("spoke to J. O'Rourke about it", "J. O'Rourke"),
        ("Tanaka-san checked", "Tanaka"),
    ],
)
def test_names_beside_titles_and_cues_are_found(text: str, name: str) -> None:
    assert any(kind == "PERSON" and value.startswith(name) for kind, value in found(text))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("MR. COBB STATED THAT HE LEFT", ["COBB"]),
        ("PILOTED BY MR. JOHN SMITH WAS", ["JOHN SMITH"]),
        ("Dr. Ana Lima rang. Later Lima wrote.", ["Ana Lima", "Lima"]),
        ("Her maiden name is Haugland", ["Haugland"]),
        ("Mr W.L. Weh and Mrs Ş. Żak", ["W.L. Weh", "Ş. Żak"]),
        ("it stopped, says Kovács", ["Kovács"]),
        ("OPERATOR RETURNED THE PART, NO CONTACT WAS LOST", []),
        ("BOUND FOR SAN FRANCISCO", []),
        ("Rectify Eng Oil Leak", []),
        ("製造課 Tanaka-sanへ", ["Tanaka"]),
    ],
)
def test_a_name_ends_where_other_words_begin(text: str, names: list[str]) -> None:
    assert [value for kind, value in found(text) if kind == "PERSON"] == names


def test_employee_numbers_and_web_addresses_are_found() -> None:
    assert found("employee no. 10234 did it") == [("EMPLOYEE_ID", "10234")]
    assert found("詳細はhttps://intra.local/a?u=taroを参照") == [("URL", "https://intra.local/a?u=taro")]


@pytest.mark.parametrize("piece", ["Aa", "A", "a.", "a@", "電", "0", "0-", "ア・アア", "担当:", "Mr A"])
def test_hostile_text_takes_no_longer_than_its_length(piece: str) -> None:
    start = time.perf_counter()
    found(piece * (20_000 // len(piece)))
    assert time.perf_counter() - start < 2
