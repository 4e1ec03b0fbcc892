"""What a learning curve says: divergence, a plateau, late improvement and over-fitting, by rules that can be read here.

Covers: losses that explode or are no numbers any more; held-out losses that stand still, fall after they had stood
still (known as grokking, Power et al. 2022, arXiv 2201.02177), or rise while the training loss falls.
Does not cover: a fault that leaves the losses as they should be. All functions are pure; the limits are arguments.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from appliance.training.plan import TrainPoint, WatchLimits

LIMITS = WatchLimits()
Kind = Literal["divergence", "plateau", "late improvement", "over-fitting"]


@dataclass(frozen=True, slots=True)
class Observation:
    """Something in a curve that a person should know, with the step and the numbers it rests on."""

    kind: Kind
    step: int
    message: str


@dataclass(frozen=True, slots=True)
class _Held:
    step: int
    valid_loss: float
    train_loss: float  # smoothed


def observe(curve: Sequence[TrainPoint], limits: WatchLimits = LIMITS) -> tuple[Observation, ...]:
    """Return what a curve shows, in the order of the steps."""
    found = (divergence(curve, limits), *plateaus(curve, limits), over_fitting(curve, limits))
    return tuple(sorted((each for each in found if each), key=lambda each: each.step))


def smoothed_losses(curve: Sequence[TrainPoint], span: int) -> list[float]:
    """Return an exponential moving average of the training loss, free of the weight of its start (as in Adam)."""
    keep, average, smoothed = 1 - 2 / (span + 1), 0.0, []
    for number, point in enumerate(curve, start=1):
        average = keep * average + (1 - keep) * point.loss
        smoothed.append(average / (1 - keep**number))
    return smoothed


def exploding_steps(curve: Sequence[TrainPoint], limits: WatchLimits = LIMITS) -> int:
    """Return for how many steps up to now the smoothed loss has been far above its best, without a break."""
    best, run = math.inf, 0
    for loss in smoothed_losses(curve, limits.smoothing):
        best = min(best, loss)
        run = 0 if _is_sound(loss, best, limits) else run + 1
    return run


def good_steps(curve: Sequence[TrainPoint], limits: WatchLimits = LIMITS) -> frozenset[int]:
    """Return the steps that left sound weights, which is known once the next step has taken its loss from them."""
    best, good = math.inf, set()
    for smoothed, point, following in zip(smoothed_losses(curve, limits.smoothing), curve, curve[1:], strict=False):
        best = min(best, smoothed)
        if _is_sound(following.loss, best, limits):
            good.add(point.step)
    return frozenset(good)


def _is_sound(loss: float, best: float, limits: WatchLimits) -> bool:
    return loss <= max(limits.explosion * best, best + limits.explosion_rise)  # a nan is not


def divergence(curve: Sequence[TrainPoint], limits: WatchLimits = LIMITS) -> Observation | None:
    """Return where the loss exploded and did not come back; None while it has not."""
    run = exploding_steps(curve, limits)
    if run < limits.explosion_steps:
        return None
    losses = smoothed_losses(curve, limits.smoothing)
    best = min(losses)
    at = curve[losses.index(best)].step
    message = f"the smoothed loss is {losses[-1]:.3f} after it had been {best:.3f} in step {at}, for {run} steps"
    return Observation("divergence", curve[-1].step, message)


def plateaus(curve: Sequence[TrainPoint], limits: WatchLimits = LIMITS) -> list[Observation]:
    """Return where the held-out loss stood still, and where it fell again afterwards."""
    found: list[Observation] = []
    best: _Held | None = None
    waited, flat = 0, False
    for held in _measured(curve, limits):
        if best is None or held.valid_loss < best.valid_loss * (1 - (limits.late_gain if flat else limits.gain)):
            if flat and best is not None:
                told = f"held-out loss {held.valid_loss:.3f} after it had stood at {best.valid_loss:.3f}"
                found.append(Observation("late improvement", held.step, f"{told} since step {best.step}"))
            best, waited, flat = held, 0, False
            continue
        waited += 1
        if waited == limits.patience:
            flat = True
            told = f"held-out loss {best.valid_loss:.3f} since step {best.step}"
            found.append(Observation("plateau", held.step, f"{told}, {waited} measurements without a gain"))
    return found


def over_fitting(curve: Sequence[TrainPoint], limits: WatchLimits = LIMITS) -> Observation | None:
    """Return where the held-out loss had risen while the training loss fell; None where it has not, or came back."""
    measured = _measured(curve, limits)
    if not measured:
        return None
    best = min(measured, key=lambda each: each.valid_loss)
    risen = [
        each
        for each in measured
        if each.step > best.step
        and each.valid_loss > best.valid_loss * (1 + limits.overfit_rise)
        and each.train_loss < best.train_loss
    ]
    if len(risen) < 2 or risen[-1] != measured[-1]:  # one rise is noise, and one that came back is none
        return None
    held = (best.valid_loss, risen[-1].valid_loss)
    train = (best.train_loss, risen[-1].train_loss)
    message = (
        f"held-out loss {held[0]:.3f} in step {best.step} and {held[1]:.3f} now, "
        f"training loss {train[0]:.3f} and {train[1]:.3f}"
    )
    return Observation("over-fitting", risen[0].step, message)


def _measured(curve: Sequence[TrainPoint], limits: WatchLimits) -> list[_Held]:
    smoothed = smoothed_losses(curve, limits.smoothing)
    return [
        _Held(point.step, point.valid_loss, train)
        for point, train in zip(curve, smoothed, strict=True)
        if point.valid_loss is not None
    ]
