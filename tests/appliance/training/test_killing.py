"""A run is killed at random moments and taken up again; every file of the adapter must come out the same."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.base_model.loading import load_dequantised
from appliance.core.hashing import file_digest
from appliance.training.adapter import save_adapter
from appliance.training.qlora import train

KILLS = 20
pytestmark = pytest.mark.slow


def run(folder: Path, base: Path, plan) -> str:
    """Train a plan to its end and return the digest of the saved adapter."""
    outcome = train(load_dequantised(base), plan, folder, lambda point: None, lambda: False)
    save_adapter(outcome.model, folder / "adapter")
    return file_digest(folder / "adapter" / "adapter_model.safetensors")


def fork_and_kill(folder: Path, base: Path, plan, pause: float) -> bool:
    """Train in a child, kill it `pause` seconds later, and say whether it was killed before its end."""
    child = os.fork()
    if not child:
        run(folder, base, plan)
        os._exit(0)
    time.sleep(pause)
    os.kill(child, signal.SIGKILL)
    return os.waitpid(child, 0)[1] == signal.SIGKILL


def kill_and_resume(base: Path, folder: Path, plan_file: Path) -> dict[str, object]:
    """Return the digests of an undisturbed run and of runs that were killed once each and resumed."""
    import torch  # noqa: PLC0415

    from appliance.training.plan import plan_from_json  # noqa: PLC0415

    torch.set_num_threads(1)
    plan = plan_from_json(plan_file.read_text(encoding="utf-8"))
    run(folder / "warm", base, plan)
    began = time.monotonic()
    undisturbed = run(folder / "undisturbed", base, plan)
    whole = time.monotonic() - began
    moments = random.Random(11)
    killed, drafts, begun, digests = 0, 0, 0, set()
    for number in range(KILLS):
        scratch = folder / str(number)
        while not fork_and_kill(scratch, base, plan, moments.uniform(0.05, 0.95) * whole):
            for file in sorted(scratch.rglob("*"), reverse=True):  # it had ended before: another moment
                file.rmdir() if file.is_dir() else file.unlink()
        killed += 1
        begun += bool(list(scratch.glob("*/step-*")))
        drafts += bool(list(scratch.glob("*/draft-*")))
        digests.add(run(scratch, base, plan))
    return {"killed": killed, "begun": begun, "drafts": drafts, "digests": sorted(digests), "undisturbed": undisturbed}


def test_twenty_runs_killed_at_random_moments_give_the_adapter_of_an_undisturbed_run(tiny_folder, tmp_path, small_plan):
    settings = small_plan.settings.model_copy(update={"checkpoint_every": 1, "epochs": 5})
    plan_file = tmp_path / "plan.json"
    plan_file.write_text(replace(small_plan, settings=settings).to_json(), encoding="utf-8")
    # a process of its own: it forks, and must have started no threads
    command = [sys.executable, __file__, str(tiny_folder), str(tmp_path), str(plan_file)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(Path(__file__).parents[3])}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["killed"] == KILLS
    assert told["begun"] > 0, "no kill fell after the first checkpoint: the test shows nothing"
    assert told["digests"] == [told["undisturbed"]]


if __name__ == "__main__":
    print(json.dumps(kill_and_resume(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]))))
