"""The table at the end of a run, from outcomes as a run seals them."""

import pytest
from rich.cells import cell_len

from appliance.commands.summary import summary
from appliance.core.run_state import RunState
from appliance.core.tasks import JUDGED, TITLES
from appliance.core.workspace import Workspace
from appliance.evaluation.measures import MEASURES
from appliance.evaluation.outcomes import score_outcomes

WANTED = ['{"機械": "ポンプ"}', '{"machine": "fan"}', '{"machine": "弁"}'] * 4
SAID = ["x", WANTED[1], WANTED[2]] * 4


def _facts(kind, unseen):
    said = dict(zip(JUDGED[kind].contenders, (["x"] * 12, SAID, WANTED), strict=True))
    lines = {who: MEASURES[kind].judge(answers, WANTED, WANTED) for who, answers in said.items()}
    outcomes = {"kind": kind, "lines": lines, "slices": {"unseen words": unseen}, "seed": 7, "min_gain": 0.0}
    return {"evaluate": score_outcomes(outcomes)}


@pytest.mark.parametrize("kind", JUDGED)
def test_every_kind_is_told_by_its_scores_and_contenders(kind, tmp_path):
    text = summary(RunState(facts=_facts(kind, [0, 1])), Workspace(tmp_path))
    for name in (*JUDGED[kind].measures, *JUDGED[kind].contenders):
        assert TITLES[name] in text
    assert f"adapted - base         all lines    {TITLES[JUDGED[kind].primary]} " in text
    assert "a word that training never showed (n = 2," in text
    assert max(map(len, text.splitlines())) <= 115


def test_of_a_slice_without_lines_nothing_is_told(tmp_path):
    text = summary(RunState(facts=_facts("label", [])), Workspace(tmp_path))
    assert "unseen words" not in text
    assert "never showed" not in text


VARIANT = {"bytes": 2_000_000, "passed": False, "reason": "too much is lost", "exact_match": {}}
GATE = {"name": "true-positives", "status": "refused", "value": 0.1, "limit": None, "reason": "one is told apart"}


def test_facts_of_an_older_edition_are_told_as_far_as_they_go(tmp_path):
    facts = _facts("line", [])["evaluate"]
    older = {"scores": facts["scores"], "gains": facts["gains"]}
    verify = {"variants": {"int4": VARIANT}, "chosen": None}
    gates = {"passed": False, "gates": [GATE]}
    text = summary(
        RunState(facts={"evaluate": older, "verify": verify, "gates": gates, "train": {}}), Workspace(tmp_path)
    )
    assert (
        "int4            2 MB        -        -      -             -        -  -                              -  FAIL\n"
        in text
    )
    assert "refused: too much is lost" in text
    assert "- steps, - s, - tokens/s, peak - GB, held-out loss -" in text
    assert "true-positives       0.1       -  REFUSED\n       refused: one is told apart" in text


def test_heads_statuses_and_slices_are_japanese_and_columns_stand_below_each_other(monkeypatch, tmp_path):
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")
    verify = {"variants": {"int4": VARIANT}, "chosen": None}
    gates = {"passed": True, "gates": [{**GATE, "status": "not tested"}]}
    facts = {**_facts("line", [0, 1]), "verify": verify, "gates": gates}
    lines = summary(RunState(facts=facts), Workspace(tmp_path)).splitlines()
    assert any(line.startswith("adapted - base         未知語あり   完全一致率 ") for line in lines)
    assert "ゲート                値    限度" in lines
    assert "true-positives       0.1       -  未検査" in lines
    head = next(line for line in lines if line.startswith("形式"))
    row = next(line for line in lines if line.startswith("int4"))
    assert cell_len(head[: head.index("ゲート")]) == row.index("FAIL")
