"""What every screen shares: translated keys, keys typed through a Japanese input method, help.

A new screen is one new file: a subclass of LocalizedScreen with its BINDINGS, its `.tcss` beside it and its sentences
in the catalogue.
"""

import unicodedata
from dataclasses import replace
from typing import ClassVar, TypeVar

from textual import events
from textual.binding import ActiveBinding, Binding, BindingType
from textual.screen import ModalScreen, Screen

from tui.context import Context
from tui.language import message

Result = TypeVar("Result")
JAPANESE = ("HIRAGANA", "KATAKANA", "CJK")  # beginnings of Unicode names


class LocalizedScreen(Screen[Result], inherit_bindings=False):
    """A screen that speaks the context's language."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "app.focus_next", message("next part"), show=False, id="focus.next"),
        Binding("shift+tab", "app.focus_previous", message("previous part"), show=False, id="focus.previous"),
        Binding("question_mark,f1", "app.keys", message("help"), id="keys"),
    ]

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context
        self.say = context.say
        self.set_class(context.is_ascii, "-ascii")

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
        active = self.active_bindings.get(folded_key(event.character or ""))
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
