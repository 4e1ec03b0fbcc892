"""Guesses must come from what was read, follow what is most likely, and stop where they do not hold."""

from collections import Counter, defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantize.drafting import LEAST_SHARE, LONGEST, MOST, MOST_KNOWN, Drafter, NgramTable, _keys

TOKENS = st.integers(0, 5)  # few, so that contexts come again
TEXT = st.lists(TOKENS, max_size=20)
COPIED = [50, 51, 52, 53, 54, 55, 56]


def write(drafter: Drafter, answer: list[int]) -> tuple[list[int], int]:
    """Write an answer as a model would that takes no other token; return it and the number of steps."""
    written: list[int] = []
    steps = 0
    while len(written) < len(answer):
        drafted = drafter.draft(len(answer) - len(written) - 1)
        steps += 1
        for guess in [*drafted, None]:
            written.append(answer[len(written)])
            drafter.take(written[-1])
            if written[-1] != guess:
                break
    return written, steps


@settings(max_examples=25)
@given(st.lists(TEXT, max_size=6))
def test_a_table_holds_the_most_frequent_continuation_of_every_context(texts: list[list[int]]) -> None:
    counted: dict[tuple[int, ...], Counter[int]] = defaultdict(Counter)
    for text in texts:
        for at in range(len(text)):
            for length in range(1, min(at, LONGEST) + 1):
                counted[tuple(text[at - length : at])][text[at]] += 1
    table = NgramTable(texts)
    known = 0
    for context, following in counted.items():
        most, total = max(following.values()), sum(following.values())
        found = table.get(_keys(context)[-1])
        if most / (total + 1) < LEAST_SHARE:
            assert found is None
            continue
        known += 1
        assert found is not None
        assert found[0] == min(token for token, count in following.items() if count == most)
        assert abs(found[1] - most / (total + 1)) < 1e-6
    assert len(table) == known


def test_a_table_knows_nothing_across_the_border_of_two_texts() -> None:
    table = NgramTable([[1, 2], [3, 4]])
    assert table.get(_keys([2])[-1]) is None
    assert table.get(_keys([1])[-1]) == (2, 0.5)


def test_a_table_ends_with_the_text_that_fills_it() -> None:
    texts = iter([[1] * MOST_KNOWN, [2, 3]])
    assert NgramTable(texts).get(_keys([2])[-1]) is None
    assert next(texts) == [2, 3]


@settings(max_examples=25)
@given(st.lists(TEXT, min_size=1, max_size=3), TEXT, st.lists(TEXT, max_size=3), st.integers(-2, 9))
def test_a_draft_is_short_enough_and_made_of_what_was_read(
    texts: list[list[int]], written: list[int], known: list[list[int]], most: int
) -> None:
    drafter = Drafter(texts, NgramTable(known))
    for token in written:
        drafter.take(token)
    drafted = drafter.draft(most)
    assert len(drafted) <= max(0, min(most, MOST))
    assert set(drafted) <= {token for text in (*texts, *known, written) for token in text}


@settings(max_examples=25)
@given(st.lists(TEXT, min_size=1, max_size=3), TEXT)
def test_an_answer_is_written_whole_in_no_more_steps_than_tokens(texts: list[list[int]], answer: list[int]) -> None:
    written, steps = write(Drafter(texts), answer)
    assert written == answer
    assert steps <= len(answer)


@pytest.mark.parametrize(
    ("drafter", "steps", "drafted"),
    [
        (Drafter([[1, *COPIED, 2, 3]]), 3, 4),  # from the prompt: two guesses and what follows them, twice
        (Drafter([[1, 2, 3], COPIED]), 3, 4),  # from another text
        (Drafter([[1, 2, 3]], NgramTable([COPIED] * 9)), 2, 5),  # from texts that answers are like: nine of nine
    ],
)
def test_what_an_answer_copies_takes_few_steps(drafter: Drafter, steps: int, drafted: int) -> None:
    assert write(drafter, COPIED) == (COPIED, steps)
    assert (drafter.drafted, drafter.accepted) == (drafted, drafted)


def test_the_longest_context_decides() -> None:
    drafter = Drafter([[7, 1, 2, 9, 8, 2, 5, 7, 1, 2]])
    assert drafter.draft(1) == [9]


def test_certain_tokens_come_first_and_guesses_go_on_behind_them() -> None:
    drafter = Drafter([[*COPIED, 1]])
    assert drafter.draft(4, [50, 51]) == [50, 51, 52, 53]
    assert drafter.draft(1, [50, 51]) == [50]


def test_text_that_only_seems_to_repeat_soon_gets_no_guesses() -> None:
    generator = np.random.default_rng(5)
    drafter = Drafter([generator.integers(0, 30, 300).tolist()])
    answer = generator.integers(0, 30, 1000).tolist()
    write(drafter, answer)
    assert drafter.drafted < 20  # each costs a third of a step: below one in a hundred of the whole
    assert drafter.accepted < drafter.drafted
