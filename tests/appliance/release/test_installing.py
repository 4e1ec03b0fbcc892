import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from appliance.core.errors import Busy, IntegrityError, ResourceError, SettingsError
from appliance.core.locking import locked
from appliance.release.installing import install, installed, roll_back
from appliance.release.signing import KeyPair, generate_key


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def versions(home: Path) -> list[str]:
    return sorted(folder.name.rsplit("-", 1)[0] for folder in (home / "versions").iterdir())


def test_an_installed_bundle_is_found_again(bundle: Path, keys: KeyPair, home: Path) -> None:
    done = install(bundle, keys.public, home)
    assert done == installed(home)
    assert done.folder.parent == home / "versions"
    assert (done.folder / "evidence" / "報告書.txt").read_text(encoding="utf-8") == "精度の報告\n"


def test_installing_twice_changes_nothing(bundle: Path, keys: KeyPair, home: Path) -> None:
    assert install(bundle, keys.public, home) == install(bundle, keys.public, home)
    assert versions(home) == ["work-orders-1"]


def test_the_version_before_is_kept_and_older_ones_go(
    make_bundle: Callable[[str], Path], keys: KeyPair, home: Path
) -> None:
    for version in ("1", "2", "3"):
        install(make_bundle(version), keys.public, home)
    assert versions(home) == ["work-orders-2", "work-orders-3"]
    assert installed(home).verified.manifest.version == "3"


def test_rolling_back_puts_the_version_before_into_service(
    make_bundle: Callable[[str], Path], keys: KeyPair, home: Path
) -> None:
    install(make_bundle("1"), keys.public, home)
    install(make_bundle("2"), keys.public, home)
    assert roll_back(home).verified.manifest.version == "1"
    assert roll_back(home).verified.manifest.version == "2"


def test_there_is_nothing_to_roll_back_to_at_first(bundle: Path, keys: KeyPair, home: Path) -> None:
    with pytest.raises(SettingsError, match="no version before"):
        roll_back(home)
    install(bundle, keys.public, home)
    with pytest.raises(SettingsError, match="no version before"):
        roll_back(home)


def test_nothing_installed_is_said_so(home: Path) -> None:
    with pytest.raises(SettingsError, match="nothing is installed"):
        installed(home)


def test_a_changed_bundle_is_not_installed(make_bundle: Callable[[str], Path], keys: KeyPair, home: Path) -> None:
    install(make_bundle("1"), keys.public, home)
    second = make_bundle("2")
    (second / "model.onnx").write_bytes(b"grapH")
    with pytest.raises(IntegrityError, match=r"model\.onnx was changed"):
        install(second, keys.public, home)
    assert installed(home).verified.manifest.version == "1"
    assert versions(home) == ["work-orders-1"]


def test_a_bundle_of_another_maker_is_not_installed(bundle: Path, tmp_path: Path, home: Path) -> None:
    with pytest.raises(IntegrityError):
        install(bundle, generate_key(tmp_path / "other").public, home)
    assert not home.exists()


def test_bit_rot_after_the_installation_is_found_before_the_next_load(bundle: Path, keys: KeyPair, home: Path) -> None:
    folder = install(bundle, keys.public, home).folder
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = file.read_bytes()
        file.write_bytes(bytes([content[0] ^ 128]) + content[1:])
        with pytest.raises(IntegrityError):
            installed(home)
        file.write_bytes(content)
    assert installed(home).folder == folder


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b'{"current": {"folder": "x"}, "previous": null}'])
def test_a_broken_pointer_is_refused(content: bytes, bundle: Path, keys: KeyPair, home: Path) -> None:
    install(bundle, keys.public, home)
    (home / "current").write_bytes(content)
    with pytest.raises(IntegrityError, match="current"):
        installed(home)


def test_a_pointer_that_leaves_the_home_is_refused(bundle: Path, keys: KeyPair, home: Path) -> None:
    install(bundle, keys.public, home)
    content = json.loads((home / "current").read_bytes())
    content["current"]["folder"] = "../../bundle-1"
    (home / "current").write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(IntegrityError, match="current"):
        installed(home)


def test_a_draft_that_a_power_cut_left_is_removed(bundle: Path, keys: KeyPair, home: Path) -> None:
    (home / "versions" / ".draft-x").mkdir(parents=True)
    install(bundle, keys.public, home)
    assert versions(home) == ["work-orders-1"]


def test_two_installations_at_once_are_refused(bundle: Path, keys: KeyPair, home: Path) -> None:
    home.mkdir()
    with locked(home / "lock", "home"), pytest.raises(Busy):
        install(bundle, keys.public, home)


def test_a_full_disk_leaves_the_old_version_in_service(
    make_bundle: Callable[[str], Path], keys: KeyPair, home: Path
) -> None:
    install(make_bundle("1"), keys.public, home)
    second = make_bundle("2")
    script = (
        "import resource, signal, sys; from pathlib import Path;"
        "from appliance.core.errors import ResourceError; from appliance.release.installing import install;"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (150, 150));"
        "exec('try:\\n install(*map(Path, sys.argv[1:]))\\nexcept ResourceError as error:\\n sys.exit(5)')"
    )
    child = subprocess.run([sys.executable, "-c", script, second, keys.public, home], check=False)
    assert child.returncode == 5
    assert installed(home).verified.manifest.version == "1"
    assert versions(home) == ["work-orders-1"]


def test_a_stick_that_is_pulled_out_leaves_nothing_behind(
    bundle: Path, keys: KeyPair, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pulled(source: str, target: str) -> str:
        raise OSError(5, "Input/output error", source)

    monkeypatch.setattr("shutil.copyfile", pulled)
    with pytest.raises(ResourceError):
        install(bundle, keys.public, home)
    assert versions(home) == []


def test_a_home_that_cannot_be_written_is_the_administrators_matter(bundle: Path, keys: KeyPair) -> None:
    with pytest.raises(ResourceError, match="/proc"):
        install(bundle, keys.public, Path("/proc/home"))
