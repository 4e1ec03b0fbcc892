"""Find personal data in records; a record that a recognizer cannot finish is quarantined, never passed on.

Two rounds: the first reads every record with all recognizers; the second looks, in every text, for what the
identifier columns hold and for what the first round found, so that a value found once is found everywhere. Both stream,
in order, in as many processes as the policy says, with the same findings for any number.
Covers: what the recognizers and the identifier columns know, in any column of the policy.
Does not cover: indirect identifiers (a rare job, a place and a time together).
"""

import itertools
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import TypeVar

from anonymize.detection.assembling import Assembly, assemble
from anonymize.detection.known_values import KnownValues
from anonymize.detection.policy import Policy
from anonymize.detection.pool import Job, Limits, Lost, Pool
from anonymize.detection.rounds import FirstRound, Read, SecondRound, in_shards
from anonymize.detection.scanning import Outcome
from anonymize.matching.watchlist import Watchlist
from anonymize.protecting.technical import Vocabulary, learn_vocabulary
from anonymize.recognizers.guesses import Recognizer
from anonymize.records import Quarantined, Record

FEW = 500  # records; for these it is quicker to stay in this process than to start others
Progress = Callable[[int, int], None]  # records done, records in all
Item = TypeVar("Item")


class Detector:
    """Presidio's patterns, English and Japanese NER, and the rules of this library, under one policy."""

    def __init__(self, policy: Policy, extra: Sequence[Recognizer] = (), limits: Limits | None = None) -> None:
        """Take a policy; `extra` are recognizers of the operator's own, which can be sent to another process."""
        self._policy = policy
        self._extra = tuple(extra)
        self._limits = limits or Limits(stall_seconds=policy.stall_seconds)

    @cached_property
    def _assembly(self) -> Assembly:
        return assemble(self._policy, self._extra)

    def first_round(
        self, records: Iterable[Record], vocabulary: Vocabulary, known: KnownValues | None = None
    ) -> Iterator[Read | Quarantined]:
        """Yield every record once, in order, with its findings or as quarantined; add its values to `known`."""
        job = FirstRound(self._policy, self._extra, vocabulary)
        for record, outcome in self._answered(job, records, lambda: job.work(self._assembly)):
            if known is not None:
                known.add(record, () if isinstance(outcome, str) else outcome)
            yield _read(record, outcome)

    def second_round(self, read: Iterable[Read | Quarantined], watchlist: Watchlist) -> Iterator[Read | Quarantined]:
        """Yield every record once, in order, with what the watchlist knows added; quarantined ones as they came."""
        job = SecondRound(self._policy, watchlist)
        for item, outcome in self._answered(job, read, job.prepare):
            if isinstance(item, Quarantined):
                yield item
            else:
                record, found = item
                yield _read(record, outcome if isinstance(outcome, str) else (*found, *outcome))

    def known_values(self) -> KnownValues:
        """Return an empty collection for `first_round` to fill; the second round's watchlist is built of it."""
        return KnownValues(self._policy)

    def vocabulary(self, records: Iterable[Record]) -> Vocabulary:
        """Learn the company's words from its records, above all from the vocabulary column if there is one."""
        return learn_vocabulary(records, self._policy.vocabulary_column, self._policy.text_columns)

    def detect(self, records: Sequence[Record], progress: Progress) -> Iterator[Read | Quarantined]:
        """Do both rounds on records that are held in memory."""
        known = self.known_values()
        read: list[Read | Quarantined] = []
        for outcome in self.first_round(records, self.vocabulary(records), known):
            read.append(outcome)
            if len(read) % self._policy.batch_size == 0 or len(read) == len(records):
                progress(len(read), len(records))
        yield from self.second_round(read, Watchlist(known))

    def _answered(
        self,
        job: Job[Item, Outcome],
        items: Iterable[Item],
        here: Callable[[], Callable[[Sequence[Item]], list[Outcome]]],
    ) -> Iterator[tuple[Item, Outcome]]:
        """Yield each item with its answer; few are answered by this process, with the work that `here` returns."""
        coming = iter(items)
        first = list(itertools.islice(coming, FEW + 1))
        if len(first) <= FEW and threading.current_thread() is threading.main_thread():
            work = here()
            for shard in in_shards(first):
                yield from zip(shard, work(shard), strict=True)
            return
        with Pool(job, max(1, self._policy.workers), self._limits) as pool:
            for answered, answers in pool.answers(in_shards(itertools.chain(first, coming))):
                for item, answer in zip(answered, answers, strict=True):
                    yield item, answer.reason if isinstance(answer, Lost) else answer


def _read(record: Record, outcome: Outcome) -> Read | Quarantined:
    return Quarantined(record.id, record.place, outcome) if isinstance(outcome, str) else (record, outcome)
