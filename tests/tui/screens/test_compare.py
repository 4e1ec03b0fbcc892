"""Screen 6: answers whose makers are hidden, and every figure of a run."""

import json
from typing import Any

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from appliance import service
from appliance.core.locking import locked
from appliance.core.purpose import BusinessSettings
from appliance.core.reasons import reason
from appliance.evaluation.business import business_facts
from tui.compare_wording import head
from tui.language import language
from tui.verdict_wording import case_lines, gate_lines

SIZES = [(80, 24), (120, 40)]
FOOTERS = {
    "en": "? help a left b right t neither space later u undo v results esc back",
    "ja": "? ヘルプ a 左 b 右 t 同等 space 後で u 取消 v 結果 esc 戻る",
}
OWNER = BusinessSettings(
    currency="JPY", source="工場長", requests_per_month=9000, minutes_before=3, minutes_after=1, wage_per_hour=2400,
    machine_cost=900000, running_per_month=15000, watts=60, seconds_per_request=2, price_per_kwh=31,
)  # fmt: skip


def score(value: float, samples: int = 95) -> dict[str, float]:
    return {"value": value, "low": max(0.0, value - 0.1), "high": value + 0.1, "samples": samples}


def contenders(*values: float, samples: int = 95) -> dict[str, Any]:
    names = ("base", "dictionary", "adapted")
    return {
        name: {"exact_match": score(value, samples), "wer": score(2 - value, samples)}
        for name, value in zip(names, values, strict=True)
    }


GAINS = [
    {"against": "base", "slice": "all", "value": 0.6, "low": 0.5, "high": 0.7, "samples": 95},
    {"against": "dictionary", "slice": "unseen words", "value": 0.1, "low": -0.02, "high": 0.2, "samples": 40},
]
NOTHING = {"requests": None, "training": None}  # was measured
LEARNT = reason("retention", of="\x1b[2J", kept=0.05)
GATES = [
    {"name": "gain", "status": "passed", "value": 0.5, "limit": 0.0, "reasons": []},
    {"name": "exposure", "status": "refused", "value": 9.2, "limit": 5.0, "reasons": [LEARNT]},
    {
        "name": "residual",
        "status": "not tested",
        "value": None,
        "limit": None,
        "reasons": [reason("no-residual-limit")],
    },
]
FACTS = {
    "evaluate": {
        "scores": contenders(0.0, 0.4, 0.6),
        "slices": {
            "unseen words": contenders(0.0, 0.1, 0.2, samples=40),
            "ja": contenders(0.0, 0.3, 0.5, samples=51),
        },
        "gains": GAINS,
    },
    "verify": {"variants": {"int8": {"exact_match": score(0.59)}, "int4": {"exact_match": score(0.58)}},
               "chosen": "int4"},
    "gates": {"passed": False, "digest": "ab", "override": None, "gates": GATES},
    "report": {"business": business_facts(OWNER, NOTHING)},
}  # fmt: skip


@pytest.fixture
def run(make_compared, workspace):
    return make_compared(workspace, FACTS)


@pytest.fixture
def opened(shown, screen_lines):
    async def wait(pilot: Pilot[Any], text: str = "p") -> list[str]:
        await pilot.press("6")
        await shown(pilot, text)
        await shown(pilot, "esc ")
        return screen_lines(pilot)

    return wait


def written(run) -> list[tuple[str, str]]:
    lines = run.choices.read_text(encoding="utf-8").splitlines() if run.choices.exists() else []
    return [(line["pair"], line["choice"]) for line in map(json.loads, lines)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", ["en", "ja"])
@pytest.mark.usefixtures("run")
def test_a_pair_is_shown_side_by_side_and_no_word_tells_whose_answer_is_whose(
    workspace, opened, drive, size, lang
) -> None:
    async def scene(pilot: Pilot[Any]) -> None:
        lines = await opened(pilot, "REPL PMP")
        text = "\n".join(lines)
        assert {cell_len(line) for line in lines} == {size[0]}
        row = next(line for line in lines if "replace pump" in line)
        assert row.index("replace pump") < row.index("repl pmp")
        assert lines[0].strip().startswith(("6 Compare · small-12345678 · gates FAIL · judged 0/3", "6 比較 · "))
        assert "0/3" in lines[0]
        assert lines[-1].strip() == FOOTERS[lang]
        assert not {word for word in ("adapted", "dictionary", "base", "…") if word in text}

    drive(workspace, scene, size, lang)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", ["en", "ja"])
def test_every_figure_of_the_run_has_its_interval_its_samples_and_its_gate(
    run, workspace, opened, drive, shown, *, size, lang
) -> None:
    async def scene(pilot: Pilot[Any]) -> None:
        await opened(pilot, "REPL PMP")
        await pilot.press("v")
        text = await shown(pilot, "KPI")
        await pilot.press(*["pagedown"] * 6)
        await pilot.pause()
        seen = f"{text}\n" + await shown(pilot, "JPY")
        rows = [" ".join(line.strip(" │▁▂▃▄▅▆▇█").split()) for line in seen.splitlines()]
        assert any(row.startswith("adapted 0.600 0.50-0.70 1.400 1.30-1.50 95") for row in rows)
        assert any(row.startswith("int4 0.580 0.48-0.68 - 95 *") for row in rows)
        assert {cell_len(line) for line in seen.splitlines() if line} == {size[0]}
        assert "…" not in seen

    drive(workspace, scene, size, lang)


def test_the_results_tell_gains_slices_gates_and_the_business_case(run, workspace, opened, drive, shown) -> None:
    async def scene(pilot: Pilot[Any]) -> None:
        await opened(pilot, "REPL PMP")
        await pilot.press("v")
        text = " ".join((await shown(pilot, "break-even month, if")).split())
        assert "adapted - base, all lines +0.600 +0.50 .. +0.70 a gain" in text
        assert "adapted - dictionary, unseen words +0.100 -0.02 .. +0.20 no gain is proven" in text
        assert "0 of 3 pairs are judged." in text
        assert "Japanese 51 0.000 0.00-0.10 0.300 0.20-0.40 0.500 0.40-0.60" in text
        assert "By slice: exact match" in text
        assert "FAIL refused by exposure" in text
        assert "FAIL exposure 9.2 5 planted secrets stay unread" in text
        assert "␛[2J: " in text
        assert "not tested residual - - little personal data is left" in text
        assert "What is stated comes from 工場長." in text
        assert "gain a month 704,991 JPY" in text
        assert "wage an hour 2,400 3 1" in text

    drive(workspace, scene, (120, 80))


def test_facts_of_an_older_edition_are_told_as_far_as_they_go() -> None:
    say = language("en").say
    older = {"name": "exposure", "status": "refused", "reason": "secrets can be read out"}
    told = list(gate_lines({"gates": {"passed": False, "gates": [older, {"name": "x", "status": "refused"}]}}, say))
    assert "   secrets can be read out" in told
    assert "   -" in told
    assert head("r", {"gates": {}}, None, say) == "6 Compare · r · gates -"


@pytest.mark.parametrize("code", ["en", "ja"])
def test_large_amounts_and_the_mark_of_what_was_measured_have_their_cells(code) -> None:
    owner = OWNER.model_copy(update={"project_cost": 2_000_000, "seconds_per_request": None})
    measured = {"requests": {"seconds": {"value": 0.9}, "joules": None}, "training": None}
    told = list(case_lines({"report": {"business": business_facts(owner, measured)}}, language(code).say))
    rows = [line.split() for line in told]
    assert any("2,000,000" in row for row in rows)
    assert any(row[-4:-2] == ["0.90", "*"] for row in rows)
    assert not any("…" in line for line in told)
    assert max(map(cell_len, told)) <= 74


def test_choices_are_on_the_disk_taken_back_and_open_the_result_with_the_last(
    run, workspace, opened, drive, shown
) -> None:
    async def scene(pilot: Pilot[Any]) -> None:
        await opened(pilot, "REPL PMP")
        await pilot.press("a")
        await shown(pilot, "ポンプ交換")
        assert written(run) == [("p0", "A")]
        await pilot.press("space")
        await shown(pilot, "change out hose␛[31m")
        await pilot.press("ｔ")  # through an input method
        await shown(pilot, "judged 2/3")
        await pilot.press("u")
        text = await shown(pilot, "judged 1/3")
        assert "C/O HOSE" in text
        await pilot.press("right")
        await shown(pilot, "judged 2/3")
        await pilot.press("v")
        text = await shown(pilot, "2 of 3 pairs are judged.")
        assert "preferred over" not in text
        await pilot.press("b", "v")  # nobody chooses on a pair that is not in sight
        await shown(pilot, "judged 2/3")
        await pilot.press("t")
        await shown(pilot, "adapted is preferred over dictionary: 1.000 0.34-1.00 (95 %), n = 2")
        await shown(pilot, "The interval holds 0.5: no preference is shown.")
        assert written(run) == [("p0", "A"), ("p2", "tie"), ("p2", "undo"), ("p2", "B"), ("p1", "tie")]

    drive(workspace, scene, (120, 60))


def test_a_choice_that_is_not_on_the_disk_is_not_made(run, workspace, opened, drive, shown, *, told) -> None:
    async def scene(pilot: Pilot[Any]) -> None:
        await opened(pilot, "REPL PMP")
        with locked(run.folder / ".choices.jsonl.lock", "test"):
            await pilot.press("a")
            await told(pilot, f"Not chosen {run.choices} is in use by another worker. wait for it, or stop it first")
        text = await shown(pilot, "judged 0/3")
        assert "REPL PMP" in text

    drive(workspace, scene)


def test_an_auditor_reads_pairs_and_chooses_nothing(run, workspace, opened, drive, shown) -> None:
    async def scene(pilot: Pilot[Any]) -> None:
        lines = await opened(pilot, "REPL PMP")
        assert "left" not in lines[-1]
        await pilot.press("a", "b", "t", "left", "u", "ａ")
        await pilot.press("space")
        await shown(pilot, "ポンプ交換")
        assert not run.choices.exists()

    drive(workspace, scene, is_read_only=True)


def test_a_run_that_drew_no_pairs_shows_what_it_has(four_runs, drive, shown) -> None:
    async def scene(pilot: Pilot[Any]) -> None:
        await pilot.press("end", "6")
        text = await shown(pilot, "has drawn no pairs yet")
        assert "0.810 0.77-0.85" in text
        await pilot.press("a", "v", "u")
        assert "KPI" in await shown(pilot, "The gates were not judged yet.")

    drive(four_runs, scene, (80, 50))


def test_what_another_person_judged_last_opens_the_result(run, workspace, opened, drive, shown) -> None:
    other = service.compare(run, workspace, "佐藤")

    async def scene(pilot: Pilot[Any]) -> None:
        await opened(pilot, "REPL PMP")
        for place in range(3):
            other.choose(place, "A")
        await pilot.press("b")
        await shown(pilot, "Not chosen")
        await shown(pilot, "n = 3")

    drive(workspace, scene, (100, 60))


def test_no_escape_sequence_of_a_sealed_fact_reaches_the_screen(make_compared, workspace, opened, drive, shown) -> None:
    evil = "\x1b]52;c;UFdORUQ=\x07\x9b31m\u202e[/red]"
    measured = {"exact_match": {"samples": evil}, "wer": {}}
    facts = {
        "evaluate": {"scores": {evil: measured}, "slices": {evil: {"adapted": measured}}, "gains": []},
        "gates": {"passed": False, "override": {"by": evil, "reason": evil},
                  "gates": [{**GATES[1], "name": evil, "reasons": [reason("retention", of=evil, kept=0.05)]}]},
        "report": {"business": business_facts(OWNER.model_copy(update={"source": evil, "currency": evil}), NOTHING)},
    }  # fmt: skip
    make_compared(workspace, facts)

    async def scene(pilot: Pilot[Any]) -> None:
        await opened(pilot, "REPL PMP")
        await pilot.press("v")
        text = await shown(pilot, "Cost and business case")
        assert not set(text.replace("\n", "")) & set("\x1b\x07\x9b\u202e")
        assert text.count("␛]52;c;UFdORUQ=␇") > 5

    drive(workspace, scene, (160, 90))
