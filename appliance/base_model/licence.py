"""Which licence a text is, word for word, and whether a declared use is allowed by it.

Covers: the licences whose texts lie in `licences/` (from the SPDX list); a text that differs by one word is not that
licence, and the difference is shown. A measure of likeness would not do: Apache-2.0 with "commercial use prohibited"
appended is 0.998 alike.
Does not cover: what a licence means in law, and texts of other licences; those need a person's waiver.
"""

import difflib
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

Use = Literal["commercial", "research"]

SHOWN_DIFFERENCES = 5
SHOWN_WORDS = 12  # of one difference
NEAR = 0.5  # share of common words below which a text is told as unknown rather than as a variant

_HOLDER = r"(?im)^\W*(?:copyright\s*(?:\(c\)|©|[0-9]{4}|[\[<{](?:yyyy|year)).*|(?:\(c\)|©)\s*(?:copyright|[0-9]{4}).*)$"
_COPYRIGHT_LINE = re.compile(_HOLDER + r"|\ball rights reserved\b\.?")
_NUMBERING = re.compile(r"(?im)^\s*(?:\(?[0-9]{1,2}[.)]|\(?[a-z]\)|[*•-])\s+")
_TITLE = re.compile(r"(?im)^\s*(?:the )?(?:mit|isc|bsd [23]-clause[^\n]{0,40}|apache) licen[cs]e(?: \(?mit\)?)?\s*$")
_WORD = re.compile(r"[a-z0-9]+(?:['-][a-z0-9]+)*")
# what many copies leave out; it is no term
_APACHE_ENDINGS = ("appendix how to apply the apache license to your work", "end of terms and conditions")
_NON_COMMERCIAL = re.compile(r"(?i)(?:^|-)NC(?:-|$)")
# words of terms that forbid a commercial use, and of terms that forbid other uses
_AGAINST_COMMERCE = re.compile(
    r"(?i)\bnon-?\s?commercial(?: \w+)? only|\b(?:academic|research)(?: use| purposes)? only"
    r"|\bcommercial use(?: is)? (?:prohibited|forbidden|not (?:permitted|allowed))"
    r"|商用利用(?:は|を)?(?:禁|不可|認め(?:ない|ません|られ))|非商用(?:目的)?(?:に限|のみ)"
)
_RESTRICTING = re.compile(
    r"(?i)\bprohibited uses?\b|\b(?:use|usage|use-based) restrictions\b|\bacceptable use\b|\brestricted uses?\b"
    r"|\bmilitary (?:use|purpose)|禁止事項|利用制限|軍事(?:利用|目的)"
)


@dataclass(frozen=True, slots=True)
class Identified:
    """What a licence text is."""

    identifier: str  # SPDX; "" where the text is none of the known ones word for word
    nearest: str  # SPDX; "" where nothing is near
    differences: tuple[str, ...]  # from the nearest, in words; empty where the text is identified

    @property
    def told(self) -> str:
        """The finding in one line."""
        if self.identifier:
            return f"the text is {self.identifier}, word for word"
        if self.nearest:
            return f"the text is nearly {self.nearest}, but: {'; '.join(self.differences)}"
        return "the text is no licence known here"


def identify(text: str) -> Identified:
    """Compare a licence text with the known ones: case, spacing, quotes, numbering and copyright lines do not count.

    Source of the rules: SPDX License List Matching Guidelines, v3.
    """
    words = _words(text)
    for identifier in known():
        if words in _accepted_forms(identifier):
            return Identified(identifier, identifier, ())
    nearest = max(known(), key=lambda identifier: _common(words, _reference(identifier)))
    if _common(words, _reference(nearest)) < NEAR:
        return Identified("", "", ())
    return Identified("", nearest, _differences(words, _accepted_forms(nearest)))


def allows(identifier: str, use: Use) -> bool:
    """Say whether a licence's identifier speaks against a use; only non-commercial ones are told by their name."""
    return use != "commercial" or not _NON_COMMERCIAL.search(identifier)


def against_commerce(text: str) -> str:
    """Return the words of a licence text that forbid a commercial use; "" where none were found."""
    found = _AGAINST_COMMERCE.search(" ".join(text.split()))
    return found[0] if found else ""


def restrictions(text: str) -> tuple[str, ...]:
    """Return the words by which a licence text restricts uses, each once: what they mean is for a person to read."""
    words = [found[0].casefold() for found in _RESTRICTING.finditer(" ".join(text.split()))]
    return tuple(dict.fromkeys(words))


def is_same(claimed: str, accepted: str) -> bool:
    """Say whether a maker's word and an SPDX identifier name one licence; hubs write gemma for LicenseRef-gemma."""
    own = accepted.removeprefix("LicenseRef-") if accepted.startswith("LicenseRef-") else ""
    return claimed.casefold() in (accepted.casefold(), own.casefold()) if claimed else False


@cache
def known() -> tuple[str, ...]:
    """Return the identifiers of the licences whose texts are known."""
    folder = files("appliance.base_model").joinpath("licences")
    return tuple(sorted(file.name.removesuffix(".txt") for file in folder.iterdir() if file.name.endswith(".txt")))


@cache
def _reference(identifier: str) -> tuple[str, ...]:
    file = files("appliance.base_model").joinpath("licences", f"{identifier}.txt")
    return _words(file.read_text(encoding="utf-8"))


@cache
def _accepted_forms(identifier: str) -> tuple[tuple[str, ...], ...]:
    """The whole text, and the text without the endings that are no term."""
    whole = _reference(identifier)
    endings = [tuple(ending.split()) for ending in _APACHE_ENDINGS]
    cuts = [at for at in range(len(whole)) for ending in endings if whole[at : at + len(ending)] == ending]
    return (whole, *(whole[:at] for at in cuts))


def _words(text: str) -> tuple[str, ...]:
    plain = unicodedata.normalize("NFKC", text).translate({0x2018: "'", 0x2019: "'", 0x2010: "-", 0x2011: "-"})
    for noise in (_COPYRIGHT_LINE, _TITLE, _NUMBERING):
        plain = noise.sub(" ", plain)
    return tuple(_WORD.findall(plain.casefold().replace("licence", "license").replace("http://", "https://")))


def _common(words: Sequence[str], others: Sequence[str]) -> float:
    """Dice's coefficient of the two bags of words."""
    shared = (Counter(words) & Counter(others)).total()
    return 2 * shared / max(1, len(words) + len(others))


def _differences(words: Sequence[str], forms: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Return what was added to the nearest form and what is missing from it."""
    matchers = [(form, difflib.SequenceMatcher(None, form, words, autojunk=False)) for form in forms]
    form, best = max(matchers, key=lambda pair: pair[1].ratio())
    told: list[str] = []
    for kind, start, end, first, last in best.get_opcodes():
        if kind in ("delete", "replace"):
            told.append(f"missing {_quoted(form[start:end])}")
        if kind in ("insert", "replace"):
            told.append(f"added {_quoted(words[first:last])}")
    more = len(told) - SHOWN_DIFFERENCES
    return (*told[:SHOWN_DIFFERENCES], *([f"{more} more differences"] if more > 0 else []))


def _quoted(words: Sequence[str]) -> str:
    return repr(" ".join(words[:SHOWN_WORDS]) + (" …" if len(words) > SHOWN_WORDS else ""))
