"""What every screen shares: translated keys, keys typed through a Japanese input method, help.

A new screen is one new file: a subclass of LocalizedScreen with its BINDINGS, its `.tcss` beside it and its sentences
in the catalogue.
"""

import unicodedata
from dataclasses import replace
from typing import ClassVar, TypeVar

from textual import events
from textual.binding import ActiveBinding, Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from appliance.core.errors import ApplianceError
from appliance.core.sanitising import visible
from appliance.core.workspace import RunFolder
from tui.context import Context
from tui.destinations import TITLES
from tui.language import message

Result = TypeVar("Result")
EDGES = 5  # cells beside the lines of a framed part: the frame, its blanks, the scroll bar
JAPANESE = ("HIRAGANA", "KATAKANA", "CJK")  # beginnings of Unicode names


class LocalizedScreen(Screen[Result], inherit_bindings=False):
    """A screen that speaks the context's language."""

    class Going(Message):
        """Another screen is wanted."""

        def __init__(self, number: int, run: RunFolder | None) -> None:
            super().__init__()
            self.number, self.run = number, run

    WRITES: ClassVar[frozenset[str]] = frozenset()  # actions that are not there with --read-only
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "app.focus_next", message("next part"), show=False, id="focus.next"),
        Binding("shift+tab", "app.focus_previous", message("previous part"), show=False, id="focus.previous"),
        Binding("question_mark,f1", "app.keys", message("help"), id="keys"),
        *(
            Binding(f"{number},alt+{number}", f"go({number})", title, show=False, id=f"go.{number}")
            for number, title in TITLES.items()
        ),
    ]

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context
        self.say = context.say
        self._put_texts: dict[str, str] = {}  # by the place
        self.set_class(context.is_ascii, "-ascii")

    @property
    def run_in_hand(self) -> RunFolder | None:
        """The run that this screen is about, for the screen that is opened next; None where it is about none."""
        return None

    @property
    def line_width(self) -> int:
        """Cells of a line in a part that takes the whole width."""
        return self.size.width - EDGES

    def action_go(self, number: int) -> None:
        """Open another screen, about the run that this one is about."""
        self.post_message(self.Going(number, self.run_in_hand))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Hide what changes anything from an auditor, and other screens from a window."""
        if (self.context.is_read_only and action in self.WRITES) or (action == "go" and self.is_modal):
            return False
        return super().check_action(action, parameters)

    def action_leave(self) -> None:
        """Back; what runs goes on, and what was decided is on the disk."""
        self.dismiss(None)

    def tell_error(self, error: ApplianceError, title: str) -> None:
        """Show what went wrong and what to do."""
        message, hint = self.say(error.message), self.say(error.hint)
        told = self.say("{message}. {hint}", message=message, hint=hint) if hint else message
        self.app.notify(told, title=title, severity="error", timeout=15, markup=False)

    def put(self, place: str, text: str) -> None:
        """Show a text in a Static, made safe; the same text is not painted again: a screen at rest costs nothing.

        The screen is laid out again only where the height follows from the text.
        """
        if self._put_texts.get(place) != text:
            self._put_texts[place] = text
            widget = self.query_one(place, Static)
            height = widget.styles.height
            safe = "\n".join(map(visible, text.split("\n")))
            widget.update(Content(safe), layout=height is None or height.is_auto)

    @property
    def active_bindings(self) -> dict[str, ActiveBinding]:
        """The active keys, with their descriptions in the language of the screen."""
        return {key: self._translated(active) for key, active in super().active_bindings.items()}

    def _translated(self, active: ActiveBinding) -> ActiveBinding:
        described = active.binding.description
        binding = replace(active.binding, description=self.say(described) if described else "")
        return active._replace(binding=binding)

    async def on_key(self, event: events.Key) -> None:
        """Take a full-width letter for the key it stands for; say so when kana arrive."""
        folded = folded_key(event.character or "")
        active = self.active_bindings.get(folded) if folded else None
        if active:
            event.stop()
            await self.app.run_action(active.binding.action, active.node)
        elif is_japanese(event.character or ""):
            event.stop()
            self.app.notify(self.say("Switch the input method off (IME) to use the keys."), markup=False)


class LocalizedModal(LocalizedScreen[Result], ModalScreen[Result], inherit_bindings=False):
    """A window over a screen that speaks the same language."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab,right,down", "app.focus_next", message("next part"), show=False, id="focus.next"),
        Binding("shift+tab,left,up", "app.focus_previous", message("previous part"), show=False, id="focus.previous"),
    ]


def folded_key(character: str) -> str:
    """Return the name of the half-width key that a full-width character stands for, or ""."""
    folded = unicodedata.normalize("NFKC", character)
    if folded == character or len(folded) != 1 or not folded.isascii():
        return ""
    return {"?": "question_mark", "/": "slash", " ": "space"}.get(folded, folded)


def is_japanese(character: str) -> bool:
    """Tell whether a key press is kana or kanji, which no key is bound to."""
    name = unicodedata.name(unicodedata.normalize("NFKC", character)[:1] or " ", "")
    return name.startswith(JAPANESE)
