import pytest

from anonymize.matching.name_readings import full_name_readings, katakana, latin_key, surname_reading


@pytest.mark.parametrize("name", ["山田太郎", "山田 太郎", "やまだたろう", "ヤマダ・タロウ", "ヤマダタロウ"])
def test_a_name_is_read_however_it_is_written(name: str) -> None:
    read = {(reading.surname_kana, reading.given_kana) for reading in full_name_readings(name)}
    assert ("ヤマダ", "タロウ") in read


@pytest.mark.parametrize("name", ["交換", "設備", "ポンプ", "山田", "Smith", ""])
def test_what_is_no_listed_full_name_has_no_reading(name: str) -> None:
    assert list(full_name_readings(name)) == []


@pytest.mark.parametrize(
    "spellings",
    [
        ("satou", "satoh", "sato", "satoo"),
        ("shinichi", "sinichi", "siniti"),
        ("junji", "zyunzi", "junzi"),
        ("tsuyoshi", "tuyosi"),
        ("shimpei", "shinpei"),
        ("ohno", "oono", "ono"),
    ],
)
def test_the_usual_transcriptions_of_a_name_have_one_key(spellings: tuple[str, ...]) -> None:
    assert len({latin_key(spelling) for spelling in spellings}) == 1


def test_other_names_have_other_keys() -> None:
    assert len({latin_key(name) for name in ("nohara", "nora", "kenji", "keiji", "hotta", "hota")}) == 6


def test_a_surname_has_its_kana_and_latin_key() -> None:
    assert surname_reading("佐藤") == ("サトウ", "sato")
    assert surname_reading("交換") is None
    assert katakana("さとうゔ佐") == "サトウヴ佐"
