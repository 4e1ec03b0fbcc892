"""The line with the keys at the bottom of every screen, made anew only when other keys are active.

Textual's own is made anew whenever a screen says that keys may have changed: nine widgets, 20 ms of a key press.
"""

from textual.screen import Screen
from textual.widgets import Footer


class KeyLine(Footer):
    """The keys that can be pressed now, each with what it does."""

    def __init__(self) -> None:
        super().__init__(show_command_palette=False, compact=True)
        self._told: list[tuple[str, str, bool]] = []

    def bindings_changed(self, screen: Screen[object]) -> None:
        """Compare the keys that would be shown with those that are."""
        active = screen.active_bindings.values()
        told = [(binding.key, binding.description, enabled) for _, binding, enabled, _ in active if binding.show]
        if told != self._told:
            super().bindings_changed(screen)
            self._told = told if screen.app.app_focus else []
