"""All sealed facts of one run, by the name that they have in a bundle, and where each number of a report comes from."""

import html
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Self

from appliance.core.hashing import file_digest

INTAKE = "reports/intake.json"
ANONYMIZATION = "reports/anonymization.json"
RESIDUAL = "reports/residual.json"
DATA = "reports/data.json"
CURVE = "reports/learning_curve.json"
OUTCOMES = "reports/outcomes.json"
SCORES = "reports/scores.json"
SAMPLES = "reports/samples.json"
COMPARISON = "reports/comparison.json"
ATTACKS = "reports/attack_scores.json"
SAFETY = "reports/safety.json"
CHANGES = "reports/changes.json"
EXAMPLES = "reports/examples.json"  # the one file with clean text of records
VARIANTS = "reports/verdict.json"
VARIANT_OUTCOMES = "reports/variant_outcomes.json"
GATES = "reports/gates.json"
COST = "reports/cost.json"  # what a clock and a counter said; empty where no business case is stated
DECISIONS = "reports/decisions.json"  # the stage, and the approver's signed words that opened it
CARD = "reports/purpose.json"  # what the run is for, in the words of its owner
FILES = (
    CARD,
    INTAKE,
    ANONYMIZATION,
    RESIDUAL,
    DATA,
    CURVE,
    OUTCOMES,
    SCORES,
    SAMPLES,
    COMPARISON,
    ATTACKS,
    SAFETY,
    CHANGES,
    EXAMPLES,
    VARIANTS,
    VARIANT_OUTCOMES,
    GATES,
    DECISIONS,
    COST,
)
PRIVACY = "reports/privacy.json"  # of a private training only
DISTILLATION = "reports/distillation.json"  # of a run with a student only
STUDENT_SAFETY = "reports/student_safety.json"  # as SAFETY and ATTACKS, of the student
OPTIONAL = (PRIVACY, DISTILLATION, STUDENT_SAFETY)


@dataclass(frozen=True, slots=True)
class Dossier:
    """The files and their SHA-256."""

    files: Mapping[str, Any]
    digests: Mapping[str, str]

    @classmethod
    def read(cls, paths: Mapping[str, Path]) -> Self:
        """Read the files; `paths` says where each lies."""
        files = {name: json.loads(path.read_text(encoding="utf-8")) for name, path in paths.items()}
        return cls(files, {name: file_digest(path) for name, path in paths.items()})

    def get(self, file: str, *path: str | int) -> Any:
        """Return the value at a path of a file."""
        value = self.files[file]
        for key in path:
            value = value[key]
        return value

    def number(self, file: str, *path: str | int, form: str = "{:.3f}") -> str:
        """Return a number as HTML that links to the file it stands in and tells its place there; – where it is null."""
        value = self.get(file, *path)
        shown = "–" if value is None else form.format(value)
        place = html.escape("/".join(("", *map(str, path))))
        return f'<a class="n" href="#{anchor(file)}" title="{file} {place}">{html.escape(shown)}</a>'

    def score(self, file: str, *path: str | int, form: str = "{:.3f}") -> str:
        """Return a score as HTML: value, 95 % interval, number of samples."""
        value, low, high = (self.number(file, *path, key, form=form) for key in ("value", "low", "high"))
        samples = self.number(file, *path, "samples", form="{:,}")
        return f'<span class="whole">{value} [{low}, {high}],</span> <span class="whole">n = {samples}</span>'


@cache  # each of a page's thousands of numbers links to one of a few files
def anchor(file: str) -> str:
    """Return the name of a file's row in the table of sources."""
    return "f-" + Path(file).stem.replace("_", "-")
