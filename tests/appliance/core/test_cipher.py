"""Encryption at rest of raw lines."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.cipher import FRAME_LINES, KEY_BYTES, Cipher, load_key
from appliance.core.errors import CustodyError, IntegrityError

KEY = bytes(range(KEY_BYTES))
LINES = [{"id": str(number), "text": "担当：田中太郎 03-1234-5678"} for number in range(FRAME_LINES + 3)]


@given(values=st.lists(st.text(), max_size=30))
def test_lines_come_back_as_they_were_written(values: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("cipher") / "lines"
    assert Cipher(KEY).write_lines(file, values) == len(values)
    assert list(Cipher(KEY).read_lines(file)) == values


def test_no_name_can_be_read_in_the_file(tmp_path: Path) -> None:
    Cipher(KEY).write_lines(tmp_path / "lines", LINES)
    content = (tmp_path / "lines").read_bytes()
    assert "田中".encode() not in content
    assert b"03-1234" not in content


def test_equal_lines_give_equal_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        Cipher(KEY).write_lines(tmp_path / name / "lines", LINES)
    assert (tmp_path / "a" / "lines").read_bytes() == (tmp_path / "b" / "lines").read_bytes()


@pytest.mark.parametrize("position", [0, 5, 40, -1])
def test_a_flipped_bit_is_refused(tmp_path: Path, position: int) -> None:
    Cipher(KEY).write_lines(tmp_path / "lines", LINES)
    content = bytearray((tmp_path / "lines").read_bytes())
    content[position] ^= 1
    (tmp_path / "lines").write_bytes(content)
    with pytest.raises(IntegrityError):
        list(Cipher(KEY).read_lines(tmp_path / "lines"))


def test_a_whole_frame_cut_off_at_the_end_is_refused(tmp_path: Path) -> None:
    Cipher(KEY).write_lines(tmp_path / "long", LINES)
    Cipher(KEY).write_lines(tmp_path / "lines", LINES[:FRAME_LINES])
    first = (tmp_path / "long").read_bytes()[: (tmp_path / "lines").stat().st_size]
    (tmp_path / "long").write_bytes(first)
    with pytest.raises(IntegrityError):
        list(Cipher(KEY).read_lines(tmp_path / "long"))


def test_another_key_opens_nothing(tmp_path: Path) -> None:
    Cipher(KEY).write_lines(tmp_path / "lines", LINES)
    with pytest.raises(IntegrityError):
        list(Cipher(KEY[::-1]).read_lines(tmp_path / "lines"))


def test_a_new_key_is_private_and_stays(tmp_path: Path) -> None:
    key = load_key(tmp_path / "key")
    assert load_key(tmp_path / "key") == key
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    load_key(tmp_path / "key")
    (tmp_path / "key").chmod(0o644)
    with pytest.raises(CustodyError):
        load_key(tmp_path / "key")
