"""Screen 7: variants, the way to a stick, and what is in service."""

from typing import Any

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from appliance.core.hashing import folder_digests
from appliance.core.reasons import reason
from appliance.release.building import build
from appliance.release.installing import installed
from appliance.release.manifest import BaseModelFacts, BundleFacts, Prompt
from appliance.release.publishing import own_keys
from appliance.release.signing import load_private_key

SIZES = [(80, 24), (120, 40)]
FOOTERS = {
    "en": "? help w write to a stick i install here b roll back esc back",
    "ja": "? ヘルプ w USB へ書き出し i ここに導入 b 前の版に戻す esc 戻る",
}
SCORE = {"value": 0.568, "low": 0.468, "high": 0.663, "samples": 95}
VARIANT = {
    "bytes": 154_000_000, "prefill_tokens_per_second": 708.0, "decode_tokens_per_second": 95.0, "top1_agreement": 0.991,
    "exact_match": SCORE, "retention": 1.0, "passed": True, "reasons": [],
}  # fmt: skip
LOST = reason("retention-too-small", of="\x1b[2J", kept=0.05, limit=0.95)
TOLD = {"en": "keeps 0.050 of the adaptation, less than 0.950", "ja": "適応の保持は 0.050 で、0.950 に満たない"}
FACTS = {
    "variants": {"int8": VARIANT, "int4": {**VARIANT, "passed": False, "reasons": [LOST]}},
    "chosen": "int8",
}


@pytest.fixture
def exported(write_run, workspace, tmp_path, monkeypatch: pytest.MonkeyPatch):
    """A finished run with a signed bundle, and an empty home."""
    monkeypatch.setenv("APPLIANCE_HOME", str(tmp_path / "home"))
    writer = write_run("orders-aaaaaaaa")
    (tmp_path / "model").write_bytes(b"graph")
    folder = workspace.bundles / "orders-1"
    folder.mkdir(parents=True)
    base = BaseModelFacts(name="tiny", sha256="ab" * 32, licence="Apache-2.0")
    prompt = Prompt(prefix="作業: ", suffix="\n", stop_ids=(2,))
    facts = BundleFacts(
        name="orders", version="1", variant="int8", licence="Apache-2.0", base_model=base, prompt=prompt
    )
    build(folder, {"model.onnx": tmp_path / "model"}, facts, load_private_key(own_keys(workspace.keys)[0]))
    bundle = {"name": "orders", "version": "1", "folder": "orders-1", "bytes": 126_000_000, "key_id": "f8669cb51cb3"}
    for step, told in (("verify", FACTS), ("bundle", bundle)):
        writer.log.append("step_started", step=step)
        writer.log.append("step_finished", step=step, reused=False, seconds=1, digest="", facts=told)
    writer.log.append("run_finished", seconds=1.0)
    return workspace


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", ["en", "ja"])
def test_each_variant_shows_size_speed_parity_retention_and_gate(exported, drive, shown, size, lang) -> None:
    async def scene(pilot: Pilot[Any]) -> None:
        await pilot.press("7")
        await shown(pilot, str(exported.bundles)[:20])
        text = await shown(pilot, "esc ")
        lines = text.splitlines()
        assert {cell_len(line) for line in lines} == {size[0]}
        row = " ".join(next(line for line in lines if "int8 " in line).split())
        assert row == "│ int8 154 MB 708 95 0.991 0.568 0.47-0.66 1.000 PASS * │"
        assert f"␛[2J: {TOLD[lang]}" in text
        assert lines[-1].strip() == FOOTERS[lang]

    drive(exported, scene, size, lang)


def test_the_bundle_goes_to_a_stick_and_into_service_here(exported, drive, shown, tmp_path, monkeypatch) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    monkeypatch.setattr("tui.screens.export.sticks", lambda: [stick])

    async def scene(pilot: Pilot[Any]) -> None:
        await pilot.press("7")
        await shown(pilot, "Signed: orders 1, 126 MB")
        await pilot.press("w")
        await shown(pilot, "take this folder")
        await pilot.press("enter")
        await shown(pilot, "The stick can be taken out.")
        assert folder_digests(stick / "orders-1") == folder_digests(exported.bundles / "orders-1")
        await pilot.press("i")
        await shown(pilot, "PASS  in service: orders 1 (int8)")
        assert installed(tmp_path / "home").previous is None
        await pilot.press("b")
        await shown(pilot, "Cancel (n)")
        await pilot.press("y")
        await shown(pilot, "Not rolled back")

    drive(exported, scene)
