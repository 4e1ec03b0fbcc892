"""The table at the end of a run, from outcomes as a run seals them."""

import pytest

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
    assert f"adapted - base         all          {TITLES[JUDGED[kind].primary]} " in text
    assert "a word that training never showed (n = 2," in text
    assert max(map(len, text.splitlines())) <= 115


def test_of_a_slice_without_lines_nothing_is_told(tmp_path):
    text = summary(RunState(facts=_facts("label", [])), Workspace(tmp_path))
    assert "unseen words" not in text
    assert "never showed" not in text
