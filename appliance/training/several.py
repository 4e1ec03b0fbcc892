"""Train in several processes on this machine: started, watched and stopped from here.

The processes leave their finished checkpoint in the scratch folder. `train` in the calling process then takes it up and
has nothing left to do: one way out, whatever the number of processes.

Covers: one machine; a worker that dies takes the others with it, and the next start goes on from the newest checkpoint.
A caller that is killed is noticed at the next step, and the processes end with a checkpoint.
Does not cover: several machines; a second start within that step; a base that must be cut into parts to fit.
"""

import json
import signal
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryFile

from appliance.core.errors import ApplianceError, GateRefused, InputError, Interrupted, ResourceError
from appliance.training.arithmetic import THREADS_VARIABLE, settle
from appliance.training.frozen_base import load_for_training
from appliance.training.launching import Started, started_group
from appliance.training.plan import TrainPlan, TrainPoint, plan_from_json
from appliance.training.processes import join_group, leave_group
from appliance.training.qlora import train

_PLAN, _REFUSAL = "plan.json", "refusal.json"
_OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}
_KNOWN = {error.code: error for error in (GateRefused, InputError, Interrupted, ResourceError)}


def train_in_processes(  # noqa: PLR0913 - as `train`
    base: Path,
    plan: TrainPlan,
    scratch: Path,
    report: Callable[[TrainPoint], None],
    should_stop: Callable[[], bool],
    *,
    device: str = "cpu",
) -> None:
    """Run a plan to its end in `plan.execution.processes` processes; its last checkpoint is then under `scratch`.

    Args:
        base: the canonical folder of the base model; every process loads it.
        plan: what is learnt.
        scratch: as for `train`.
        report: called after every step.
        should_stop: asked after every step; the processes are then told to write a checkpoint and end.
        device: "cpu", or "cuda" for one GPU a process.

    Raises:
        Interrupted, GateRefused, InputError, ResourceError: as `train` in a process; or a process died.
    """
    folder = scratch / plan.fingerprint()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _PLAN).write_text(plan.to_json(), encoding="utf-8")
    (folder / _REFUSAL).unlink(missing_ok=True)
    told = [str(base), str(scratch), folder.name, device]
    arguments = ["-m", "appliance.training.several", *told]
    environment = {**_OFFLINE, THREADS_VARIABLE: str(threads_of_each(plan, scratch))}
    with (
        TemporaryFile("w+", encoding="utf-8") as complaints,
        started_group(plan.execution.processes, arguments, environment, complaints) as group,
    ):
        status = _watched(group, report, should_stop)
    if status:
        raise _failure(folder / _REFUSAL, status)


def threads_of_each(plan: TrainPlan, scratch: Path) -> int:
    """Return the threads that each process computes with: its share of what was settled for the run, and is kept."""
    threads = plan.settings.threads or settle(plan.settings, scratch).threads
    return max(1, threads // plan.execution.processes)


def _watched(group: Started, report: Callable[[TrainPoint], None], should_stop: Callable[[], bool]) -> int:
    """Hand on the points that the first process prints; return the exit status."""
    for line in group.lines():
        report(TrainPoint(**json.loads(line)))
        if should_stop():
            group.ask_to_stop()
    return group.wait()


def _failure(file: Path, status: int) -> ApplianceError:
    try:
        refusal = json.loads(file.read_text(encoding="utf-8"))
        return _KNOWN[refusal["code"]](refusal["message"], hint=refusal["hint"])
    except (OSError, ValueError, KeyError):
        return ResourceError(f"a process of the training ended with status {status}", hint="start again to go on")


def main(base: Path, scratch: Path, name: str, device: str) -> int:
    """Be one of the processes; return its exit status."""
    stopping: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: stopping.append(number))
    plan = plan_from_json((scratch / name / _PLAN).read_text(encoding="utf-8"))
    group, device = join_group(device)
    try:
        model = load_for_training(base, plan.settings, device)
        train(model, plan, scratch, printer(stopping), lambda: bool(stopping), group=group)
    except ApplianceError as error:
        refusal = {"code": error.code, "message": error.message, "hint": error.hint}
        if group.is_first:
            (scratch / name / _REFUSAL).write_text(json.dumps(refusal), encoding="utf-8")
        return error.exit_status
    finally:
        leave_group(group)
    return 0


def printer(stopping: list[int]) -> Callable[[TrainPoint], None]:
    """Return what prints a point for the caller; where the caller is gone, it notes that the run is to stop."""

    def print_point(point: TrainPoint) -> None:
        try:
            sys.stdout.write(json.dumps(asdict(point)) + "\n")
            sys.stdout.flush()
        except BrokenPipeError:
            stopping.append(signal.SIGPIPE)

    return print_point


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4]))
