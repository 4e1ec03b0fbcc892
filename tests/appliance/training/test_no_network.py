"""A training run makes no network system call: watched by strace, with a run that does make one beside it."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from appliance.base_model.loading import load_dequantised
from appliance.training.plan import plan_from_json
from appliance.training.qlora import train

INTERNET = re.compile(r"\b(?:socket|connect|bind|sendto|sendmsg)\((?:[^)\n]*)(?:AF_INET6?|AF_NETLINK|AF_PACKET)")
CONTROL = "import socket; socket.socket().connect_ex(('127.0.0.1', 9))"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed"),
]


def _calls(folder: Path, command: list[str], before: tuple[str, ...] = ()) -> list[str]:
    """Return the network system calls of a command and its children that leave the process."""
    log = folder / "calls"
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(Path(__file__).parents[3])}
    traced = [*before, "strace", "-f", "-e", "trace=network", "-o", str(log), *command]
    done = subprocess.run(traced, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return [line for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if INTERNET.search(line)]


def test_a_program_that_asks_the_network_is_seen(tmp_path):
    assert len(_calls(tmp_path, [sys.executable, "-c", CONTROL])) >= 2


@pytest.mark.parametrize("before", [(), ("unshare", "-rn")])
def test_a_training_run_makes_no_network_call(tiny_folder, tmp_path, small_plan, before):
    (tmp_path / "plan.json").write_text(small_plan.to_json(), encoding="utf-8")
    command = [sys.executable, __file__, str(tiny_folder), str(tmp_path)]
    assert _calls(tmp_path, command, before) == []
    assert list(tmp_path.glob("*/step-00000008"))


if __name__ == "__main__":
    base, folder = map(Path, sys.argv[1:])
    plan = plan_from_json((folder / "plan.json").read_text(encoding="utf-8"))
    train(load_dequantised(base), plan, folder, lambda point: None, lambda: False)
