"""States are kept up to date from what was appended; only runs that somebody looks at are read."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from appliance.core.locking import locked
from appliance.core.workspace import Workspace
from tui.watching import RunWatch, WorkspaceWatch


def test_a_run_without_events_is_planned(workspace: Workspace) -> None:
    view = RunWatch(workspace.run("not-there")).poll()
    assert (view.state.status, view.is_alive) == ("planned", False)


def test_only_what_was_appended_is_folded_on(write_run: Callable[[str], Any], held: Callable[..., None]) -> None:
    writer = write_run("tickets-aaaaaaaa")
    held(writer.run)
    watch = RunWatch(writer.run)
    first = watch.poll().state
    writer.finish("intake")
    second = watch.poll().state
    assert (first.finished_steps, second.finished_steps) == (0, 1)
    assert watch.poll().state is second


def test_a_worker_that_died_without_a_word_was_interrupted(write_run: Callable[[str], Any]) -> None:
    writer = write_run("tickets-aaaaaaaa")
    watch = RunWatch(writer.run)
    with locked(writer.run.lock, "test"):
        alive = watch.poll()
    dead = watch.poll()
    assert (alive.state.status, alive.is_alive) == ("running", True)
    assert (dead.state.status, dead.is_alive) == ("interrupted", False)


def test_a_file_that_was_replaced_is_read_from_its_beginning(write_run: Callable[[str], Any]) -> None:
    writer = write_run("tickets-aaaaaaaa")
    writer.finish("intake", "ingest")
    watch = RunWatch(writer.run)
    watch.poll()
    writer.run.events.write_bytes(writer.run.events.read_bytes().splitlines(keepends=True)[0])
    assert watch.poll().state.finished_steps == 0


def test_half_a_line_waits_for_its_end(write_run: Callable[[str], Any]) -> None:
    writer = write_run("tickets-aaaaaaaa")
    whole = b'{"time": "2026-01-01T00:00:00+00:00", "kind": "waiting", "message": "m", "hint": "h"}\n'
    watch = RunWatch(writer.run)
    with writer.run.events.open("ab") as stream:
        stream.write(whole[:40])
        stream.flush()
        before = watch.poll().state.status
        stream.write(whole[40:])
    assert (before, watch.poll().state.status) == ("interrupted", "waiting")


def test_only_runs_that_are_looked_at_are_read(four_runs: Workspace) -> None:
    listing = WorkspaceWatch(four_runs).poll(["maint-logs-cccccccc", "gone"])
    assert len(listing.runs) == 4
    assert list(listing.views) == ["maint-logs-cccccccc"]


def test_a_workspace_that_does_not_exist_has_no_runs(tmp_path: Path) -> None:
    assert WorkspaceWatch(Workspace(tmp_path / "none")).poll([]).runs == ()
