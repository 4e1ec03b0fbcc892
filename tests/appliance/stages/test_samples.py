"""A small training, really repeated on parts of its examples."""

import json

import pytest

from appliance.core.change_sections import SamplesSettings
from appliance.core.errors import InputError, Interrupted
from appliance.evaluation.outcomes import worth
from appliance.evaluation.sample_curve import sample_facts
from appliance.stages.evaluate import OUTCOMES
from appliance.stages.samples import SAMPLES, run
from appliance.training.task import ROWS

pytestmark = pytest.mark.slow


def _settings(adapted_run, *shares):
    return SamplesSettings(shares=shares, training=adapted_run.training, evaluating=adapted_run.evaluating)


def _read(draft):
    return json.loads((draft.folder / SAMPLES).read_text(encoding="utf-8"))


def test_the_curve_ends_with_the_run_s_own_adapter_and_a_killed_step_gives_the_same(adapted_run):
    inputs, settings = adapted_run.inputs(), _settings(adapted_run, 0.25, 0.5)
    draft = adapted_run.draft("samples")
    facts = run(inputs, settings, draft, adapted_run.reporter())
    told = _read(draft)
    trained = inputs["train"].read_json(ROWS)["trained"]
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


def test_all_of_the_examples_give_the_adapter_that_the_run_has(adapted_run):
    """The control: what is repeated is the same training, to the bit."""
    inputs = adapted_run.inputs()
    settings = _settings(adapted_run, 0.25, 0.5, 0.9999)
    draft = adapted_run.draft("samples-whole")
    run(inputs, settings, draft, adapted_run.reporter())
    count = len(inputs["train"].read_json(ROWS)["trained"])
    ours = (draft.scratch / f"part-{count}" / "adapter" / "adapter_model.safetensors").read_bytes()
    theirs = (inputs["train"].folder / "adapter" / "adapter_model.safetensors").read_bytes()
    assert ours == theirs


def test_too_few_examples_for_a_curve_are_refused(adapted_run):
    with pytest.raises(InputError, match="37 training examples make no curve") as caught:
        run(adapted_run.inputs(), _settings(adapted_run, 0.49, 0.5), adapted_run.draft("few"), adapted_run.reporter())
    assert "[samples]" in caught.value.hint


def test_nothing_is_trained_unless_asked_for(adapted_run):
    draft = adapted_run.draft("samples-off")
    assert run(adapted_run.inputs(), SamplesSettings(), draft, adapted_run.reporter()) == {}
    assert _read(draft) == {"points": []}
