"""A small training, really repeated on parts of its examples."""

import json

import pytest

from appliance.base_model.chat import TokenRow
from appliance.core.change_sections import SamplesSettings
from appliance.core.errors import InputError, Interrupted
from appliance.core.sections import TrainSettings
from appliance.evaluation.outcomes import worth
from appliance.evaluation.sample_curve import sample_facts
from appliance.stages.evaluate import OUTCOMES
from appliance.stages.samples import SAMPLES, _own, _part, run
from appliance.training.canaries import draw_canaries, read_canaries
from appliance.training.plan import TrainPlan
from appliance.training.task import CANARIES, ROWS


def _settings(adapted_run, *shares):
    return SamplesSettings(shares=shares, training=adapted_run.training, evaluating=adapted_run.evaluating)


def _read(draft):
    return json.loads((draft.folder / SAMPLES).read_text(encoding="utf-8"))


def _trained(inputs):
    return _own(inputs["train"].read_json(ROWS)["trained"], read_canaries(inputs["prepare"].folder / CANARIES))


def test_planted_canaries_are_no_examples_and_stand_in_every_part():
    canary = draw_canaries(6, (3,), 7, deduplicate=False)[-1]
    copies = [copy.id for copy in canary.copies()]
    assert len(copies) == 3
    assert _own(["WO-1", *copies, "WO-2", f"{copies[0]}0"], [canary]) == ["WO-1", "WO-2", f"{copies[0]}0"]
    rows = tuple(TokenRow(name, (1, 2), 1) for name in ("WO-1", *copies, "WO-2"))
    part = _part(TrainPlan(rows, (), TrainSettings(), 7, "base"), frozenset({"WO-2"}))
    assert [row.id for row in part.train] == ["WO-1", *copies]


@pytest.mark.slow
def test_the_curve_ends_with_the_run_s_own_adapter_and_a_killed_step_gives_the_same(adapted_run):
    inputs, settings = adapted_run.inputs(), _settings(adapted_run, 0.25, 0.5)
    draft = adapted_run.draft("samples")
    facts = run(inputs, settings, draft, adapted_run.reporter())
    told = _read(draft)
    trained = _trained(inputs)
    assert facts["examples"] == [round(len(trained) / 4), round(len(trained) / 2), len(trained)]
    assert told["points"][-1]["worth"] == worth(inputs["evaluate"].read_json(OUTCOMES), "adapted")
    assert told == json.loads(json.dumps(sample_facts(told["points"], 7)))
    scores = [point["score"]["value"] for point in told["points"]]
    assert scores[0] < scores[-1]

    again, asked = adapted_run.draft("samples-again"), iter([*[False] * 6, True])
    with pytest.raises(Interrupted):
        run(inputs, settings, again, adapted_run.reporter(lambda: next(asked, True)))
    run(inputs, settings, again, adapted_run.reporter())
    assert _read(again) == told


@pytest.mark.slow
def test_all_of_the_examples_give_the_adapter_that_the_run_has(adapted_run):
    """The control: what is repeated is the same training, to the bit."""
    inputs = adapted_run.inputs()
    settings = _settings(adapted_run, 0.25, 0.5, 0.9999)
    draft = adapted_run.draft("samples-whole")
    run(inputs, settings, draft, adapted_run.reporter())
    count = len(_trained(inputs))
    ours = (draft.scratch / f"part-{count}" / "adapter" / "adapter_model.safetensors").read_bytes()
    theirs = (inputs["train"].folder / "adapter" / "adapter_model.safetensors").read_bytes()
    assert ours == theirs


@pytest.mark.slow
def test_too_few_examples_for_a_curve_are_refused(adapted_run):
    with pytest.raises(InputError, match="37 training examples make no curve") as caught:
        run(adapted_run.inputs(), _settings(adapted_run, 0.49, 0.5), adapted_run.draft("few"), adapted_run.reporter())
    assert "[samples]" in caught.value.hint


@pytest.mark.slow
def test_nothing_is_trained_unless_asked_for(adapted_run):
    draft = adapted_run.draft("samples-off")
    assert run(adapted_run.inputs(), SamplesSettings(), draft, adapted_run.reporter()) == {}
    assert _read(draft) == {"points": []}
