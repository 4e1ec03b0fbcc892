"""A training run speaks to nobody, and several processes of it to each other over the loopback only.

Two detectors: a network namespace whose kernel counts what has no route, always; strace, where it is installed, which
also sees who listens. Each is shown a program that it must catch.
"""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from appliance.base_model.loading import load_dequantised
from appliance.training.plan import Execution, plan_from_json
from appliance.training.qlora import train
from appliance.training.several import train_in_processes

ROOT = Path(__file__).parents[3]
CALL = re.compile(r"\b(?:connect|bind|sendto|sendmsg)\(.*AF_INET")
LOOPBACK = re.compile(r'inet_addr\("127\.|inet_pton\(AF_INET6, "(?:::1|::ffff:127\.[0-9.]+)"')
STRACE = shutil.which("strace")
QUIET = "import socket\nfrom contextlib import suppress\nwith suppress(OSError):\n    "
CAUGHT = {
    "a connection": "socket.create_connection(('192.0.2.1', 80), timeout=1)",
    "a connection over IPv6": "socket.create_connection(('2001:db8::1', 80), timeout=1)",
    "a datagram": "socket.socket(type=socket.SOCK_DGRAM).sendto(b'hello', ('192.0.2.1', 53))",
}


@dataclass(frozen=True, slots=True)
class Seen:
    """What a command tried to send elsewhere."""

    without_route: int  # counted by the kernel
    calls: tuple[str, ...]  # system calls with an address that is not the loopback's; none without strace
    sockets: int  # internet sockets that strace saw made


def watched(folder: Path, command: list[str]) -> Seen:
    """Run a command in a namespace without a way out."""
    count, log = folder / "count", folder / "calls"
    tracing = [STRACE, "-f", "-e", "trace=network", "-o", str(log)] if STRACE else []
    counting = ["unshare", "-rn", sys.executable, str(ROOT / "tests" / "count_network_attempts.py"), str(count)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run([*counting, *tracing, *command], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if STRACE else []
    calls = tuple(line for line in lines if CALL.search(line) and not LOOPBACK.search(line))
    return Seen(int(count.read_text()), calls, sum("socket(AF_INET" in line for line in lines))


@pytest.mark.parametrize("attempt", CAUGHT.values(), ids=CAUGHT)
def test_a_program_that_asks_the_network_and_hides_it_is_seen(tmp_path, attempt):
    seen = watched(tmp_path, [sys.executable, "-c", QUIET + attempt])
    assert seen.without_route > 0
    assert len(seen.calls) > 0 or not STRACE


def test_a_program_that_listens_for_others_is_seen_by_strace_and_the_loopback_is_not_counted(tmp_path):
    listening = "import socket; s = socket.create_server(('{}', 0)); socket.create_connection(s.getsockname())"
    for address, calls in (("127.0.0.1", 0), ("0.0.0.0", 1)):
        seen = watched(tmp_path, [sys.executable, "-c", listening.format(address)])
        assert seen.without_route == 0
        assert len(seen.calls) >= calls or not STRACE
        assert len(seen.calls) == 0 or calls


@pytest.mark.slow
@pytest.mark.parametrize("processes", [1, 2])
def test_a_training_run_sends_nothing_elsewhere(tiny_folder, tmp_path, small_plan, processes):
    plan = replace(small_plan, execution=Execution(processes=processes))
    (tmp_path / "plan.json").write_text(plan.to_json(), encoding="utf-8")
    seen = watched(tmp_path, [sys.executable, __file__, str(tiny_folder), str(tmp_path)])
    assert (seen.without_route, seen.calls) == (0, ())
    assert not seen.sockets or processes > 1
    assert list(tmp_path.glob("*/step-00000008"))


if __name__ == "__main__":
    base, folder = map(Path, sys.argv[1:])
    plan = plan_from_json((folder / "plan.json").read_text(encoding="utf-8"))
    if plan.execution.processes > 1:
        train_in_processes(base, plan, folder, lambda point: None, lambda: False)
    train(load_dequantised(base), plan, folder, lambda point: None, lambda: False)
