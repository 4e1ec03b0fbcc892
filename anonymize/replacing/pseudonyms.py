"""Give every value one replacement, the same in every run and on every machine that holds the same key.

Two phases: `Values` collects what accepted findings hold; `assign` gives each value its replacement. A value that would
share a replacement, or whose surrogate is itself a value of the corpus, takes its next candidate; the order in which
values are served is that of their keyed digests, so neither the order of the input nor the number of workers matters.
Covers: no two values share a replacement; no surrogate is an original of the corpus (dates aside: all move by one
number of days, so that time between them stays, and one may land on another).
Does not cover: a value whose first candidate was taken may get another replacement in another corpus; give the earlier
vault's content as `earlier` to keep all of it. Memory: about 1 kB a value.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from anonymize.errors import DecisionError
from anonymize.kinds import NAME
from anonymize.matching.folding import fold
from anonymize.matching.watchlist import Known, Watchlist
from anonymize.records import Decision, Record
from anonymize.replacing.dates import read_date
from anonymize.replacing.generalising import generalised
from anonymize.replacing.keys import Key
from anonymize.replacing.originals import Original
from anonymize.replacing.resolving import resolve
from anonymize.replacing.spelling import comparable, identity, parts, written_like
from anonymize.replacing.surrogates import DATE_KINDS, candidate
from anonymize.replacing.techniques import Technique, Techniques

PLACEHOLDER_SIGNS = 12  # 60 bits: among 1,000,000 values of a kind any two meet with a chance of 4.3e-7
LENGTHEN_BY = 4
MAX_ATTEMPTS = 12  # then the form is too small for its values, and a placeholder takes the surrogate's place
_SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # 32; no I and O, which are read as 1 and 0
_Place = tuple[str, str]  # kind, identity


@dataclass(slots=True)
class _Seen:
    value: str
    count: int
    is_certain: bool


class Values:
    """The different values of accepted findings, with how often each occurs."""

    def __init__(self) -> None:
        self._seen: dict[_Place, _Seen] = {}

    def __len__(self) -> int:
        """Return the number of different values."""
        return len(self._seen)

    def collect(self, reviewed: Iterable[tuple[Record, Sequence[Decision]]]) -> None:
        """Take the values of the accepted findings of these records; records need not stay in memory."""
        for record, decisions in reviewed:
            for finding in resolve(decision.finding for decision in decisions if decision.verdict == "accept"):
                text = record.columns.get(finding.column, "")
                written = text[finding.span.start : finding.span.end]
                self.add(finding.kind, written, is_certain=finding.is_certain)

    def add(self, kind: str, written: str, *, is_certain: bool = True) -> None:
        """Take one value as it is written; blanks hold none."""
        value = parts(kind, written).value.strip()
        if not value:
            return
        place = (kind, identity(kind, value))
        seen = self._seen.get(place)
        if seen is None:
            if not NAME.fullmatch(kind):
                raise DecisionError(f"the kind {kind!r} is not written in capitals", "use for instance PERSON")
            self._seen[place] = _Seen(value, 1, is_certain)
        else:
            seen.count += 1
            seen.is_certain = seen.is_certain or is_certain

    def seen(self) -> Iterator[tuple[_Place, _Seen]]:
        """Yield kind and identity, and what is known of the value."""
        yield from self._seen.items()


class Pseudonyms:
    """Which replacement each value has; built by `assign`."""

    def __init__(self, techniques: Techniques, values: Values, replacements: dict[_Place, str]) -> None:
        self._techniques = techniques
        self._values = values
        self._replacements = replacements

    def technique(self, kind: str) -> Technique:
        """Return what is done with a kind."""
        return self._techniques.of(kind)

    def of(self, kind: str, written: str) -> str:
        """Return what stands for a value, in the case, width and grouping in which the value is written.

        Raises:
            DecisionError: the value was not collected.
        """
        cut = parts(kind, written)
        if self.technique(kind) == "keep" or not cut.value.strip():
            return written
        replacement = self._replacements.get((kind, identity(kind, cut.value.strip())))
        if replacement is None:
            raise DecisionError(f"a value of kind {kind} was not collected", "collect the same records and decisions")
        if self.technique(kind) == "surrogate" and not replacement.startswith(f"<{kind}_"):
            replacement = written_like(kind, cut.value.strip(), replacement)
        return cut.before + replacement + cut.after

    def originals(self) -> Iterator[Original]:
        """Yield everything that is replaced, for the vault and for the search for leaks; what is kept is not."""
        for place, seen in self._values.seen():
            technique = self.technique(place[0])
            if technique != "keep":
                replacement = self._replacements[place]
                if technique != "drop" and replacement.startswith(f"<{place[0]}_"):
                    technique = "placeholder"
                yield Original(replacement, place[0], seen.value, technique, seen.count, seen.is_certain)


def assign(
    values: Values,
    key: Key,
    techniques: Techniques,
    *,
    taken: Iterable[str] = (),
    earlier: Iterable[Original] = (),
) -> Pseudonyms:
    """Give every collected value its replacement.

    `taken` are texts that no replacement may equal (see `standing_in`); `earlier` are the originals of a vault under
    the same key, whose replacements stay as they are, unless a kind that had surrogates gets none any more.
    """
    served = _Served(key, {comparable(text) for text in taken})
    for place, seen in values.seen():
        served.real.update((comparable(place[1]), comparable(seen.value)))
    known = served.kept(each for each in earlier if each.technique in ("placeholder", techniques.of(each.kind)))
    replacements: dict[_Place, str] = {}
    queue: list[tuple[bytes, _Place]] = []
    for place, seen in values.seen():
        technique = techniques.of(place[0])
        told = generalised(place[0], seen.value, techniques.dates_to) if technique == "generalise" else None
        if technique in ("drop", "keep") or told is not None:
            replacements[place] = told or ""
        elif place in known:
            replacements[place] = known[place]
        else:
            queue.append((key.digest(*place), place))
    queue.sort()
    for digest, place in queue:
        wants_surrogate = techniques.of(place[0]) == "surrogate"
        surrogate = served.surrogate(*place) if wants_surrogate else None
        replacements[place] = surrogate or served.placeholder(place[0], digest)
    return Pseudonyms(techniques, values, replacements)


class _Served:
    """What is given out already, and what is real: a replacement must be neither."""

    def __init__(self, key: Key, issued: set[str]) -> None:
        self._key = key
        self._issued = issued
        self._days: dict[str, tuple[int | None, int | None, int | None]] = {}  # form of a moved date -> day before
        self.real: set[str] = set()

    def kept(self, earlier: Iterable[Original]) -> dict[_Place, str]:
        """Take over earlier replacements, except a surrogate that is the value of somebody now."""
        known: dict[_Place, str] = {}
        for each in earlier:
            form = comparable(each.placeholder)
            if each.is_reversible and (form not in self.real or each.kind in DATE_KINDS):
                if each.kind not in DATE_KINDS:
                    self._issued.add(form)
                known[each.kind, identity(each.kind, each.value)] = each.placeholder
        return known

    def surrogate(self, kind: str, value: str) -> str | None:
        if kind in DATE_KINDS:
            return self._moved_date(kind, value)
        for attempt in range(MAX_ATTEMPTS):
            drawn = candidate(kind, value, self._key, attempt)
            if drawn is None:
                return None
            form = comparable(drawn)
            if not (form in self._issued or form in self.real or form in self._days):
                self._issued.add(form)
                return drawn
        return None

    def _moved_date(self, kind: str, value: str) -> str | None:
        """Two spellings of one day (2024-5-1, 2024/05/01) may meet; 5/6 and 6/5 may not."""
        drawn = candidate(kind, value, self._key, 0)
        day = read_date(value)
        if drawn is None or day is None or comparable(drawn) in self._issued:
            return None
        is_free = self._days.setdefault(comparable(drawn), (day.year, day.month, day.day)) == (
            day.year,
            day.month,
            day.day,
        )
        return drawn if is_free else None

    def placeholder(self, kind: str, digest: bytes) -> str:
        number = int.from_bytes(digest, "big")
        signs = ""
        while True:
            for _ in range(LENGTHEN_BY if signs else PLACEHOLDER_SIGNS):
                number, sign = divmod(number, len(_SIGNS))
                signs += _SIGNS[sign]
            written = f"<{kind}_{signs}>"
            form = comparable(written)
            if form not in self._issued and form not in self.real:
                self._issued.add(form)
                return written


def standing_in(texts: Iterable[str], pseudonyms: Pseudonyms) -> frozenset[str]:
    """Return the surrogates that stand in these texts already, as words of their own: give them to `assign` as taken.

    A third pass over the corpus, so that no surrogate is read as somebody whom no recognizer found.
    """
    surrogates = {
        comparable(each.placeholder): each for each in pseudonyms.originals() if each.technique == "surrogate"
    }
    watchlist = Watchlist(
        Known(each.kind, each.placeholder) for each in surrogates.values() if each.kind not in DATE_KINDS
    )
    found: set[str] = set()
    for text in texts:
        folded = fold(text).text
        found.update(comparable(folded[match.start : match.end]) for match in watchlist.matches(folded))
    return frozenset(found & surrogates.keys())
