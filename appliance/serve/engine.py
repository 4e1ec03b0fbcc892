"""Answers from one verified bundle: prompts are read and rows written in turns, in one thread.

Covers: every file was hashed against the signature before it is loaded; a job that fails or is cancelled frees its row
and harms no other. Does not cover: whether an answer is true.
"""

import json
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from appliance.core.errors import IntegrityError
from appliance.release.installing import installed
from appliance.release.verifying import Verified
from appliance.serve.choosing import choose
from appliance.serve.grammar import Grammars, Matcher
from appliance.serve.jobs import Done, Event, Job, Order, Piece, Reason
from appliance.serve.prompting import TOKENIZER_FILE, Prompter
from appliance.serve.searching import RECORDS
from appliance.serve.speculating import Guessing
from appliance.serve.writing import Writer
from quantize.decoding import Sampling
from quantize.drafting import Drafter
from quantize.onnx_session import Floats
from quantize.slots import Slots
from quantize.variants import CONFIG_FILE, MODEL_FILE, WEIGHTS_FILE

NEEDED = (MODEL_FILE, WEIGHTS_FILE, TOKENIZER_FILE)
MOST_NEW_TOKENS = 512  # that a request may ask for, where the bundle's own setting is smaller
READ_AT_ONCE = 128  # tokens of prompts between two steps of those who write: about as long as three steps


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer and what it cost."""

    text: str
    prompt_tokens: int
    new_tokens: int
    seconds: float


@dataclass(slots=True)
class _Row:
    """A job that is being read or written."""

    job: Job
    writer: Writer
    generator: np.random.Generator
    read: int = 0  # tokens of the prompt that lie in the cache
    written: list[int] = field(default_factory=list)
    drafter: Drafter | None = None  # None: it never wrote alone
    has_ended: bool = False


@dataclass(slots=True)
class _Rows:
    """Who waits, who is read at the desk, who writes in which seat."""

    waiting: deque[Job] = field(default_factory=deque)
    desk: _Row | None = None
    seats: list[_Row] = field(default_factory=list)


class Engine:
    """A loaded bundle; all methods belong to one thread.

    With `guesses` an answer that is alone is written several tokens a step where they can be guessed. In 4 and 8 bits
    such a step rounds as a batch does, and may write another token where two are nearly as likely.
    """

    def __init__(self, verified: Verified, *, threads: int, seats: int = 8, guesses: bool = True) -> None:
        self.verified = verified
        self.seats = seats  # answers that are written at a time
        self.manifest = verified.manifest
        for name in NEEDED:
            if name not in self.manifest.files:
                raise IntegrityError(f"{name} is not in the bundle", hint="ask the bundle's maker for a whole one")
        capacity = _capacity(verified)
        limit = min(self.manifest.generation.max_prompt_tokens, capacity - 1)
        self.prompter = Prompter(verified.folder / TOKENIZER_FILE, self.manifest.prompt, limit=limit)
        self._guesses = guesses
        self._slots = Slots(verified.folder, seats=seats, capacity=capacity, threads=threads)
        self._rows = _Rows()
        records = verified.folder / RECORDS if guesses and RECORDS in self.manifest.files else None
        self._guessing = Guessing(self.prompter, self.manifest.prompt.stop_ids, records)
        self._stop_ids = frozenset(self.manifest.prompt.stop_ids)
        frame = self.prompter.before
        self._slots.clear_desk()
        self._vocabulary = len(self._slots.read(frame or [0]))
        self._beginning = self._slots.keep_beginning() if frame else None

    @cached_property
    def grammars(self) -> Grammars:
        """What compiles schemas; made when it is first asked for, which takes a second with a large vocabulary."""
        file, stop_ids = self.verified.folder / TOKENIZER_FILE, self.manifest.prompt.stop_ids
        return Grammars(file, vocabulary=self._vocabulary, stop_ids=stop_ids)

    @cached_property
    def _form(self) -> Matcher | None:
        task = self.manifest.task
        return self.grammars.of_task(task) if task and task.has_form else None

    def form(self) -> Matcher | None:
        """Return the beginning of an answer in the task's own form; None where any text may be one.

        Raises:
            InputError: the bundle tells a form that cannot be enforced.
        """
        return self._form.anew() if self._form else None

    @property
    def is_idle(self) -> bool:
        """Whether nothing waits, is read or written."""
        rows = self._rows
        return not (rows.waiting or rows.desk or rows.seats)

    def admit(self, job: Job) -> None:
        """Let a job wait for its turn; what is written is delivered by `step`."""
        self._rows.waiting.append(job)

    def step(self) -> None:
        """Read a piece of the prompts that wait, and write one token of every answer."""
        self._drop_cancelled()
        left = READ_AT_ONCE
        while left > 0 and self._has_reading():
            left -= self._read(left)
        if self._rows.seats:
            self._write()

    def run(self) -> None:
        """Work until nothing is left to do."""
        while not self.is_idle:
            self.step()

    def close(self) -> None:
        """Tell everybody who still waits that nothing will come."""
        rows, self._rows = self._rows, _Rows()
        for job in rows.waiting:
            job.deliver(Done("cancelled", len(job.order.prompt), 0))
        for row in [*([rows.desk] if rows.desk else []), *rows.seats]:
            self._end(row, "cancelled")

    def order(self, prompt: Sequence[int], *, sampling: Sampling | None = None) -> Order:
        """Return an order as the bundle's own settings have it, its answer held to the form of the task."""
        generation = self.manifest.generation
        if sampling is None and generation.temperature > 0:
            sampling = Sampling(generation.temperature, generation.top_p)
        return Order(tuple(prompt), generation.max_new_tokens, sampling, matcher=self.form())

    def answer(self, text: str, *, sampling: Sampling | None = None) -> Answer:
        """Answer one text; without `sampling` as the bundle's own settings say.

        Raises:
            InputError: the text is empty or too long.
        """
        started = time.perf_counter()
        said = self.answer_orders([self.order(self.prompter.tokens(text), sampling=sampling)])[0]
        return Answer(*said, time.perf_counter() - started)

    def answer_orders(self, orders: Sequence[Order]) -> list[tuple[str, int, int]]:
        """Work orders off together; return for each the text and the numbers of prompt and new tokens."""
        all_events: list[list[Event]] = [[] for _ in orders]
        for order, events in zip(orders, all_events, strict=True):
            self.admit(Job(order, events.append))
        self.run()
        return [heard(events) for events in all_events]

    def _drop_cancelled(self) -> None:
        rows = self._rows
        for job in [job for job in rows.waiting if job.is_cancelled]:
            rows.waiting.remove(job)
            job.deliver(Done("cancelled", len(job.order.prompt), 0))
        if rows.desk and rows.desk.job.is_cancelled:
            self._end(rows.desk, "cancelled")
            rows.desk = None
        for row in [row for row in rows.seats if row.job.is_cancelled]:
            self._free(row, "cancelled")

    def _has_reading(self) -> bool:
        rows = self._rows
        if rows.desk is None and rows.waiting and self._slots.has_room:
            rows.desk = self._open(rows.waiting[0])
            rows.waiting.popleft()  # after it lies on the desk: whatever fails, its owner is told
        return rows.desk is not None

    def _open(self, job: Job) -> _Row:
        """Put a job's prompt on the desk; what all prompts begin with has been read already."""
        frame = self.prompter.before
        shares = bool(frame) and job.order.prompt[: len(frame)] == frame and len(job.order.prompt) > len(frame)
        self._slots.clear_desk(self._beginning if shares else None)
        sampling = job.order.sampling
        generator = np.random.default_rng(sampling.seed if sampling else 0)
        row = _Row(job, Writer(self.prompter.tokenizer, job.order.stop), generator)
        row.read = len(frame) if shares else 0
        return row

    def _read(self, most: int) -> int:
        row = self._rows.desk
        assert row is not None
        piece = row.job.order.prompt[row.read : row.read + most]
        logits = self._slots.read(piece)
        row.read += len(piece)
        if row.read == len(row.job.order.prompt):
            if self._take(row, logits):
                seat = self._slots.take_seat()
                assert seat == len(self._rows.seats)
                self._rows.seats.append(row)
            self._rows.desk = None
        return len(piece)

    def _write(self) -> None:
        """Write a token of every answer; of one that is alone several, where they can be guessed."""
        rows = list(self._rows.seats)
        if self._guesses and self._slots.checks_drafts:
            self._write_ahead(rows[0])
            return
        logits = self._slots.advance(np.array([row.written[-1] for row in rows], np.int64))
        ended = [row for row, behind in zip(rows, logits, strict=True) if not self._take(row, behind)]
        for row in ended:
            self._free(row, None)

    def _write_ahead(self, row: _Row) -> None:
        order = row.job.order
        if row.drafter is None:
            row.drafter = self._guessing.of((*order.prompt, *row.written))
        most = min(order.max_new_tokens, self._slots.capacity - row.read) - len(row.written) - 1
        drafted = row.drafter.draft(most, order.matcher.forced() if order.matcher else ())
        logits = self._slots.advance_each(np.array([row.written[-1], *drafted], np.int64))
        for number, behind in enumerate(logits):
            if not self._take(row, behind):
                self._free(row, None)
                return
            if number == len(drafted) or row.written[-1] != drafted[number]:
                self._slots.forget(len(drafted) - number)
                return

    def _take(self, row: _Row, logits: Floats) -> bool:
        """Take the next token of a row and tell its owner; False where the answer has ended."""
        order = row.job.order
        try:
            taken = choose(logits, order, row.generator)
            if row.drafter:
                row.drafter.take(taken.token)
            is_last = taken.token in self._stop_ids
            text = "" if is_last else row.writer.write(taken.token)
        except Exception:  # noqa: BLE001 whatever one row asks for, the others go on
            self._end(row, "failed")
            return False
        if is_last:
            self._end(row, "stop")
            return False
        row.written.append(taken.token)
        if text or order.alternatives is not None:
            row.job.deliver(Piece(text, (taken,) if order.alternatives is not None else ()))
        reason = self._reason_to_end(row)
        if reason:
            self._end(row, reason)
        return reason is None

    def _reason_to_end(self, row: _Row) -> Reason | None:
        order = row.job.order
        if row.writer.has_stopped or (order.matcher is not None and order.matcher.is_complete):
            return "stop"
        full = row.read + len(row.written) >= self._slots.capacity
        return "length" if full or len(row.written) >= order.max_new_tokens else None

    def _end(self, row: _Row, reason: Reason) -> None:
        if row.has_ended:
            return
        try:
            rest = row.writer.finish() if reason != "failed" else ""
        except Exception:  # noqa: BLE001 as above
            rest, reason = "", "failed"
        if rest:
            row.job.deliver(Piece(rest, ()))
        if row.writer.has_stopped and reason == "length":  # the stop text came whole with the last token only
            reason = "stop"
        row.has_ended = True
        guessed = (row.drafter.drafted, row.drafter.accepted) if row.drafter else (0, 0)
        row.job.deliver(Done(reason, len(row.job.order.prompt), len(row.written), *guessed))

    def _free(self, row: _Row, reason: Reason | None) -> None:
        """Give a row's seat to the last one; tell its owner where that has not been done."""
        if reason:
            self._end(row, reason)
        seats = self._rows.seats
        seat = next(number for number, seated in enumerate(seats) if seated is row)
        moved = self._slots.leave(seat)
        last = seats.pop()
        if moved is not None:
            seats[seat] = last


def _capacity(verified: Verified) -> int:
    """Return how many tokens a row may hold: the longest prompt and answer, and no more than the model can place."""
    generation = verified.manifest.generation
    wanted = generation.max_prompt_tokens + max(generation.max_new_tokens, MOST_NEW_TOKENS)
    if CONFIG_FILE not in verified.manifest.files:
        return wanted
    config = json.loads((verified.folder / CONFIG_FILE).read_text(encoding="utf-8"))
    return min(wanted, int(config["model"]["context_length"]))


def heard(events: Sequence[Event]) -> tuple[str, int, int]:
    """Return the text of an answer that has ended, and the numbers of prompt and new tokens."""
    done = events[-1]
    assert isinstance(done, Done)
    text = "".join(event.text for event in events if isinstance(event, Piece))
    return text, done.prompt_tokens, done.new_tokens


def load(home: Path, *, threads: int = 1, seats: int = 8) -> Engine:
    """Check and load the version in service.

    Raises:
        IntegrityError: a file is not what was signed.
        SettingsError: nothing is installed.
    """
    return Engine(installed(home).verified, threads=threads, seats=seats)
