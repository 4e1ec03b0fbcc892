"""Many texts without HTTP: lines of a file in, lines of a file out, going on where a kill or a power cut left off.

    in.jsonl     {"text": "PH639 RECTIFY", "id": "WO-1"}      `id` is optional and comes back
    out.jsonl    {"line": 1, "id": "WO-1", "text": "...", "prompt_tokens": 20, "new_tokens": 5, "model": "demo 1 0fe6"}
                 {"line": 2, "id": null, "error": "the text is empty", "model": "demo 1 0fe6"}

Answers are written as they come, which is not the order of the lines; each holds its line's number.
Covers: a last line that was written half is removed and answered again; answers of another model, or to other lines,
are never mixed with new ones.
"""

import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any

from appliance.core.errors import InputError, IntegrityError, SettingsError
from appliance.serve.engine import Engine, heard
from appliance.serve.jobs import Done, Event, Job
from appliance.serve.prompting import is_unicode

SYNC_EVERY = 1.0  # seconds between two flushes to the disk: what a power cut may cost
AHEAD = 2  # jobs a seat that are held ready


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a batch is."""

    done: int  # lines answered or refused, those of earlier starts among them
    new: int  # of this start
    total: int


def run_batch(engine: Engine, source: Path, target: Path) -> Iterator[Progress]:
    """Answer every line that has no answer yet; yield after each.

    Raises:
        InputError: a line is not JSON of this form; names it.
        SettingsError: the target holds answers of another model or to other lines.
    """
    model = _name(engine)
    ids = {number: identity for number, identity, _ in _lines(source)}
    answered = _answered(target, model, ids)
    with target.open("a", encoding="utf-8") as stream:
        work = _Work(engine, model, stream)
        yield Progress(len(answered), 0, len(ids))
        for number, identity, text in _lines(source):
            if number in answered:
                continue
            work.add(number, identity, text)
            while work.open >= AHEAD * engine.seats:
                engine.step()
            yield Progress(len(answered) + work.written, work.written, len(ids))
        while work.open:
            engine.step()
            yield Progress(len(answered) + work.written, work.written, len(ids))
        work.sync()


class _Work:
    """Jobs of this start, and the file that their answers go to."""

    def __init__(self, engine: Engine, model: str, stream: IO[str]) -> None:
        self._engine = engine
        self._model = model
        self._stream = stream
        self._synced = time.monotonic()
        self.open = 0
        self.written = 0

    def add(self, number: int, identity: Any, text: str) -> None:
        said: dict[str, Any] = {"line": number, "id": identity}
        try:
            order = self._engine.order(self._engine.prompter.tokens(text))
        except InputError as error:
            self._write({**said, "error": error.message})
            return
        self.open += 1
        events: list[Event] = []
        self._engine.admit(Job(order, partial(self._hear, said, events)))

    def sync(self) -> None:
        self._stream.flush()
        os.fsync(self._stream.fileno())
        self._synced = time.monotonic()

    def _hear(self, said: dict[str, Any], events: list[Event], event: Event) -> None:
        events.append(event)
        if not isinstance(event, Done):
            return
        self.open -= 1
        if event.reason in ("stop", "length"):
            text, prompt_tokens, new_tokens = heard(events)
            self._write({**said, "text": text, "prompt_tokens": prompt_tokens, "new_tokens": new_tokens})
        else:
            self._write({**said, "error": "the answer could not be finished"})

    def _write(self, said: dict[str, Any]) -> None:
        content = {**said, "model": self._model}
        line = json.dumps(content, ensure_ascii=False)
        self._stream.write((line if is_unicode(line) else json.dumps(content)) + "\n")
        self._stream.flush()
        self.written += 1
        if time.monotonic() - self._synced > SYNC_EVERY:
            self.sync()


def texts(source: Path) -> Iterator[str]:
    """Yield the text of every line of a file of requests that is not blank.

    Raises:
        InputError: it cannot be read, or a line is no request.
    """
    for _, _, text in _lines(source):
        yield text


def _name(engine: Engine) -> str:
    manifest = engine.manifest
    return f"{manifest.name} {manifest.version} {engine.verified.digest[:12]}"


def _lines(source: Path) -> Iterator[tuple[int, Any, str]]:
    """Yield number, id and text of every line that is not blank."""
    try:
        with source.open(encoding="utf-8-sig") as stream:
            for number, line in enumerate(stream, start=1):
                if line.strip():
                    yield number, *_parsed(line, f"{source}: line {number}")
    except OSError as error:
        raise InputError(f"{source}: {error.strerror}", hint="give a file of JSON lines") from None
    except UnicodeDecodeError:
        raise InputError(f"{source}: not UTF-8", hint="convert the file to UTF-8") from None


def _parsed(line: str, place: str) -> tuple[Any, str]:
    try:
        content = json.loads(line)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict) or not isinstance(content.get("text"), str):
        raise InputError(f"{place}: not a JSON object with a text", hint='write {"text": "..."} on every line')
    return content.get("id"), content["text"]


def _answered(target: Path, model: str, ids: dict[int, Any]) -> set[int]:
    """Return the numbers of the lines that have an answer; cut off a line that was written half."""
    if not target.exists():
        return set()
    content = target.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    numbers: set[int] = set()
    for place, line in enumerate(whole.splitlines(), start=1):
        try:
            said = json.loads(line)
            number, identity, by = said["line"], said["id"], said["model"]
        except (ValueError, KeyError, TypeError, RecursionError):
            raise IntegrityError(f"{target}: line {place} was changed", hint="choose another file to write") from None
        if by != model:
            raise SettingsError(f"{target}: holds answers of another model", hint="choose another file to write")
        if number not in ids or ids[number] != identity:
            raise SettingsError(f"{target}: holds answers to other lines", hint="choose another file to write")
        numbers.add(number)
    if len(whole) < len(content):
        os.truncate(target, len(whole))
    return numbers
