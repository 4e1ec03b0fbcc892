"""One reviewer at work on one run: what is open, what is decided, by whom, and what that says about the risk."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from anonymize.decisions import READ, Line, Place, audit_order
from appliance.core.audit_log import AuditLog
from appliance.core.errors import SettingsError
from appliance.core.run_state import RunState
from appliance.core.sections import ReviewSettings
from appliance.core.settings import Settings, thaw
from appliance.core.store import sealed_folder
from appliance.core.workspace import RunFolder, Workspace
from appliance.reviewing.corpus import Corpus, Item
from appliance.reviewing.ledger import Ledger
from appliance.reviewing.risk import Agreement, Residual

Verdict = Literal["accept", "reject"]


@dataclass(frozen=True, slots=True)
class Marked:
    """A place that a reviewer added: the detectors found nothing there."""

    column: str
    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the review is."""

    items: int
    decided: int
    marked: int  # places that reviewers added

    @property
    def open(self) -> int:
        """How many items wait for a decision."""
        return self.items - self.decided


class Session:
    """Corpus and ledger together; every decision names its reviewer."""

    def __init__(self, corpus: Corpus, ledger: Ledger, by: str, settings: ReviewSettings) -> None:
        self.corpus, self.by, self.policy = corpus, by, settings.policy
        self._ledger = ledger
        self._number = {self.place(number): number for number in range(len(corpus.items))}
        self._document = {document.id: number for number, document in enumerate(corpus.documents)}
        self._marked: dict[int, dict[Marked, Place]] = {}  # by document
        self._is_decided = bytearray(len(corpus.items))
        self._double: dict[Place, bool] = {}  # decided on by two people or more: whether they agree
        self.audit = [
            self._document[record_id] for record_id in audit_order(self._document, settings.audit_sample, settings.seed)
        ]
        self.refresh()

    def place(self, item: int) -> Place:
        """Return where an item stands, as the file of decisions names it."""
        found = self.corpus.items[item]
        return (self.corpus.documents[found.document].id, found.column, found.start, found.end, found.kind)

    def refresh(self) -> set[int]:
        """Take in what anybody decided meanwhile; return the items that may have changed."""
        changed = self._ledger.read_on()
        for place in changed:
            self._settle(place)
        return {self._number[place] for place in changed if place in self._number}

    def _settle(self, place: Place) -> None:
        line = self._ledger.stands(place)
        verdicts = self._ledger.verdicts(place)
        self._double.pop(place, None)
        if len(verdicts) > 1:
            self._double[place] = len(set(verdicts.values())) == 1
        number = self._number.get(place)
        if number is not None:
            self._is_decided[number] = line is not None
            return
        document = self._document.get(place[0])
        if document is not None:
            marked = self._marked.setdefault(document, {})
            marked.pop(Marked(*place[1:]), None)
            if line is not None and line["verdict"] == "accept":
                marked[Marked(*place[1:])] = place

    def line(self, item: int) -> Line | None:
        """Return the decision on an item, or None where it is open."""
        return self._ledger.stands(self.place(item)) if self._is_decided[item] else None

    def verdicts(self, item: int) -> dict[str, str]:
        """Return what each person last said about an item."""
        return self._ledger.verdicts(self.place(item))

    def marked(self, document: int) -> list[Marked]:
        """Return the places of a document that reviewers added, in order."""
        return sorted(self._marked.get(document, {}), key=lambda place: (place.column, place.start))

    @property
    def progress(self) -> Progress:
        """How far the review is."""
        return Progress(len(self._is_decided), sum(self._is_decided), sum(map(len, self._marked.values())))

    @property
    def open_kinds(self) -> Counter[str]:
        """How many items of each kind are open."""
        items = self.corpus.items
        return Counter(items[number].kind for number, is_decided in enumerate(self._is_decided) if not is_decided)

    @property
    def agreement(self) -> Agreement:
        """How far people agree on places that two of them decided on."""
        return Agreement(len(self._double), sum(self._double.values()))

    @property
    def residual(self) -> Residual:
        """What the documents of the random sample that were read so far allow to say."""
        read = [number for number in self.audit if self.has_been_read(number)]
        return Residual(len(read), len(self.audit), sum(self._was_missed(number) for number in read))

    def has_been_read(self, document: int) -> bool:
        """Tell whether somebody read the whole document for what was missed."""
        return self.corpus.documents[document].id in self._ledger.read_by

    def _was_missed(self, document: int) -> bool:
        """A mark over a finding corrects its edges or its kind; a mark beside all of them was missed."""
        items = [self.corpus.items[number] for number in self.corpus.items_of(document)]
        return any(not any(_overlap(mark, item) for item in items) for mark in self._marked.get(document, {}))

    def open_item(self, after: int, step: Literal[1, -1] = 1) -> int | None:
        """Return the next open item, around the end; None where all are decided."""
        place = self._is_decided.find(0, after + 1) if step == 1 else self._is_decided.rfind(0, 0, max(0, after))
        if place < 0:
            place = self._is_decided.find(0) if step == 1 else self._is_decided.rfind(0)
        return None if place < 0 else place

    def disputed(self, after: int) -> int | None:
        """Return the next item on which people disagree; None where there is none."""
        numbers = sorted(
            self._number[place] for place, same in self._double.items() if not same and place in self._number
        )
        return next((number for number in numbers if number > after), numbers[0] if numbers else None)

    def declared(self) -> list[int]:
        """Return the open items whose whole column the settings declare personal."""
        return [n for n, done in enumerate(self._is_decided) if not done and self.corpus.is_declared(n)]

    def decide(self, items: Iterable[int], verdict: Verdict, reason: str = "") -> int:
        """Write one verdict on items as one action; return how many. It is on the disk when this returns."""
        return self._write([self._line(self.place(item), verdict, reason) for item in items])

    def mark(self, document: int, places: Iterable[Marked], reason: str = "") -> int:
        """Add places that the detectors missed, as one action; what they hold is then replaced in every document."""
        record_id = self.corpus.documents[document].id
        lines = [
            self._line((record_id, mark.column, mark.start, mark.end, mark.kind), "accept", reason) for mark in places
        ]
        return self._write(lines)

    def correct(self, item: int, mark: Marked, reason: str = "") -> int:
        """Reject an item and add its place with other edges or another kind, as one action."""
        found = self.corpus.items[item]
        if mark == Marked(found.column, found.start, found.end, found.kind):
            return self.decide([item], "accept", reason)
        record_id = self.corpus.documents[found.document].id
        place = (record_id, mark.column, mark.start, mark.end, mark.kind)
        return self._write([self._line(self.place(item), "reject", reason), self._line(place, "accept", reason)])

    def confirm_read(self, document: int) -> None:
        """Say that the whole document was read for what was missed."""
        self._write([{"record_id": self.corpus.documents[document].id, "verdict": READ}])

    def undo(self) -> set[int] | None:
        """Take back this reviewer's newest action, of today or not; return its items, None where there is none."""
        places = self._ledger.undo(self.by)
        self.refresh()
        return None if places is None else {self._number[place] for place in places if place in self._number}

    def document_of(self, record_id: str) -> int:
        """Return the number of a document.

        Raises:
            SettingsError: there is none with this id.
        """
        if record_id not in self._document:
            raise SettingsError("no document of this run has that id", hint="appliance review list RUN shows the ids")
        return self._document[record_id]

    def item_at(self, place: Place) -> int:
        """Return the item at a place.

        Raises:
            SettingsError: nothing was found there.
        """
        if place not in self._number:
            raise SettingsError("nothing was found at that place", hint="appliance review list RUN shows the places")
        return self._number[place]

    def _write(self, lines: list[Line]) -> int:
        if lines:
            self._ledger.append(lines, self.by)
            self.refresh()
        return len(lines)

    @staticmethod
    def _line(place: Place, verdict: str, reason: str) -> Line:
        record_id, column, start, end, kind = place
        where = {"record_id": record_id, "column": column, "start": start, "end": end, "kind": kind}
        return {**where, "verdict": verdict, "reason": reason}


def open_session(run: RunFolder, state: RunState, workspace: Workspace, by: str) -> Session:
    """Open the findings of a run for a reviewer; that originals are shown is logged before any is read.

    Raises:
        SettingsError: the run has not come to its review, has no text, or decides by a batch policy.
    """
    settings = thaw(run.settings.read_text(encoding="utf-8"))
    digests = {step.name: step.digest for step in state.steps if step.digest}
    if not isinstance(settings, Settings) or not {"ingest", "detect"} <= digests.keys():
        raise SettingsError(f"run {run.id} has no findings yet", hint="start it; it stops where a person must decide")
    if settings.review.policy != "person":
        raise SettingsError(
            f"run {run.id} decides by its batch policy {settings.review.policy}",
            hint='set policy = "person" in [review] and start it again',
        )
    ingested, detected = (
        sealed_folder(workspace.vault / "store", step, digests[step]) for step in ("ingest", "detect")
    )
    AuditLog(workspace.audit_log).append("review", {"run": run.id, "by": by})
    corpus = Corpus(ingested, detected, _key(workspace))
    return Session(corpus, Ledger(settings.review.decisions or run.decisions), by, settings.review)


def _key(workspace: Workspace) -> Path:
    return workspace.vault / "key"


def _overlap(mark: Marked, item: Item) -> bool:
    return mark.column == item.column and mark.start < item.end and item.start < mark.end
