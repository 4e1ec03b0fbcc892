"""What noise a privacy budget asks for, and what a number of noisy steps has spent: Rényi accounting by opacus.

Each step is a Gaussian mechanism on a Poisson sample (Mironov et al. 2019, arXiv 1908.10530); orders are turned into
epsilon as in Balle et al. 2020. What comes out is an upper bound, valid for any data.
Covers: neighbours that differ in one example, which is replaced by nothing; the number of examples is no secret.
Does not cover: several trainings on the same examples, each of which spends its own budget; an example that stands
several times. opacus is an extra, and only asked where a budget is set.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from appliance.core.errors import SettingsError
from appliance.core.extras import require
from appliance.core.sections import PrivacySettings

ORDERS: tuple[float, ...] = (*(1 + tenth / 10 for tenth in range(1, 100)), *range(12, 64), 72, 96, 128, 192, 256, 512)
TOLERANCE = 1e-3  # of epsilon: what is spent stays below the target by no more
DELTA_EXPONENT = (
    1.1  # delta = n^-1.1, well below the 1/n at which one whole example may be given away: arXiv 2303.00654
)
MOST_NOISE = 20  # as a power of 2


@dataclass(frozen=True, slots=True)
class Budget:
    """The noise of a training and the guarantee that it gives."""

    epsilon: float  # spent when all steps are done, at most
    delta: float
    noise_multiplier: float  # standard deviation of the noise over the clip norm
    sample_rate: float  # chance of each example to be drawn, in each step
    steps: int


def budget_for(settings: PrivacySettings, examples: int, batch_size: int, steps: int) -> Budget:
    """Return the least noise that keeps within the epsilon of the settings.

    Args:
        settings: the target.
        examples: that are learnt from.
        batch_size: examples of a step on average; at most `examples`.
        steps: of the whole run.

    Raises:
        SettingsError: the extra is not installed, delta is too large, or no noise is enough.
    """
    delta = settings.delta if settings.delta is not None else float(examples) ** -DELTA_EXPONENT
    if delta >= 1 / examples:
        raise SettingsError(
            f"train.privacy.delta = {delta:g} lets one of {examples} examples be given away whole",
            hint=f"set delta below {1 / examples:.2g}, or leave it out",
        )
    rate = min(1.0, batch_size / examples)
    noise = _least_noise(settings.epsilon, delta, rate, steps)
    return Budget(spent(noise, rate, steps, delta), delta, noise, rate, steps)


def spent(noise_multiplier: float, sample_rate: float, steps: int, delta: float) -> float:
    """Return the epsilon that so many steps have spent.

    Raises:
        SettingsError: the extra is not installed.
    """
    analysis = _analysis()
    orders: Sequence[float] = ORDERS
    rdp = analysis.compute_rdp(q=sample_rate, noise_multiplier=noise_multiplier, steps=steps, orders=orders)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Optimal order is the", category=UserWarning)  # a bound all the same
        return max(0.0, float(analysis.get_privacy_spent(orders=orders, rdp=rdp, delta=delta)[0]))


def accountant() -> str:
    """Return the name and version of what counts.

    Raises:
        SettingsError: the extra is not installed.
    """
    require("dp")
    return f"opacus {version('opacus')}, Rényi"


def _least_noise(epsilon: float, delta: float, rate: float, steps: int) -> float:
    """Return the noise that spends epsilon, up to the tolerance; what is spent falls steadily where noise grows."""
    from scipy.optimize import brentq  # noqa: PLC0415 opacus brings it

    def too_much(exponent: float) -> float:
        return spent(2.0**exponent, rate, steps, delta) - (epsilon - TOLERANCE / 2)

    exponent = 0
    towards = 1 if too_much(0) > 0 else -1
    while (too_much(exponent + towards) > 0) == (towards > 0):
        exponent += towards
        if exponent > MOST_NOISE:
            raise SettingsError(
                f"train.privacy.epsilon = {epsilon:g} cannot be kept by any noise", hint="set a larger epsilon"
            )
    return float(2.0 ** brentq(too_much, *sorted((exponent, exponent + towards)), xtol=TOLERANCE / (8 * (1 + epsilon))))


def _analysis() -> Any:
    """opacus takes seconds to import: it is asked where a budget is set, and nowhere else."""
    require("dp")
    from opacus.accountants.analysis import rdp  # noqa: PLC0415

    return rdp
