"""Text that was changed for matching, and the way back to the original, character by character."""

from dataclasses import dataclass, field

from anonymize.records import Span


@dataclass(frozen=True, slots=True)
class Folded:
    """Folded text; character i came from original[starts[i]:ends[i]]."""

    text: str
    starts: tuple[int, ...] | None  # None: the text is as long as the original, character by character
    ends: tuple[int, ...] | None

    def original(self, start: int, end: int) -> Span:
        """Return the smallest span of the original that covers folded[start:end] (not empty)."""
        if self.starts is None or self.ends is None:
            return Span(start, end)
        return Span(self.starts[start], self.ends[end - 1])


@dataclass(slots=True)
class Draft:
    """Changed text while it is written, from left to right."""

    parts: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)

    def keep(self, text: str, start: int, end: int) -> None:
        """Append text[start:end] as it is."""
        if start < end:
            self.parts.append(text[start:end])
            self.starts.extend(range(start, end))
            self.ends.extend(range(start + 1, end + 1))

    def put(self, part: str, start: int, end: int) -> None:
        """Append other characters; each of them stands for the whole of the original's start:end."""
        self.parts.append(part)
        self.starts.extend([start] * len(part))
        self.ends.extend([end] * len(part))

    def text(self) -> str:
        """Return what was written so far."""
        return "".join(self.parts)

    def finished(self) -> Folded:
        """Return the changed text with its offsets."""
        return Folded(self.text(), tuple(self.starts), tuple(self.ends))


def through(outer: Folded, inner: Folded) -> Folded:
    """Return outer, which was made from inner's text, with offsets into inner's original."""
    if inner.starts is None:
        return outer
    spans = [outer.original(at, at + 1) for at in range(len(outer.text))]
    ways = [inner.original(span.start, span.end) for span in spans]
    return Folded(outer.text, tuple(way.start for way in ways), tuple(way.end for way in ways))
