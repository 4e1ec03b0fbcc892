"""What a sample allows to say: the share of documents in which something was missed, and how far reviewers agree.

Pure numbers, no text; without numpy, since the terminal UI draws them.
"""

from dataclasses import dataclass

from anonymize.proportions import upper_bound, wilson


@dataclass(frozen=True, slots=True)
class Residual:
    """Documents of the random sample that a person read, and in how many of them something was missed."""

    read: int
    drawn: int  # size of the sample
    missed: int

    @property
    def bound(self) -> float:
        """The upper end of the one-sided 95 % interval for the share of documents with a missed value; 1 unread."""
        return upper_bound(self.missed, self.read)


@dataclass(frozen=True, slots=True)
class Agreement:
    """Places on which at least two people decided, and on how many of them they say the same."""

    places: int
    same: int

    @property
    def interval(self) -> tuple[float, float]:
        """The two-sided 95 % interval of the share on which they agree."""
        return wilson(self.same, self.places)
