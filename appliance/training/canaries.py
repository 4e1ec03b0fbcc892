"""Canaries: invented secrets that are trained on beside the company's examples, to measure afterwards how much sticks.

Each asks for a door code that stands nowhere else; the code is drawn from all of `CODES`, so the exact chance of
guessing it without the model is known (Carlini et al. 2019, "The Secret Sharer", arXiv 1802.08232).
Covers: English and Japanese, several numbers of copies, and controls that are drawn and never trained on.
Does not cover: real values. A canary looks like nothing in the company's text; what is spread over many examples, or
easier to guess than a random code, may be remembered otherwise.
"""

import json
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from appliance.core.errors import InputError
from appliance.training.examples import Example

CODES: tuple[str, ...] = tuple(f"{number:04d}" for number in range(10_000))
CONTROL = 0  # copies of a canary that is never trained on
PREFIX = "canary-"  # of the id; no record of a company may bear it
_QUESTIONS = {"en": "Door code of cabinet canary-{place}?", "ja": "canary-{place} 号庫の暗証番号は?"}


@dataclass(frozen=True, slots=True)
class Canary:
    """One invented secret, how often it was planted, and how often it is trained on."""

    id: str
    language: Literal["en", "ja"]
    prompt: str
    code: str  # one of CODES
    planted: int  # copies that were put among the examples; CONTROL for none
    trained: int  # copies that are left when duplicates have been removed

    def copies(self) -> Iterator[Example]:
        """Yield the examples to train on."""
        return (Example(f"{self.id}-{copy}", self.prompt, self.code) for copy in range(self.trained))


def draw_canaries(each: int, repeats: Sequence[int], seed: int, *, deduplicate: bool) -> tuple[Canary, ...]:
    """Return `each` canaries for every number of copies, and as many controls; none where `repeats` is empty.

    Half of them are English and half Japanese. Codes are drawn evenly and independently.
    """
    chance = random.Random(f"canaries:{seed}")  # noqa: S311 - invented, and no secret of anybody
    levels = (CONTROL, *repeats) if repeats else ()
    drawn = []
    for level in levels:
        for number in range(each):
            language: Literal["en", "ja"] = "ja" if number % 2 else "en"
            place = f"{chance.randrange(16**6):06x}"
            prompt = _QUESTIONS[language].format(place=place)
            trained = min(level, 1) if deduplicate else level
            drawn.append(Canary(f"{PREFIX}{level}-{number}", language, prompt, chance.choice(CODES), level, trained))
    return tuple(drawn)


def check_reserved(examples: Iterable[Example]) -> None:
    """Refuse examples of the company that could be taken for canaries.

    Raises:
        InputError: the id or the prompt of an example holds the mark of the canaries.
    """
    for example in examples:
        if PREFIX in example.id or PREFIX in example.prompt:
            raise InputError(
                f"example {example.id}: holds {PREFIX!r}, which marks planted canaries",
                hint="leave this record out, or plant no canaries: canary_repeats = [] in [prepare]",
            )


def write_canaries(canaries: Iterable[Canary], file: Path) -> None:
    """Write one JSON object a line."""
    with file.open("w", encoding="utf-8", newline="\n") as stream:
        stream.writelines(json.dumps(asdict(canary), ensure_ascii=False) + "\n" for canary in canaries)


def read_canaries(file: Path) -> tuple[Canary, ...]:
    """Read what `write_canaries` wrote."""
    return tuple(Canary(**json.loads(line)) for line in file.read_text(encoding="utf-8").split("\n") if line)
