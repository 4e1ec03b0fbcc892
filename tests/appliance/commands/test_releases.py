"""`verify`, `install` and `roll-back` as a person and as a program meet them."""

import json


def installed(call, factory, version, *options):
    arguments = ("--trusted-key", factory.trusted_key, "--home", factory.home)
    return call("install", factory.bundle(version), *arguments, *options)


def test_rolling_back_says_what_is_in_service_now(call, factory):
    installed(call, factory, "1")
    installed(call, factory, "2")
    done = call("roll-back", "--home", factory.home)
    assert done.status == 0
    assert done.out.startswith("in service: work-orders 1 (int4) in ")
    assert "kept for roll-back: work-orders-2-" in done.out


def test_rolling_back_twice_returns_to_the_newer_version(call, factory):
    installed(call, factory, "1")
    installed(call, factory, "2")
    versions = [json.loads(call("roll-back", "--home", factory.home, "--json").out)["version"] for _ in range(2)]
    assert versions == ["1", "2"]


def test_without_a_version_before_it_there_is_nothing_to_roll_back_to(call, factory):
    installed(call, factory, "1")
    done = call("roll-back", "--home", factory.home)
    assert done.status == 2
    assert "there is no version before this one" in done.err
    assert "  do: " in done.err


def test_a_version_that_rotted_does_not_come_back(call, factory):
    first = json.loads(installed(call, factory, "1", "--json").out)
    installed(call, factory, "2")
    (factory.home / "versions" / first["folder"].rsplit("/", 1)[1] / "model.onnx").write_bytes(b"grapH")
    assert call("roll-back", "--home", factory.home).status == 7


def test_an_installation_is_told_to_programs(call, factory):
    first = json.loads(installed(call, factory, "1", "--json").out)
    second = json.loads(installed(call, factory, "2", "--json").out)
    assert (first["name"], first["version"], first["variant"]) == ("work-orders", "1", "int4")
    assert first["previous"] is None
    assert second["previous"] == first["folder"].rsplit("/", 1)[1]
    assert len(second["digest"]) == len(second["key_id"]) == 64


def test_an_installation_is_told_to_people(call, factory):
    assert installed(call, factory, "1").out.startswith("installed work-orders 1 (int4) in ")
    assert "kept for roll-back: work-orders-1-" in installed(call, factory, "2").out


def test_a_whole_bundle_is_verified(call, factory):
    done = call("verify", factory.bundle("1"), "--trusted-key", factory.trusted_key)
    assert done.status == 0
    assert done.out.startswith("work-orders 1 (int4), 1 files: every byte is as\n")


def test_a_folder_whose_name_steers_the_terminal_is_shown_as_text(call, factory):
    home = factory.root / "h\x1b]0;owned\x07"
    done = call("install", factory.bundle("1"), "--trusted-key", factory.trusted_key, "--home", home)
    assert done.status == 0
    assert "\x1b" not in done.out
    assert "h␛]0;owned␇" in done.out


def test_a_factory_that_demands_a_roll_out_refuses_a_bundle_that_states_no_stage(call, factory, monkeypatch):
    done = installed(call, factory, "1", "--stage", "roll-out")
    assert done.status == 6
    assert "roll-out is demanded here" in done.err
    monkeypatch.setenv("APPLIANCE_STAGE", "roll-out")
    assert installed(call, factory, "2").status == 6


def test_a_version_of_an_earlier_stage_than_demanded_does_not_come_back(call, factory, monkeypatch):
    installed(call, factory, "1")
    second = json.loads(installed(call, factory, "2", "--json").out)
    refused = call("roll-back", "--home", factory.home, "--stage", "roll-out")
    assert refused.status == 6
    assert "roll-out is demanded here" in refused.err
    monkeypatch.setenv("APPLIANCE_STAGE", "roll-out")
    assert call("roll-back", "--home", factory.home).status == 6
    assert second["folder"].rsplit("/", 1)[1] in (factory.home / "current").read_text()
    monkeypatch.delenv("APPLIANCE_STAGE")
    unjudged = call("roll-back", "--home", factory.home, "--approver-key", factory.trusted_key)
    assert (unjudged.status, "carries no verdict" in unjudged.err) == (6, True)


def test_an_approvers_key_demands_a_verdict_without_a_stage_too(call, factory, monkeypatch):
    done = installed(call, factory, "1", "--approver-key", factory.trusted_key)
    assert (done.status, "carries no verdict: nothing was judged" in done.err) == (6, True)
    monkeypatch.setenv("APPLIANCE_APPROVER_KEY", str(factory.trusted_key))
    assert installed(call, factory, "2").status == 6
    assert not factory.home.exists()
