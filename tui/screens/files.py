"""A window to pick a file or a folder: the sticks that are plugged in stand at the top."""

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, Literal, NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from appliance.core.sanitising import visible
from tui.context import Context
from tui.language import message
from tui.screens.localized import LocalizedModal
from tui.wording import size

STICKS = ("/media/*/*", "/run/media/*/*", "/mnt/*", "/media/*")
MOST_ENTRIES = 2_000


class Entry(NamedTuple):
    """One line of the list: where it leads; a folder that is picked as it is has `is_answer`."""

    path: Path
    told: str
    is_answer: bool = False


class FileScreen(LocalizedModal[Path | None]):
    """Returns a path that exists, or None."""

    CSS_PATH = "files.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("backspace,left", "up", message("folder above"), id="files.up"),
        Binding("escape,q,f10", "cancel", message("cancel"), id="files.cancel"),
        Binding("tab,shift+tab", "stay", message("stay"), show=False, id="files.stay"),
    ]

    def __init__(
        self, context: Context, title: str, start: Path, wanted: Literal["file", "folder", "any"] = "any"
    ) -> None:
        super().__init__(context)
        self._title, self._folder, self._wanted = title, start, wanted
        self._entries: list[Entry] = []

    def compose(self) -> ComposeResult:
        """One list."""
        with Vertical(id="window") as window:
            window.border_title = Content(visible(self._title))
            window.border_subtitle = Content(self.say("Enter opens or picks, Esc cancels"))
            yield OptionList()

    def on_mount(self) -> None:
        """Begin in the folder that was given."""
        self.query_one(OptionList).focus()
        self._show()

    def _show(self) -> None:
        self._entries = list(self._listed())
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options(Option(Content(visible(entry.told))) for entry in self._entries)
        options.highlighted = 0

    def _listed(self) -> Iterator[Entry]:
        if self._wanted != "file":
            told = self.say("[ take this folder: {folder} ]", folder=self._folder)
            yield Entry(self._folder, told, is_answer=True)
        yield Entry(self._folder.parent, f".. {self._folder}/")
        for stick in sticks():
            yield Entry(stick, self.say("stick {place}", place=stick))
        try:
            inside = sorted(self._folder.iterdir(), key=lambda path: (not path.is_dir(), path.name.casefold()))
        except OSError as error:
            yield Entry(self._folder.parent, self.say("cannot be listed: {reason}", reason=error.strerror or ""))
            return
        for path in inside[:MOST_ENTRIES]:
            if path.name.startswith("."):
                continue
            if path.is_dir():
                yield Entry(path, f"{path.name}/")
            elif self._wanted != "folder" and path.is_file():
                yield Entry(path, f"{path.name}  {size(path.stat().st_size)}", is_answer=True)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Open a folder, or return what was picked."""
        entry = self._entries[event.option_index]
        if entry.is_answer:
            self.dismiss(entry.path)
        else:
            self._folder = entry.path
            self._show()

    def action_up(self) -> None:
        """Go to the folder above."""
        self._folder = self._folder.parent
        self._show()

    def action_cancel(self) -> None:
        """Pick nothing."""
        self.dismiss(None)

    def action_stay(self) -> None:
        """There is nothing else to go to."""


def sticks() -> list[Path]:
    """Return where sticks and other disks are mounted."""
    found = {path for pattern in STICKS for path in Path("/").glob(pattern[1:]) if path.is_mount()}
    return sorted(found)
