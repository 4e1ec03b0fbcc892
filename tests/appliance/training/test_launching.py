import os
import sys
import time

import pytest

from appliance.training import launching
from appliance.training.launching import started_group

SAY_WHO = "import os; print(os.environ['RANK'], os.environ['WORLD_SIZE'], os.environ['MARK'])"
ONE_DIES = "import os, time; os.environ['RANK'] == '0' and time.sleep(60); raise SystemExit(3)"
WAIT = "import time; print('here', flush=True); time.sleep(60)"


def test_the_first_process_is_heard_and_each_knows_its_number():
    with started_group(3, ["-c", SAY_WHO], {"MARK": "点検"}, sys.stderr) as group:
        assert list(group.lines()) == ["0 3 点検\n"]
        assert group.wait() == 0


def test_a_process_that_dies_ends_those_that_would_wait_for_it(monkeypatch):
    monkeypatch.setattr(launching, "PATIENCE", 0.1)
    began = time.monotonic()
    with started_group(2, ["-c", ONE_DIES], {}, sys.stderr) as group:
        assert list(group.lines()) == []
        assert group.wait() != 0
    assert time.monotonic() - began < 30


def test_a_caller_that_fails_leaves_no_process_behind():
    with pytest.raises(OSError, match="disk"), started_group(2, ["-c", WAIT], {}, sys.stderr) as group:
        next(group.lines())
        alive = [process.pid for process in group._processes]
        raise OSError("disk full")
    assert len(alive) == 2
    for pid in alive:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
