"""Keeps the states of runs up to date from their event files, reading only what was appended.

No widget is known here. Everything blocks on the disk for a moment, so screens call it in a thread.
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from appliance.core.events import read_events
from appliance.core.locking import lock_holder
from appliance.core.run_state import RunState, fold
from appliance.core.workspace import RunFolder, Workspace

LIST_EVERY = 20  # polls between two listings of a folder of runs that did not change
FRESH = 3.0  # seconds after a change, in which a new run may not have its settings yet


@dataclass(frozen=True, slots=True)
class RunView:
    """A run as it is shown: its state now, and whether its worker lives."""

    run: RunFolder
    state: RunState
    is_alive: bool


class RunWatch:
    """The state of one run, folded on from the place where its event file was read last."""

    def __init__(self, run: RunFolder) -> None:
        self._run = run
        self._state = RunState()
        self._offset = 0
        self._view = RunView(run, self._state, False)

    def poll(self) -> RunView:
        """Return the run as it is now; a file that did not grow is not opened.

        A run whose worker died without a word is `interrupted`, as in `service.state_of`.
        """
        size = self._run.events.stat().st_size if self._run.events.exists() else 0
        if size < self._offset:  # another file took its place
            self._state, self._offset = RunState(), 0
        has_grown = size > self._offset
        # asked before reading: a worker that ends in between has written its end
        is_alive = (has_grown or self._state.status == "running") and lock_holder(self._run.lock) is not None
        if has_grown:
            read = read_events(self._run.events, self._offset)
            self._state, self._offset = fold(self._state, read.events), read.offset
        is_cut_off = self._state.status == "running" and not is_alive
        state = replace(self._state, status="interrupted") if is_cut_off else self._state
        if has_grown or is_alive != self._view.is_alive or state.status != self._view.state.status:
            self._view = RunView(self._run, state, is_alive)
        return self._view


@dataclass(frozen=True, slots=True)
class Listing:
    """All runs, the newest first, and the views of those that were looked at so far."""

    runs: tuple[RunFolder, ...]
    views: Mapping[str, RunView]  # by id


class WorkspaceWatch:
    """All runs of a workspace; only those that somebody looks at are folded."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._runs: tuple[RunFolder, ...] = ()
        self._watches: dict[str, RunWatch] = {}
        self._views: dict[str, RunView] = {}
        self._polls = 0

    def poll(self, looked_at: Iterable[str]) -> Listing:
        """Return the runs, with fresh views of those whose ids are looked at."""
        if self._polls % LIST_EVERY == 0 or self._has_changed():
            self._list()
        self._polls += 1
        known = {run.id: run for run in self._runs}
        for run_id in looked_at:
            if run_id in known:
                watch = self._watches.setdefault(run_id, RunWatch(known[run_id]))
                self._views[run_id] = watch.poll()
        return Listing(self._runs, dict(self._views))

    def _has_changed(self) -> bool:
        """A thousand runs are not listed twice a second, but a new one is seen at once."""
        try:
            return time.time() - self._workspace.runs.stat().st_mtime < FRESH
        except FileNotFoundError:
            return False

    def _list(self) -> None:
        try:
            found = tuple(self._workspace.all_runs())
        except FileNotFoundError:
            return  # a run was removed while we looked; the next listing tells
        if found != self._runs:
            self._runs = found
