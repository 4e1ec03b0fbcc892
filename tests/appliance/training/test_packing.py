from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as some

from appliance.base_model.likelihood import full_nll, labelled_nll, packed_nll, set_recomputing
from appliance.base_model.loading import load_dequantised, load_float
from appliance.core.errors import InputError
from appliance.core.sections import TrainSettings
from appliance.training.accumulating import accumulate, parts
from appliance.training.adapter import add_adapter, trainable
from appliance.training.packing import first_fit, packed_batches
from appliance.training.plan import Execution
from appliance.training.qlora import train

LENGTHS = some.lists(some.integers(1, 40), max_size=30)


@given(LENGTHS, some.integers(1, 60))
def test_every_row_is_packed_once_and_no_sequence_is_over_full(lengths, capacity):
    packs = first_fit(lengths, capacity)
    assert sorted(index for pack in packs for index in pack) == list(range(len(lengths)))
    assert all(len(pack) == 1 or sum(lengths[index] for index in pack) <= capacity for pack in packs)


@given(LENGTHS, some.integers(40, 60))
def test_no_two_sequences_could_be_one(lengths, capacity):
    sums = sorted(sum(lengths[index] for index in pack) for pack in first_fit(lengths, capacity))
    assert len(sums) < 2 or sums[0] + sums[1] > capacity


@settings(max_examples=20)
@given(LENGTHS, some.integers(0, 3), some.integers(0, 3))
def test_the_sequences_of_an_epoch_follow_from_the_seed_and_the_epoch(lengths, seed, epoch):
    once = packed_batches(lengths, 4, 50, seed, epoch)
    assert once == packed_batches(lengths, 4, 50, seed, epoch)
    assert sorted(index for step in once for pack in step for index in pack) == list(range(len(lengths)))


def test_packed_rows_have_the_logits_they_have_alone(tiny_folder, uneven_rows):
    model = load_float(tiny_folder)
    tokens = [token for row in uneven_rows for token in row.tokens]
    places = [place for row in uneven_rows for place in range(len(row.tokens))]
    with torch.no_grad():
        packed = model(input_ids=torch.tensor([tokens]), position_ids=torch.tensor([places]), use_cache=False).logits[0]
        alone = [model(input_ids=torch.tensor([row.tokens]), use_cache=False).logits[0] for row in uneven_rows]
        running_on = model(input_ids=torch.tensor([tokens]), use_cache=False).logits[0]
    assert torch.allclose(packed, torch.cat(alone), rtol=0, atol=1e-5)
    first = len(uneven_rows[0].tokens)
    assert (running_on - torch.cat(alone))[first:].abs().max() > 0.1  # the control: rows that see each other


def test_the_loss_of_packed_rows_is_the_sum_of_the_models_own(tiny_folder, uneven_rows):
    model = load_float(tiny_folder)
    nats, tokens = packed_nll(model, uneven_rows)
    assert tokens == sum(len(row.tokens) - row.labels_from for row in uneven_rows)
    assert nats.item() / tokens == pytest.approx(sum(full_nll(model, row) for row in uneven_rows) / tokens, abs=1e-5)


def _gradients(model, rows, **how):
    optimizer = torch.optim.SGD(list(trainable(model).values()))
    model.train()
    loss, _ = accumulate(model, rows, optimizer, **how)
    return loss, torch.cat([value.grad.flatten() for value in trainable(model).values()])


@pytest.fixture
def adapted(tiny_folder):
    model = add_adapter(load_dequantised(tiny_folder), TrainSettings(rank=4, alpha=8), 7)
    with torch.no_grad():
        for value in trainable(model).values():
            value.add_(torch.randn_like(value) * 0.05)
    return model


@pytest.mark.parametrize("micro_batch", [8, 2, 1])
def test_packed_steps_have_the_gradient_of_padded_ones(adapted, uneven_rows, micro_batch):
    padded_loss, padded = _gradients(adapted, uneven_rows, micro_batch=8)
    packed_loss, packed = _gradients(adapted, uneven_rows, micro_batch=micro_batch, packing=True)
    assert packed_loss == pytest.approx(padded_loss, abs=1e-5)
    assert torch.allclose(packed, padded, rtol=0, atol=1e-5)


@pytest.mark.parametrize("packing", [False, True])
def test_gradient_checkpointing_changes_no_gradient(adapted, uneven_rows, packing):
    loss, plain = _gradients(adapted, uneven_rows, micro_batch=4, packing=packing)
    set_recomputing(adapted.get_base_model(), wanted=True)
    loss_again, recomputed = _gradients(adapted, uneven_rows, micro_batch=4, packing=packing)
    assert loss_again == pytest.approx(loss, abs=1e-6)
    assert torch.allclose(recomputed, plain, rtol=0, atol=1e-6)


def test_packing_takes_fewer_passes_and_smaller_ones(uneven_rows):
    padded = parts(uneven_rows, 2, packing=False)
    packed = parts(uneven_rows, 2, packing=True)
    assert len(packed) < len(padded)
    assert all(sum(len(row.tokens) for row in part) <= 2 * 40 for part in packed)


@pytest.mark.usefixtures("one_thread")
def test_a_packed_run_learns_what_a_padded_one_learns(tiny_folder, tmp_path, small_plan):
    curves = [
        train(
            load_dequantised(tiny_folder),
            replace(small_plan, execution=Execution(packing=packing)),
            tmp_path,
            lambda point: None,
            lambda: False,
        ).curve
        for packing in (False, True)
    ]
    assert [point.loss for point in curves[1]] == pytest.approx([point.loss for point in curves[0]], abs=1e-4)


def test_a_base_that_does_not_keep_packed_rows_apart_is_refused(tiny_folder, tmp_path, small_plan):
    model = load_dequantised(tiny_folder)
    forward = model.model.forward
    model.model.forward = lambda **given: forward(**{key: each for key, each in given.items() if key != "position_ids"})
    plan = replace(small_plan, execution=Execution(packing=True))
    with pytest.raises(InputError, match="does not keep packed examples apart"):
        train(model, plan, tmp_path, lambda point: None, lambda: False)


def test_the_loss_at_labelled_places_does_not_share_a_beginning_while_layers_are_recomputed(adapted, uneven_rows):
    alike = [uneven_rows[0], uneven_rows[0], uneven_rows[0]]
    shared = labelled_nll(adapted.train(), alike)[0].item()
    set_recomputing(adapted.get_base_model(), wanted=True)
    assert labelled_nll(adapted.train(), alike)[0].item() == pytest.approx(shared, abs=1e-4)
