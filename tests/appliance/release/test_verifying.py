import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from appliance.core.errors import IntegrityError, SettingsError
from appliance.release.building import build
from appliance.release.manifest import BundleFacts
from appliance.release.signing import KeyPair, generate_key, load_private_key, load_public_key
from appliance.release.verifying import verify

FILES = ["evidence/報告書.txt", "manifest.json", "model.onnx", "model.onnx.data", "model.sig"]
FLIP_EVERY = 3  # bytes


def refusal(folder: Path, keys: KeyPair) -> IntegrityError:
    with pytest.raises(IntegrityError) as caught:
        verify(folder, load_public_key(keys.public))
    assert caught.value.hint
    assert caught.value.exit_status == 7
    return caught.value


def test_a_bundle_as_it_was_made_is_accepted(bundle: Path, keys: KeyPair) -> None:
    verified = verify(bundle, load_public_key(keys.public))
    assert verified.manifest.name == "work-orders"
    assert verified.manifest.prompt.prefix == "作業を標準化してください: "
    assert sorted(verified.manifest.files) == ["evidence/報告書.txt", "model.onnx", "model.onnx.data"]
    assert verified.key_id == keys.id


def test_the_same_content_and_key_give_the_same_bytes(
    bundle: Path, tmp_path: Path, parts: dict[str, Path], facts: BundleFacts, keys: KeyPair
) -> None:
    again = tmp_path / "again"
    again.mkdir()
    build(again, parts, facts, load_private_key(keys.private))
    assert {name: (again / name).read_bytes() for name in FILES} == {
        name: (bundle / name).read_bytes() for name in FILES
    }


@pytest.mark.parametrize("name", FILES)
def test_a_flipped_byte_is_refused_wherever_it_is(name: str, bundle: Path, keys: KeyPair) -> None:
    file, key = bundle / name, load_public_key(keys.public)
    content = file.read_bytes()
    accepted = []
    for place in range(0, len(content), FLIP_EVERY):
        file.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        try:
            verify(bundle, key)
        except IntegrityError:
            continue
        accepted.append(place)
    assert accepted == []


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_cut_off_grown_or_empty_is_refused(name: str, bundle: Path, keys: KeyPair) -> None:
    content = (bundle / name).read_bytes()
    for other in (content[:-1], content + b"\n", b""):
        (bundle / name).write_bytes(other)
        refusal(bundle, keys)


@pytest.mark.parametrize("name", FILES)
def test_a_removed_file_is_refused_by_name(name: str, bundle: Path, keys: KeyPair) -> None:
    (bundle / name).unlink()
    if name == "evidence/報告書.txt":
        (bundle / "evidence" / "other.txt").touch()
    assert name in refusal(bundle, keys).message


@pytest.mark.parametrize("name", ["added.bin", ".hidden", ".github/evil.py", "evidence/追加.txt", "MODEL.ONNX"])
def test_an_added_file_is_refused_by_name(name: str, bundle: Path, keys: KeyPair) -> None:
    (bundle / name).parent.mkdir(exist_ok=True)
    (bundle / name).write_bytes(b"")
    assert f"{name} was not signed" in refusal(bundle, keys).message


def test_an_added_empty_folder_is_refused(bundle: Path, keys: KeyPair) -> None:
    (bundle / "empty").mkdir()
    assert "empty" in refusal(bundle, keys).message


def test_a_renamed_file_is_refused(bundle: Path, keys: KeyPair) -> None:
    (bundle / "model.onnx").rename(bundle / "model2.onnx")
    assert "model.onnx is missing" in refusal(bundle, keys).message


def test_two_files_that_changed_places_are_refused(bundle: Path, keys: KeyPair) -> None:
    (bundle / "model.onnx").rename(bundle / "x")
    (bundle / "model.onnx.data").rename(bundle / "model.onnx")
    (bundle / "x").rename(bundle / "model.onnx.data")
    refusal(bundle, keys)


def test_a_link_to_equal_content_is_refused(bundle: Path, tmp_path: Path, keys: KeyPair) -> None:
    (bundle / "model.onnx").rename(tmp_path / "elsewhere")
    (bundle / "model.onnx").symlink_to(tmp_path / "elsewhere")
    assert "link" in refusal(bundle, keys).message


def test_a_linked_folder_and_a_pipe_are_refused(bundle: Path, tmp_path: Path, keys: KeyPair) -> None:
    os.mkfifo(bundle / "pipe")
    assert "pipe" in refusal(bundle, keys).message
    (bundle / "pipe").unlink()
    (bundle / "linked").symlink_to(tmp_path)
    assert "linked" in refusal(bundle, keys).message


def test_another_key_is_refused_and_named(bundle: Path, tmp_path: Path) -> None:
    other = generate_key(tmp_path / "other")
    assert other.id[:16] in refusal(bundle, other).message


def test_an_edited_manifest_is_refused_before_it_is_parsed(bundle: Path, keys: KeyPair) -> None:
    content = json.loads((bundle / "manifest.json").read_bytes())
    content["generation"]["max_new_tokens"] = 4096
    (bundle / "manifest.json").write_text(json.dumps(content), encoding="utf-8")
    assert "manifest.json was changed" in refusal(bundle, keys).message


def test_a_signature_of_another_bundle_is_refused(make_bundle: Callable[[str], Path], keys: KeyPair) -> None:
    first, second = make_bundle("1"), make_bundle("2")
    (first / "model.sig").write_bytes((second / "model.sig").read_bytes())
    refusal(first, keys)


NONSENSE = [b"", b"{}", b"[]", b"\xff\xfe", b'{"dsseEnvelope": null}', b'"text"', b"7"]
NESTED = [b"[" * 500_000, b'{"dsseEnvelope":' * 60_000]  # deeper than a parser goes, within the size of a signature


@pytest.mark.parametrize("content", [*NONSENSE, *NESTED], ids=range(len(NONSENSE) + len(NESTED)))
def test_nonsense_instead_of_a_signature_is_refused(content: bytes, bundle: Path, keys: KeyPair) -> None:
    (bundle / "model.sig").write_bytes(content)
    refusal(bundle, keys)


def test_a_missing_folder_is_the_operators_mistake(tmp_path: Path, keys: KeyPair) -> None:
    with pytest.raises(SettingsError, match="no such folder"):
        verify(tmp_path / "nowhere", load_public_key(keys.public))


@pytest.mark.parametrize("name", ["../up", "/root", ".hidden", "a\\b", "model.sig", "Manifest.json", "a//b", "x/./y"])
def test_a_name_that_would_leave_the_folder_cannot_be_built(
    name: str, tmp_path: Path, facts: BundleFacts, parts: dict[str, Path], keys: KeyPair
) -> None:
    (tmp_path / "draft").mkdir()
    with pytest.raises(SettingsError, match="cannot be the name"):
        build(tmp_path / "draft", {name: parts["model.onnx"]}, facts, load_private_key(keys.private))
