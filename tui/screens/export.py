"""Screen 7, Export and bundle: variants with their gates, the signed bundle to a stick, what is installed here."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from appliance import service
from appliance.core.errors import ApplianceError, SettingsError
from appliance.core.run_state import RunState
from appliance.core.sanitising import visible
from appliance.core.workspace import RunFolder
from appliance.release.approval import Approval
from appliance.release.demanding import Demand, demanded
from appliance.release.handing_over import hand_over
from appliance.release.installing import Installed, default_home, install, installed, roll_back
from appliance.release.publishing import own_keys
from tui.context import Context
from tui.export_wording import bundle_lines, variant_lines
from tui.language import message
from tui.screens.approving import ask_approval
from tui.screens.confirm import ConfirmScreen
from tui.screens.deciding import DecidingScreen
from tui.screens.files import FileScreen, sticks
from tui.screens.of_a_run import RunScreen
from tui.screens.steering import start_again
from tui.verdict_wording import is_refused
from tui.widgets.key_line import KeyLine

Act = Callable[[Path, Demand | None], Installed]  # the trusted key and what is demanded -> what is in service then


class ExportScreen(RunScreen):
    """What came of a run, and how it leaves the house."""

    CSS_PATH = "export.tcss"
    WRITES = frozenset({"write", "install", "roll_back", "approve", "start"})
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("w,f2", "write", message("write to a stick"), id="export.write"),
        Binding("i,f4", "install", message("install here"), id="export.install"),
        Binding("b,f8", "roll_back", message("roll back"), id="export.roll-back"),
        Binding("k,f6", "approve", message("approver"), id="export.approve"),
        Binding("d,f7", "stage", message("stage"), id="export.stage"),
        Binding("r,f5", "start", message("go on with the run"), show=False, id="export.start"),
        Binding("escape,q,f10", "leave", message("back"), id="export.back"),
    ]

    def __init__(self, context: Context, run: RunFolder) -> None:
        super().__init__(context, run)
        self._state = RunState()
        self._home = default_home()
        self._approval: Approval | None = None  # made a moment ago: the run has not looked at it yet

    def compose(self) -> ComposeResult:
        """Variants, bundle, what is installed, the keys."""
        yield Static(Content(self.say("7 Export · {run}", run=self._run.id)), id="head")
        with VerticalScroll(id="variants"):
            yield Static()
        yield Static(id="bundle")
        yield Static(id="installed")
        yield KeyLine()

    def on_mount(self) -> None:
        """Read the run and what is installed; hashing that takes a moment."""
        titles = {
            "variants": self.say("Variants"),
            "bundle": self.say("Bundle"),
            "installed": self._installed_title(),
        }
        for name, title in titles.items():
            self.query_one(f"#{name}").border_title = Content(title)
        self.query_one("#variants").focus()
        self._read()

    def _installed_title(self) -> str:
        stage, key = self.context.stage, self.context.approver_key
        if stage is None and key is None:
            return self.say("Installed on this machine")
        if stage is None:
            return self.say("Installed on this machine; demanded: the approver's word")
        if key is None:
            return self.say("Installed on this machine; demanded: {stage}", stage=stage)
        return self.say("Installed on this machine; demanded: {stage}, signed by the approver", stage=stage)

    @work(exclusive=True, group="read")
    async def _read(self) -> None:
        self._state = await asyncio.to_thread(service.state_of, self._run)
        if not self.is_attached:
            return
        self._show_variants()
        self._show_bundle()
        await self._show_installed()

    def on_resize(self) -> None:
        """Break the lines anew."""
        if self._state.facts:
            self._show_variants()

    def _show_variants(self) -> None:
        lines = variant_lines(self._state.facts, self.say, self.line_width)
        self.put("#variants Static", "\n".join(map(visible, lines)))

    def _show_bundle(self) -> None:
        told = "\n".join(bundle_lines(self._state.facts, self._approval, self._bundle, self.say))
        self.put("#bundle", told)
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The approver is asked only where something refuses."""
        if action == "approve" and (self._approval or not is_refused(self._state.facts.get("gates"))):
            return False
        return super().check_action(action, parameters)

    @property
    def _bundle(self) -> Path | None:
        folder = self._state.facts.get("bundle", {}).get("folder")
        place = self.context.workspace.bundles / str(folder)
        return place if folder and place.is_dir() else None

    async def _show_installed(self) -> None:
        try:
            told = self._told(await asyncio.to_thread(installed, self._home))
        except SettingsError:
            told = self.say("Nothing is installed in {home}.", home=self._home)
        except ApplianceError as error:
            told = f"FAIL  {self.say(error.message)}\n{self.say(error.hint)}"
        if self.is_attached:
            self.put("#installed", told)

    def _told(self, done: Installed) -> str:
        manifest = done.verified.manifest
        facts = {"name": manifest.name, "version": manifest.version, "variant": manifest.variant}
        first = self.say("PASS  in service: {name} {version} ({variant}), every byte checked", **facts)
        if done.previous is None:
            return f"{first}\n{self.say('No version before it.')}"
        return f"{first}\n{self.say('kept for roll-back: {folder}', folder=done.previous)}"

    @work(exclusive=True, group="act")
    async def action_write(self) -> None:
        """Ask where, write the bundle there, and read it back from there."""
        bundle = self._bundle
        if bundle is None:
            self.app.notify(self.say("No bundle yet."), markup=False)
            return
        start = next(iter(sticks()), Path.home())
        screen = FileScreen(self.context, self.say("Write the bundle into …"), start, "folder")
        target = await self.app.push_screen_wait(screen)
        if target is None:
            return
        self.app.notify(self.say("Writing, then reading back …"), markup=False)
        try:
            key = await asyncio.to_thread(own_keys, self.context.workspace.keys)
            written = await asyncio.to_thread(hand_over, bundle, key[1], target)
        except ApplianceError as error:
            self.tell_error(error, self.say("Not written"))
        else:
            told = self.say("PASS  written and read back: {folder}", folder=written.folder)
            self.put("#bundle", f"{told}\n{self.say('The stick can be taken out.')}")

    @work(exclusive=True, group="act")
    async def action_install(self) -> None:
        """Put the bundle into service on this machine."""
        bundle = self._bundle
        if bundle is None:
            self.app.notify(self.say("No bundle yet."), markup=False)
            return
        await self._act(lambda key, demand: install(bundle, key, self._home, demand), self.say("Not installed"))

    @work(exclusive=True, group="act")
    async def action_roll_back(self) -> None:
        """Put the version before this one back into service."""
        question = self.say("Put the version before this one back into service?")
        confirm = ConfirmScreen(self.context, question, self.say("Roll back"))
        if await self.app.push_screen_wait(confirm):
            await self._act(lambda _, demand: roll_back(self._home, demand), self.say("Not rolled back"))

    @work(exclusive=True, group="act")
    async def action_approve(self) -> None:
        """Let the approver override the verdict, with a key and a reason of their own."""
        self._approval = await ask_approval(self, self._run, self._state.facts["gates"])
        self._show_bundle()

    def action_stage(self) -> None:
        """Show what the stage that this run is in ends with."""
        self.app.push_screen(DecidingScreen(self.context, self._run))

    def action_start(self) -> None:
        """Go on with the run: it looks at the approver's word, and signs."""
        start_again(self, self._run)

    async def _act(self, act: Act, failed: str) -> None:
        try:
            key = await asyncio.to_thread(own_keys, self.context.workspace.keys)
            demand = demanded(self.context.stage, self.context.approver_key)
            await asyncio.to_thread(act, key[1], demand)
        except ApplianceError as error:
            self.tell_error(error, failed)
        await self._show_installed()
