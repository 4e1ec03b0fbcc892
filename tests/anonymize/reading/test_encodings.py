import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anonymize.errors import SourceError
from anonymize.reading.encodings import decode, decoded_lines, file_encoding, told_encoding
from anonymize.reading.iso2022jp import decode_iso2022jp

ORDER = "ポンプ停止、軸受の摩耗。担当は佐藤さん"


@pytest.mark.parametrize(
    ("encoding", "told"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("cp932", "cp932"),
        ("euc-jp", "euc-jp"),
        ("iso-2022-jp", "iso-2022-jp"),
    ],
)
def test_the_encoding_of_japanese_text_is_told(encoding: str, told: str) -> None:
    assert told_encoding([ORDER.encode(encoding)]) == told
    assert decode(ORDER.encode(encoding)) == ORDER


def test_plain_ascii_and_nothing_at_all_are_utf_8() -> None:
    assert told_encoding([b"pump P-101 stopped"]) == told_encoding([]) == "utf-8"


def test_the_escape_that_a_terminal_writes_does_not_make_a_log_iso_2022_jp() -> None:
    assert told_encoding(["\x1b(Bポンプ".encode()]) == "utf-8"


@pytest.mark.parametrize("undecidable", ["ｱｲｳｴ".encode("cp932"), "café".encode("latin-1"), "pump".encode("utf-16-le")])
def test_what_could_be_two_encodings_or_none_is_refused(undecidable: bytes, tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(undecidable)
    with pytest.raises(SourceError, match="cannot be told"):
        file_encoding(file, "auto")


def test_a_character_that_two_chunks_share_is_read() -> None:
    encoded = ORDER.encode("euc-jp")
    assert told_encoding(encoded[at : at + 1] for at in range(len(encoded))) == "euc-jp"


@pytest.mark.parametrize("text", ["①②㈱㍻", "ﾎﾟﾝﾌﾟ ﾃｲｼ", "10時～11時", "髙橋と﨑山", "P-101 停止"])
def test_what_outlook_writes_as_iso_2022_jp_is_read(text: str, making) -> None:
    assert decode(making.iso2022jp(text), "iso-2022-jp") == text


@pytest.mark.parametrize("text", ["①②㈱", "ﾎﾟﾝﾌﾟ", "10時～11時"])
def test_signs_of_code_page_932_survive_under_every_name_of_it(text: str) -> None:
    for label in ("shift_jis", "Shift-JIS", "x-sjis", "windows-31j", "cp932"):
        assert decode(text.encode("cp932"), label) == text


def test_a_line_break_ends_two_byte_text() -> None:
    assert decode_iso2022jp(b"\x1b$B%]\nok") == "ポ\nok"


def test_bytes_that_are_no_iso_2022_jp_are_refused_without_telling_them() -> None:
    with pytest.raises(UnicodeDecodeError) as caught:
        decode_iso2022jp(b"\x1b$B\x20\x20secret")
    assert "secret" not in str(caught.value)


@settings(max_examples=80)
@given(text=st.text(alphabet="あ亜熙ーｱﾞ①㈱～A 1\n", max_size=30))
def test_every_text_comes_back_from_iso_2022_jp(text: str, making) -> None:
    assert decode_iso2022jp(making.iso2022jp(text)) == text


@settings(max_examples=80)
@given(encoded=st.binary(max_size=60))
def test_any_bytes_are_decoded_or_marked(encoded: bytes) -> None:
    assert isinstance(decode_iso2022jp(encoded, is_strict=False), str)


def test_a_line_without_end_is_no_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("anonymize.reading.encodings.LINE_CHARS", 100)
    file = tmp_path / "a.csv"
    file.write_bytes(b"x" * 200)
    for encoding in ("utf-8", "iso-2022-jp"):
        with pytest.raises(SourceError, match="a line is longer"):
            list(decoded_lines(file, encoding))


def test_lines_keep_their_ends_and_lose_the_mark(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes("\ufeffa\r\nb".encode())
    assert list(decoded_lines(file, "utf-8")) == list(io.StringIO("a\r\nb", newline=""))
