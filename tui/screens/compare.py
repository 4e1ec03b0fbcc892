"""Screen 6, Compare: two answers whose makers are hidden, and beside them every figure of the run with its interval."""

import asyncio
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from appliance import service
from appliance.core.errors import ApplianceError
from appliance.core.run_state import RunState
from appliance.core.workspace import RunFolder
from appliance.reviewing.choices import Choice
from appliance.reviewing.comparing import Comparison
from tui.compare_wording import advice, blind_lines, head, kpi_lines, slice_lines
from tui.context import Context
from tui.language import message
from tui.screens.deciding import DecidingScreen
from tui.screens.of_a_run import RunScreen
from tui.screens.steering import start_again
from tui.verdict_wording import case_lines, gate_lines
from tui.widgets.key_line import KeyLine
from tui.widgets.page import Page, PageView, Writer
from tui.wording import MEASURES, judged

# of the results, as questions come: does it help, do people see it, where, may it ship, is it worth it
BOXES = {
    "kpi": message("KPI"),
    "blind": message("Blind comparison"),
    "slices": message("By slice: {score}"),
    "gates": message("Gates"),
    "case": message("Cost and business case"),
}


class CompareScreen(RunScreen):
    """Asks which answer is better, one pair after the other; each choice is on the disk before the next is shown."""

    CSS_PATH = "compare.tcss"
    WRITES = frozenset({"choose", "undo", "start"})
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a,left,f2", "choose('A')", message("left"), id="compare.left"),
        Binding("b,right,f3", "choose('B')", message("right"), id="compare.right"),
        Binding("t,f4", "choose('tie')", message("neither"), id="compare.tie"),
        Binding("space,f6", "later", message("later"), id="compare.later"),
        Binding("u,backspace", "undo", message("undo"), id="compare.undo"),
        Binding("d,f7", "stage", message("stage"), id="compare.stage"),
        Binding("v,f9", "switch", message("results"), id="compare.results"),
        Binding("r,f5", "start", message("go on with the run"), show=False, id="compare.start"),
        Binding("down,j", "scroll(1)", message("down"), show=False, id="compare.down"),
        Binding("up,k", "scroll(-1)", message("up"), show=False, id="compare.up"),
        Binding("escape,q,f10", "leave", message("back"), id="compare.back"),
    ]

    def __init__(self, context: Context, run: RunFolder) -> None:
        super().__init__(context, run)
        self._state = RunState()
        self._comparison: Comparison | None = None  # None: not open, or there are no pairs
        self._place: int | None = None  # of the pair that is asked about; None: none is left
        self._why_none = self.say("opening …")

    def compose(self) -> ComposeResult:
        """Where we are, the pair or the results, what to do, the keys."""
        yield Static(Content(self.say("6 Compare · {run}", run=self._run.id)), id="head")
        with Vertical(id="pair"):
            yield PageView(id="prompt")
            with Horizontal():
                yield PageView(id="left")
                yield PageView(id="right")
        with VerticalScroll(id="results"):
            for name in BOXES:
                yield Static(id=name)
        yield Static(id="advice")
        yield KeyLine()

    def on_mount(self) -> None:
        """Read the run; then ask, or show the results where there is nothing to ask."""
        titles = {"prompt": self.say("Prompt"), "left": self.say("A, left"), "right": self.say("B, right")}
        for name, title in titles.items():
            self.query_one(f"#{name}").border_title = Content(title)
        self._open()

    @work(exclusive=True)
    async def _open(self) -> None:
        self._state = await asyncio.to_thread(service.state_of, self._run)
        try:
            self._comparison = await asyncio.to_thread(service.compare, self._run, self.context.workspace)
            self._place = self._comparison.open_pair()
            self._why_none = ""
        except ApplianceError as error:
            message, hint = self.say(error.message), self.say(error.hint)
            self._why_none = self.say("{message}. {hint}", message=message, hint=hint) if hint else message
        if self.is_attached:
            self._fill_boxes()
            self._show_results(are_shown=self._place is None)

    def _fill_boxes(self) -> None:
        """What the steps sealed does not change while it is looked at."""
        facts, say = self._state.facts, self.say
        made = {"kpi": kpi_lines, "slices": slice_lines, "gates": gate_lines, "case": case_lines}
        score = say(MEASURES[judged(facts.get("evaluate", {})).primary])
        for name, title in BOXES.items():
            self.query_one(f"#{name}").border_title = Content(say(title, score=score))
        for name, lines in made.items():
            self.put(f"#{name}", "\n".join(lines(facts, say)))

    def _show_results(self, *, are_shown: bool) -> None:
        self.set_class(are_shown, "-results")
        self.query_one("#results" if are_shown else "#left").focus()
        self._show()

    def _show(self) -> None:
        comparison, say = self._comparison, self.say
        self.put("#head", head(self._run.id, self._state.facts, comparison, say))
        self.put("#blind", "\n".join(blind_lines(comparison, self._why_none, say)))
        asked = comparison if self._place is not None and not self.has_class("-results") else None
        is_released = "bundle" in self._state.facts
        self.put("#advice", advice(comparison, is_asking=asked is not None, is_released=is_released, say=say))
        if comparison and self._place is not None:
            pair = comparison.pairs[self._place]
            for name, text in (("prompt", pair.prompt), ("left", pair.A), ("right", pair.B)):
                self.query_one(f"#{name}", PageView).show(_page(text))
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nobody chooses on a pair that is not in sight, or goes to one that is not there."""
        is_asking = self._place is not None and not self.has_class("-results")
        if (action in ("choose", "later", "undo") and not is_asking) or (action == "switch" and self._place is None):
            return False
        if action == "stage" and is_asking:
            return False
        return super().check_action(action, parameters)

    def _ready(self) -> tuple[Comparison, int]:
        assert self._comparison is not None
        assert self._place is not None
        return self._comparison, self._place

    async def action_choose(self, choice: Choice) -> None:
        """Say which answer is better and go to the next pair; behind the last one the result opens."""
        comparison, place = self._ready()
        try:
            await asyncio.to_thread(comparison.choose, place, choice)
        except ApplianceError as error:
            self.tell_error(error, self.say("Not chosen"))
        self._place = place if comparison.is_open(place) else comparison.open_pair(place)
        self._show_results(are_shown=self._place is None)

    def action_later(self) -> None:
        """Go to the next open pair without a choice."""
        comparison, place = self._ready()
        self._place = comparison.open_pair(place)
        if self._place == place:
            self.app.notify(self.say("It is the only one that is left."), markup=False)
        self._show()

    async def action_undo(self) -> None:
        """Take back the newest choice of this person, and ask again."""
        comparison, _ = self._ready()
        try:
            undone = await asyncio.to_thread(comparison.undo)
        except ApplianceError as error:
            self.tell_error(error, self.say("Not chosen"))
            undone = comparison.open_pair()
        else:
            if undone is None:
                self.app.notify(self.say("There is nothing of yours to take back."), markup=False)
                return
        self._place = undone
        self._show_results(are_shown=undone is None)

    def action_switch(self) -> None:
        """Show the results in place of the pair, or the pair again."""
        self._show_results(are_shown=self._place is None or not self.has_class("-results"))

    def action_stage(self) -> None:
        """Show what the stage that this run is in ends with."""
        self.app.push_screen(DecidingScreen(self.context, self._run))

    def action_start(self) -> None:
        """Start the run again, so that the choices come into its report."""
        start_again(self, self._run)

    def action_scroll(self, rows: int) -> None:
        """Scroll the part that has the focus."""
        if self.focused:
            self.focused.scroll_relative(y=rows, animate=False)


def _page(text: str) -> Page:
    writer = Writer()
    writer.write(text)
    return writer.page()
