"""Canaries: invented secrets that are trained on beside the company's examples, to measure afterwards how much sticks.

Each asks for a door code that stands nowhere else; the code is drawn from all of `CODES`, so the exact chance of
guessing it without the model is known (Carlini et al. 2019, "The Secret Sharer", arXiv 1802.08232).
Covers: English and Japanese, several numbers of copies, and controls that are drawn and never trained on.
Does not cover: real values. A canary looks like nothing in the company's text; what is spread over many examples, or
easier to guess than a random code, may be remembered otherwise.
"""

import json
import random
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from appliance.core.errors import InputError, IntegrityError
from appliance.training.examples import Example, tokenize_all

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


def check_fitting(canaries: Sequence[Canary], tokenizer: Any, instruction: str, max_tokens: int) -> None:
    """Refuse canaries that training would leave out: of what was never learnt nothing can be remembered.

    Raises:
        InputError: one is longer than `max_tokens`, or spells a control token of the model.
    """
    whole = [Example(canary.id, canary.prompt, canary.code) for canary in canaries]
    tokenized = tokenize_all(whole, tokenizer, instruction, sys.maxsize)
    if tokenized.control_tokens:
        raise InputError(
            f"{len(tokenized.control_tokens)} of {len(whole)} canaries spell a control token of the model",
            hint="plant no canaries with this base model: canary_repeats = [] in [prepare]",
        )
    lengths = [len(row.tokens) for row in tokenized.rows]
    if longest := max((length for length in lengths if length > max_tokens), default=0):
        raise InputError(
            f"{sum(length > max_tokens for length in lengths)} of {len(whole)} canaries are longer than "
            f"max_tokens = {max_tokens}, the longest has {longest}: they would not be trained on",
            hint=f"max_tokens = {longest} or more in [prepare], or no canaries: canary_repeats = []",
        )


def check_trained(canaries: Iterable[Canary], trained: Iterable[str]) -> None:
    """Refuse to measure what sticks of canaries that were not learnt; `trained` holds the ids of what was.

    Raises:
        IntegrityError: a copy that was to be trained on was not.
    """
    copies = {copy.id for canary in canaries for copy in canary.copies()}
    if missing := copies.difference(trained):
        raise IntegrityError(
            f"{len(missing)} of {len(copies)} copies of canaries were not trained on: their exposure would say nothing",
            hint="run prepare and train again; max_tokens in [prepare] must hold every canary",
        )


def write_canaries(canaries: Iterable[Canary], file: Path) -> None:
    """Write one JSON object a line."""
    with file.open("w", encoding="utf-8", newline="\n") as stream:
        stream.writelines(json.dumps(asdict(canary), ensure_ascii=False) + "\n" for canary in canaries)


def read_canaries(file: Path) -> tuple[Canary, ...]:
    """Read what `write_canaries` wrote."""
    return tuple(Canary(**json.loads(line)) for line in file.read_text(encoding="utf-8").split("\n") if line)
