"""Steps with differential privacy: DP-SGD (Abadi et al. 2016, arXiv 1607.00133) on the adapter's parameters.

The unit is one training example, as it is left when duplicates have been removed. Each step draws every example on its
own with the same chance, takes the gradient of each drawn one by itself, shortens it to the clip norm, adds them up,
adds Gaussian noise and divides by the batch size of the settings. That divisor never follows from the data: one that
does betrays a neighbour of another size (opacus #819). Draws and noise follow from a secret key and the step.

Covers: the adapter, and whatever is made of it.
Does not cover: the losses of single steps, the scores and attacks in the report, which are measured on the examples
themselves; an example that stands k times, which is protected k times less.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from appliance.base_model.chat import TokenRow
from appliance.base_model.likelihood import labelled_nll
from appliance.core.cipher import read_key
from appliance.training.accounting import Budget
from appliance.training.keyed_chance import KeyedChance
from appliance.training.plan import TrainPlan

MARGIN = 1e-6  # of the clip norm: float32 products are rounded, and none may be longer than the norm

Parameters = Mapping[str, torch.nn.Parameter]


class PrivateSteps:
    """The draws and the noise of a plan with a budget."""

    def __init__(self, plan: TrainPlan) -> None:
        """Read the key that the settings name.

        Raises:
            CustodyError: there is none, or others can read it.
        """
        privacy = plan.settings.privacy
        assert privacy
        assert privacy.key
        assert plan.budget
        self._plan, self._clip_norm = plan, privacy.clip_norm
        self._budget: Budget = plan.budget
        self._key, self._name = read_key(privacy.key), plan.fingerprint()

    def rows(self, step: int) -> list[TokenRow]:
        """Return the rows of a step, counted from 0; there may be none."""
        drawn = self._chance("examples", step).uniform(len(self._plan.train)) < self._budget.sample_rate
        return [row for row, is_drawn in zip(self._plan.train, drawn, strict=True) if is_drawn]

    def clip(self, model: Any, parameters: Parameters, rows: Sequence[TokenRow]) -> float:
        """Leave the sum of the clipped gradients in the parameters; return the nats of all labelled tokens."""
        return clipped_gradients(model, parameters, rows, self._clip_norm)

    def add_noise(self, parameters: Parameters, step: int) -> float:
        """Make of the sum in the gradients the noisy mean; return its norm.

        Every process of a group adds the same noise to the same sum.
        """
        chance = self._chance("noise", step)
        deviation = self._budget.noise_multiplier * self._clip_norm
        for value in parameters.values():
            assert value.grad is not None
            noise = torch.from_numpy(chance.normal(value.numel()) * deviation).reshape(value.shape)
            value.grad.add_(noise.to(value.grad)).div_(self._plan.settings.batch_size)
        return float(
            torch.nn.utils.get_total_norm([value.grad for value in parameters.values() if value.grad is not None])
        )

    def _chance(self, purpose: str, step: int) -> KeyedChance:
        return KeyedChance(self._key, f"{self._name}:{purpose}:{step}")


def clipped_gradients(model: Any, parameters: Parameters, rows: Sequence[TokenRow], clip_norm: float) -> float:
    """Leave in the parameters the sum over the rows of each one's gradient, none longer than `clip_norm`.

    The loss of a row is the mean over its own labelled tokens: one that is divided by the tokens of a batch would let
    a row change what the others give. A gradient that is no finite number counts as none.

    Returns:
        The summed negative log-likelihood of all labelled tokens, in nats.
    """
    sums = {name: torch.zeros_like(value) for name, value in parameters.items()}
    total = 0.0
    for row in rows:
        for value in parameters.values():
            value.grad = None
        nats, tokens = labelled_nll(model, [row])
        (nats / tokens).backward()  # type: ignore[no-untyped-call]
        total += nats.item()
        gradients = {name: value.grad for name, value in parameters.items() if value.grad is not None}
        factor = shortening(gradients.values(), clip_norm)
        if factor > 0:
            for name, gradient in gradients.items():
                sums[name].add_(gradient, alpha=factor)
    for name, value in parameters.items():
        value.grad = sums[name]
    return total


def shortening(gradients: Any, clip_norm: float) -> float:
    """Return the factor, at most 1, that brings the norm of all gradients together to `clip_norm` or below.

    The norm is taken in float64: of millions of float32 squares the rounding would show.
    """
    norms = [torch.linalg.vector_norm(gradient, dtype=torch.float64) for gradient in gradients]
    norm = float(torch.linalg.vector_norm(torch.stack(norms)))
    if not norm < float("inf"):  # a nan is not
        return 0.0
    return min(1.0, clip_norm * (1 - MARGIN) / norm) if norm > 0 else 1.0
