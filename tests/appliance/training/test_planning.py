from dataclasses import replace

import pytest
import torch

from appliance.base_model.loading import load_dequantised
from appliance.core.errors import ResourceError
from appliance.training.accumulating import accumulate
from appliance.training.adapter import trainable
from appliance.training.pace import Duration
from appliance.training.plan import Execution
from appliance.training.planning import Forecast, forecast, refuse_if_too_big
from appliance.training.qlora import train
from appliance.training.remedies import Consumption, Remedy, remedies

MB = 10**6
MOMENT = Duration(1.0, 1.0, 1.0, 1.0)


def _weights(folder, scratch, plan, *, rehearse):
    model = load_dequantised(folder)
    if rehearse:
        forecast(model, plan, scratch)
    outcome = train(model, plan, scratch, lambda point: None, lambda: False)
    return {name: value.detach() for name, value in trainable(outcome.model).items()}


@pytest.mark.slow
@pytest.mark.usefixtures("one_thread")
def test_a_rehearsal_changes_no_bit_of_the_run(tiny_folder, tmp_path, small_plan):
    rehearsed = _weights(tiny_folder, tmp_path / "a", small_plan, rehearse=True)
    plain = _weights(tiny_folder, tmp_path / "b", small_plan, rehearse=False)
    assert rehearsed.keys() == plain.keys()
    assert all(torch.equal(rehearsed[name], plain[name]) for name in plain)


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("execution", [Execution(), Execution(packing=True), Execution(gradient_checkpointing=True)])
def test_the_memory_of_a_run_is_what_its_longest_batch_took(tiny_folder, tmp_path, small_plan, execution):
    model = load_dequantised(tiny_folder)
    plan = replace(small_plan, execution=execution)
    told = forecast(model, plan, tmp_path)
    outcome = train(model, plan, tmp_path, lambda point: None, lambda: False)
    refuse_if_too_big(told)
    assert told.rehearsed
    assert told.remedies == ()
    assert told.memory_bytes == pytest.approx(outcome.peak_bytes, rel=0.10)
    assert 0 < told.duration.low <= told.duration.seconds <= told.duration.high < 60


def test_every_process_holds_a_base_and_so_does_the_one_that_starts_them(tiny_folder, tmp_path, small_plan):
    model = load_dequantised(tiny_folder)
    one, three = (
        forecast(model, replace(small_plan, execution=Execution(processes=count)), tmp_path) for count in (1, 3)
    )
    assert three.memory_bytes == pytest.approx(4 * one.memory_bytes, rel=0.10)  # of a tiny model the libraries' memory
    too_small = 3 * one.memory_bytes
    told = forecast(model, replace(small_plan, execution=Execution(processes=3)), tmp_path, memory_limit=too_small)
    assert not told.rehearsed
    with pytest.raises(ResourceError, match="does not fit"):
        refuse_if_too_big(told)


def test_the_disk_of_a_run_holds_its_checkpoints(tiny_folder, tmp_path, small_plan):
    scratch = tmp_path / "not" / "made"
    told = forecast(load_dequantised(tiny_folder), small_plan, scratch)
    assert not scratch.parent.exists()
    train(load_dequantised(tiny_folder), small_plan, scratch, lambda point: None, lambda: False)
    written = sum(file.stat().st_size for file in scratch.rglob("*.safetensors"))
    assert written <= told.disk_bytes <= 2 * written


def test_a_run_that_is_too_big_is_refused_unrehearsed_with_what_would_fit(
    tiny_folder, tmp_path, small_plan, uneven_rows
):
    plan = replace(small_plan, train=uneven_rows * 2)
    model = load_dequantised(tiny_folder)
    fits = forecast(model, plan, tmp_path)
    told = forecast(model, plan, tmp_path, memory_limit=1)
    assert (fits.rehearsed, told.rehearsed) == (True, False)
    with pytest.raises(ResourceError, match=r"does not fit: \d\.\d\d GB of memory are needed and 0\.00 GB are there"):
        refuse_if_too_big(told)


def test_a_refusal_names_the_settings_that_would_fit():
    offer = (Remedy("micro_batch", "2", 900 * MB), Remedy("rank", "4", 950 * MB))
    told = Forecast(2000 * MB, 1000 * MB, MOMENT, 1, 2, 64, rehearsed=False, remedies=offer)
    with pytest.raises(ResourceError) as refusal:
        refuse_if_too_big(told)
    assert refusal.value.hint == "set micro_batch = 2 (0.90 GB); or rank = 4 (0.95 GB)"


def test_a_disk_that_is_too_small_is_named():
    told = Forecast(1, 2, MOMENT, 3 * 10**9, 10**9, 64, rehearsed=True, remedies=())
    with pytest.raises(ResourceError, match=r"3\.00 GB of disk are needed and 1\.00 GB are free"):
        refuse_if_too_big(told)


@pytest.fixture
def wide(small_plan, uneven_rows):
    settings = small_plan.settings.model_copy(update={"batch_size": 8, "rank": 16})
    return replace(small_plan, train=uneven_rows, settings=settings)


def test_every_remedy_fits_and_none_is_offered_that_does_not(wide, uneven_rows):
    consumption = Consumption(fixed=500 * MB, slope=5 * MB, recomputed=1 * MB, weights=2 * MB)  # 8 x 40 tokens: 2.1 GB
    offers = remedies(wide, uneven_rows, consumption, 1500 * MB)
    assert [(offer.setting, offer.value) for offer in offers] == [
        ("micro_batch", "5"),
        ("gradient_checkpointing", "true"),
        ("max_tokens", "25"),
    ]
    assert all(offer.bytes <= 1500 * MB for offer in offers)


def test_a_lower_rank_is_offered_where_the_adapter_is_what_is_too_big(wide, uneven_rows):
    consumption = Consumption(fixed=500 * MB, slope=1 * MB, recomputed=1 * MB, weights=16 * MB)
    offers = remedies(wide, uneven_rows, consumption, 700 * MB)
    assert [(offer.setting, offer.value) for offer in offers][-1] == ("rank", "8")
    assert offers[-1].bytes <= 700 * MB


def test_nothing_is_offered_where_the_base_alone_is_too_big(wide, uneven_rows):
    assert remedies(wide, uneven_rows, Consumption(2000 * MB, 5 * MB, 1 * MB, 2 * MB), 1500 * MB) == ()


def test_the_batches_of_a_run_are_those_of_its_steps(small_plan):
    plan = replace(small_plan, settings=small_plan.settings.model_copy(update={"epochs": 2.5, "batch_size": 5}))
    assert list(plan.batches()) == [plan.batch(step) for step in range(plan.steps)]


def test_a_single_row_that_does_not_fit_is_a_refusal(tiny_folder, tmp_path, small_plan, monkeypatch):
    def full(*_, **__):
        raise MemoryError

    monkeypatch.setattr("appliance.training.planning.accumulate", full)
    with pytest.raises(ResourceError, match="single row of 16 tokens"):
        forecast(load_dequantised(tiny_folder), small_plan, tmp_path)


def test_a_run_that_is_too_big_is_tried_on_one_row_only(tiny_folder, tmp_path, small_plan, monkeypatch):
    sizes = []

    def spy(model, rows, *given, **named):
        sizes.append(len(rows))
        return accumulate(model, rows, *given, **named)

    monkeypatch.setattr("appliance.training.planning.accumulate", spy)
    forecast(load_dequantised(tiny_folder), small_plan, tmp_path, memory_limit=1)
    assert set(sizes) == {1}
    sizes.clear()
    forecast(load_dequantised(tiny_folder), small_plan, tmp_path)
    assert max(sizes) == 4
