"""Screen 1, Runs: which runs there are, how each one stands, and what the selected one needs next."""

import asyncio
import unicodedata
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.css.query import NoMatches
from textual.widgets import Input, Static

from appliance.core.sanitising import visible
from appliance.core.workspace import RunFolder
from tui.context import Context
from tui.destinations import TITLES
from tui.language import message
from tui.screens.localized import LocalizedScreen
from tui.screens.steering import ask_to_stop, start_again
from tui.watching import Listing, WorkspaceWatch
from tui.widgets.key_line import KeyLine
from tui.widgets.run_table import RunTable
from tui.wording import is_under_review, next_action

PAUSE = 0.5  # seconds between two looks at the files


class RunsScreen(LocalizedScreen[None]):
    """The list of runs; closing it leaves every run going on."""

    CSS_PATH = "runs.tcss"
    WRITES = frozenset({"start", "stop"})
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r,f5", "start", message("start again"), id="runs.start"),
        Binding("s,f8", "stop", message("stop+save"), id="runs.stop"),
        Binding("slash,f3", "filter", message("filter"), id="runs.filter"),
        Binding("q,f10", "app.quit", message("quit"), id="runs.quit"),
        Binding("escape", "clear_filter", message("show all"), show=False, id="runs.clear-filter"),
    ]

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._watch = WorkspaceWatch(context.workspace)
        self._listing = Listing((), {})
        self._wake = asyncio.Event()

    def compose(self) -> ComposeResult:
        """The screens by number, a line of title, the table or what to do without one, the next action, the keys."""
        yield Static(Content(self._screens()), id="screens")
        yield Static(id="title")
        yield RunTable(self.context)
        yield Static(id="empty")
        yield Input(id="filter", placeholder=self.say("part of a run's name"), select_on_focus=False)
        yield Static(id="next")
        yield KeyLine()

    def on_mount(self) -> None:
        """Look at the files as long as the screen is there."""
        self.query_one(RunTable).border_title = Content(self.say("Runs"))
        self.query_one(RunTable).focus()
        self._keep_looking()

    @work
    async def _keep_looking(self) -> None:
        """Poll in a thread at most twice a second; a screen behind another one does not look."""
        while True:
            self._wake.clear()
            try:
                if self.is_current and await self._look():
                    continue  # rows came into sight that nobody has looked at yet
            except NoMatches:
                return  # the screen was taken down while the thread was reading
            try:
                await asyncio.wait_for(self._wake.wait(), PAUSE)
            except TimeoutError:
                continue

    async def _look(self) -> bool:
        """Read what is in sight and show it; return whether the state of a row in sight is not known yet."""
        table = self.query_one(RunTable)
        selected = (table.selected.id,) if table.selected else ()
        self._listing = await asyncio.to_thread(self._watch.poll, (*table.in_sight, *selected))
        return self._show()

    def _show(self) -> bool:
        """Show what was found; return whether the state of a row in sight is not known yet."""
        table, has_runs = self.query_one(RunTable), bool(self._listing.runs)
        table.display, self.query_one("#empty").display = has_runs, not has_runs
        table.show(self._listing, _folded(self.query_one("#filter", Input).value))
        self.put("#title", self._title())
        if not has_runs:
            self.put("#empty", self._empty())
        self.put("#next", self._next(table.selected))
        return any(run_id not in self._listing.views for run_id in table.in_sight)

    @property
    def run_in_hand(self) -> RunFolder | None:
        """The run under the cursor."""
        return self.query_one(RunTable).selected

    def _screens(self) -> str:
        return "  ".join(f"{number} {self.say(title)}" for number, title in TITLES.items())

    def _title(self) -> str:
        count, folder = len(self._listing.runs), self.context.workspace.root
        told = self.say("{count} runs in {folder}", count=count, folder=folder)
        return f"{told} · {self.say('read-only')}" if self.context.is_read_only else told

    def _empty(self) -> str:
        lines = (
            self.say("There is no run in this workspace yet."),
            self.say("Press 2 to make one from your own file."),
            self.say("Or leave with q and try:   appliance demo"),
        )
        return "\n\n".join(lines)

    def _next(self, run: RunFolder | None) -> str:
        if run is None:
            return self.say("No run has this in its name. Esc shows all.") if self._listing.runs else ""
        view = self._listing.views.get(run.id)
        told = next_action(view, self.say, self.context.now()) if view else ""
        return f"{visible(run.id)}\n{told}"

    def on_run_table_moved(self) -> None:
        """Tell about the run under the cursor at once."""
        self.put("#next", self._next(self.query_one(RunTable).selected))
        self._wake.set()

    def on_run_table_chosen(self) -> None:
        """Open the run under the cursor: its review where it waits for one, else its monitor."""
        run = self.query_one(RunTable).selected
        if run:
            view = self._listing.views.get(run.id)
            self.action_go(4 if view and is_under_review(view.state) else 5)

    def on_screen_resume(self) -> None:
        """Look at once when another screen was closed."""
        self._wake.set()

    def action_start(self) -> None:
        """Start the selected run again; it goes on from what is sealed."""
        run = self.query_one(RunTable).selected
        if run:
            start_again(self, run)

    def action_stop(self) -> None:
        """Ask whether the selected run should stop after a checkpoint."""
        run = self.query_one(RunTable).selected
        if run:
            ask_to_stop(self, run)

    def action_filter(self) -> None:
        """Let the person type a part of a name."""
        self.query_one("#filter").add_class("-open").focus()

    def action_clear_filter(self) -> None:
        """Show all runs."""
        box = self.query_one("#filter", Input)
        box.value = ""
        box.remove_class("-open")
        self.query_one(RunTable).focus()

    def on_input_changed(self) -> None:
        """Filter while typing."""
        self._show()
        self._wake.set()

    def on_input_submitted(self) -> None:
        """Back to the table, filtered."""
        self.query_one(RunTable).focus()


def _folded(text: str) -> str:
    """Names of runs are half-width small letters; the input method may be on."""
    return unicodedata.normalize("NFKC", text).casefold().strip()
