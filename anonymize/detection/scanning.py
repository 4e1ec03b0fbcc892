"""Read a few records with all recognizers: findings for each record, or the reason why it is kept out.

A record is kept out when a recognizer fails on one of its texts or takes too long; its neighbours are not.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from anonymize.detection.assembling import Assembly
from anonymize.detection.cells import values_in
from anonymize.detection.limits import cpu_limit, seconds_for
from anonymize.detection.policy import Policy
from anonymize.detection.windows import Window, seen_whole, windows
from anonymize.errors import DetectionError
from anonymize.matching.folding import Folded
from anonymize.matching.views import views
from anonymize.protecting.technical import Vocabulary, follows_technical_label
from anonymize.recognizers.guesses import Guess, Recognizer
from anonymize.records import Finding, Record, Span

MAX_TEXT = 1_000_000  # code points of one column
PHONE = "PhoneRecognizer"  # presidio's
Outcome = tuple[Finding, ...] | str  # or the reason for quarantine


@dataclass(frozen=True, slots=True)
class _View:
    """A window of one view of one column of one record."""

    record: int
    column: str
    folded: Folded
    window: Window
    is_first_view: bool  # the text as it stands; others are decoded


def scan(records: Sequence[Record], assembly: Assembly, vocabulary: Vocabulary, policy: Policy) -> list[Outcome]:
    """Return the outcome of each record; only in the main thread of a process."""
    scanned = _Scan(records, policy, vocabulary)
    for recognizer in assembly.rules:
        scanned.ask(recognizer, only_first_view=False)
    for recognizer in assembly.models:
        scanned.ask(recognizer, only_first_view=True)
    return scanned.outcomes()


def identifiers(record: Record, policy: Policy) -> Iterator[Finding]:
    """Yield what the identifier columns hold; each whole value of a cell is a finding."""
    for column, kind in policy.identifier_kinds.items():
        for start, end in values_in(kind, record.columns.get(column, "")):
            yield Finding(record.id, column, Span(start, end), kind, 1.0, "column")


class _Scan:
    """The work on one shard of records."""

    def __init__(self, records: Sequence[Record], policy: Policy, vocabulary: Vocabulary) -> None:
        self._records, self._policy, self._vocabulary = records, policy, vocabulary
        self._kinds = policy.wanted_kinds
        self._failed: dict[int, str] = {}
        self._views = list(self._all_views())
        self._found: list[dict[Finding, None]] = [dict.fromkeys(identifiers(record, policy)) for record in records]
        self._first: dict[tuple[int, str], set[tuple[Span, str]]] = defaultdict(set)

    def _all_views(self) -> Iterator[_View]:
        for at, record in enumerate(self._records):
            for column in self._policy.text_columns:
                text = record.columns.get(column)
                if text and len(text) > MAX_TEXT:
                    self._failed[at] = f"a text of more than {MAX_TEXT} characters"
                elif text:
                    yield from self._views_of(at, column, text)

    def _views_of(self, at: int, column: str, text: str) -> Iterator[_View]:
        try:
            with cpu_limit(seconds_for(len(text), self._policy.text_seconds)):
                folded_views = list(views(text))
        except Exception as error:  # noqa: BLE001 - fail closed: a text that cannot be decoded counts as unread
            self._failed[at] = reason("decoding", error)
            return
        for number, folded in enumerate(folded_views):
            for window in windows(folded.text):
                yield _View(at, column, folded, window, number == 0)

    def ask(self, recognizer: Recognizer, *, only_first_view: bool) -> None:
        """Let a recognizer read the texts of the records that have not failed yet."""
        wanted = [
            view
            for view in self._views
            if view.record not in self._failed and (view.is_first_view or not only_first_view)
        ]
        answers = _answers(recognizer, [view.window.text for view in wanted], self._policy.text_seconds)
        for view, answer in zip(wanted, answers, strict=True):
            if isinstance(answer, str):
                self._failed[view.record] = answer
            else:
                self._take(view, answer)

    def _take(self, view: _View, guesses: Iterable[Guess]) -> None:
        text = view.window.text  # not the whole one: what is judged beside a guess must not grow with the text
        for whole in seen_whole(view.window, guesses):
            for guess in _without_technical(whole, text, self._vocabulary):
                start, end = _stripped(text, guess.start, guess.end)
                if start < end and guess.kind in self._kinds and guess.score >= self._policy.threshold:
                    offset = view.window.start
                    self._report(view, view.folded.original(offset + start, offset + end), guess)

    def _report(self, view: _View, span: Span, guess: Guess) -> None:
        """A decoded view repeats what the text itself shows: only what is new is reported."""
        known = self._first[view.record, view.column]
        if view.is_first_view:
            known.add((span, guess.kind))
        elif any(kind == guess.kind and _covers(seen, span) for seen, kind in known):
            return
        record_id = self._records[view.record].id
        finding = Finding(
            record_id, view.column, span, guess.kind, round(guess.score, 4), guess.recognizer, guess.strength != "guess"
        )
        self._found[view.record][finding] = None

    def outcomes(self) -> list[Outcome]:
        """Return every record's findings, or why it failed."""
        return [self._failed.get(at) or tuple(found) for at, found in enumerate(self._found)]


def _covers(outer: Span, inner: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _answers(recognizer: Recognizer, texts: list[str], floor: float) -> list[list[Guess] | str]:
    """Ask for all texts at once; if that fails, text by text, so that one text does not take the others with it."""
    if not texts:
        return []
    # fail closed: whatever a recognizer raises, the text counts as unread. The error is let go of before the texts are
    # asked for one by one: its traceback keeps what the recognizer had open (a model's memory zone) from being closed
    with suppress(Exception), cpu_limit(seconds_for(sum(map(len, texts)), floor)):
        return list(recognizer.find(texts))
    return [_answer(recognizer, text, floor) for text in texts]


def _answer(recognizer: Recognizer, text: str, floor: float) -> list[Guess] | str:
    try:
        with cpu_limit(seconds_for(len(text), floor)):
            return recognizer.find([text])[0]
    except Exception as error:  # noqa: BLE001 - as above
        return reason(recognizer.name, error)


def reason(name: str, error: Exception) -> str:
    """Our own messages hold no text of a record; of other errors only the type is told."""
    if isinstance(error, DetectionError):
        return f"{name}: {error.message}"
    return f"{name} failed with {type(error).__name__}"


def _without_technical(guess: Guess, text: str, vocabulary: Vocabulary) -> Iterator[Guess]:
    """Yield what remains of a guess after technical tokens have been taken out of it; a rule is never vetoed.

    Presidio's telephone numbers are digits alone: beside the label of an order or a part they are its number.
    """
    if guess.recognizer == PHONE and text[guess.start] != "+" and follows_technical_label(text, guess.start):
        return
    for start, end in vocabulary.protect(text, guess.start, guess.end, guess.strength):
        yield Guess(start, end, guess.kind, guess.score, guess.recognizer, guess.strength)


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end
