"""Find personal data in records; a record that a recognizer cannot finish is quarantined, never passed on.

Two rounds: the first reads every record with all recognizers; the second looks, in every text, for what the
identifier columns hold and for what the first round found, so that a value found once is found everywhere.
Covers: what the recognizers and the identifier columns know, in any column of the policy.
Does not cover: indirect identifiers (a rare job, a place and a time together).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

from anonymize.detection.policy import Policy
from anonymize.errors import DetectionError
from anonymize.kinds import spreads
from anonymize.matching.folding import Folded, fold
from anonymize.matching.watchlist import Known, Watchlist, name_parts
from anonymize.protecting.technical import Vocabulary, is_weak, learn_vocabulary
from anonymize.recognizers.english import EnglishRules
from anonymize.recognizers.guesses import Guess, Recognizer
from anonymize.recognizers.japanese import JapaneseRules
from anonymize.recognizers.loading import import_without_torch
from anonymize.records import Finding, Quarantined, Record, Span

MAX_TEXT = 20_000  # code points; NER memory and patterns grow with the text, a work order has a few hundred
Progress = Callable[[int, int], None]  # records done, records in all


class Detector:
    """Presidio's patterns, English and Japanese NER, and the rules of this library, under one policy."""

    def __init__(self, policy: Policy, extra: Sequence[Recognizer] = ()) -> None:
        """Load the models; `extra` are recognizers of the operator's own."""
        patterns = import_without_torch("anonymize.recognizers.presidio_patterns")
        english = import_without_torch("anonymize.recognizers.ner_english")
        japanese = import_without_torch("anonymize.recognizers.ner_japanese")
        self._policy = policy
        self._recognizers: tuple[Recognizer, ...] = (
            EnglishRules(),
            JapaneseRules(),
            patterns.PresidioPatterns(),
            english.EnglishNames(),
            japanese.JapaneseNames(),
            *extra,
        )

    def detect(
        self, records: Sequence[Record], progress: Progress
    ) -> Iterator[tuple[Record, tuple[Finding, ...]] | Quarantined]:
        """Yield every record once, in order, with its findings or as quarantined."""
        policy = self._policy
        vocabulary = Vocabulary(frozenset())
        if policy.vocabulary_column:
            vocabulary = learn_vocabulary(records, policy.vocabulary_column, policy.text_columns)
        found: list[tuple[Finding, ...] | str] = []  # or the reason for quarantine
        for start in range(0, len(records), policy.batch_size):
            found.extend(self._first_round(records[start : start + policy.batch_size], vocabulary))
            progress(len(found), len(records))
        watchlist = Watchlist(_known_values(records, found, policy))
        for record, outcome in zip(records, found, strict=True):
            if isinstance(outcome, str):
                yield Quarantined(record.id, record.place, outcome)
            else:
                yield record, (*outcome, *self._second_round(record, outcome, watchlist))

    def _first_round(self, records: Sequence[Record], vocabulary: Vocabulary) -> list[tuple[Finding, ...] | str]:
        places = [(at, column) for at, record in enumerate(records) for column in _texts(record, self._policy)]
        folded = [fold(records[at].columns[column]) for at, column in places]
        found: list[list[Finding]] = [list(_identifiers(record, self._policy)) for record in records]
        failed: dict[int, str] = {
            at: f"a text of more than {MAX_TEXT} characters"
            for (at, _), text in zip(places, folded, strict=True)
            if len(text.text) > MAX_TEXT
        }
        wanted = [number for number, (at, _) in enumerate(places) if at not in failed]
        for recognizer in self._recognizers:
            answers = _answers(recognizer, [folded[number].text for number in wanted])
            for number, answer in zip(wanted, answers, strict=True):
                at, column = places[number]
                if isinstance(answer, str):
                    failed[at] = answer
                    continue
                guesses = [kept for guess in answer for kept in _without_technical(guess, folded[number], vocabulary)]
                found[at].extend(self._findings(records[at].id, column, folded[number], guesses))
        return [failed.get(at) or tuple(findings) for at, findings in enumerate(found)]

    def _findings(self, record_id: str, column: str, text: Folded, guesses: Iterable[Guess]) -> Iterator[Finding]:
        for guess in guesses:
            start, end = _stripped(text.text, guess.start, guess.end)
            if start < end and guess.kind in self._policy.kinds and guess.score >= self._policy.threshold:
                span = text.original(start, end)
                yield Finding(record_id, column, span, guess.kind, round(guess.score, 4), guess.recognizer)

    def _second_round(self, record: Record, found: tuple[Finding, ...], watchlist: Watchlist) -> Iterator[Finding]:
        covered = {(finding.column, finding.span) for finding in found}
        for column in _texts(record, self._policy):
            text = fold(record.columns[column])
            for match in watchlist.matches(text.text):
                span = text.original(match.start, match.end)
                if (column, span) not in covered:
                    covered.add((column, span))
                    yield Finding(record.id, column, span, match.kind, 1.0, "known-value")


def _texts(record: Record, policy: Policy) -> Iterator[str]:
    return (column for column in policy.text_columns if record.columns.get(column))


def _identifiers(record: Record, policy: Policy) -> Iterator[Finding]:
    for column, kind in policy.identifier_kinds.items():
        value = record.columns.get(column, "")
        start, end = _stripped(value, 0, len(value))
        if start < end:
            yield Finding(record.id, column, Span(start, end), kind, 1.0, "column")


def _answers(recognizer: Recognizer, texts: list[str]) -> list[list[Guess] | str]:
    """Ask for the whole batch; if that fails, text by text, so that one text does not take the others with it."""
    try:
        return list(recognizer.find(texts))
    except Exception:  # noqa: BLE001 - fail closed: whatever a recognizer raises, the text counts as unread
        return [_answer(recognizer, text) for text in texts]


def _answer(recognizer: Recognizer, text: str) -> list[Guess] | str:
    try:
        return recognizer.find([text])[0]
    except DetectionError as error:
        return f"{recognizer.name}: {error.message}"
    except Exception as error:  # noqa: BLE001 - as above; only the type is told, a message may hold text
        return f"{recognizer.name} failed with {type(error).__name__}"


def _without_technical(guess: Guess, text: Folded, vocabulary: Vocabulary) -> Iterator[Guess]:
    if guess.strength == "rule":
        yield guess
        return
    for start, end in vocabulary.unprotected(text.text, guess.start, guess.end):
        if guess.strength == "guess" and is_weak(text.text, start, end):
            continue
        yield Guess(start, end, guess.kind, guess.score, guess.recognizer, guess.strength)


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end


def _known_values(
    records: Sequence[Record], found: Sequence[tuple[Finding, ...] | str], policy: Policy
) -> Iterator[Known]:
    """A quarantined record's identifiers count as well: they may stand in another record's text."""
    for record in records:
        for finding in _identifiers(record, policy):
            value = record.columns[finding.column][finding.span.start : finding.span.end]
            yield Known(finding.kind, value)
            if finding.kind == "PERSON":
                yield from (Known("PERSON", part) for part in name_parts(value))
    for record, outcome in zip(records, found, strict=True):
        for finding in () if isinstance(outcome, str) else outcome:
            if finding.recognizer != "column" and spreads(finding.kind):
                yield Known(finding.kind, record.columns[finding.column][finding.span.start : finding.span.end])
