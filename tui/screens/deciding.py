"""The end of a stage: what the run is for, what was seen of it, what was decided so far; and go or no-go.

Opened from Compare and from Export. The decision is the one that `appliance decide` writes, by the same function.
"""

import asyncio
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from appliance import service
from appliance.core.errors import ApplianceError
from appliance.core.run_state import RunState
from appliance.core.workspace import RunFolder
from appliance.questions.deciding import Seen, Standing
from appliance.release.approving import Word
from appliance.release.deciding import Outcome
from tui.context import Context
from tui.language import message
from tui.screens.approving import ask_word
from tui.screens.confirm import ConfirmScreen
from tui.screens.of_a_run import RunScreen
from tui.screens.picking import PickScreen
from tui.stage_wording import DIGITS, OUTCOMES, STAGES, card_lines, choices, decision_lines, following, seen_lines
from tui.widgets.key_line import KeyLine

BOXES = {
    "card": message("Purpose, as stated before the run"),
    "seen": message("What was seen"),
    "decisions": message("Decisions"),
}


class DecidingScreen(RunScreen):
    """Shows everything that a decision is on, above the decisions that stand; a key of the approver's adds one."""

    CSS_PATH = "deciding.tcss"
    WRITES = frozenset({"decide"})
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d,f2", "decide", message("go / no-go"), id="stage.decide"),
        Binding("down,j", "scroll(1)", message("down"), show=False, id="stage.down"),
        Binding("up,k", "scroll(-1)", message("up"), show=False, id="stage.up"),
        Binding("escape,q,f10", "leave", message("back"), id="stage.back"),
    ]

    def __init__(self, context: Context, run: RunFolder) -> None:
        super().__init__(context, run)
        self._state = RunState()
        self._standing: Standing | None = None  # not read yet, or what was decided cannot be trusted

    def compose(self) -> ComposeResult:
        """The card, what was seen, the decisions, the keys."""
        yield Static(Content(self.say("Stage · {run}", run=self._run.id)), id="head")
        with VerticalScroll(id="stage"):
            for name in BOXES:
                yield Static(id=name)
        yield KeyLine()

    def on_mount(self) -> None:
        """Read the run and its decisions."""
        for name, title in BOXES.items():
            self.query_one(f"#{name}").border_title = Content(self.say(title))
        self.query_one("#stage").focus()
        self._read()

    @work(exclusive=True, group="read")
    async def _read(self) -> None:
        self._state = await asyncio.to_thread(service.state_of, self._run)
        trouble = ""
        try:
            self._standing = await asyncio.to_thread(service.standing, self._run, self.context.workspace)
        except ApplianceError as error:
            self._standing = None
            trouble = f"FAIL  {self.say(error.message)}\n{self.say(error.hint)}"
        if self.is_attached:
            self._show()
            if trouble:
                self.put("#decisions", trouble)
            self.refresh_bindings()

    def _show(self) -> None:
        standing, say, width = self._standing, self.say, self.line_width
        if standing is None:
            return
        facts = self._state.facts
        kpi = facts.get("report", {}).get("kpi")
        head = say("Stage · {run} · {stage}", run=self._run.id, stage=say(STAGES[standing.purpose.stage]))
        self.put("#head", head)
        self.put("#card", "\n".join(card_lines(standing, kpi, width, say)))
        self.put("#seen", "\n".join(seen_lines(standing, facts, self._run.report, width, say)))
        self.put("#decisions", "\n".join(decision_lines(standing, width, say)))

    def on_resize(self) -> None:
        """Break the lines anew."""
        self._show()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nobody decides before what a decision is on has been shown."""
        if action == "decide" and (self._standing is None or self._standing.seen is None):
            return False
        return super().check_action(action, parameters)

    @work(exclusive=True, group="act")
    async def action_decide(self) -> None:
        """Ask what is decided, by whose key and name, and why; then once more, and have it signed."""
        standing, say = self._standing, self.say
        if standing is None or standing.seen is None:
            return
        offered = choices(standing, say)
        picked = await self.app.push_screen_wait(PickScreen(self.context, say("Go or no-go?"), list(offered.values())))
        if picked is None:
            return
        outcome = list(offered)[picked]
        try:
            await asyncio.to_thread(service.check_decidable, self._run, outcome)
        except ApplianceError as error:
            self.tell_error(error, say("Not decided"))
            return
        stated = standing.purpose.decided_by or say("not stated")
        advice = f"{offered[outcome]}\n{say('who decides, as stated: {who}', who=stated)}"
        word = await ask_word(self, say("Who decides?"), advice)
        if word and await self._is_confirmed(standing.seen, outcome, word):
            await self._sign(standing, outcome, word)

    async def _is_confirmed(self, seen: Seen, outcome: Outcome, word: Word) -> bool:
        told = {"outcome": self.say(OUTCOMES[outcome]), "by": word.by, "reason": word.reason}
        digests = {"verdict": seen.verdict[:DIGITS], "report": seen.report[:DIGITS]}
        question = self.say(
            "Sign: {outcome}, by {by}, on the verdict {verdict} and the report {report}? "
            "Name, time and reason stay for ever: {reason}",
            **told,
            **digests,
        )
        return await self.app.push_screen_wait(ConfirmScreen(self.context, question, self.say("Sign"))) is True

    async def _sign(self, standing: Standing, outcome: Outcome, word: Word) -> None:
        try:
            await asyncio.to_thread(service.decide, self._run, self.context.workspace, outcome, word, standing.seen)
        except ApplianceError as error:
            self.tell_error(error, self.say("Not decided"))
        else:
            self.app.notify(following(standing, outcome, self.say), title=self.say("Decided"), markup=False)
        self._read()

    def action_scroll(self, rows: int) -> None:
        """Scroll by lines."""
        self.query_one("#stage", VerticalScroll).scroll_relative(y=rows, animate=False)
