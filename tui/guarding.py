"""The last place before the terminal: whatever a widget drew, no character of it can steer the terminal.

Screens make data safe where they put it up; this holds for what they forget, for typed text, and for widgets of
Textual's own. Links are taken off too: a terminal opens them, and their address is seen by nobody.
"""

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from appliance.core.sanitising import visible


class VisibleOnly(LineFilter):
    """Replaces each control or invisible character by one visible character, and drops links."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002 Textual's signature
        """Return the segments of one line, safe to write."""
        return [_safe(segment) for segment in segments]


def _safe(segment: Segment) -> Segment:
    text, style, control = segment
    if control:
        return segment
    if style is not None and style.link:
        style = style.update_link(None)
    return Segment(visible(text), style)
