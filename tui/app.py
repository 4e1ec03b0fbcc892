"""The terminal UI as a whole: language, theme, signals, and what it must never show or copy.

Covers: no screenshot command, no text selection and no clipboard (a screen may show text that is not anonymized yet),
a crash that tells where it happened and never with which values, a clean terminal after SIGINT, SIGTERM and SIGHUP.
Does not cover: what the terminal program itself records, such as its scrollback.
"""

import asyncio
import signal
import sys
import traceback
from collections.abc import Iterable
from functools import partial
from pathlib import Path, PurePath
from typing import ClassVar

from rich.segment import Segments
from rich.text import Text
from textual import work
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.command import CommandPalette
from textual.driver import Driver
from textual.screen import Screen

from appliance.core.sanitising import visible
from tui.context import Context
from tui.destinations import MODULES, OF_A_RUN, screen_class
from tui.guarding import VisibleOnly
from tui.language import message
from tui.preferences import HIGH_CONTRAST
from tui.screens.localized import LocalizedScreen
from tui.screens.reading import ReadingScreen
from tui.screens.runs import RunsScreen

HERE = Path(__file__).parent
PLAIN_THEME = "ansi-dark"  # with NO_COLOR no other theme is free of colour codes
WARM_UP = 1.0  # seconds after the first paint
SETTLED = 0.3  # seconds after which the terminal is ours again
ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class ApplianceApp(App[object], inherit_bindings=False):
    """The screens by their numbers; a new one is a new file in `screens/`, and a number in `destinations.py`."""

    TITLE = "appliance"
    # the first screen's with it: a sheet that comes later has all of them parsed again
    CSS_PATH: ClassVar[list[str | PurePath]] = [HERE / "app.tcss", HERE / "screens" / "runs.tcss"]
    ALLOW_SELECT: ClassVar[bool] = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "quit", message("quit"), show=False, id="app.quit", priority=True),
    ]

    def __init__(
        self,
        context: Context,
        *,
        is_plain: bool = False,
        theme: str = "",
        driver_class: type[Driver] | None = None,  # None: Textual's own
    ) -> None:
        super().__init__(driver_class=driver_class)
        self.context = context
        self._filters.append(VisibleOnly())
        self.register_theme(HIGH_CONTRAST)
        if is_plain or theme:
            self.theme = PLAIN_THEME if is_plain else theme

    def on_load(self) -> None:
        """Leave the terminal as it was found when the system ends us; the runs are not ours to end."""
        loop = asyncio.get_running_loop()
        for number in ENDING_SIGNALS:
            loop.add_signal_handler(number, self._end, 128 + number)

    def on_mount(self) -> None:
        """Open the first screen; take in the others when it has been painted."""
        self.app_resume_signal.subscribe(self, self._come_back)
        self.push_screen(RunsScreen(self.context))
        self.set_timer(WARM_UP, self._warm_up)

    @work(thread=True)
    def _warm_up(self) -> None:
        for number in MODULES:
            screen_class(number)

    def _come_back(self, _: App[object]) -> None:
        """Paint everything anew after SIGCONT: what was painted while the terminal changed hands is lost."""
        self.refresh(layout=True)
        self.set_timer(SETTLED, lambda: self.refresh(layout=True))

    def on_localized_screen_going(self, event: LocalizedScreen.Going) -> None:
        """Open a screen over the list of runs; one about a run takes the newest where none is in hand."""
        run = event.run or next(iter(self.context.workspace.all_runs()), None)
        if event.number in OF_A_RUN and run is None:
            self.notify(self.context.say("There is no run in this workspace yet."), markup=False)
            return
        while not isinstance(self.screen, RunsScreen):
            self.pop_screen()
        if event.number in MODULES:
            about = (run,) if event.number in OF_A_RUN else ()
            self.push_screen(screen_class(event.number)(self.context, *about))

    def _end(self, status: int) -> None:
        self.exit(return_code=status)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Yield what the keys of the screen do, for the command palette; nothing of Textual's own."""
        told = set()
        for key, (node, binding, enabled, _) in screen.active_bindings.items():
            if binding.id and enabled and binding.description and binding.action not in told:
                told.add(binding.action)
                action = partial(self.run_action, binding.action, node)
                yield SystemCommand(binding.description, self.get_key_display(binding) or key, action)

    def action_command_palette(self) -> None:
        """Open the palette in the language of the screens."""
        if not CommandPalette.is_open(self):
            self.push_screen(CommandPalette(placeholder=self.context.say("What should be done?")))

    def action_keys(self) -> None:
        """Show every key of the screen that is open."""
        screen, say = self.screen, self.context.say
        if isinstance(screen, LocalizedScreen) and not isinstance(screen, ReadingScreen):
            self.push_screen(ReadingScreen(self.context, say("Keys"), self._key_lines(screen)))

    def _key_lines(self, screen: Screen[object]) -> list[str]:
        keys: dict[str, list[str]] = {}
        active = [binding for _, binding, _, _ in screen.active_bindings.values()]
        for binding in sorted(active, key=lambda binding: (binding.id or "").startswith("go.")):
            if binding.id and binding.description:
                keys.setdefault(binding.description, []).append(self.get_key_display(binding))
        lines = [f"{_joined(names):<24}{described}" for described, names in keys.items()]
        say = self.context.say
        return [*lines, "", say("Closing this program never ends a run: it goes on by itself.")]

    def copy_to_clipboard(self, text: str) -> None:
        """Copy nothing: the clipboard belongs to a machine outside of the appliance."""

    def deliver_screenshot(self, *_: object, **__: object) -> None:
        """Save nothing: a picture of the screen may hold personal data."""

    def action_screenshot(self, *_: object, **__: object) -> None:
        """Save nothing, for the same reason."""

    def _fatal_error(self) -> None:
        """Tell the kind of an error and the places in the code; its message may quote a record, so may a variable."""
        error = sys.exc_info()[1]
        frames = traceback.format_list(traceback.extract_tb(error.__traceback__)) if error else []
        lines = f"{''.join(frames)}{type(error).__name__} in the terminal UI; no run is affected by it"
        shown = Text("\n".join(visible(line) for line in lines.splitlines()))
        self._exit_renderables.append(Segments(self.console.render(shown, self.console.options)))
        self._close_messages_no_wait()


def _joined(keys: list[str]) -> str:
    """Return the keys of one action; of a row of digits the first and the last."""
    digits = [key for key in keys if key.isdigit()]
    return f"{min(digits)}-{max(digits)}" if len(digits) > 1 else "  ".join(keys)
