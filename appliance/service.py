"""What the command line, the terminal UI and the scripts can ask of the appliance.

Light: it starts a worker process and reads its event file; it never imports what does the work.
"""

import os
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

from appliance.core.audit_log import user
from appliance.core.children import ChildLines
from appliance.core.errors import ApplianceError, Busy, ResourceError, SettingsError
from appliance.core.events import read_events
from appliance.core.extras import MARKERS, require
from appliance.core.hashing import write_whole
from appliance.core.locking import lock_holder
from appliance.core.run_file import Answers, missing, run_toml
from appliance.core.run_state import RunState, fold
from appliance.core.sections import IntakeSettings, RunSettings
from appliance.core.settings import ModelSettings, Settings, load_settings, parse_settings
from appliance.core.store import disk_errors
from appliance.core.workspace import RunFolder, Workspace
from appliance.pipeline import check_sources
from appliance.questions import bundle_names, deciding
from appliance.questions.intakes import Intake, intakes
from appliance.questions.outlook import Outlook, outlook
from appliance.release import approving
from appliance.release.approval import Approval
from appliance.release.approving import Word
from appliance.release.deciding import Outcome, Signed
from appliance.reviewing.comparing import Comparison, open_comparison
from appliance.reviewing.session import Session, open_session

DIGEST_DIGITS = 8  # of the settings, in a run's id
POLL = 0.1  # seconds
MOST_MODELS = 200  # runs that are searched for base models
MOST_LOOKED_AT = 20  # earlier runs that may tell how long a step takes
START_LIMIT = 60.0  # seconds until a worker must have taken its lock


@dataclass(frozen=True, slots=True)
class Started:
    """A run with a living worker, and the place in its event file where this attempt begins."""

    run: RunFolder
    offset: int


def plan(settings: Settings | ModelSettings, workspace: Workspace) -> RunFolder:
    """Freeze the settings into the folder of their run; the same settings give the same run.

    Raises:
        InputError: the source or the base model is missing.
        GateRefused: its stage is not open: the one before it did not end with the approver's word to go on.
        SettingsError: another bundle bears the name and version that this run's would.
    """
    require("studio")
    check_sources(settings)
    run = run_of(settings, workspace)
    if isinstance(settings, Settings):
        deciding.check_stage(settings, workspace)
        bundle_names.check_name(settings, workspace, run)
    with disk_errors(workspace.root):
        run.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(run.settings, settings.frozen().encode(), mode=0o600)
    return run


def start(run: RunFolder, workspace: Workspace) -> Started:
    """Start a worker that lives on when its parent ends.

    Raises:
        Busy: another worker holds the workspace.
        SettingsError: another run took the name and version of its bundle since it was planned.
        ApplianceError: the worker ended before it could say anything.
    """
    if lock_holder(workspace.lock) is not None:
        raise _busy(workspace)
    bundle_names.check_planned(run, workspace)
    offset = run.events.stat().st_size if run.events.exists() else 0
    with run.log.open("ab") as output:
        child = subprocess.Popen(
            [sys.executable, "-m", "appliance.worker", str(workspace.root), run.id],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    deadline = time.monotonic() + START_LIMIT
    while not any(event.kind == "run_started" for event in read_events(run.events, offset).events):
        status = child.poll()
        if status == Busy.exit_status:
            raise _busy(workspace)
        if status == ResourceError.exit_status:
            raise ResourceError(f"{workspace.root}: the disk is full", hint="free some space and start the run again")
        if status is not None or time.monotonic() > deadline:
            raise ApplianceError("the worker ended before its first event", hint=f"see {run.log}")
        time.sleep(POLL)
    return Started(run, offset)


def _busy(workspace: Workspace) -> Busy:
    return Busy(f"workspace {workspace.root} is in use by another worker", hint="appliance runs shows which run it is")


def state_of(run: RunFolder, offset: int = 0) -> RunState:
    """Return the state of a run now; a run whose worker died without a word is `interrupted`."""
    is_alive = lock_holder(run.lock) is not None  # asked first: a worker that ends in between has written its end
    state = fold(RunState(), read_events(run.events, offset).events)
    if state.status == "running" and not is_alive:
        return replace(state, status="interrupted", hint="start the run again: it goes on from what is sealed")
    return state


def follow(started: Started) -> Iterator[RunState]:
    """Yield the state of a run whenever it changed, until its worker has ended."""
    state, offset = RunState(), started.offset
    while True:
        is_alive = lock_holder(started.run.lock) is not None
        read = read_events(started.run.events, offset)
        if read.events:
            state, offset = fold(state, read.events), read.offset
            yield state
        if not is_alive and not read.events:
            break
        time.sleep(POLL)
    if state.status == "running":
        yield replace(state, status="interrupted", exit_status=1, message="the worker was killed")


def attach(run: RunFolder) -> Started:
    """Return a run, to be followed from the beginning of its file."""
    return Started(run, 0)


def find_run(workspace: Workspace, prefix: str) -> RunFolder:
    """Return the one run whose id begins with a prefix.

    Raises:
        SettingsError: none or several do.
    """
    found = [run for run in workspace.all_runs() if run.id.startswith(prefix)]
    if len(found) == 1:
        return found[0]
    known = ", ".join(run.id for run in (found or workspace.all_runs())[:5]) or "none yet"
    raise SettingsError(f"{len(found)} runs begin with {prefix!r}", hint=f"runs: {known}")


def try_prompt(run: RunFolder, workspace: Workspace, prompt: str) -> ChildLines:
    """Start a child process that answers one prompt with what the run has learnt so far: one line comes back.

    Raises:
        SettingsError: the packages for it are not installed.
    """
    require("studio")
    return ChildLines([sys.executable, "-m", "appliance.children.trying", str(workspace.root), run.id], prompt)


def stop_now(run: RunFolder) -> bool:
    """End the worker of a run at once; return whether one was alive. What came after its last checkpoint is lost."""
    holder = lock_holder(run.lock)
    if holder is None:
        return False
    os.kill(holder, signal.SIGKILL)
    return True


def stop(run: RunFolder) -> bool:
    """Ask the worker of a run to stop after a checkpoint; return whether one was alive."""
    holder = lock_holder(run.lock)
    if holder is None:
        return False
    os.kill(holder, signal.SIGTERM)
    return True


def standing(run: RunFolder, workspace: Workspace) -> deciding.Standing:
    """Return what a run is for, what a decision on it would be on, and what was decided so far.

    Raises:
        IntegrityError: the decisions do not follow from each other, another key signed them, or the last one is gone.
        SettingsError: the run is no run of the whole path.
    """
    return deciding.standing(run, state_of(run), workspace)


def check_decidable(run: RunFolder, outcome: Outcome) -> deciding.Seen:
    """Return what a decision on a run would be on, before anybody is asked for a key.

    Raises:
        GateRefused: the verdict refuses and the word is to go on.
        SettingsError: the run has no report yet.
    """
    return deciding.check_decidable(run, state_of(run), outcome)


def decide(
    run: RunFolder, workspace: Workspace, outcome: Outcome, word: Word, shown: deciding.Seen | None = None
) -> Signed:
    """Record the approver's decision at the end of a run's stage: go-on, back or stop.

    Raises:
        GateRefused: the verdict refuses and the word is to go on, or the stage is not open.
        SettingsError: the run has no report yet, another than was shown, or the key may not decide.
    """
    return deciding.decide(run, state_of(run), workspace, outcome, word, shown)


def review(run: RunFolder, workspace: Workspace, by: str = "") -> Session:
    """Open the findings of a run for a reviewer, this system's user where no name is given; the opening is logged.

    Raises:
        SettingsError: the run has no findings yet, or decides by a batch policy.
        CustodyError, IntegrityError: the vault cannot be opened.
    """
    return open_session(run, state_of(run), workspace, by.strip() or user())


def compare(run: RunFolder, workspace: Workspace, by: str = "") -> Comparison:
    """Open the blind comparison of a run for one person, this system's user where no name is given.

    Raises:
        SettingsError: the run has drawn no pairs yet.
        InputError: the file of choices is not about these pairs.
    """
    return open_comparison(run, state_of(run), workspace, by.strip() or user())


def approve(run: RunFolder, workspace: Workspace, word: Word) -> Approval:
    """Override the refusing gates of a run by the approver's key and reason; the run, started again, looks at it.

    Raises:
        SettingsError: nothing refuses, or this key may not approve.
    """
    state = state_of(run)
    return approving.approve(run, state.name, state.facts.get("gates"), workspace, word)


def write_run_file(target: Path, answers: Answers) -> Path:
    """Write the answers as TOML and read them back; a file that is there, or would not be accepted, is not left.

    Raises:
        SettingsError: something is not said yet, the file is there, or the settings refuse what it says.
        ResourceError: it cannot be written.
    """
    if lacking := missing(answers):
        raise SettingsError(f"not said yet: {', '.join(lacking)}", hint="say what each column is for")
    try:
        with target.open("x", encoding="utf-8") as stream:
            stream.write(run_toml(answers))
    except FileExistsError:
        if target.read_text(encoding="utf-8", errors="replace") == run_toml(answers):
            return target.absolute()  # written before, word by word
        raise SettingsError(f"{target}: is there already", hint="choose another name") from None
    except OSError as error:
        raise ResourceError(f"{target}: {error.strerror}", hint="choose another folder") from None
    try:
        load_settings(target)
    except SettingsError:
        target.unlink()
        raise
    return target.absolute()


def settings_of(answers: Answers) -> Settings:
    """Return the settings that the answers make, without writing them.

    Raises:
        SettingsError: they are refused.
    """
    return parse_settings(tomllib.loads(run_toml(answers)), where="new run", folder=Path.cwd())


def look_ahead(settings: Settings, workspace: Workspace) -> Outlook:
    """Return what a run will need, what is there, and which of its steps are sealed already.

    Raises:
        GateRefused: its stage is not open.
        InputError: the source or the base model is missing.
        SettingsError: another bundle bears the name and version that this run's would.
    """
    check_sources(settings)
    deciding.check_stage(settings, workspace)
    bundle_names.check_name(settings, workspace, run_of(settings, workspace))
    earlier = ((run, state_of(run)) for run in workspace.all_runs()[:MOST_LOOKED_AT])
    return outlook(settings, workspace, run_of(settings, workspace), earlier)


def run_of(settings: Settings | ModelSettings, workspace: Workspace) -> RunFolder:
    """Return the folder that the run of these settings has, made or not."""
    return workspace.run(f"{settings.run.name}-{settings.digest()[:DIGEST_DIGITS]}")


def first_look(file: Path) -> ChildLines:
    """Start a child process that looks at a source, the quickest first: see `appliance/children/previewing.py`.

    Raises:
        SettingsError: the packages for it are not installed.
    """
    require("studio")
    return ChildLines([sys.executable, "-m", "appliance.children.previewing", str(file)])


def probes() -> ChildLines | None:
    """Start a child process that tries the heavy libraries, or return None where they are not installed."""
    if not all(find_spec(name) for name in MARKERS["studio"]):
        return None
    return ChildLines([sys.executable, "-m", "appliance.children.probing"])


def add_model(intake: IntakeSettings, name: str, workspace: Workspace) -> Started:
    """Start the intake of a base model alone; its report lies under models/ when it has ended.

    Raises:
        InputError: there is no model.
        Busy: another worker holds the workspace.
    """
    return start(plan(ModelSettings(run=RunSettings(name=name), intake=intake), workspace), workspace)


def model_name(place: str) -> str:
    """Return the last part of a path or package as a run can be called."""
    last = Path(place.removeprefix("package:")).name.lower()
    plain = "".join(char if char.isascii() and char.isalnum() else "-" for char in last).strip("-")
    return plain[:40].strip("-") or "model"


def models(workspace: Workspace) -> list[Intake]:
    """Return the base models that were taken in, the newest first."""
    return list(intakes(workspace, ((run, state_of(run)) for run in workspace.all_runs()[:MOST_MODELS])))
