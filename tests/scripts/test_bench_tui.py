"""The benchmark of the screens: what it calls a miss. The figures themselves are measured by hand."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))

from bench_tui import goals

START = {"runs": 1000, "first_paint_s": 0.5, "idle_share": 0.004}


def _told(median: float, p95: float) -> dict:
    keys = {"median_ms": median, "p95_ms": p95, "cpu_ms": 7.0, "keys": 100}
    return {"open": {"findings": 50000, "seconds": 2.4}, "next": keys, "accept all equal": {**keys, "p95_ms": 900.0}}


def test_every_key_but_the_bulk_one_has_two_goals_and_all_are_met_below_their_limits() -> None:
    found = goals(START, _told(20.5, 48.3))
    assert [goal.name for goal in found] == ["first paint, 1000 runs", "next: median", "next: p95", "at rest"]
    assert all(goal.is_met for goal in found)


@pytest.mark.parametrize(
    ("start", "told", "missed"),
    [
        ({**START, "first_paint_s": 1.0}, _told(20, 48), "first paint, 1000 runs"),
        (START, _told(20, 100.0), "next: p95"),
        ({**START, "idle_share": 0.012}, _told(20, 48), "at rest"),
    ],
)
def test_what_reaches_its_limit_is_a_miss(start: dict, told: dict, missed: str) -> None:
    assert [goal.name for goal in goals(start, told) if not goal.is_met] == [missed]
