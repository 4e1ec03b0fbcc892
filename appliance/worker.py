"""The process that does the work of one run: `python -m appliance.worker WORKSPACE RUN`.

It outlives the terminal that started it, speaks through the event file alone, and ends with the exit status of its
failure. Its own output and that of the libraries go to `worker.log`.
"""

import os
import signal
import sys
import time
import traceback
from pathlib import Path

from appliance.core.cipher import load_key
from appliance.core.errors import OWN_BUG, ApplianceError, Interrupted, ResourceError, WaitingForPerson
from appliance.core.events import EventLog
from appliance.core.locking import locked
from appliance.core.reporting import Heartbeat
from appliance.core.runner import run_steps
from appliance.core.settings import Settings, thaw
from appliance.core.store import Artifact, Store, disk_errors
from appliance.core.workspace import RunFolder, Workspace
from appliance.pipeline import works_of
from appliance.release.publishing import DIGEST_DIGITS, REPORT, own_keys, publish, publish_pages, publish_report

# read by libraries when they are imported: never ask a network, never draw a bar into the log
OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "TLDEXTRACT_PUBLIC_SUFFIX_LIST_URLS": "",
    "TOKENIZERS_PARALLELISM": "false",
}


# threads that wait for each other sleep: spinning, two threads took 7 times the time of one on two busy cores
PATIENT = {"OMP_WAIT_POLICY": "PASSIVE"}


class StopRequest:
    """Remembers that SIGTERM came; the stages look at it between two pieces of work."""

    def __init__(self) -> None:
        self._asked = False
        signal.signal(signal.SIGTERM, self._ask)

    def _ask(self, number: int, frame: object) -> None:  # noqa: ARG002 the kernel's signature
        self._asked = True

    def __call__(self) -> bool:
        return self._asked


def main(arguments: list[str]) -> int:
    """Run one run to its end; return the exit status."""
    os.environ.update(OFFLINE)
    for name, value in PATIENT.items():
        os.environ.setdefault(name, value)
    os.umask(0o077)
    workspace = Workspace(Path(arguments[0]))
    run = workspace.run(arguments[1])
    try:
        with locked(workspace.lock, f"workspace {workspace.root}"), locked(run.lock, f"run {run.id}"):
            return _logged(workspace, run)
    except ApplianceError as error:  # Busy: the other worker owns the event file
        sys.stderr.write(f"{error.message}\n")
        return error.exit_status
    except OSError as error:  # the event file itself cannot be written; its name is all that may be told
        sys.stderr.write(f"{run.events}: {os.strerror(error.errno or 0)}\n")
        return ResourceError.exit_status


def _logged(workspace: Workspace, run: RunFolder) -> int:
    log = EventLog(run.events)
    try:
        with Heartbeat(log):
            return _run(workspace, run, log)
    finally:
        log.close()


def _run(workspace: Workspace, run: RunFolder, log: EventLog) -> int:
    started = time.monotonic()
    try:
        with disk_errors(workspace.root):
            _work(workspace, run, log)
    except Exception as error:  # noqa: BLE001 the outermost frame: whatever ends a run is told, not lost
        return _ended(run, log, error)
    log.append("run_finished", seconds=round(time.monotonic() - started, 1))
    return 0


def _work(workspace: Workspace, run: RunFolder, log: EventLog) -> None:
    settings = thaw(run.settings.read_text(encoding="utf-8"))
    should_stop = StopRequest()
    store = Store(workspace.root)
    signing_key = own_keys(workspace.keys)[0]
    load_key(workspace.pseudonym_key)
    planned = works_of(settings, workspace, run)
    log.append("run_started", name=settings.run.name, steps=[work.step.name for work in planned])
    store.sweep()

    def publish_result(artifact: Artifact) -> None:
        match artifact.step, settings:
            case "intake", _:
                folder = workspace.models / f"{settings.run.name}-{artifact.digest[:DIGEST_DIGITS]}"
                publish_report(artifact.folder / REPORT, folder, signing_key)
            case "report", Settings():
                publish_pages(artifact.folder, run.report)
            case "bundle", Settings():
                publish(artifact.folder / "bundle", workspace.bundles / settings.bundle.folder)

    run_steps(planned, store, log, should_stop, publish_result)


def _ended(run: RunFolder, log: EventLog, error: Exception) -> int:
    match error:
        case WaitingForPerson():
            log.append("waiting", message=error.message, hint=error.hint)
            return error.exit_status
        case Interrupted():
            log.append("stopped", message=error.message)
            return error.exit_status
        case ApplianceError():
            return _failed(log, error)
        case _ if _is_out_of_memory(error):
            return _failed(log, ResourceError("the machine has no memory left", hint="choose a smaller batch_size"))
        case _:
            return _bug(run, log, error)


def _is_out_of_memory(error: Exception) -> bool:
    """torch raises RuntimeError, or a class of its own below it, on a CPU and on a GPU."""
    words = ("out of memory", "can't allocate memory", "not enough memory")
    return isinstance(error, MemoryError) or any(word in str(error).lower() for word in words)


def _failed(log: EventLog, error: ApplianceError) -> int:
    log.append("failed", code=error.code, exit_status=error.exit_status, message=error.message, hint=error.hint)
    return error.exit_status


def _bug(run: RunFolder, log: EventLog, error: Exception) -> int:
    """Keep where it happened, never with what: a message of a library may quote the text of a record."""
    frames = traceback.format_list(traceback.extract_tb(error.__traceback__))
    run.traceback.write_text(
        f"{type(error).__module__}.{type(error).__qualname__}\n{''.join(frames)}", encoding="utf-8"
    )
    message = f"{type(error).__name__} inside the appliance"
    log.append("failed", code="bug", exit_status=OWN_BUG, message=message, hint=f"report {run.traceback}")
    return OWN_BUG


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
