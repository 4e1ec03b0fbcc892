"""A document under review as two pages: the original with its findings marked, and what would leave. Pure.

Marks are characters, so that no colour is needed: [open] [accepted+] [rejected-] {marked by a reviewer} >current<.
"""

from collections.abc import Iterator
from typing import NamedTuple

from appliance.reviewing.session import Session
from tui.widgets.page import Page, Writer

SIGNS = {"open": "", "accepted": "+", "rejected": "-", "marked": ""}


class Place(NamedTuple):
    """One finding or mark in a column."""

    start: int
    end: int
    kind: str
    state: str  # open, accepted, rejected, marked
    item: int  # -1: a reviewer's mark


def original_page(session: Session, document: int, current: int | None) -> tuple[Page, int]:
    """Return the original with its marks, and where the current item stands on the page."""
    writer, focus = Writer(), 0
    places = places_of(session, document)
    for name, text in session.corpus.columns(document).items():
        if not text:
            continue
        _title(writer, name)
        end = 0
        for place in _disjoint(places.get(name, []), current):
            writer.write(text[end : place.start])
            is_current = place.item >= 0 and place.item == current
            if is_current:
                focus = writer.length
            left, right = "><" if is_current else "{}" if place.state == "marked" else "[]"
            marked = f"{left}{text[place.start : place.end]}{SIGNS[place.state]}{right}"
            writer.write(marked, "current" if is_current else place.state)
            end = place.end
        writer.write(text[end:])
    return writer.page(), focus


def clean_page(session: Session, document: int, current: int | None) -> tuple[Page, int]:
    """Return what would leave; equal values of the document have one number."""
    writer, focus = Writer(), 0
    numbers: dict[tuple[str, str], int] = {}
    counts: dict[str, int] = {}
    places = places_of(session, document)
    for name, text in session.corpus.columns(document).items():
        if not text or session.corpus.roles.get(name) == "drop":
            continue
        _title(writer, name)
        end = 0
        for place in _disjoint([each for each in places.get(name, []) if each.state != "rejected"], None):
            writer.write(text[end : place.start])
            value = (place.kind, text[place.start : place.end])
            if value not in numbers:
                counts[place.kind] = numbers[value] = counts.get(place.kind, 0) + 1
            if place.item == current:
                focus = writer.length
            writer.write(f"<{place.kind}_{numbers[value]}>", "current" if place.item == current else "placeholder")
            end = place.end
        writer.write(text[end:])
    return writer.page(), focus


def places_of(session: Session, document: int) -> dict[str, list[Place]]:
    """Return what was found and marked in each column of a document, decided or not."""
    found: dict[str, list[Place]] = {}
    for number in session.corpus.items_of(document):
        item, line = session.corpus.items[number], session.line(number)
        state = {"accept": "accepted", "reject": "rejected"}[line["verdict"]] if line else "open"
        found.setdefault(item.column, []).append(Place(item.start, item.end, item.kind, state, number))
    for mark in session.marked(document):
        found.setdefault(mark.column, []).append(Place(mark.start, mark.end, mark.kind, "marked", -1))
    return found


def _disjoint(places: list[Place], current: int | None) -> Iterator[Place]:
    """The current place always shows; of others that overlap, what is replaced and longest does, as in the result."""
    taken: list[Place] = []
    ranked = sorted(places, key=lambda p: (p.item != current, p.state == "rejected", p.start - p.end, p.start))
    for place in ranked:
        if all(place.end <= other.start or other.end <= place.start for other in taken):
            taken.append(place)
    yield from sorted(taken)


def _title(writer: Writer, name: str) -> None:
    if writer.length:
        writer.write("\n")
    writer.write(f"{name}:", "title")
    writer.write("\n")
