"""What a teacher says at every labelled place of the training examples: asked once, and kept in two files.

    lessons.safetensors   "likelihoods" float16 [places, k], "ids" int32 [places, k]
    lessons.json          {"format": 1, "k": 64, "temperature": 1.0, "teacher": "...", "sha256": "...",
                           "rows": [{"id": "WO-1", "sha256": "...", "places": 7}, ...],
                           "influence": [0.97, 0.17, ...]}

The file that tells the digest of the other is written last, so a killed worker leaves both or none.
Covers: a run that is taken up again does not ask the teacher again; lessons of another teacher, another temperature or
other rows are not taken for these.
Does not cover: how good the teacher is; a student that learns its mistakes.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from appliance.base_model.chat import TokenRow
from appliance.base_model.likelihood import labelled_logits
from appliance.core.errors import IntegrityError
from appliance.core.hashing import digest_of, file_digest, write_whole
from appliance.training.student import influences

LESSONS, TOLD = "lessons.safetensors", "lessons.json"
FORMAT = 1
INFLUENCE_ROWS = 32  # a pass of seconds; the layers that docs/experiments.md compares were chosen with 24
PLACE_BYTES = 2 + 4  # of one token at one place: its log-likelihood and its id


@dataclass(frozen=True, slots=True)
class Lessons:
    """The most likely tokens at each labelled place of some rows, with their log-likelihoods."""

    ids: torch.Tensor  # int64 [places, k], the most likely first
    likelihoods: torch.Tensor  # float16 [places, k], nats, at the temperature
    places: dict[str, slice]  # by the digest of a row
    temperature: float
    influence: tuple[float, ...]  # of each layer of the teacher

    @property
    def bytes(self) -> int:
        """What they take on disk."""
        return self.ids.numel() * PLACE_BYTES

    def of(self, rows: Sequence[TokenRow]) -> tuple[torch.Tensor, torch.Tensor]:
        """Return ids and log-likelihoods [places, k] of the labels of rows, in their order.

        Raises:
            IntegrityError: the teacher was not asked about one of them.
        """
        try:
            found = [self.places[row_digest(row)] for row in rows]
        except KeyError:
            raise IntegrityError(
                "the teacher was not asked about an example of this step", hint="start the run again"
            ) from None
        return tuple(torch.cat([each[place] for place in found]) for each in (self.ids, self.likelihoods))  # type: ignore[return-value]


@dataclass(frozen=True, slots=True)
class Question:
    """What the teacher is asked, and who it is."""

    rows: tuple[TokenRow, ...]
    k: int
    temperature: float
    teacher: str  # digest of the training that made it

    def told(self, tensors_sha256: str) -> dict[str, Any]:
        """Return what is written beside the tensors."""
        rows = [{"id": row.id, "sha256": row_digest(row), "places": _labelled(row)} for row in self.rows]
        whole = {"format": FORMAT, "k": self.k, "temperature": self.temperature, "teacher": self.teacher}
        return {**whole, "sha256": tensors_sha256, "rows": rows}


def row_digest(row: TokenRow) -> str:
    """Return the SHA-256 of what a row holds: its tokens, and which of them are labels."""
    return digest_of([list(row.tokens), row.labels_from])


def ask(model: Any, question: Question, folder: Path, batch_size: int, report: Callable[[int, int], None]) -> None:
    """Write what the teacher says into a folder.

    Args:
        model: the teacher, as floats, in eval mode.
        question: what it is asked.
        folder: where both files go.
        batch_size: rows a pass.
        report: called with rows done and rows in all.
    """
    ids, likelihoods = [], []
    with torch.no_grad():
        for start in range(0, len(question.rows), batch_size):
            logits, _ = labelled_logits(model, question.rows[start : start + batch_size])
            best = torch.log_softmax(logits / question.temperature, 1).topk(min(question.k, logits.shape[1] - 1), 1)
            ids.append(best.indices.int().cpu())
            likelihoods.append(best.values.half().cpu())
            report(min(start + batch_size, len(question.rows)), len(question.rows))
    folder.mkdir(parents=True, exist_ok=True)
    save_file({"ids": torch.cat(ids), "likelihoods": torch.cat(likelihoods)}, folder / LESSONS)
    influence = influences(model, question.rows[:INFLUENCE_ROWS])
    told = {**question.told(file_digest(folder / LESSONS)), "influence": influence}
    write_whole(folder / TOLD, json.dumps(told, indent=1, sort_keys=True).encode())


def read_lessons(folder: Path, question: Question) -> Lessons | None:
    """Return the answers to a question that a folder holds; None where it holds none, or those to another question."""
    try:
        told = json.loads((folder / TOLD).read_text(encoding="utf-8"))
        influence = tuple(told.pop("influence"))
        if told != question.told(file_digest(folder / LESSONS)):
            return None
    except (OSError, ValueError, KeyError):
        return None
    tensors = load_file(folder / LESSONS)
    places: dict[str, slice] = {}
    begin = 0
    for row in question.rows:
        places[row_digest(row)] = slice(begin, begin := begin + _labelled(row))
    return Lessons(tensors["ids"].long(), tensors["likelihoods"], places, question.temperature, influence)


def _labelled(row: TokenRow) -> int:
    return len(row.tokens) - row.labels_from
