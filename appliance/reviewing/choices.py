"""What people chose in a blind comparison, and what follows from it. Pure, and without numpy: the terminal UI draws it.

One JSON line a choice, "A", "B" or "tie": {"pair": "p7", "by": "initials", "choice": "A"}; the later one holds, and
"undo" takes it back.
Covers: the win rate with Wilson's interval; ties are told apart and count for nobody.
Does not cover: two people who disagree; a person who recognises the style of an answer.
"""

import json
from collections import Counter
from collections.abc import Container, Mapping
from typing import Any, Literal

from anonymize.proportions import wilson
from appliance.core.errors import InputError

PAIRS_FILE, KEY_FILE, COMPARISON_FILE = "pairs.jsonl", "key.json", "comparison.json"  # what the compare step seals
Choice = Literal["A", "B", "tie"]
CHOICES: tuple[Choice, ...] = ("A", "B", "tie")
TAKEN_BACK = "undo"


def read_choices(text: str, pairs: Container[str], where: str) -> dict[str, Choice]:
    """Return the choice that stands on each pair.

    Raises:
        InputError: a line is no choice on one of the pairs.
    """
    return {pair: choice for pair, (choice, _) in standing_choices(text, pairs, where).items()}


def standing_choices(text: str, pairs: Container[str], where: str) -> dict[str, tuple[Choice, str]]:
    """Return what stands on each pair and who chose it, the newest last.

    Raises:
        InputError: a line is no choice on one of the pairs.
    """
    stands: dict[str, tuple[Choice, str]] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            plain = json.loads(line)
            pair, choice, by = plain["pair"], plain["choice"], plain["by"]
        except (ValueError, KeyError, TypeError):
            raise InputError(f"{where}: line {number} is no choice", hint='{"pair", "by", "choice"}') from None
        if pair not in pairs or choice not in (*CHOICES, TAKEN_BACK) or not str(by).strip():
            raise InputError(f"{where}: line {number}: no such pair or choice, or nobody chose", hint='"A", "B", "tie"')
        stands.pop(pair, None)
        if choice != TAKEN_BACK:
            stands[pair] = (choice, str(by))
    return stands


def tally(choices: Mapping[str, str], key: Mapping[str, str]) -> dict[str, Any]:
    """Return how often the adapted model was preferred among the choices that are no tie."""
    counts = Counter("tie" if choice == "tie" else str(choice == key[pair]) for pair, choice in choices.items())
    wins, losses = counts["True"], counts["False"]
    decided = wins + losses
    low, high = wilson(wins, decided)
    rate = {"value": wins / decided if decided else 0.0, "low": low, "high": high, "samples": decided}
    return {"wins": wins, "losses": losses, "ties": counts["tie"], "win_rate": rate}
