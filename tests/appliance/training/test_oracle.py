"""The loop beside transformers' own Trainer and TRL's: the same rows, start and schedule give the same losses.

In 64 bits the algorithm is compared: 1e-6 nats a step, and a fault of the loop moves a loss by a hundred times as much.
In 32 bits, all that 4-bit layers and TRL's head know, sums are rounded in another order: a millionth of a loss.
"""

import math
from copy import deepcopy

import pytest
import torch
from transformers import Trainer, TrainingArguments, get_cosine_schedule_with_warmup

from appliance.base_model import loading
from appliance.base_model.chat import TokenRow
from appliance.core.sections import TrainSettings
from appliance.training import accumulating, qlora
from appliance.training.adapter import add_adapter, trainable
from appliance.training.plan import TrainPlan
from appliance.training.qlora import train

INSTRUCTION = (1, 40, 50, 60, 70, 80)  # read once for all rows of a pass
IGNORED = -100  # the label that torch's cross-entropy leaves out
ALGORITHM, ROUNDING = 1e-6, 1e-6  # the largest difference of a loss: in nats, and as a share of it
SEEN = 100 * ALGORITHM  # a fault of the loop moves a loss by more
pytestmark = [pytest.mark.usefixtures("one_thread"), pytest.mark.filterwarnings("ignore::FutureWarning")]


@pytest.fixture
def plan() -> TrainPlan:
    """Twelve steps in two passes each; the passes of a step teach from 6 to 14 tokens, so that their weight shows."""
    settings = TrainSettings(
        epochs=3, batch_size=4, micro_batch=2, rank=4, alpha=8, learning_rate=5e-3, warmup_share=0.25, clip_norm=0.5
    )
    rows = tuple(_row(number, 20 + number % 7, 2 + 2 * (number % 5)) for number in range(16))
    return TrainPlan(rows, (), settings, 7, "base")


def _row(number, length, labelled):
    """Return a row that begins with the same instruction as all others."""
    body = (3 + (number * 7 + place) % 250 for place in range(length - len(INSTRUCTION) - 1))
    return TokenRow(str(number), (*INSTRUCTION, *body, 2), length - labelled)


@pytest.fixture
def base(tiny_folder, monkeypatch):
    """A base in 64 bits, whose logits nobody rounds to 32 before the loss, as transformers and the loop else do."""
    model = loading.load_dequantised(tiny_folder, torch.float64)
    monkeypatch.setattr(torch.Tensor, "float", torch.Tensor.double)
    return model


def _padded(rows):
    longest = max(len(row.tokens) for row in rows)
    tokens, labels, mask = [], [], []
    for row in rows:
        spare = longest - len(row.tokens)
        tokens.append([*row.tokens, *[0] * spare])
        labels.append([*[IGNORED] * row.labels_from, *row.tokens[row.labels_from :], *[IGNORED] * spare])
        mask.append([*[1] * len(row.tokens), *[0] * spare])
    return {
        "input_ids": torch.tensor(tokens),
        "labels": torch.tensor(labels),
        "attention_mask": torch.tensor(mask),
    }


def _noting(stock):
    """Return the stock trainer, with our batches in our order, that notes each pass's loss as it is."""

    class Noting(stock):
        def get_train_dataloader(self):
            return self.batches

        def training_step(self, *given, **named):
            loss = super().training_step(*given, **named)
            self.losses.append(loss.item())
            return loss

    return Noting


def _rates(plan, optimizer):
    """transformers' own schedule; its warm-up begins with a step at rate 0, which the loop leaves out."""
    warmup = max(1, round(plan.settings.warmup_share * plan.steps))
    told = get_cosine_schedule_with_warmup(optimizer, warmup, plan.steps).lr_lambdas[0]
    return torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: told(step + (step < warmup)))


def _stock(folder, plan, model):
    adapted = add_adapter(model, plan.settings, plan.seed)
    arguments = TrainingArguments(**_arguments(folder, plan))
    return _run(_noting(Trainer), adapted, plan, args=arguments, train_dataset=[0])


def _arguments(folder, plan):
    return {
        "output_dir": str(folder),
        "max_steps": plan.steps,
        "gradient_accumulation_steps": _passes(plan),
        "max_grad_norm": plan.settings.clip_norm,
        "use_cpu": True,
        "save_strategy": "no",
        "report_to": [],
        "disable_tqdm": True,
        "logging_steps": 1000,
    }


def _passes(plan):
    return plan.settings.batch_size // plan.settings.micro_batch


def _run(kind, adapted, plan, *, kept=True, **given):
    """Return the losses and weights; with `kept` the adapter begins with its own bits, whatever a trainer did to it."""
    start = {name: value.detach().clone() for name, value in trainable(adapted).items()}
    optimizer = torch.optim.AdamW(list(trainable(adapted).values()), lr=plan.settings.learning_rate, weight_decay=0.0)
    trainer = kind(model=adapted, optimizers=(optimizer, _rates(plan, optimizer)), **given)
    for name, value in trainable(adapted).items():
        value.data = start[name] if kept else value.data
    size, steps = plan.settings.micro_batch, [plan.batch(step) for step in range(plan.steps)]
    trainer.batches = [_padded(rows[at : at + size]) for rows in steps for at in range(0, len(rows), size)]
    trainer.losses = []
    trainer.train()
    passes = _passes(plan)
    losses = [sum(trainer.losses[at : at + passes]) for at in range(0, len(trainer.losses), passes)]
    return losses, {name: value.detach() for name, value in trainable(adapted).items()}


def _ours(folder, plan, model):
    outcome = train(model, plan, folder, lambda point: None, lambda: False)
    return [point.loss for point in outcome.curve], trainable(outcome.model)


def _apart(ours, stock):
    assert len(ours) == len(stock) == 12
    return max(abs(one - other) for one, other in zip(ours, stock, strict=True))


@pytest.mark.slow
def test_every_loss_is_that_of_the_stock_trainer(base, tmp_path, plan):
    losses, weights = _ours(tmp_path / "ours", plan, deepcopy(base))
    stock, expected = _stock(tmp_path / "stock", plan, base)
    assert losses[-1] < losses[0] - 0.5  # the adapter moves: equal losses of a model that learns nothing show nothing
    assert _apart(losses, stock) <= ALGORITHM
    for name, value in weights.items():
        assert value.dtype == torch.float64
        assert torch.allclose(value, expected[name], rtol=0, atol=1e-6), name


@pytest.mark.slow
def test_on_4_bit_layers_in_32_bits_the_losses_differ_by_their_rounding(tiny_folder, tmp_path, plan):
    losses, _ = _ours(tmp_path / "ours", plan, loading.load_nf4(tiny_folder))
    stock, _ = _stock(tmp_path / "stock", plan, loading.load_nf4(tiny_folder))
    assert losses == pytest.approx(stock, rel=ROUNDING)


@pytest.fixture
def trl(tiny_folder, tmp_path, plan):
    """Return a function that trains a base with TRL's SFTTrainer; its head computes in 32 bits only."""
    from datasets import Dataset  # noqa: PLC0415 - seconds that the other tests need not pay
    from trl import SFTConfig, SFTTrainer  # noqa: PLC0415

    def run(base, *, kept):
        without = {"bf16": False, "gradient_checkpointing": False, "dataset_kwargs": {"skip_prepare_dataset": True}}
        rows = Dataset.from_dict({"input_ids": [list(row.tokens) for row in plan.train]})
        given = {"train_dataset": rows, "processing_class": loading.load_tokenizer(tiny_folder)}
        arguments = SFTConfig(**_arguments(tmp_path / "trl", plan), **without)
        adapted = add_adapter(base, plan.settings, plan.seed)
        return _run(_noting(SFTTrainer), adapted, plan, kept=kept, args=arguments, **given)[0]

    return run


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_trl_has_our_losses_but_for_the_adapter_that_it_rounds_to_16_bits(tiny_folder, tmp_path, plan, trl):
    losses, _ = _ours(tmp_path / "ours", plan, loading.load_dequantised(tiny_folder))
    assert losses == pytest.approx(trl(loading.load_dequantised(tiny_folder), kept=True), rel=ROUNDING)
    assert losses == pytest.approx(trl(loading.load_nf4(tiny_folder), kept=True), rel=ROUNDING)
    # the control: of a 4-bit base TRL rounds the adapter, and that alone is a thousand times as much
    assert _apart(losses, trl(loading.load_nf4(tiny_folder), kept=False)) > SEEN


def _mean_of_means(monkeypatch):
    """Each pass its own mean, and of them the mean: what several trainers did (transformers #34191)."""

    def backward(model, passes, labelled, loss):
        total = 0.0
        for part in passes:
            nats, tokens = accumulating.labelled_nll(model, part)
            (nats / tokens / len(passes)).backward()
            total += nats.item() / tokens / len(passes)
        return total

    monkeypatch.setattr(accumulating, "_backward", backward)


def _one_label_fewer(monkeypatch):
    monkeypatch.setattr(qlora, "labelled_tokens", lambda rows: accumulating.labelled_tokens(rows) - 1)


def _rate_of_the_next_step(monkeypatch):
    rate = TrainPlan.learning_rate
    monkeypatch.setattr(TrainPlan, "learning_rate", lambda plan, step: rate(plan, step + 1))


def _cosine_one_step_longer(monkeypatch):
    def rate(plan, step):
        warmup = max(1, round(plan.settings.warmup_share * plan.steps))
        share = max(0, step - warmup) / (plan.steps - warmup + 1)
        return plan.settings.learning_rate * min((step + 1) / warmup, 0.5 * (1 + math.cos(math.pi * share)))

    monkeypatch.setattr(TrainPlan, "learning_rate", rate)


def _no_clipping(monkeypatch):
    monkeypatch.setattr(
        torch.nn.utils, "clip_grad_norm_", lambda values, norm: torch.nn.utils.get_total_norm([v.grad for v in values])
    )


def _weight_decay(monkeypatch):
    plain = torch.optim.AdamW
    monkeypatch.setattr(torch.optim, "AdamW", lambda values, **named: plain(values, **(named | {"weight_decay": 0.1})))


def _seed_after_the_adapter(monkeypatch):
    monkeypatch.setattr(qlora, "add_adapter", lambda model, settings, seed: add_adapter(model, settings, seed + 1))


FAULTS = (
    _mean_of_means,
    _one_label_fewer,
    _rate_of_the_next_step,
    _cosine_one_step_longer,
    _no_clipping,
    _weight_decay,
    _seed_after_the_adapter,
)


@pytest.mark.slow
def test_a_fault_of_the_loop_is_seen(base, tmp_path, plan, monkeypatch):
    stock, _ = _stock(tmp_path / "stock", plan, deepcopy(base))
    for fault in FAULTS:
        with monkeypatch.context() as faulty:
            fault(faulty)
            losses, _ = _ours(tmp_path / fault.__name__, plan, deepcopy(base))
        assert _apart(losses, stock) > SEEN, fault.__name__
