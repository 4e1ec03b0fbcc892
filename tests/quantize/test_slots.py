"""Rows that come and go must write what each would have written alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantize.decoding import continue_greedily
from quantize.onnx_session import OnnxSession
from quantize.slots import Slots
from quantize.variants import Variant

PROMPTS = [[5, 6, 7], [40, 41, 42, 43, 44, 45, 46], [9], [100, 50, 25, 12]]


@pytest.fixture(scope="module")
def alone(float_variant: Variant) -> list[list[int]]:
    session = OnnxSession(float_variant.folder, threads=1)
    return [continue_greedily(session, [prompt], max_new_tokens=6, stop_ids=())[0] for prompt in PROMPTS]


@pytest.fixture(scope="module")
def slots(float_variant: Variant) -> Slots:
    return Slots(float_variant.folder, seats=4, capacity=32, threads=1)


def read(slots: Slots, prompt: list[int], piece: int) -> int:
    slots.clear_desk()
    for start in range(0, len(prompt), piece):
        logits = slots.read(prompt[start : start + piece])
    return int(logits.argmax())


@pytest.mark.parametrize("piece", [1, 2, 100])
def test_a_prompt_read_in_pieces_is_the_prompt(slots: Slots, alone: list[list[int]], piece: int) -> None:
    assert read(slots, PROMPTS[1], piece) == alone[1][0]


class Writing:
    """Who sits where, and what was written so far; each writes six tokens."""

    def __init__(self, slots: Slots) -> None:
        self.slots = slots
        self.written: dict[int, list[int]] = {}
        self.seats: list[int] = []  # the prompt of each seat

    def enter(self, prompt: int) -> None:
        self.written[prompt] = [read(self.slots, PROMPTS[prompt], 2)]
        assert self.slots.take_seat() == len(self.seats)
        self.seats.append(prompt)

    def step(self) -> None:
        logits = self.slots.advance(np.array([self.written[prompt][-1] for prompt in self.seats], np.int64))
        for prompt, row in zip(self.seats, logits, strict=True):
            self.written[prompt].append(int(row.argmax()))
        for prompt in [prompt for prompt in self.seats if len(self.written[prompt]) == 6]:
            self.leave(prompt)

    def leave(self, prompt: int) -> None:
        seat = self.seats.index(prompt)
        moved = self.slots.leave(seat)
        last = self.seats.pop()
        if moved is not None:
            self.seats[seat] = last


@settings(max_examples=8)
@given(order=st.permutations(range(4)), gaps=st.lists(st.integers(0, 3), min_size=4, max_size=4))
def test_rows_that_come_and_go_write_what_each_writes_alone(
    slots: Slots, alone: list[list[int]], order: list[int], gaps: list[int]
) -> None:
    writing = Writing(slots)
    for prompt, gap in zip(order, gaps, strict=True):
        writing.enter(prompt)
        for _ in range(gap):
            if writing.seats:
                writing.step()
    while writing.seats:
        writing.step()
    assert [writing.written[prompt] for prompt in range(4)] == alone


def test_a_kept_beginning_saves_its_reading_and_changes_nothing(slots: Slots, alone: list[list[int]]) -> None:
    slots.clear_desk()
    slots.read(PROMPTS[1][:4])
    beginning = slots.keep_beginning()
    read(slots, PROMPTS[0], 9)
    slots.clear_desk(beginning)
    assert int(slots.read(PROMPTS[1][4:]).argmax()) == alone[1][0]


def test_a_draft_gives_the_logits_of_its_tokens_one_by_one(slots: Slots) -> None:
    first, tokens = read(slots, PROMPTS[1], 100), np.array([8, 9, 10], np.int64)
    slots.take_seat()
    together = slots.advance_each(np.array([first, *tokens], np.int64)).copy()
    slots.forget(4)
    alone = [slots.advance(np.array([token]))[0].copy() for token in (first, *tokens)]
    assert together == pytest.approx(np.stack(alone), abs=1e-5)
    slots.leave(0)


def test_refused_tokens_leave_no_trace(slots: Slots) -> None:
    first = read(slots, PROMPTS[0], 100)
    slots.take_seat()
    expected = [slots.advance(np.array([token]))[0].copy() for token in (first, 8, 9)]
    slots.leave(0)
    read(slots, PROMPTS[0], 100)
    slots.take_seat()
    slots.advance_each(np.array([first, 70, 71, 72, 73], np.int64))
    slots.forget(4)
    assert slots.length(0) == len(PROMPTS[0]) + 1
    found = slots.advance_each(np.array([8, 9], np.int64))
    assert found == pytest.approx(np.stack(expected[1:]), abs=1e-5)
    slots.leave(0)


def test_only_a_row_that_writes_alone_takes_drafts(slots: Slots) -> None:
    assert not slots.checks_drafts
    for _ in range(2):
        read(slots, PROMPTS[0], 100)
        slots.take_seat()
        assert slots.checks_drafts == (slots.seated == 1)
    slots.leave(1)
    slots.leave(0)
