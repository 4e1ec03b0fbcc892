from pathlib import Path

import pytest

from anonymize.errors import KeyTooShort, VaultError, WrongKey
from anonymize.replacing.originals import Original
from anonymize.replacing.vault import BLOCK_VALUES, Vault, write_vault

KEY = b"v" * 32
ORIGINALS = tuple(Original(f"<PERSON_{at:04d}>", "PERSON", f"佐藤{at}\ud800", "placeholder", at) for at in range(2500))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    write_vault(tmp_path / "vault", KEY, ORIGINALS)
    return tmp_path / "vault"


@pytest.mark.parametrize("count", [0, 1, BLOCK_VALUES, 2500])
def test_everything_written_is_given_back_in_order(tmp_path: Path, count: int) -> None:
    assert write_vault(tmp_path / "vault", KEY, iter(ORIGINALS[:count])) == count
    assert tuple(Vault(tmp_path / "vault", KEY)) == ORIGINALS[:count]


def test_a_replacement_is_revealed_in_any_spelling(file: Path, tmp_path: Path) -> None:
    assert Vault(file, KEY).reveal("<person_1234>") == ORIGINALS[1234]
    assert Vault(file, KEY).reveal("<PERSON_9999>") is None
    surrogate = Original("090-0000-1234", "PHONE_NUMBER", "080-1234-5678", "surrogate", 3)
    write_vault(tmp_path / "phones", KEY, [surrogate])
    assert Vault(tmp_path / "phones", KEY).reveal("０９０ ００００ １２３４") == surrogate


def test_what_cannot_be_undone_is_not_kept(tmp_path: Path) -> None:
    coarse = Original("60代", "AGE", "67歳", "generalise")
    assert write_vault(tmp_path / "vault", KEY, [coarse, ORIGINALS[0]]) == 1


def test_another_key_opens_nothing_and_the_error_tells_no_value(file: Path) -> None:
    with pytest.raises(WrongKey, match="another key, or was changed"):
        Vault(file, b"w" * 32)
    with pytest.raises(KeyTooShort):
        Vault(file, b"short")


def test_no_value_stands_in_the_file_and_only_its_owner_reads_it(file: Path) -> None:
    assert "佐藤".encode() not in file.read_bytes()
    assert b"PERSON" not in file.read_bytes()
    assert file.stat().st_mode & 0o077 == 0


def test_two_vaults_of_one_content_differ(file: Path, tmp_path: Path) -> None:
    write_vault(tmp_path / "again", KEY, ORIGINALS)
    assert (tmp_path / "again").read_bytes() != file.read_bytes()


@pytest.mark.parametrize("cut", [1, 40, 30_000])
def test_a_vault_that_was_cut_off_is_refused(file: Path, cut: int) -> None:
    file.write_bytes(file.read_bytes()[:-cut])
    with pytest.raises(WrongKey):
        tuple(Vault(file, KEY))


def test_a_whole_block_that_was_cut_off_is_noticed(file: Path) -> None:
    content = file.read_bytes()
    first = content.index(content[34:38])
    length = int.from_bytes(content[first : first + 4], "big")
    file.write_bytes(content[: first + 4 + length])
    with pytest.raises(WrongKey):
        Vault(file, KEY)


def test_a_changed_byte_is_noticed(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[-3] ^= 1
    file.write_bytes(content)
    with pytest.raises(WrongKey, match="block 2"):
        tuple(Vault(file, KEY))


def test_a_file_that_is_no_vault_or_cannot_be_written_is_a_typed_error(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("placeholder,value", encoding="utf-8")
    with pytest.raises(VaultError, match="is no vault"):
        Vault(tmp_path / "text", KEY)
    with pytest.raises(VaultError, match="cannot be read"):
        Vault(tmp_path / "none", KEY)
    with pytest.raises(VaultError, match="cannot be written"):
        write_vault(tmp_path / "none" / "vault", KEY, ORIGINALS)


def test_a_failed_write_leaves_the_earlier_vault_in_place(file: Path) -> None:
    def failing() -> "list[Original]":
        yield ORIGINALS[0]
        raise RuntimeError("the source broke")

    with pytest.raises(RuntimeError, match="the source broke"):
        write_vault(file, KEY, failing())
    assert len(tuple(Vault(file, KEY))) == 2500
