"""An evaluation in the middle of a training leaves the gradients of the adapter as they were."""

import pytest
import torch

from appliance.base_model import loading
from appliance.base_model.likelihood import labelled_nll
from appliance.core.sections import TrainSettings
from appliance.training.accumulating import accumulate
from appliance.training.adapter import add_adapter, trainable

pytestmark = [pytest.mark.usefixtures("one_thread"), pytest.mark.filterwarnings("ignore::FutureWarning")]


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
