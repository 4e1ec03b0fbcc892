"""The two rounds over a shard of records, as jobs that a worker process can do, and how a stream is cut into shards."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from anonymize.detection.assembling import Assembly, assemble
from anonymize.detection.limits import cpu_limit, seconds_for
from anonymize.detection.policy import Policy
from anonymize.detection.scanning import Outcome, reason, scan
from anonymize.matching.folding import fold
from anonymize.matching.watchlist import Watchlist
from anonymize.protecting.technical import Vocabulary
from anonymize.recognizers.guesses import Recognizer
from anonymize.records import Finding, Quarantined, Record

SHARD_RECORDS = 64  # the same for any number of processes: a model's rounding depends on what is read together
SHARD_CHARACTERS = 200_000
Read = tuple[Record, tuple[Finding, ...]]
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class FirstRound:
    """All recognizers over a shard of records; only findings travel back."""

    policy: Policy
    extra: tuple[Recognizer, ...]
    vocabulary: Vocabulary

    def prepare(self) -> Callable[[Sequence[Record]], list[Outcome]]:
        """Load the recognizers."""
        return self.work(assemble(self.policy, self.extra))

    def work(self, assembly: Assembly) -> Callable[[Sequence[Record]], list[Outcome]]:
        """Return the function that reads a shard with recognizers that are loaded."""
        return lambda records: scan(records, assembly, self.vocabulary, self.policy)


@dataclass(frozen=True, slots=True)
class SecondRound:
    """The watchlist over a shard of records; what it adds travels back."""

    policy: Policy
    watchlist: Watchlist

    def prepare(self) -> Callable[[Sequence[Read | Quarantined]], list[Outcome]]:
        """Return the function that searches a shard."""
        return lambda shard: [self._outcome(item) for item in shard]

    def _outcome(self, item: Read | Quarantined) -> Outcome:
        if isinstance(item, Quarantined):
            return item.reason
        record, found = item
        characters = sum(len(record.columns.get(column, "")) for column in self.policy.text_columns)
        try:
            with cpu_limit(seconds_for(characters, self.policy.text_seconds)):
                return tuple(self._known(record, found))
        except Exception as error:  # noqa: BLE001 - fail closed: a text that was not searched is not passed on
            return reason("known values", error)

    def _known(self, record: Record, found: tuple[Finding, ...]) -> Iterator[Finding]:
        covered = {(finding.column, finding.span) for finding in found}
        for column in self.policy.text_columns:
            text = fold(record.columns.get(column, ""))
            for match in self.watchlist.matches(text.text):
                span = text.original(match.start, match.end)
                if (column, span) not in covered:
                    covered.add((column, span))
                    yield Finding(record.id, column, span, match.kind, 1.0, "known-value")


def in_shards(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Cut a stream where a shard has enough records or characters; the cuts depend on the stream alone."""
    shard: list[Item] = []
    characters = 0
    for item in items:
        shard.append(item)
        characters += _characters(item)
        if len(shard) == SHARD_RECORDS or characters >= SHARD_CHARACTERS:
            yield shard
            shard, characters = [], 0
    if shard:
        yield shard


def _characters(item: object) -> int:
    record = item[0] if isinstance(item, tuple) else item
    return sum(map(len, record.columns.values())) if isinstance(record, Record) else 0
