"""The gates see what repetition does: a run with every copy of its canaries is refused, without duplicates it passes.

A tiny random model, whole runs; with real weights the same is done by scripts/bench_memorisation.py.
"""

import json
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

COPIES = 32
CHANGES = {
    "max_tokens = 256": f"max_tokens = 256\ncanary_repeats = [{COPIES}]\ndeduplicate = {{deduplicate}}",
    "batch_size = 8\ncheckpoint_every = 2\nevaluate_every = 3\nrank = 4": "learning_rate = {rate}\n{privacy}",
    "[gates]\n": "[gates]\nmax_regression = 1e9\nrequire_canaries = true\n{limit}",
    "[bundle]\n": '[export]\nvariants = ["float"]\n\n[bundle]\n',
    "examples = 3  ": "examples = 0  ",  # no text leaves beside a model that was trained privately
    'index_columns = ["description", "remark"]\n': "",
}


@pytest.fixture(scope="module")
def small(make_small, tmp_path_factory):
    """A folder for all runs; they share its workspace, and all but what differs."""
    return make_small(tmp_path_factory.mktemp("memorisation"))


def _run(small, name: str, *, deduplicate: bool, rate: float = 3e-3, epsilon: int = 0):
    filled = {
        "{deduplicate}": str(deduplicate).lower(),
        "{rate}": str(rate),
        "{privacy}": f"\n[train.privacy]\nepsilon = {epsilon}\n" if epsilon else "",
        "{limit}": f"max_epsilon = {epsilon}\n" if epsilon else "",
    }
    text = small.config.read_text(encoding="utf-8").replace('name = "small"', f'name = "{name}"')
    for before, after in CHANGES.items():
        assert text.count(before) == 1
        text = text.replace(before, after)
    for place, value in filled.items():
        text = text.replace(place, value)
    config = small.folder / f"{name}.toml"
    config.write_text(text, encoding="utf-8")
    return small.appliance("run", config)


def _level(workspace: Path, copies: int) -> dict:
    found = [json.loads(file.read_text(encoding="utf-8"))["canaries"] for file in workspace.glob("store/*/safety.json")]
    return next(each for told in found for each in told["levels"] if each["trained"] == copies)


def test_a_run_that_memorises_ends_with_6_and_says_how_much_can_be_read_out(small):
    done = _run(small, "repeated", deduplicate=False)
    assert done.returncode == 6, done.stderr
    assert "exposure: canaries planted 32 times and trained 32 times" in done.stderr
    assert not (small.workspace / "bundles" / "repeated-1").exists()
    assert _level(small.workspace, COPIES)["exposure"]["low"] > 5  # bits


def test_the_same_run_without_duplicates_passes_and_is_signed(small):
    done = _run(small, "deduplicated", deduplicate=True)
    assert done.returncode == 0, done.stderr
    assert (small.workspace / "bundles" / "deduplicated-1" / "manifest.json").exists()
    level = _level(small.workspace, 1)
    assert level["first"] == 0
    assert level["exposure"]["high"] < 5


def test_a_private_run_carries_its_guarantee_in_the_bundle_and_an_audit_counts_it_anew(small):
    # so large an epsilon promises nothing: what is tested is the path, and with little noise a tiny model learns
    done = _run(small, "private", deduplicate=True, rate=1e-2, epsilon=1000)
    assert done.returncode == 0, done.stderr
    bundle = small.workspace / "bundles" / "private-1"
    told = json.loads((bundle / "reports" / "privacy.json").read_text(encoding="utf-8"))
    assert 999.9 < told["epsilon"] <= 1000
    assert told["copies"] == 1
    assert str(small.workspace) not in json.dumps(told)
    assert "epsilon 1e+03" in (bundle / "report" / "model_card.md").read_text(encoding="utf-8")
    audited = small.appliance("audit", bundle, "--trusted-key", small.workspace / "keys" / "trusted-key.pem")
    assert audited.returncode == 0, audited.stdout
    assert "same     privacy budget" in audited.stdout
    gates = json.loads((bundle / "reports" / "gates.json").read_text(encoding="utf-8"))["gates"]
    assert next(gate["status"] for gate in gates if gate["name"] == "privacy") == "passed"
