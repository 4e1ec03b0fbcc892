"""How the error falls with the number of training examples, and whether twice as many would pay. Pure.

    error(n) = level - scale * g(n),   g(n) = (1 - (n / all)^-power) / power,   of power 0: log(n / all)

A power law with a floor, a n^-b + c, as learning curves have it (Hestness et al. 2017, arXiv 1712.00409), written so
that power 0 is the line in log n. `level` is the fitted error with all examples.
Each point is one training on a nested random subset. The interval is a bootstrap over the held-out lines, the same at
all points, with noise as large as the points' scatter around their line in log n: a training's own luck.
Covers: 94 lines, four points and a luck of 0.03 of a point; how often the interval holds the gain is simulated in the
tests, and stands in docs/evidence.md.
Does not cover: data of another kind than the present; a curve that turns beyond what was measured.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy
from numpy.typing import NDArray

from appliance.evaluation.scores import RESAMPLES, Score, mean_score

Floats = NDArray[numpy.float64]
POWERS = numpy.arange(0, 2.01, 0.05)
DRAWN = 13  # places of the drawn curve, from the smallest subset to twice all examples


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted curve."""

    level: float  # error with all examples
    scale: float  # error that one e-fold of examples takes away at that place
    power: float
    examples: int  # all of them

    def error(self, examples: float) -> float:
        """Return the fitted error with so many examples, inside of 0 to 1."""
        one = numpy.array([[self.level, self.scale, self.power]])
        return float(_errors(one, numpy.array([examples / self.examples]))[0, 0])


def sample_facts(points: Sequence[Mapping[str, Any]], seed: int) -> dict[str, Any]:
    """Return the points with their scores, the fit, and the predicted gain of twice the examples.

    Args:
        points: {"examples": n, "worth": [0, 0.5, 1, ...]} by number of examples, at least three, on the same lines;
            what each answer adds to the primary score.
        seed: of the bootstrap.
    """
    sizes = numpy.array([point["examples"] for point in points], dtype=float)
    errors = 1.0 - numpy.array([point["worth"] for point in points], dtype=float)
    fitted = fit(sizes, errors.mean(axis=1))
    drawn = _drawn(sizes, errors, seed)
    places = numpy.geomspace(sizes[0], 2 * sizes[-1], DRAWN).round(1)
    ends = numpy.quantile(_errors(drawn, places / sizes[-1]), [0.025, 0.975], axis=0).round(6)
    gains = -numpy.diff(_errors(drawn, numpy.array([1.0, 2.0])))
    gain = fitted.error(sizes[-1]) - fitted.error(2 * sizes[-1])
    low, high = (float(end) for end in numpy.quantile(gains, [0.025, 0.975]))
    return {
        "points": [{**point, "score": asdict(mean_score(point["worth"], seed))} for point in points],
        "fit": asdict(fitted),
        "curve": [
            {"examples": float(place), "error": fitted.error(place), "low": float(one), "high": float(other)}
            for place, one, other in zip(places, *ends, strict=True)
        ],
        "gain_of_twice": asdict(Score(gain, min(low, gain), max(high, gain), errors.shape[1])),
        "pays": min(low, gain) > 0,
        "seed": seed,
    }


def fit(sizes: Floats, errors: Floats) -> Fit:
    """Return the curve of least squares through errors [points] at increasing numbers of examples."""
    level, scale, power = (float(value) for value in _fits(sizes, errors[None])[0])
    return Fit(level, scale, power, int(sizes[-1]))


def _fits(sizes: Floats, errors: Floats) -> Floats:
    """Return level, scale and power [rows, 3] for each row of errors [rows, points].

    The first two are linear in the errors once the power is chosen, so each power of a grid is tried.
    """
    gone = _gone(sizes / sizes[-1], POWERS[:, None])  # [powers, points]
    centred = gone - gone.mean(axis=1, keepdims=True)
    weights = (centred**2).sum(axis=1)
    scales = -errors @ centred.T / weights  # [rows, powers]
    explained = (scales**2 * weights).round(12)  # where powers are alike, and where nothing falls, the line in log n
    best = explained.argmax(axis=1)
    scale = numpy.take_along_axis(scales, best[:, None], axis=1)[:, 0]
    return numpy.stack([errors.mean(axis=1) + scale * gone.mean(axis=1)[best], scale, POWERS[best]], axis=1)


def _errors(fits: Floats, shares: Floats) -> Floats:
    """Return the error [rows, shares] of fits [rows, 3] at shares of all examples, inside of 0 to 1."""
    level, scale, power = (column[:, None] for column in fits.T)
    inside: Floats = numpy.clip(level - scale * _gone(shares, power), 0.0, 1.0)
    return inside


def _gone(shares: Floats, powers: Floats) -> Floats:
    """Return (1 - share^-power) / power, and of power 0 its limit, the logarithm."""
    safe = numpy.where(powers == 0, 1.0, powers)
    gone: Floats = numpy.where(powers == 0, numpy.log(shares), (1 - shares**-safe) / safe)
    return gone


def _drawn(sizes: Floats, errors: Floats, seed: int) -> Floats:
    """Return fits [draws, 3] to lines that are drawn anew, with each point moved by a training's own luck."""
    chance = numpy.random.default_rng(seed)
    lines = errors.shape[1]
    weights = chance.multinomial(lines, numpy.full(lines, 1 / lines), RESAMPLES) / lines
    luck = chance.normal(0.0, _scatter(sizes, errors.mean(axis=1)), (RESAMPLES, len(sizes)))
    return _fits(sizes, weights @ errors.T + luck)


def _scatter(sizes: Floats, errors: Floats) -> float:
    """Return the standard deviation of the points around their line in log n."""
    across = numpy.log(sizes) - numpy.log(sizes).mean()
    slope = float(across @ errors / (across @ across))
    left = errors - errors.mean() - slope * across
    return math.sqrt(float(left @ left) / (len(sizes) - 2))
