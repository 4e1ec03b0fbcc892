"""The table of the training benchmark: an engine that fails is a row of its own and a missed goal, not the end."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))

from bench_training import Bench, EngineFailed, _beside, print_table

GOALS = (1.2, None)


class Told(Bench):
    """A benchmark whose engines tell fixed figures."""

    def measured(self, engine, base, plan):
        if engine in plan:
            raise EngineFailed(f"{engine} ended with 1: no wheel")
        speed = {"ours": 300.0, "trl": 150.0, "plain": 200.0}[engine]
        return {
            "tokens_per_second": speed,
            "tokens_per_cpu_second": speed / 2,
            "peak_bytes": 4e9,
            "losses": [5.0, 4.0],
        }


@pytest.fixture
def bench(tmp_path):
    return Told(tmp_path, tmp_path, tmp_path, 2, 2, "cpu")


def test_ratios_stand_by_wall_and_by_cpu_time(bench, tmp_path):
    rows = {row.measure: row for row in _beside(bench, "stock", tmp_path, (), GOALS)}
    for clock in ("tokens/s", "tokens a CPU second"):
        assert (rows[f"ours / TRL, {clock}"].value, rows[f"ours / TRL, {clock}"].goal) == (2.0, 1.2)
    assert all(row.is_met for row in rows.values())


def test_an_engine_that_fails_is_a_missed_goal_and_the_others_are_measured(bench, tmp_path, capsys):
    rows = list(_beside(bench, "stock", tmp_path, ("trl",), GOALS))
    missed = [row for row in rows if not row.is_met]
    assert [row.measure for row in missed] == ["trl: FAILED, share of runs that ended"]
    assert "no wheel" in missed[0].note
    assert "ours / LoRA on plain weights, tokens/s" in {row.measure for row in rows}
    print_table(rows)
    assert capsys.readouterr().out.count("MISSED") == 1


def test_a_benchmark_without_any_engine_still_tells_why(bench, tmp_path):
    rows = list(_beside(bench, "stock", tmp_path, ("ours", "trl", "plain"), GOALS))
    assert len(rows) == 3
    assert not any(row.is_met for row in rows)
