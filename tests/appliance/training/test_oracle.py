"""The loop beside transformers' own Trainer: the same batches, start and rates give the same losses and weights."""

import pytest
import torch
from transformers import Trainer, TrainingArguments

from appliance.base_model import loading
from appliance.base_model.likelihood import labelled_nll
from appliance.core.sections import TrainSettings
from appliance.training.accumulating import accumulate
from appliance.training.adapter import add_adapter, trainable
from appliance.training.qlora import train

IGNORED = -100  # the label that torch's cross-entropy leaves out
pytestmark = [pytest.mark.usefixtures("one_thread"), pytest.mark.filterwarnings("ignore::FutureWarning")]


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


class _Stock(Trainer):
    """The stock trainer, with our batches in our order, that notes each step's loss as it is."""

    def __init__(self, batches, **given):
        super().__init__(**given)
        self.batches = batches
        self.losses = []

    def get_train_dataloader(self):
        return self.batches

    def training_step(self, *given, **named):
        loss = super().training_step(*given, **named)
        self.losses.append(loss.item())
        return loss


def _stock(folder, plan, model):
    settings = plan.settings
    adapted = add_adapter(model, settings, plan.seed)
    optimizer = torch.optim.AdamW(list(trainable(adapted).values()), lr=settings.learning_rate, weight_decay=0.0)
    rates = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: plan.learning_rate(step) / settings.learning_rate)
    arguments = TrainingArguments(
        output_dir=str(folder),
        max_steps=plan.steps,
        max_grad_norm=settings.clip_norm,
        use_cpu=True,
        save_strategy="no",
        report_to=[],
        disable_tqdm=True,
        logging_steps=1000,
    )
    batches = [_padded(plan.batch(step)) for step in range(plan.steps)]
    trainer = _Stock(batches, model=adapted, args=arguments, optimizers=(optimizer, rates), train_dataset=batches)
    trainer.train()
    return trainer.losses, {name: value.detach() for name, value in trainable(adapted).items()}


@pytest.mark.parametrize("load", ["load_dequantised", "load_nf4"])
def test_every_loss_is_that_of_the_stock_trainer(tiny_folder, tmp_path, small_plan, load):
    base = getattr(loading, load)
    outcome = train(base(tiny_folder), small_plan, tmp_path / "ours", lambda point: None, lambda: False)
    losses, weights = _stock(tmp_path / "stock", small_plan, base(tiny_folder))
    # 32-bit floats, summed in another order
    assert [point.loss for point in outcome.curve] == pytest.approx(losses, rel=1e-6)
    for name, value in trainable(outcome.model).items():
        assert torch.allclose(value, weights[name], atol=1e-5), name


def _gradients(model, rows):
    optimizer = torch.optim.SGD(list(trainable(model).values()))
    model.train()
    accumulate(model, rows, optimizer, len(rows))
    return {name: value.grad.clone() for name, value in trainable(model).items() if "lora_B" in name}


def _cosine_after_an_evaluation(folder, rows):
    """Return the smallest cosine, over the layers, of the adapter's gradients before and after an evaluation."""
    model = add_adapter(loading.load_nf4(folder), TrainSettings(rank=4), 7)
    before = _gradients(model, rows)
    model.eval()
    with torch.no_grad():
        labelled_nll(model, rows[:1])
    after = _gradients(model, rows)
    flat = [(before[name].flatten().double(), after[name].flatten().double()) for name in before]
    return min(float(torch.nn.functional.cosine_similarity(one, other, dim=0)) for one, other in flat)


def test_the_gradients_of_the_adapter_are_the_same_after_an_evaluation(tiny_folder, uneven_rows):
    assert _cosine_after_an_evaluation(tiny_folder, uneven_rows) >= 0.9999


def _repacks() -> bool:
    with open("/proc/cpuinfo", encoding="ascii") as told:  # noqa: PTH123
        return "avx512_bf16" in told.read()


@pytest.mark.skipif(not _repacks(), reason="bitsandbytes repacks on CPUs with AVX512-BF16 only")
@pytest.mark.filterwarnings("ignore:.*AVX512_BF16.*:UserWarning", "ignore:.*autograd kernel was not.*:UserWarning")
def test_without_the_guard_the_gradients_of_the_adapter_are_wrong_after_an_evaluation(
    tiny_folder, uneven_rows, monkeypatch
):
    monkeypatch.setattr(loading, "forbid_packing", lambda model: 0)
    assert _cosine_after_an_evaluation(tiny_folder, uneven_rows) < 0.99
