"""Learn an operator's own identifier forms from a few examples, propose them from columns, and find them in text.

Covers: employee, customer, case and control numbers with a form of their own, glued to Japanese text as well.
Does not cover: a form that technical tokens share (A-10293 and P-92210): `overlap` counts those, a person decides.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from anonymize.errors import DetectionError
from anonymize.matching.folding import fold
from anonymize.recognizers.guesses import Guess
from anonymize.recognizers.id_form import Check, IdForm, from_json, hand_written, passes, to_json, validate_pattern

__all__ = [
    "IdForm",
    "IdForms",
    "Overlap",
    "Suggestion",
    "from_json",
    "hand_written",
    "learn",
    "learn_labels",
    "overlap",
    "suggest",
    "to_json",
    "validate_pattern",
]

MIN_EXAMPLES = 3
MIN_FOR_CHECK = 8  # examples; 1 in 10^8 sets of them satisfies a check digit by chance
MIN_LABEL_SHARE = 0.1  # of the places of a form, those that a label stands before
MAX_VALUE = 40  # code points of a column's value; a longer one is no number
MAX_GROUPS, MAX_GROUP = 200, 1_000  # forms that are tried, values that a form is learnt from
MAX_DISTINCT = 100_000  # hashes of values held while counting

_CHECKS: tuple[Check, ...] = ("mod97", "mod11", "mod10")
_CLASSES = {"9": "[0-9]", "A": "[A-Z]", "a": "[a-z]", "L": "[A-Za-z]", "X": "[0-9A-Za-z]"}
_WORDS = {"9": "digit", "A": "capital", "a": "small letter", "L": "letter", "X": "letter or digit"}
_PLURALS = {"9": "digits", "A": "capitals", "a": "small letters", "L": "letters", "X": "letters or digits"}
_LEADING_LABEL = re.compile(r"([^\d\s:]{2,20})[ \t:]{1,3}(?=\S)")
_WORD_BEFORE = re.compile(r"([A-Za-z]{2,20}|[ァ-ヺー々一-鿿]{2,10})[ \t:.#=はが(「]{0,4}$")
_Runs = tuple[tuple[str, str], ...]  # class ("9", "A", "a") or the character itself, and the text


@dataclass(frozen=True, slots=True)
class Overlap:
    """How many technical tokens a form matches: what choosing it would cost."""

    tokens: int
    matched: int
    shapes: tuple[str, ...]  # of those that match, the most frequent first


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A form that a column's values have, and what it would find; a person chooses."""

    form: IdForm
    values: int  # of the column, in this form
    mentions: int  # in the texts
    texts: int  # that hold one or more
    distinct: int  # different values among the mentions


class IdForms:
    """An operator's own identifier forms, as one recognizer."""

    name = "id-forms"

    def __init__(self, forms: Sequence[IdForm]) -> None:
        """Take the forms that a person chose."""
        self._forms = tuple(forms)

    def find(self, texts: Sequence[str]) -> list[list[Guess]]:
        """Return the guesses for each text."""
        return [
            [
                Guess(start, end, form.kind, score, self.name, form.strength)
                for form in self._forms
                for start, end, score in form.finds(text)
            ]
            for text in texts
        ]


def learn(
    examples: Sequence[str],
    counter_examples: Sequence[str] = (),
    kind: str = "PERSONAL_ID",
    labels: Sequence[str] = (),
) -> IdForm:
    """Return the form that all examples have and no counter-example has.

    Letters and signs that all share stay as they are, digits become any digits; a length that varies may be one more
    or one less. A word before every example ("社員番号 A-10293") becomes a label.

    Raises:
        DetectionError: fewer than 3 different examples, more than one form among them, or one of a counter-example.
    """
    values, own_labels = _without_label([fold(example).text.strip() for example in examples])
    if len(set(values)) < MIN_EXAMPLES:
        raise DetectionError(f"a form is learnt from {MIN_EXAMPLES} different examples or more")
    against = [fold(example).text.strip() for example in counter_examples]
    all_labels = tuple(dict.fromkeys((*labels, *own_labels)))
    for keeps_digits in (False, True):  # digits that all share are kept only where the counter-examples ask for it
        form = _form(values, kind, all_labels, keeps_digits=keeps_digits)
        if not any(_is_of(form, value) for value in against):
            return form
    raise DetectionError("a counter-example has the form of the examples")


def learn_labels(texts: Iterable[str], form: IdForm) -> IdForm:
    """Return the form with the words that often stand before its values in these texts as further labels."""
    before: Counter[str] = Counter()
    places = 0
    for text in texts:
        folded = fold(text).text
        for match in form.compiled.finditer(folded):
            places += 1
            word = _WORD_BEFORE.search(folded, max(0, match.start() - 24), match.start())
            before.update([word[1].casefold()] if word else [])
    frequent = [word for word, count in before.items() if count >= max(MIN_EXAMPLES, MIN_LABEL_SHARE * places)]
    return replace(form, labels=tuple(dict.fromkeys((*form.labels, *frequent))))


def suggest(texts: Iterable[str], identifier_values: Iterable[str], kind: str = "PERSONAL_ID") -> list[Suggestion]:
    """Return the forms of the columns' values, the one that the texts hold most often first."""
    groups: dict[str, set[str]] = {}
    values: Counter[str] = Counter()
    for value in identifier_values:
        folded = fold(value).text.strip()
        shape = "".join(part for part, _ in _runs(folded[: MAX_VALUE + 1]))
        if "9" in shape and len(folded) <= MAX_VALUE and (shape in groups or len(groups) < MAX_GROUPS):
            values[shape] += 1
            group = groups.setdefault(shape, set())
            if len(group) < MAX_GROUP:
                group.add(folded)
    forms = [
        (learn(sorted(group), kind=kind), values[shape])
        for shape, group in groups.items()
        if len(group) >= MIN_EXAMPLES
    ]
    mentions, holding = Counter[int](), Counter[int]()
    distinct: defaultdict[int, set[int]] = defaultdict(set)
    for text in texts:
        folded = fold(text).text
        for number, (form, _) in enumerate(forms):
            found = [folded[start:end] for start, end, _ in form.finds(folded)]
            mentions[number] += len(found)
            holding[number] += bool(found)
            if len(distinct[number]) < MAX_DISTINCT:
                distinct[number].update(map(hash, found))
    suggestions = [
        Suggestion(form, count, mentions[number], holding[number], len(distinct[number]))
        for number, (form, count) in enumerate(forms)
    ]
    return sorted(suggestions, key=lambda suggestion: -suggestion.mentions)


def overlap(form: IdForm, technical_tokens: Iterable[str]) -> Overlap | None:
    """Return how many technical tokens (P-922) the form would mask, or None where it masks none."""
    tokens = [fold(token).text for token in technical_tokens]
    matched = [token for token in tokens if form.compiled.search(token)]
    if not matched:
        return None
    shapes = Counter(shape_of(token) for token in matched)
    return Overlap(len(tokens), len(matched), tuple(shape for shape, _ in shapes.most_common(5)))


def shape_of(value: str) -> str:
    """Return a value with its letters and digits masked: A-10293 is A-99999, 第12号 is 第99号."""
    return "".join(_class_of(char) for char in value)


def _class_of(char: str) -> str:
    if not char.isascii() or not char.isalnum():
        return char
    return "9" if char.isdigit() else "A" if char.isupper() else "a"


def _runs(value: str) -> _Runs:
    return tuple((part, "".join(run)) for part, run in groupby(value, key=_class_of))


def _without_label(values: list[str]) -> tuple[list[str], tuple[str, ...]]:
    leading = [_LEADING_LABEL.match(value) for value in values]
    words = {match[1] if match else "" for match in leading}
    if len(words) != 1 or "" in words:
        return values, ()
    return [value[match.end() :] for value, match in zip(values, leading, strict=True) if match], (*words,)


def _is_of(form: IdForm, value: str) -> bool:
    match = form.compiled.search(value)
    return match is not None and match[0] == value and (not form.check or passes(form.check, value))


def _form(values: list[str], kind: str, labels: tuple[str, ...], *, keeps_digits: bool) -> IdForm:
    parts = _columns(values)
    pieces, words = [], []
    for part, texts in parts:
        pattern, word = _piece(part, texts, keeps_digits=keeps_digits)
        pieces.append(pattern)
        words.append(word)
    opening, closing = _borders([part for part, _ in parts])
    check = next((check for check in _CHECKS if all(passes(check, value) for value in values)), "")
    is_checked = bool(check) and len(set(values)) >= MIN_FOR_CHECK
    return IdForm(
        kind,
        _sentence(words) + (f", check {check}" if is_checked else ""),
        opening + "".join(pieces) + closing,
        shapes=tuple(sorted({shape_of(value) for value in values})),
        labels=labels,
        check=check if is_checked else "",  # type: ignore[arg-type]
        score=0.9 if is_checked else 0.6,
    )


def _borders(parts: list[str]) -> tuple[str, str]:
    """What may not stand beside a value: letters and digits, and for digits alone the rest of a longer number."""
    opening = r"(?<![0-9A-Za-z])" if parts[0] in _CLASSES else ""
    closing = r"(?![0-9A-Za-z])" if parts[-1] in _CLASSES else ""
    if "9" in parts and not set(parts) & {"A", "a", "L", "X"}:
        return opening + r"(?<![0-9][-/.])", closing + r"(?![-/][0-9])"
    return opening, closing


def _columns(values: list[str]) -> list[tuple[str, list[str]]]:
    """Set the runs of all values side by side; runs of letters and digits are one where values differ in them."""
    for runs_of in (_runs, _segments):
        rows = [runs_of(value) for value in values]
        if len({tuple(_merged(part) for part, _ in row) for row in rows}) == 1:
            columns = list(zip(*rows, strict=True))
            return [(_common({part for part, _ in cells}), [text for _, text in cells]) for cells in columns]
    raise DetectionError("the examples have more than one form: learn one form at a time")


def _segments(value: str) -> _Runs:
    return tuple(
        ("X" if is_plain else part, "".join(run))
        for (is_plain, part), run in groupby(value, key=lambda char: (_is_plain(char), "" if _is_plain(char) else char))
    )


def _is_plain(char: str) -> bool:
    return char.isascii() and char.isalnum()


def _merged(part: str) -> str:
    return "L" if part in "Aa" else part


def _common(parts: set[str]) -> str:
    return parts.pop() if len(parts) == 1 else "L"


def _piece(part: str, texts: list[str], *, keeps_digits: bool) -> tuple[str, str]:
    """Return the pattern of one run, and how a person would say it."""
    if len(set(texts)) == 1 and (part != "9" or keeps_digits):
        return re.escape(texts[0]), texts[0]
    if part not in _CLASSES:  # a sign or a Japanese character, once or several times
        lengths = {len(text) for text in texts}
        return re.escape(part) + _times(min(lengths), max(lengths)), part
    prefix = _shared_prefix(texts) if keeps_digits and part in "9X" else ""
    lengths = {len(text) - len(prefix) for text in texts}
    least, most = (min(lengths), max(lengths)) if len(lengths) == 1 else (max(1, min(lengths) - 1), max(lengths) + 1)
    count = str(least) if least == most else f"{least} to {most}"
    # five letters or digits without a digit are a word
    has_digit = part == "X" and all(any(char.isdigit() for char in text[len(prefix) :]) for text in texts)
    demand = f"(?=[A-Za-z]{{0,{most - 1}}}[0-9])" if has_digit else ""
    word = _WORDS[part] if count == "1" else _PLURALS[part]
    return re.escape(prefix) + demand + _CLASSES[part] + _times(least, most), f"{prefix} {count} {word} ".lstrip()


def _times(least: int, most: int) -> str:
    if least == most:
        return "" if least == 1 else f"{{{least}}}"
    return f"{{{least},{most}}}"


def _shared_prefix(texts: list[str]) -> str:
    shortest = min(texts, key=len)
    for length in range(len(shortest) - 1, 0, -1):
        if all(text.startswith(shortest[:length]) for text in texts):
            return shortest[:length]
    return ""


def _sentence(words: list[str]) -> str:
    """EMP- and 5 digits; 5 digits, / and 2 digits."""
    parts: list[str] = []
    for is_class, run in groupby(words, key=lambda word: word.endswith(" ")):
        said = list(run)
        parts.extend([word.strip() for word in said] if is_class else ["".join(said)])
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
