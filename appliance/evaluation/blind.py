"""Blind comparison: a person sees two answers in hidden order and picks the better one. Pure.

One JSON line a choice, "A", "B" or "tie": {"pair": "p7", "by": "initials", "choice": "A"}; the later one holds.
Covers: pairs drawn at random among those whose answers differ; the win rate with Wilson's interval; ties are told apart
and count for nobody.
Does not cover: two people who disagree; a person who recognises the style of an answer.
"""

import json
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from appliance.core.errors import InputError
from appliance.evaluation.scores import wilson

CHOICES = ("A", "B", "tie")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two answers to one prompt; which is whose stands in the key, apart from it."""

    pair: str
    prompt: str
    A: str
    B: str


def draw_pairs(
    answers: Sequence[Mapping[str, str]], prompts: Mapping[str, str], against: str, count: int, seed: int
) -> tuple[list[Pair], dict[str, str]]:
    """Return pairs in random order, and for each its key: which letter is the adapted model."""
    chance = random.Random(f"blind:{seed}")  # noqa: S311 - an order that a person does not see, and no secret
    differing = [each for each in answers if each["adapted"].split() != each[against].split()]
    pairs, key = [], {}
    for number, each in enumerate(chance.sample(differing, min(count, len(differing)))):
        name, ours = f"p{number}", chance.choice("AB")
        said = {ours: each["adapted"], "AB".replace(ours, ""): each[against]}
        pairs.append(Pair(name, prompts[each["id"]], said["A"], said["B"]))
        key[name] = ours
    return pairs, key


def read_choices(text: str, key: Mapping[str, str], where: str) -> dict[str, str]:
    """Return the choice on each pair.

    Raises:
        InputError: a line is no choice on one of the pairs.
    """
    choices: dict[str, str] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            plain = json.loads(line)
            pair, choice, by = plain["pair"], plain["choice"], plain["by"]
        except (ValueError, KeyError, TypeError):
            raise InputError(f"{where}: line {number} is no choice", hint='{"pair", "by", "choice"}') from None
        if pair not in key or choice not in CHOICES or not str(by).strip():
            raise InputError(f"{where}: line {number}: no such pair or choice, or nobody chose", hint='"A", "B", "tie"')
        choices[pair] = choice
    return choices


def tally(choices: Mapping[str, str], key: Mapping[str, str]) -> dict[str, Any]:
    """Return how often the adapted model was preferred among the choices that are no tie."""
    counts = Counter("tie" if choice == "tie" else str(choice == key[pair]) for pair, choice in choices.items())
    wins, losses = counts["True"], counts["False"]
    return {"wins": wins, "losses": losses, "ties": counts["tie"], "win_rate": asdict(wilson(wins, wins + losses))}
