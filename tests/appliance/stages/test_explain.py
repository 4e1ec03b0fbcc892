"""What changed, told of a small model that was really adapted, with the embedding model of the factory."""

import json

import pytest

from appliance.core.change_sections import ExplainSettings
from appliance.evaluation.differences import distance
from appliance.evaluation.outcomes import worth
from appliance.stages.evaluate import ANSWERS, OUTCOMES
from appliance.stages.explain import CHANGES, EXAMPLES, run
from appliance.training.task import ROWS, read_task

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def explained(adapted_run):
    """The inputs, the figures and the texts."""
    draft = adapted_run.draft("explain")
    facts = run(adapted_run.inputs(), ExplainSettings(examples=4, nearest=2), draft, adapted_run.reporter())
    figures, texts = (json.loads((draft.folder / name).read_text(encoding="utf-8")) for name in (CHANGES, EXAMPLES))
    assert facts == figures["answers"]
    return adapted_run.inputs(), figures, texts


def test_the_shown_answers_are_those_that_differ_most(explained):
    inputs, figures, texts = explained
    answers = list(inputs["evaluate"].read_lines(ANSWERS))
    apart = sorted((distance(each["base"], each["adapted"]) for each in answers), reverse=True)
    assert [each["distance"] for each in texts["differences"]] == apart[:4]
    assert figures["answers"]["differing"] == sum(value > 0 for value in apart)
    outcomes = inputs["evaluate"].read_json(OUTCOMES)
    won = sum(worth(outcomes, "adapted")) - sum(worth(outcomes, "base"))
    assert figures["answers"]["gained"] - figures["answers"]["lost"] == won
    assert figures["answers"]["gained"] > 0


def test_the_nearest_lines_are_ones_that_were_trained_on_about_the_same_part(explained):
    inputs, _, texts = explained
    trained = set(inputs["train"].read_json(ROWS)["trained"])
    near = [(each, found) for each in texts["differences"] for found in each["nearest"]]
    assert len(near) == 8
    assert {found["id"] for _, found in near} <= trained
    assert all(-1 <= found["likeness"] <= 1 for _, found in near)
    same_part = [each["input"].split()[0] == found["input"].split()[0] for each, found in near]
    assert sum(same_part) >= 6


def test_every_layer_was_moved_and_the_data_are_those_that_were_trained_on(explained):
    inputs, figures, _ = explained
    assert {each["layer"] for each in figures["movement"]["modules"]} == {0, 1}
    assert all(0 < each["ratio"] < 5 for each in figures["movement"]["modules"])
    ids = set(inputs["train"].read_json(ROWS)["trained"])
    spread = figures["training"]
    assert spread["examples"] == sum(each.id in ids for each in read_task(inputs["prepare"]).train)
    assert set(spread["languages"]) == {"en", "ja"}
    assert sum(each["count"] for each in spread["prompt_lengths"]) == spread["examples"]


def test_no_text_is_shown_where_none_is_wished(adapted_run):
    draft = adapted_run.draft("explain-none")
    run(adapted_run.inputs(), ExplainSettings(examples=0), draft, adapted_run.reporter())
    assert json.loads((draft.folder / EXAMPLES).read_text(encoding="utf-8")) == {"differences": [], "outliers": []}
    figures = (draft.folder / CHANGES).read_text(encoding="utf-8")
    assert not any(each.prompt in figures for each in read_task(adapted_run.inputs()["prepare"]).test)
