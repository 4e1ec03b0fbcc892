"""Screen 2, New run: one list of questions from the file to the budget; it writes a TOML that a person can read."""

import asyncio
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from appliance import service
from appliance.core.errors import ApplianceError
from appliance.core.run_file import Answers, ColumnAnswer, missing, run_toml
from appliance.core.sanitising import visible
from appliance.core.sections import EMBEDDED_MODEL
from appliance.core.settings import load_settings
from appliance.core.workspace import RunFolder
from appliance.questions.outlook import Outlook
from tui.context import Context
from tui.first_guess import guess
from tui.kinds import MEANINGS, pickable
from tui.language import message
from tui.outlook_wording import outlook_lines
from tui.run_form import CHOICES, LABELS, TYPED, USES, Look, Row, chosen, form_rows, line, look_lines, uses
from tui.screens.files import FileScreen
from tui.screens.localized import LocalizedScreen
from tui.screens.picking import PickScreen
from tui.screens.reading import ReadingScreen
from tui.screens.typing import TypeScreen
from tui.streaming import streamed
from tui.widgets.key_line import KeyLine

LACKING = {
    "file": message("a source"),
    "input": message("the input column"),
    "output": message("the wanted output"),
    "kind": message("the kind of a personal column"),
}


class NewRunScreen(LocalizedScreen[None]):
    """Asks what a run needs; nothing is written before w or r is pressed."""

    CSS_PATH = "new_run.tcss"
    WRITES = frozenset({"write", "start"})
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p,f6", "plan", message("plan"), id="new.plan"),
        Binding("w,f2", "write", message("write"), id="new.write"),
        Binding("r,f5", "start", message("write and start"), id="new.start"),
        Binding("v,f4", "view", message("view TOML"), id="new.view"),
        Binding("escape,q,f10", "leave", message("back"), id="new.back"),
    ]

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._answers = Answers()
        self._look = Look()
        self._rows: list[Row] = []

    def compose(self) -> ComposeResult:
        """The questions, what the first look tells, what is still missing, the keys."""
        yield Static(id="head")
        yield OptionList(id="form")
        yield Static(id="look")
        yield Static(id="lacking")
        yield KeyLine()

    def on_mount(self) -> None:
        """Begin with the file."""
        self.query_one("#form").border_title = Content(self.say("Enter changes a line"))
        self.query_one("#look").border_title = Content(self.say("First look (not stored, not copyable)"))
        self._show()
        form = self.query_one("#form", OptionList)
        form.highlighted = 1
        form.focus()

    def _show(self) -> None:
        if not self.is_attached:
            return  # the screen was taken down while the child was looking
        form = self.query_one("#form", OptionList)
        at, top = form.highlighted, form.scroll_offset.y
        self._rows = list(form_rows(self._answers, self._look, self.say))
        form.clear_options()
        form.add_options(Option(Content(visible(line(row))), disabled=row.how == "heading") for row in self._rows)
        form.highlighted = None if at is None else min(at, len(self._rows) - 1)
        form.scroll_to(y=top, animate=False, immediate=True)
        lacking = ", ".join(self.say(LACKING[name]) for name in missing(self._answers))
        told = self.say("Still to be said: {what}", what=lacking) if lacking else self._command()
        self.put("#lacking", told)
        self.put("#head", self.say("2 New run · {name}", name=self._answers.name))
        self._show_look()

    def _command(self) -> str:
        return self.say("The same by command:  appliance run {file}", file=self._target)

    @property
    def _target(self) -> Path:
        return Path.cwd() / f"{self._answers.name}.toml"

    def _show_look(self) -> None:
        at = self.query_one("#form", OptionList).highlighted
        if at is not None and at < len(self._rows):
            lines = look_lines(self._rows[at], self._look, self.say)
            self.put("#look", "\n".join(map(visible, lines)))

    def on_option_list_option_highlighted(self) -> None:
        """Tell about the row under the cursor."""
        self._show_look()

    @work
    async def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Ask the question of the row."""
        row = self._rows[event.option_index]
        match row.how:
            case "file":
                await self._pick_file()
            case "column":
                await self._pick_use(row.key)
            case "model":
                await self._pick_model()
            case "pick":
                await self._pick(row.key)
            case "type":
                await self._type(row.key)
        self._show()

    async def _pick_file(self) -> None:
        start = Path(self._answers.file).parent if self._answers.file else Path.cwd()
        file = await self.app.push_screen_wait(FileScreen(self.context, self.say("Pick the source"), start))
        if file is not None:
            name = "".join(c if c.isascii() and c.isalnum() else "-" for c in file.stem.lower()).strip("-")[:40]
            self._answers = Answers(name=name.strip("-") or "new-run", file=str(file))
            self._look = Look()
            self._look_at(file)

    @work(exclusive=True, group="look")
    async def _look_at(self, file: Path) -> None:
        """Look in a child process; its lines are shown as they come."""
        try:
            async with aclosing(streamed(service.first_look(file))) as lines:
                async for told in lines:
                    self._look = Look({**self._look.found, **told})
                    self._show()
        except ApplianceError as error:
            self._look = Look({"error": error.message, "hint": error.hint})
        found = self._look.found
        if "kinds" in found:
            columns = guess(found, self._answers.columns)
            self._answers = replace(self._answers, columns=columns, delimiter=found["delimiter"])
        self._show()

    async def _pick_use(self, name: str) -> None:
        before = self._answers.columns.get(name, ColumnAnswer())
        lines = [self.say(USES[use]) for use in uses()]
        picked = await self.app.push_screen_wait(PickScreen(self.context, name, lines, uses().index(before.use)))
        if picked is None:
            return
        use, kind = uses()[picked], ""
        if use in ("identifier", "drop"):
            kinds = pickable()
            told = [f"{each:<22} {self.say(MEANINGS[each]) if each in MEANINGS else ''}" for each in kinds]
            at = kinds.index(before.kind) if before.kind in kinds else 0
            number = await self.app.push_screen_wait(PickScreen(self.context, self.say("What is it?"), told, at))
            if number is None:
                return
            kind = kinds[number]
        self._answers = self._answers.with_column(name, ColumnAnswer(use, kind))

    async def _pick_model(self) -> None:
        lines = [self.say("the embedded one: SmolLM2-135M-Instruct"), self.say("a folder or a .gguf file …")]
        picked = await self.app.push_screen_wait(PickScreen(self.context, self.say(LABELS["model"]), lines))
        if picked == 0:
            self._answers = replace(self._answers, model=EMBEDDED_MODEL)
        elif picked == 1:
            place = await self.app.push_screen_wait(FileScreen(self.context, self.say(LABELS["model"]), Path.cwd()))
            if place is not None:
                advice = self.say("Where did it come from? One sentence.")
                title = self.say(LABELS["model"])
                source = await self.app.push_screen_wait(TypeScreen(self.context, title, "", advice))
                self._answers = replace(self._answers, model=str(place), model_source=source or "")

    async def _pick(self, key: str) -> None:
        choices = dict(CHOICES.get(key, {}))
        if key == "id_column":
            choices = {"": message("numbered"), **dict.fromkeys(self._look.columns, "")}
        keys = list(choices)
        lines = [self.say(told) if told else name for name, told in choices.items()]
        at = keys.index(chosen(self._answers, key))
        picked = await self.app.push_screen_wait(PickScreen(self.context, self.say(LABELS[key]), lines, at))
        if picked is not None:
            value = tuple(keys[picked].split(",")) if key == "variants" else keys[picked]
            self._answers = self._answers.answered(key, value)

    async def _type(self, key: str) -> None:
        advice, kind = TYPED[key]
        screen = TypeScreen(self.context, self.say(LABELS[key]), chosen(self._answers, key), self.say(advice))
        typed = await self.app.push_screen_wait(screen)
        if typed is None:
            return
        try:
            self._answers = self._answers.answered(key, kind(typed))
        except ValueError:
            self.app.notify(self.say("That is not a number: {typed}", typed=typed), severity="error", markup=False)

    @work(exclusive=True, group="plan")
    async def action_plan(self) -> None:
        """Tell whether it fits, how long it takes and what is reused."""
        found = await self._looked_ahead()
        if found is not None:
            lines = [*outlook_lines(found, self.say), "", self._command()]
            self.app.push_screen(
                ReadingScreen(self.context, self.say("Plan of {name}", name=self._answers.name), lines)
            )

    async def _looked_ahead(self) -> Outlook | None:
        if missing(self._answers):
            self.app.notify(str(self.query_one("#lacking", Static).content), severity="warning", markup=False)
            return None
        try:
            settings = service.settings_of(self._answers)
            return await asyncio.to_thread(service.look_ahead, settings, self.context.workspace)
        except ApplianceError as error:
            self.tell_error(error, self.say("Not planned"))
            return None

    def action_view(self) -> None:
        """Show the file that would be written."""
        lines = run_toml(self._answers).splitlines()
        self.app.push_screen(ReadingScreen(self.context, str(self._target), lines))

    def action_write(self) -> None:
        """Write the TOML."""
        if self._written():
            self.app.notify(self.say("Written: {file}", file=self._target), markup=False)

    def _written(self) -> bool:
        try:
            service.write_run_file(self._target, self._answers)
        except ApplianceError as error:
            self.tell_error(error, self.say("Not written"))
            return False
        return True

    @work(exclusive=True, group="start")
    async def action_start(self) -> None:
        """Write the TOML, start the run, and go to it."""
        if not self._written():
            return
        try:
            settings = load_settings(self._target)
            run = await asyncio.to_thread(service.plan, settings, self.context.workspace)
            await asyncio.to_thread(service.start, run, self.context.workspace)
        except ApplianceError as error:
            self.tell_error(error, self.say("Not started"))
        else:
            self._go_to(run)

    def _go_to(self, run: RunFolder) -> None:
        self.post_message(self.Going(5, run))
