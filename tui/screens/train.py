"""Screen 5, Train monitor: follows one run. Closing it leaves the run going on; opening it again shows all of it."""

import asyncio
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.css.query import NoMatches
from textual.widgets import Static

from appliance.core.run_state import RunState
from appliance.core.sanitising import visible
from appliance.core.workspace import RunFolder
from tui.context import Context
from tui.language import message
from tui.screens.of_a_run import RunScreen
from tui.screens.reading import ReadingScreen
from tui.screens.steering import ask_to_stop, ask_to_stop_now, start_again, try_prompt
from tui.watching import RunView, RunWatch
from tui.widgets.key_line import KeyLine
from tui.widgets.loss_chart import LossChart
from tui.widgets.run_panels import log_lines, measures, result_lines, step_lines
from tui.wording import STATUS_WORDS, bar, eta, next_action, progress

PAUSE = 1.0  # seconds; a chart that repaints more often costs a tenth of a core over SSH
BAR_CELLS = 12


class TrainScreen(RunScreen):
    """One run: its steps, its learning curve, its log, and at the end its results."""

    CSS_PATH = "train.tcss"
    WRITES = frozenset({"stop", "stop_now", "resume"})
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s,f8", "stop", message("stop+save"), id="train.stop"),
        Binding("S,shift+f8", "stop_now", message("stop now"), id="train.stop-now"),
        Binding("t,f3", "try_prompt", message("try prompt"), id="train.try"),
        Binding("r,f5", "resume", message("resume"), id="train.resume"),
        Binding("c,f4", "configuration", message("config"), id="train.configuration"),
        Binding("l,f6", "log_level", message("log"), show=False, id="train.log"),
        Binding("g,f7", "log_steps", message("log-x"), show=False, id="train.log-x"),
        Binding("v,f9", "switch", message("results"), id="train.results"),
        Binding("escape,q,f10,left", "leave", message("back"), id="train.back"),
    ]

    def __init__(self, context: Context, run: RunFolder) -> None:
        super().__init__(context, run)
        self._watch = RunWatch(run)
        self._view: RunView | None = None
        self._only_warnings = False
        self._has_shown_results = False

    def compose(self) -> ComposeResult:
        """Head, next action, steps beside chart or results, measures, log, keys."""
        yield Static(id="head")
        yield Static(id="next")
        with Horizontal(id="body"):
            yield Static(id="steps")
            yield LossChart(self.context)
            yield Static(id="results")
        yield Static(id="measures")
        with VerticalScroll(id="log"):
            yield Static()
        yield KeyLine()

    def on_mount(self) -> None:
        """Follow the run as long as the screen is there."""
        self.query_one("#steps").border_title = Content(self.say("Steps"))
        self.query_one("#results").border_title = Content(self.say("Results"))
        self.query_one("#log").focus()
        self._follow()

    @work
    async def _follow(self) -> None:
        while True:
            self._view = await asyncio.to_thread(self._watch.poll)
            try:
                self._show(self._view)
            except NoMatches:
                return  # the screen was taken down while the thread was reading
            await asyncio.sleep(PAUSE)

    def _show(self, view: RunView) -> None:
        state = view.state
        texts = {
            "#head": self._head(state),
            "#next": self._next(view),
            "#steps": "\n".join(step_lines(state, self.context, self.query_one("#steps").content_size.height)),
            "#measures": measures(state, self.say),
            "#results": "\n".join(result_lines(state.facts, self.say) or [self.say("Nothing was measured yet.")]),
        }
        for place, text in texts.items():
            self.put(place, text)
        self.query_one(LossChart).show(state.curve)
        self._show_log(state)
        if state.status == "done" and not self._has_shown_results:
            self._has_shown_results = True
            self.add_class("-results")

    def _next(self, view: RunView) -> str:
        if view.state.status == "done":
            return self.say("Finished. Press v to switch between results and curve.")
        return next_action(view, self.say, self.context.now())

    def _head(self, state: RunState) -> str:
        where = f"{min(state.finished_steps + 1, len(state.steps))}/{len(state.steps)} {visible(state.current)}"
        status = self.say(STATUS_WORDS[state.status])
        first = self.say("5 Train · {run} · step {where} · {status}", run=self._run.id, where=where, status=status)
        share = progress(state)
        drawn = bar(share, BAR_CELLS, is_ascii=self.context.is_ascii)
        parts = [f"{drawn} {int(share * 100)}%", *self._pace(state)]
        left = eta(state, self.context.now(), self.say)
        return f"{first}\n{'  '.join([*parts, f'ETA {left}'] if left else parts)}"

    def _pace(self, state: RunState) -> list[str]:
        """How far the current step is: its own counts, or the optimiser's."""
        if state.status != "running" or not state.current:
            return []
        step = state.step(state.current)
        parts = [f"{step.done:,}/{step.total:,} {visible(step.unit)}".rstrip()] if step.total else []
        if step.name == "train" and state.curve:
            point = state.curve[-1]
            parts.append(f"loss {point.loss:.3f}  epoch {point.epoch:.1f}")
        return parts

    def _show_log(self, state: RunState) -> None:
        pane = self.query_one("#log", VerticalScroll)
        level = self.say("warnings") if self._only_warnings else self.say("all")
        pane.border_title = Content(self.say("Log ({level})", level=level))
        is_at_end = pane.scroll_offset.y >= pane.max_scroll_y
        lines = log_lines(state, self.say, only_warnings=self._only_warnings)
        pane.query_one(Static).update(Content("\n".join(lines) or self.say("Nothing to tell yet.")))
        if is_at_end:
            pane.scroll_end(animate=False)

    def action_stop(self) -> None:
        """Ask whether the run should stop after a checkpoint."""
        ask_to_stop(self, self._run)

    def action_stop_now(self) -> None:
        """Ask whether the run should stop at once."""
        ask_to_stop_now(self, self._run)

    @work(exclusive=True, group="try")
    async def action_try_prompt(self) -> None:
        """Ask what has been learnt so far."""
        await try_prompt(self, self._run)

    def action_resume(self) -> None:
        """Start the run again; it goes on from what is sealed."""
        self._has_shown_results = False
        self.remove_class("-results")
        start_again(self, self._run)

    def action_configuration(self) -> None:
        """Show the settings that this run was frozen with."""
        lines = self._run.settings.read_text(encoding="utf-8").splitlines() if self._run.settings.exists() else []
        title = self.say("Configuration of {run}", run=self._run.id)
        self.app.push_screen(ReadingScreen(self.context, title, lines))

    def action_log_level(self) -> None:
        """Show all notes, or warnings only."""
        self._only_warnings = not self._only_warnings
        if self._view:
            self._show_log(self._view.state)

    def action_log_steps(self) -> None:
        """Switch the axis of the steps between linear and logarithmic."""
        self.query_one(LossChart).toggle_log()

    def action_switch(self) -> None:
        """Show the results in place of the curve, or the curve again."""
        self.toggle_class("-results")
