"""Screen 3, Intake: the base models that were taken in, every check of theirs, and waivers by name."""

import asyncio
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from appliance import service
from appliance.core.audit_log import user
from appliance.core.errors import ApplianceError
from appliance.core.sanitising import visible
from appliance.core.sections import EMBEDDED_MODEL, IntakeSettings
from appliance.questions.intakes import Intake, waived
from tui.context import Context
from tui.intake_wording import check_line, check_lines, model_line
from tui.language import message
from tui.screens.files import FileScreen
from tui.screens.localized import LocalizedScreen
from tui.screens.picking import PickScreen
from tui.screens.typing import TypeScreen
from tui.widgets.key_line import KeyLine

PAUSE = 1.0  # seconds between two looks at an intake that is going on


class IntakeScreen(LocalizedScreen[None]):
    """Models at the top, the checks of the one under the cursor below."""

    CSS_PATH = "intake.tcss"
    WRITES = frozenset({"add", "waive"})
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a,f2", "add", message("add a model"), id="intake.add"),
        Binding("w,f4", "waive", message("waive a check"), id="intake.waive"),
        Binding("tab", "app.focus_next", message("models/checks"), id="intake.switch"),
        Binding("escape,q,f10", "leave", message("back"), id="intake.back"),
    ]

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._models: list[Intake] = []
        self._shown: tuple[object, ...] = ()

    def compose(self) -> ComposeResult:
        """Models, checks, the check under the cursor in full, the keys."""
        yield Static(id="head")
        yield OptionList(id="models")
        yield OptionList(id="checks")
        yield Static(id="check")
        yield KeyLine()

    def on_mount(self) -> None:
        """Look again as long as the screen is there: an intake may be going on."""
        self.query_one("#models").border_title = Content(self.say("Base models"))
        self.query_one("#checks").border_title = Content(self.say("Checks"))
        self.query_one("#models").focus()
        self._keep_looking()

    @work
    async def _keep_looking(self) -> None:
        while self.is_attached:
            if self.is_current:
                self._models = await asyncio.to_thread(service.models, self.context.workspace)
                self._show()
            await asyncio.sleep(PAUSE)

    @property
    def _model(self) -> Intake | None:
        at = self.query_one("#models", OptionList).highlighted
        return self._models[at] if at is not None and at < len(self._models) else None

    def _show(self) -> None:
        if not self.is_attached:
            return
        head = self.say("3 Intake · {count} base models", count=len(self._models))
        self.put("#head", head)
        lines = tuple(model_line(model, self.say) for model in self._models)
        if lines != self._shown:
            self._shown = lines
            options = self.query_one("#models", OptionList)
            refused = (number for number, model in enumerate(self._models) if model.counts["fail"])
            at = next(refused, 0) if options.highlighted is None else options.highlighted
            options.clear_options()
            options.add_options(Option(Content(visible(line))) for line in lines)
            options.highlighted = min(at, len(lines) - 1) if lines else None
        if not lines:
            self.put("#check", self.say("No base model was taken in yet; a adds one."))

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Show the checks of a model, or one check in full."""
        if event.option_list.id == "models":
            self._show_checks()
        else:
            self._show_check()

    def _checks(self) -> list[dict[str, str]]:
        model = self._model
        return list(model.report["checks"]) if model and model.report else []

    def _show_checks(self) -> None:
        options = self.query_one("#checks", OptionList)
        options.clear_options()
        checks = self._checks()
        options.add_options(Option(Content(visible(check_line(check, self.say)))) for check in checks)
        failing = [number for number, check in enumerate(checks) if check["result"] == "fail"]
        options.highlighted = (failing or [0])[0] if checks else None
        self._show_check()

    def _show_check(self) -> None:
        at = self.query_one("#checks", OptionList).highlighted
        checks, model = self._checks(), self._model
        if at is not None and at < len(checks):
            lines = check_lines(checks[at], self.say)
        elif model is not None:
            lines = [
                self.say(model.state.message) if model.state.message else self.say("There is no report yet."),
                self.say(model.state.hint),
            ]
        else:
            return
        self.put("#check", "\n".join(map(visible, lines)))

    @work(exclusive=True, group="add")
    async def action_add(self) -> None:
        """Ask for the model, its licence and where it came from; then take it in."""
        lines = [self.say("the embedded one: SmolLM2-135M-Instruct"), self.say("a folder or a .gguf file …")]
        picked = await self.app.push_screen_wait(PickScreen(self.context, self.say("Which base model?"), lines))
        if picked is None:
            return
        place: Path | str | None = EMBEDDED_MODEL
        if picked == 1:
            place = await self.app.push_screen_wait(FileScreen(self.context, self.say("Which base model?"), Path.cwd()))
        if place is None:
            return
        licence = await self._asked(self.say("its licence"), "Apache-2.0", self.say("SPDX identifier"))
        if not licence:
            return
        title = self.say("Where did it come from? One sentence.")
        source = await self._asked(title, "", self.say("It stands in the signed report."))
        if source is not None:
            await self._take_in(IntakeSettings(path=str(place), licence=licence, source=source))

    async def _asked(self, title: str, value: str, advice: str) -> str | None:
        return await self.app.push_screen_wait(TypeScreen(self.context, title, value, advice))

    async def _take_in(self, intake: IntakeSettings) -> None:
        try:
            name = service.model_name(intake.path)
            await asyncio.to_thread(service.add_model, intake, name, self.context.workspace)
        except ApplianceError as error:
            self.tell_error(error, self.say("Not started"))
        else:
            self.app.notify(self.say("The intake has begun; its checks appear here."), markup=False)

    @work(exclusive=True, group="add")
    async def action_waive(self) -> None:
        """Accept the failed check under the cursor for good: who, and why; the model is judged again."""
        at, model, checks = self.query_one("#checks", OptionList).highlighted, self._model, self._checks()
        if model is None or at is None or at >= len(checks) or checks[at]["result"] != "fail":
            self.app.notify(self.say("Put the cursor on a check that failed."), markup=False)
            return
        check = checks[at]["name"]
        title = self.say("Waive {check}: why?", check=check)
        reason = await self._asked(title, "", self.say("It stands in the signed report, for good."))
        by = reason and await self._asked(self.say("Who accepts it?"), user(), self.say("Your name"))
        if not (reason and by):
            return
        try:
            intake = waived(model.settings, check, by, reason)
        except ApplianceError as error:
            self.tell_error(error, self.say("Not waived"))
            return
        await self._take_in(intake)
