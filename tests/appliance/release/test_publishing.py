import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from appliance.core.errors import SettingsError
from appliance.core.hashing import folder_digests
from appliance.release.publishing import own_keys, publish
from appliance.release.signing import generate_key, key_id, load_private_key, load_public_key

# ends itself without a word at the n-th rename, as a power cut would
KILLED_AT_RENAME = (
    "import os, signal, sys; from pathlib import Path; from appliance.release.publishing import own_keys\n"
    "left, rename = [int(sys.argv[2])], Path.replace\n"
    "def counted(self, target):\n"
    " left[0] -= 1\n"
    " return rename(self, target) if left[0] else os.kill(os.getpid(), signal.SIGKILL)\n"
    "Path.replace = counted\n"
    "own_keys(Path(sys.argv[1]))\n"
)


def are_a_pair(private: Path, public: Path) -> bool:
    return key_id(load_private_key(private).public_key()) == key_id(load_public_key(public))


def test_a_workspace_gets_one_pair_of_keys_and_keeps_it(tmp_path: Path) -> None:
    private, public = own_keys(tmp_path / "keys")
    before = (private.read_bytes(), public.read_bytes())
    assert are_a_pair(private, public)
    assert private.stat().st_mode & 0o777 == 0o600
    assert own_keys(tmp_path / "keys") == (private, public)
    assert (private.read_bytes(), public.read_bytes()) == before


@pytest.mark.parametrize("rename", [1, 2])
def test_a_kill_between_the_two_files_is_repaired(rename: int, tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    killed = subprocess.run([sys.executable, "-c", KILLED_AT_RENAME, folder, str(rename)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert (folder / "signing-key.pem").exists() == (rename == 2)
    assert not (folder / "trusted-key.pem").exists()
    private, public = own_keys(folder)
    assert are_a_pair(private, public)
    assert private.stat().st_mode & 0o777 == 0o600


def test_a_missing_public_key_is_derived_from_the_private_one(tmp_path: Path) -> None:
    pair = generate_key(tmp_path)
    before = pair.public.read_bytes()
    pair.public.unlink()
    assert own_keys(tmp_path)[1].read_bytes() == before


def test_a_public_key_of_another_pair_is_put_right(tmp_path: Path) -> None:
    pair, other = generate_key(tmp_path / "keys"), generate_key(tmp_path / "other")
    shutil.copyfile(other.public, pair.public)
    assert are_a_pair(*own_keys(tmp_path / "keys"))


def test_a_private_file_that_is_no_key_is_refused_and_kept(tmp_path: Path) -> None:
    (tmp_path / "signing-key.pem").touch()
    with pytest.raises(SettingsError, match=r"signing-key\.pem"):
        own_keys(tmp_path)
    assert list(tmp_path.iterdir()) == [tmp_path / "signing-key.pem"]


def test_a_published_bundle_is_the_same_byte_by_byte(bundle: Path, tmp_path: Path) -> None:
    target = tmp_path / "bundles" / "work-orders-1"
    publish(bundle, target)
    assert folder_digests(target) == folder_digests(bundle)
    assert list(target.parent.iterdir()) == [target]


def test_publishing_again_changes_nothing(bundle: Path, tmp_path: Path) -> None:
    target = tmp_path / "bundles" / "作業-1"
    publish(bundle, target)
    before = (target / "model.onnx").stat()
    publish(bundle, target)
    after = (target / "model.onnx").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_another_content_under_the_same_name_and_version_is_refused(
    make_bundle: Callable[[str], Path], tmp_path: Path
) -> None:
    target = tmp_path / "bundles" / "work-orders-1"
    publish(make_bundle("1"), target)
    before = folder_digests(target)
    with pytest.raises(SettingsError, match="work-orders-1") as caught:
        publish(make_bundle("2"), target)
    assert "bundle.version" in caught.value.hint
    assert folder_digests(target) == before


def test_a_draft_that_a_power_cut_left_is_replaced(bundle: Path, tmp_path: Path) -> None:
    target = tmp_path / "bundles" / "work-orders-1"
    draft = target.with_name(".draft-work-orders-1")
    draft.mkdir(parents=True)
    (draft / "half").touch()
    publish(bundle, target)
    assert folder_digests(target) == folder_digests(bundle)
    assert not draft.exists()
