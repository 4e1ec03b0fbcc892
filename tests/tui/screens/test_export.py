"""Screen 7: variants, the way to a stick, and what is in service."""

from typing import Any

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from appliance.core.hashing import folder_digests
from appliance.core.reasons import reason
from appliance.release.approval import find_approval
from appliance.release.building import build
from appliance.release.installing import install, installed
from appliance.release.manifest import BaseModelFacts, BundleFacts, Prompt
from appliance.release.publishing import own_keys
from appliance.release.signing import generate_key, load_private_key, load_public_key
from tui.export_wording import variant_lines
from tui.language import language
from tui.screens.export import ExportScreen

SIZES = [(80, 24), (120, 40)]
FOOTERS = {
    "en": "? help w write to a stick i install here b roll back d stage esc back",
    "ja": "? ヘルプ w USB へ書き出し i ここに導入 b 前の版に戻す d 段階 esc 戻る",
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


def bundle_facts(version: str) -> BundleFacts:
    base = BaseModelFacts(name="tiny", sha256="ab" * 32, licence="Apache-2.0")
    prompt = Prompt(prefix="作業: ", suffix="\n", stop_ids=(2,))
    return BundleFacts(
        name="orders", version=version, variant="int8", licence="Apache-2.0", base_model=base, prompt=prompt
    )


@pytest.fixture
def exported(write_run, workspace, tmp_path, monkeypatch: pytest.MonkeyPatch):
    """A finished run with a signed bundle, and an empty home."""
    monkeypatch.setenv("APPLIANCE_HOME", str(tmp_path / "home"))
    writer = write_run("orders-aaaaaaaa")
    (tmp_path / "model").write_bytes(b"graph")
    folder = workspace.bundles / "orders-1"
    folder.mkdir(parents=True)
    key = load_private_key(own_keys(workspace.keys)[0])
    build(folder, {"model.onnx": tmp_path / "model"}, bundle_facts("1"), key)
    bundle = {"name": "orders", "version": "1", "folder": "orders-1", "bytes": 126_000_000, "key_id": "f8669cb51cb3"}
    for step, told in (("verify", FACTS), ("bundle", bundle)):
        writer.log.append("step_started", step=step)
        writer.log.append("step_finished", step=step, reused=False, seconds=1, digest="", facts=told)
    writer.log.append("run_finished", seconds=1.0)
    return workspace


@pytest.mark.parametrize("lang", ["en", "ja"])
@pytest.mark.parametrize("width", [75, 115])
def test_every_reason_of_a_refusal_is_told_whole_however_wide_the_screen(lang, width) -> None:
    reasons = [LOST, *(reason("retention-too-small", kept=number / 100, limit=0.95) for number in range(10, 15))]
    facts = {"verify": {"variants": {"int4": {**VARIANT, "passed": False, "reasons": reasons}}, "chosen": None}}
    lines = list(variant_lines(facts, language(lang).say, width))
    assert max(map(cell_len, lines)) <= width
    told = "".join("".join(lines).split())
    assert all(f"0.{number}" in told for number in ("050", *range(10, 15)))
    assert "…" not in told


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


def test_the_bundle_goes_to_a_stick_and_into_service_here(
    exported, drive, shown, tmp_path, monkeypatch, *, told
) -> None:
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
        home = tmp_path / "home"
        await told(pilot, f"Not rolled back {home}: there is no version before this one. install a bundle")

    drive(exported, scene)


def test_what_has_not_come_to_the_demanded_stage_is_neither_installed_nor_rolled_back_to(
    exported, drive, shown, tmp_path, *, told
) -> None:
    home, (private, public) = tmp_path / "home", own_keys(exported.keys)
    first, second = exported.bundles / "orders-1", tmp_path / "orders-2"
    second.mkdir()
    build(second, {"model.onnx": tmp_path / "model"}, bundle_facts("2"), load_private_key(private))
    refusal = "orders 1 is of the stage that nobody stated: roll-out is demanded here. ask for a bundle of that stage"

    async def refused_to_install(pilot: Pilot[Any]) -> None:
        await pilot.press("7")
        await shown(pilot, "Signed: orders 1, 126 MB")
        await shown(pilot, "demanded: roll-out")
        await pilot.press("i")
        await told(pilot, f"Not installed {refusal}")
        assert not home.exists()

    async def refused_to_roll_back(pilot: Pilot[Any]) -> None:
        await pilot.press("7")
        await shown(pilot, "in service: orders 2")
        await shown(pilot, "demanded: roll-out, signed by the approver")
        await pilot.press("b")
        await shown(pilot, "Cancel (n)")
        await pilot.press("y")
        await told(pilot, f"Not rolled back {refusal}")
        assert installed(home).verified.manifest.version == "2"

    async def key_without_a_stage(pilot: Pilot[Any]) -> None:
        await pilot.press("7")
        await shown(pilot, "in service: orders 2")
        await pilot.press("i")
        await told(pilot, "Not installed orders 1 carries no verdict: nothing was judged. ask for a bundle that this")

    drive(exported, refused_to_install, stage="roll-out")
    install(first, public, home)
    install(second, public, home)
    drive(exported, refused_to_roll_back, stage="roll-out", approver_key=public)
    drive(exported, key_without_a_stage, approver_key=public)


REFUSED = {
    "passed": False,
    "digest": "c0" * 32,
    "override": None,
    "gates": [{"name": "exposure", "status": "refused", "value": 9.2, "limit": 5.0, "reasons": [LOST]}],
}


@pytest.fixture
def refused(make_compared, workspace, tmp_path, monkeypatch: pytest.MonkeyPatch):
    """A run whose verdict refuses, and the approver's key on a stick."""
    monkeypatch.setenv("APPLIANCE_HOME", str(tmp_path / "home"))
    approver = generate_key(tmp_path / "stick")
    monkeypatch.setattr("tui.screens.approving.sticks", lambda: [tmp_path / "stick"])
    return make_compared(workspace, {"gates": REFUSED}, gates={"approver_key": str(approver.public)})


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", ["en", "ja"])
@pytest.mark.usefixtures("refused")
def test_a_refused_verdict_names_its_gates_and_asks_for_the_approver(workspace, drive, shown, size, lang) -> None:
    async def scene(pilot: Pilot[Any]) -> None:
        await pilot.press("7")
        await shown(pilot, "k approver" if lang == "en" else "k 承認者")
        text = await shown(pilot, "exposure")
        assert {cell_len(line) for line in text.splitlines()} == {size[0]}
        assert ("FAIL  refused by exposure" if lang == "en" else "FAIL  拒否：exposure") in text
        assert "…" not in "".join(line for line in text.splitlines() if "pytest" not in line)

    drive(workspace, scene, size, lang)


def test_the_approver_s_word_is_signed_and_the_key_is_never_shown(
    refused, workspace, drive, shown, screen_lines, *, tmp_path
) -> None:
    secret = "".join((tmp_path / "stick" / "signing-key.pem").read_text().splitlines()[1:-1])[
        48:72
    ]  # of the secret number

    async def scene(pilot: Pilot[Any]) -> None:
        seen = []
        await pilot.press("7")
        await shown(pilot, "k approver")
        await pilot.press("k")
        await shown(pilot, "signing-key.pem")
        await pilot.press("down", "enter")
        seen.append(await shown(pilot, "Who approves?"))
        assert "exposure: ␛[2J: keeps 0.050" in seen[-1]
        await pilot.press(*"Sato", "enter")
        seen.append(await shown(pilot, "No personal data"))
        await pilot.press(*"one line", "enter")
        seen.append(await shown(pilot, "Override exposure as Sato?"))
        assert not workspace.approvals.exists()
        await pilot.press("y")
        seen.append(await shown(pilot, "OVERRIDDEN by Sato: one line"))
        assert "approver" not in screen_lines(pilot)[-1]
        assert not any(secret in "".join(text.split()) for text in seen)

    drive(workspace, scene)
    found = find_approval(workspace.approvals / "small", "c0" * 32, load_public_key(tmp_path / "stick/trusted-key.pem"))
    assert (found.approval.by, found.approval.reason) == ("Sato", "one line")
    kept = [file.read_text(errors="replace") for file in workspace.root.rglob("*") if file.is_file()]
    assert not any(secret in text for text in kept)


@pytest.mark.usefixtures("refused")
def test_a_wrong_key_approves_nothing_and_an_auditor_is_not_asked(workspace, drive, shown, told, tmp_path) -> None:
    wrong = tmp_path / "stick" / "signing-key.pem"
    wrong.write_text("-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n")

    async def scene(pilot: Pilot[Any]) -> None:
        await pilot.press("7")
        await shown(pilot, "k approver")
        await pilot.press("k")
        await shown(pilot, "signing-key.pem")
        await pilot.press("down", "enter")
        await shown(pilot, "Who approves?")
        await pilot.press("S", "enter")
        await shown(pilot, "No personal data")
        await pilot.press("y", "enter")
        await shown(pilot, "Override exposure as S?")
        await pilot.press("y")
        await told(
            pilot, f"Not approved {wrong}: not an EC P-256 key as PEM without a passphrase. give such a key's file"
        )
        assert not workspace.approvals.exists()

    async def audited(pilot: Pilot[Any]) -> None:
        await pilot.press("7")
        await shown(pilot, "exposure")
        assert "approver" not in (await shown(pilot, "esc ")).splitlines()[-1]
        await pilot.press("k")
        assert isinstance(pilot.app.screen, ExportScreen)

    drive(workspace, scene)
    drive(workspace, audited, is_read_only=True)
