"""What a share can be, from how often something was seen in a sample. Pure, without numpy: the terminal UI draws it.

The one-sided bounds are exact (Clopper and Pearson 1934): they hold for every sample size and never promise less than
they say; no normal approximation stands behind them. A sample that is drawn without replacement makes them too high
rather than too low. They are for what must not be missed.
The two-sided interval is Wilson's (1927): over all shares it covers 95 % on average, and less for some (0.83 at worst,
for shares of about 0.2 / samples). It is for scores, where an interval that is too wide misleads as well.
"""

import math

CONFIDENCE = 0.95
Z_95 = 1.959963984540054  # two-sided 95 % quantile of the normal distribution
_HALVINGS = 60  # of the interval 0 to 1: beyond the precision of a float


def upper_bound(hits: int, samples: int, confidence: float = CONFIDENCE) -> float:
    """Return the largest share under which as few hits are still as likely as 1 - confidence; 1 of no samples."""
    if hits >= samples:
        return 1.0
    low, high = hits / samples, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if _at_most(hits, samples, middle) > 1 - confidence else (low, middle)
    return high


def lower_bound(hits: int, samples: int, confidence: float = CONFIDENCE) -> float:
    """Return the smallest share under which as many hits are still as likely as 1 - confidence; 0 of no samples."""
    return 1.0 - upper_bound(samples - hits, samples, confidence)


def sample_size(bound: float, misses: int = 0, confidence: float = CONFIDENCE) -> int:
    """Return how many must be looked at so that `misses` among them still keep the upper bound at `bound`."""
    size = math.ceil(math.log(1 - confidence) / math.log1p(-bound))  # the answer where nothing is missed
    low, high = max(1, misses), max(size, misses + 1)
    while upper_bound(misses, high, confidence) > bound:
        high *= 2
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if upper_bound(misses, middle, confidence) <= bound else (middle + 1, high)
    return low


def wilson(hits: float, samples: int) -> tuple[float, float]:
    """Return the two-sided 95 % interval of a share (Wilson 1927); (0, 1) of no samples."""
    if samples == 0:
        return 0.0, 1.0
    share, square = hits / samples, Z_95 * Z_95
    middle = (share + square / (2 * samples)) / (1 + square / samples)
    half = Z_95 / (1 + square / samples) * math.sqrt(share * (1 - share) / samples + square / (4 * samples * samples))
    return max(0.0, min(middle - half, share)), min(1.0, max(middle + half, share))


def _at_most(hits: int, samples: int, share: float) -> float:
    """Return the binomial chance of at most so many hits."""
    if share >= 1.0:
        return float(hits >= samples)
    rest = math.log1p(-share)
    odds = math.log(share) - rest if share > 0 else -math.inf
    chance, term = 0.0, samples * rest
    for count in range(hits + 1):
        chance += math.exp(term)
        term += math.log((samples - count) / (count + 1)) + odds if count < samples else 0.0
    return min(1.0, chance)
