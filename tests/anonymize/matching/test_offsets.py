from anonymize.matching.offsets import Draft, Folded, through
from anonymize.records import Span


def test_what_was_kept_and_what_was_put_lead_back_to_their_places() -> None:
    draft = Draft()
    draft.keep("株&#64;x", 0, 1)
    draft.put("@", 1, 6)
    draft.keep("株&#64;x", 6, 7)
    view = draft.finished()
    assert view.text == "株@x"
    assert [view.original(at, at + 1) for at in range(3)] == [Span(0, 1), Span(1, 6), Span(6, 7)]
    assert view.original(1, 3) == Span(1, 7)


def test_two_changes_lead_back_through_each_other() -> None:
    inner = Folded("a%b", (0, 1, 6), (1, 6, 7))
    outer = Folded("ab", (0, 2), (1, 3))
    assert through(outer, inner).original(0, 2) == Span(0, 7)
    assert through(outer, Folded("a%b", None, None)) is outer
