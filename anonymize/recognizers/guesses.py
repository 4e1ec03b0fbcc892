"""The common language of recognizers: texts in, guesses out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

# technical vocabulary vetoes a guess and what follows a cue; a guess of one word needs a text where capitals tell names
Strength = Literal["guess", "cue", "rule"]


@dataclass(frozen=True, slots=True)
class Guess:
    """A place (half-open) in the folded text that a recognizer was given."""

    start: int
    end: int
    kind: str
    score: float  # 0..1
    recognizer: str
    strength: Strength = "rule"


class Recognizer(Protocol):
    """Finds one family of personal data in folded texts; it raises when it cannot do so in time."""

    name: str

    def find(self, texts: Sequence[str]) -> list[list[Guess]]:
        """Return the guesses for each text, in the order of the texts."""
        ...
