"""The end of a stage: everything that a decision is on, and the decision itself, as the command writes it."""

from typing import Any

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from appliance import service
from appliance.core.audit_log import AuditLog
from appliance.core.events import EventLog
from appliance.core.reasons import reason
from appliance.release.approving import Word
from appliance.release.deciding import read_decisions
from appliance.release.signing import generate_key, load_public_key
from tui.language import language
from tui.screens.deciding import DecidingScreen
from tui.stage_wording import OUTCOMES, STAGES

SIZES = [(80, 24), (120, 40)]
FOOTERS = {"en": "? help d go / no-go esc back", "ja": "? ヘルプ d GO／NO-GO esc 戻る"}
SCORE = {"value": 0.585, "low": 0.484, "high": 0.679, "samples": 94}
DICTIONARY = {"value": 0.713, "low": 0.614, "high": 0.794, "samples": 94}
KPI = {
    "measure": "exact_match", "target": 0.6, "against": "baseline", "less_is_better": False,
    "judged": [{"of": "adapted", "score": SCORE, "judged": "open"},
               {"of": "dictionary", "score": DICTIONARY, "judged": "reached"}],
}  # fmt: skip
GATES = [
    {"name": "gain", "status": "passed", "value": 0.484, "limit": 0, "reasons": []},
    {"name": "residual", "status": "not tested", "value": None, "limit": None, "reasons": []},
]
PASSED = {"passed": True, "digest": "c0" * 32, "override": None, "gates": GATES}
REFUSED = {
    **PASSED, "passed": False,
    "gates": [*GATES, {"name": "exposure", "status": "refused", "value": 9, "limit": 5, "reasons": [reason("loss")]}],
}  # fmt: skip
PURPOSE = {
    "task": "作業指示を正規化し、第3ラインの計画担当者が使う",
    "target": "half of the orders by May\x1b[2J",
    "decided_by": "M. Sato",
    "kpi": {"measure": "exact_match", "target": 0.6},
}


@pytest.fixture
def approver(tmp_path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("APPLIANCE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("tui.screens.approving.sticks", lambda: [tmp_path / "stick"])
    return generate_key(tmp_path / "stick")


@pytest.fixture
def ended(make_compared, workspace, approver):
    """Return a function: a verdict -> the run of a PoC with that verdict and a report."""

    def make(verdict=PASSED, **sections):
        facts = {"gates": verdict, "report": {"kpi": KPI}}
        named = {"approver_key": str(approver.public)}
        return make_compared(workspace, facts, purpose=PURPOSE, gates=named, **sections)

    return make


async def opened(pilot: Pilot[Any], shown: Any, text: str, keys: str = "7") -> str:
    await pilot.press(keys)
    await shown(pilot, "d stage")
    await pilot.press("d")
    return await shown(pilot, text)


async def say_all(pilot: Pilot[Any], shown: Any, picked: str = "1") -> None:
    """Pick an outcome, the key's file, a name and a reason; stop before the signature."""
    await pilot.press("d")
    await shown(pilot, "Go or no-go?")
    await pilot.press(picked)
    await shown(pilot, "signing-key.pem")
    await pilot.press("down", "enter")
    await shown(pilot, "who decides, as stated: M. Sato")
    await pilot.press(*"Sato", "enter")
    await shown(pilot, "No personal data")
    await pilot.press(*"good", "enter")
    await shown(pilot, "Sign (y)")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", ["en", "ja"])
def test_what_the_decision_is_on_is_shown_whole(ended, workspace, approver, drive, shown, *, size, lang) -> None:
    run = ended()
    service.decide(run, workspace, "back", Word(approver.private, "佐藤", "まだ早い"))
    say = language(lang).say

    async def scene(pilot: Pilot[Any]) -> None:
        await pilot.press("7")
        await shown(pilot, f"d {say('stage')}")
        await pilot.press("d")
        text = await shown(pilot, FOOTERS[lang])
        last = say("The project is in the stage {stage}.", stage=say(STAGES["poc"]))
        while last not in text:  # the small terminal shows a part at a time
            await pilot.press("down")
            await pilot.pause()
            text += "\n" + "\n".join(strip.text for strip in pilot.app.screen._compositor.render_strips())
        lines = text.splitlines()
        assert {cell_len(line) for line in lines} == {size[0]}
        assert "…" not in text
        assert "作業指示を正規化し、第3ラインの計画担当者が使う" in text
        assert "half of the orders by May␛[2J" in text
        assert say("{measure} at least {target}, against {against}", measure=say("exact match"), target="0.6",
                   against=say("the baseline")) in text  # fmt: skip
        row = " ".join(next(line for line in lines if "adapted" in line).split())
        assert row == f"│ OPEN adapted 0.585 0.48-0.68 n=94 {say('open: the interval holds it')} │"
        assert say("not tested: {gates}", gates="residual") in text
        assert say("verdict {verdict}, report {report}", verdict="c0" * 6, report="ab" * 6) in text
        assert say("PASS  every signature is the approver's, and none is missing") in text
        assert say(OUTCOMES["back"]) in text
        assert "まだ早い" in text

    drive(workspace, scene, size, lang)


def test_the_decision_is_the_one_that_the_command_writes_and_stands_on_the_screen(
    ended, workspace, approver, drive, shown, *, told
) -> None:
    run = ended()

    async def scene(pilot: Pilot[Any]) -> None:
        await opened(pilot, shown, "Nothing was decided yet.")
        await say_all(pilot, shown)
        assert not workspace.approvals.exists()
        await pilot.press("y")
        await told(pilot, 'Decided The stage evaluation is open: a run of it says stage = "evaluation" in [purpose].')
        await pilot.press("pagedown")
        await shown(pilot, "1. PoC: go on, by Sato")
        await shown(pilot, "The project is in the stage evaluation.")

    drive(workspace, scene)
    (signed,) = read_decisions(workspace.approvals / "small", load_public_key(approver.public))
    made = signed.decision
    assert (made.project, made.stage, made.outcome, made.run) == ("small", "poc", "go-on", run.id)
    assert (made.verdict, made.report, made.by, made.reason) == ("c0" * 32, "ab" * 32, "Sato", "good")
    (entry,) = AuditLog(workspace.audit_log).entries()
    assert (entry.action, entry.details["digest"]) == ("decide", made.digest)


def test_what_the_gates_refuse_cannot_go_on_and_no_key_is_asked_for(ended, workspace, drive, shown, told) -> None:
    run = ended(REFUSED)

    async def scene(pilot: Pilot[Any]) -> None:
        await opened(pilot, shown, "FAIL  refused by exposure")
        await pilot.press("d")
        await shown(pilot, "Go or no-go?")
        await pilot.press("1")
        await told(
            pilot,
            f"Not decided the verdict on {run.id} refuses: nobody can go on with it. override it first, with a reason: "
            "appliance approve; or decide back or stop",
        )
        assert isinstance(pilot.app.screen, DecidingScreen)
        await say_all(pilot, shown, "2")
        await pilot.press("y")
        await told(pilot, "Decided The project is back in the stage PoC.")

    drive(workspace, scene)


def test_a_key_that_the_run_does_not_name_is_refused_as_by_the_command(
    ended, workspace, drive, shown, told, *, tmp_path
) -> None:
    ended()
    other = generate_key(tmp_path / "other")
    (tmp_path / "stick" / "signing-key.pem").write_bytes(other.private.read_bytes())

    async def scene(pilot: Pilot[Any]) -> None:
        await opened(pilot, shown, "Nothing was decided yet.")
        await say_all(pilot, shown)
        await pilot.press("y")
        await told(pilot, "decide with the key that gates.approver_key names")
        assert not list(workspace.approvals.rglob("*.json"))

    drive(workspace, scene)


def test_another_report_than_the_one_that_was_shown_is_not_decided_on(ended, workspace, drive, shown, told) -> None:
    run = ended()

    async def scene(pilot: Pilot[Any]) -> None:
        await opened(pilot, shown, "Nothing was decided yet.")
        await say_all(pilot, shown)
        log = EventLog(run.events)
        log.append("step_finished", step="report", reused=False, seconds=1, digest="cd" * 32, facts={"kpi": KPI})
        log.close()
        await pilot.press("y")
        await told(pilot, f"{run.id} has another verdict or report than the one that was shown")
        assert not list(workspace.approvals.rglob("*.json"))
        await shown(pilot, "cdcdcdcdcdcd")  # looked at anew

    drive(workspace, scene)


def test_an_auditor_reads_and_decides_nothing(ended, workspace, drive, shown) -> None:
    ended()

    async def scene(pilot: Pilot[Any]) -> None:
        text = await opened(pilot, shown, "Nothing was decided yet.")
        assert "go / no-go" not in text
        await pilot.press("d")
        await pilot.pause()
        assert isinstance(pilot.app.screen, DecidingScreen)

    drive(workspace, scene, is_read_only=True)


def test_a_decision_that_was_changed_is_told_and_nothing_is_decided_on_top_of_it(
    ended, workspace, approver, drive, shown
) -> None:
    run = ended()
    service.decide(run, workspace, "go-on", Word(approver.private, "Sato", "good"))
    (file,) = (workspace.approvals / "small" / "decisions").glob("*.json")
    file.write_text(file.read_text().replace("good", "fine"))

    async def scene(pilot: Pilot[Any]) -> None:
        text = await opened(pilot, shown, "FAIL  decision 1 was changed since it was signed")
        assert "go / no-go" not in text

    drive(workspace, scene)


def test_the_results_of_compare_lead_to_it_and_a_run_without_a_report_has_nothing_to_decide_on(
    make_compared, workspace, drive, shown
) -> None:
    make_compared(workspace)

    async def scene(pilot: Pilot[Any]) -> None:
        await pilot.press("6")
        text = await shown(pilot, "v results")
        assert "d stage" not in text.splitlines()[-1]  # whoever chooses between two answers is not led away
        await pilot.press("v")
        await shown(pilot, "d stage")
        await pilot.press("d")
        text = await shown(pilot, "The run has no report yet: there is nothing to decide on.")
        assert "go / no-go" not in text

    drive(workspace, scene)
