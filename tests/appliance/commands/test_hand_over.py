"""A bundle on a stick: whole and read back, or not there."""

import json
import shutil
from collections import namedtuple

import pytest

from appliance.core.errors import IntegrityError, ResourceError, SettingsError
from appliance.core.hashing import folder_digests
from appliance.release.handing_over import hand_over


@pytest.fixture
def stick(tmp_path):
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


def test_what_lies_on_the_stick_is_the_bundle_and_a_second_time_changes_nothing(factory, stick) -> None:
    bundle, steps = factory.bundle("1"), []
    written = hand_over(bundle, factory.trusted_key, stick, lambda done, total: steps.append((done, total)))
    assert folder_digests(written.folder) == folder_digests(bundle)
    assert [path.name for path in stick.iterdir()] == ["bundle-1"]
    assert steps[-1][0] == steps[-1][1] > 0
    assert hand_over(bundle, factory.trusted_key, stick).digest == written.digest


def test_a_bundle_that_was_changed_does_not_leave(factory, stick) -> None:
    bundle = factory.bundle("1")
    (bundle / "model.onnx").write_bytes(b"other")
    with pytest.raises(IntegrityError):
        hand_over(bundle, factory.trusted_key, stick)
    assert list(stick.iterdir()) == []


def test_a_stick_that_loses_bits_is_told_and_nothing_is_left_on_it(factory, stick, monkeypatch) -> None:
    bundle, copy = factory.bundle("1"), shutil.copyfile

    def losing(source, target):
        copy(source, target)
        if target.name == "model.onnx":
            target.write_bytes(b"grapg")

    monkeypatch.setattr(shutil, "copyfile", losing)
    with pytest.raises(IntegrityError, match=r"model\.onnx"):
        hand_over(bundle, factory.trusted_key, stick)
    assert list(stick.iterdir()) == []


def test_a_full_stick_and_one_that_is_not_there_are_told(factory, stick, monkeypatch) -> None:
    bundle = factory.bundle("1")
    with pytest.raises(SettingsError, match="no such folder"):
        hand_over(bundle, factory.trusted_key, stick / "none")
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(1, 1, 10))
    with pytest.raises(ResourceError, match="MB are free"):
        hand_over(bundle, factory.trusted_key, stick)


def test_the_command_tells_where_it_lies(factory, stick, call) -> None:
    done = call("hand-over", factory.bundle("1"), stick, "--trusted-key", factory.trusted_key, "--json")
    assert json.loads(done.out)["folder"] == str(stick / "bundle-1")
