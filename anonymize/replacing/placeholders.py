"""Placeholders numbered by first appearance, for a run that stands alone: <PERSON_1>; no key, no second pass.

Covers: equal values get equal placeholders within a run.
Does not cover: the same placeholder in another run, which pseudonyms.py gives.
"""

from collections.abc import Iterable, Iterator, Sequence

from anonymize.errors import DecisionError
from anonymize.kinds import NAME
from anonymize.matching.folding import canonical
from anonymize.records import CleanRecord, Decision, Record
from anonymize.replacing import anonymizing
from anonymize.replacing.originals import Original
from anonymize.replacing.resolving import resolve
from anonymize.replacing.techniques import Technique

__all__ = ["Original", "Placeholders", "anonymize", "resolve"]


class Placeholders:
    """The placeholders of one run, numbered by first appearance within a kind."""

    def __init__(self) -> None:
        self._by_value: dict[tuple[str, str], Original] = {}
        self._counts: dict[str, int] = {}

    def technique(self, kind: str) -> Technique:  # noqa: ARG002 - every kind gets a placeholder
        """Return "placeholder"."""
        return "placeholder"

    def of(self, kind: str, written: str) -> str:
        """Return the placeholder of a value; equal after folding, lower-casing and joining spaces means equal."""
        key = (kind, canonical(written))
        if key not in self._by_value:
            if not NAME.fullmatch(kind):
                raise DecisionError(f"the kind {kind!r} is not written in capitals", "use for instance PERSON")
            self._counts[kind] = self._counts.get(kind, 0) + 1
            self._by_value[key] = Original(f"<{kind}_{self._counts[kind]}>", kind, written)
        return self._by_value[key].placeholder

    def originals(self) -> tuple[Original, ...]:
        """Return everything that was replaced, for the vault and for the leak check."""
        return tuple(self._by_value.values())


def anonymize(
    records_with_decisions: Iterable[tuple[Record, Sequence[Decision]]], placeholders: Placeholders
) -> Iterator[CleanRecord]:
    """Yield each record with its accepted findings replaced by numbered placeholders.

    Raises:
        DecisionError: an accepted finding is of another record, of an unknown column, or outside of the column's text.
    """
    for outcome in anonymizing.anonymize(records_with_decisions, placeholders):
        if isinstance(outcome, CleanRecord):  # a placeholder drops nothing
            yield outcome
