"""Answers of an engine with guesses at several tokens: its own look-up, llama.cpp's, or none; and what they cost.

    none     a token a step
    peer     llama-cpp-python's LlamaPromptLookupDecoding, at the length that its makers recommend for a processor
    prompt   ours, from the prompt and its lower-case letters
    known    ours, from the prompt and from answers of the training lines, as a bundle with an index brings them

Guesses are checked by the engine in one step, greedily. The loop is the same for all engines and all guesses.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np

from quantize.drafting import Drafter, NgramTable

Ids = Sequence[int]
Drafts = Literal["none", "peer", "prompt", "known"]
Reader = tuple[Callable[[Ids], Any], Callable[[int], None]]
PEER_TOKENS = 2  # "2 performs better for cpu-only machines": README of llama-cpp-python 0.3.36


class PeerDrafter:
    """llama-cpp-python's own drafts, told in the words of ours."""

    def __init__(self, prompt: Ids) -> None:
        from llama_cpp.llama_speculative import LlamaPromptLookupDecoding  # noqa: PLC0415 a peer, where it is measured

        self._lookup = LlamaPromptLookupDecoding(num_pred_tokens=PEER_TOKENS)
        self._ids = list(prompt)
        self.drafted = 0

    def draft(self, most: int) -> list[int]:
        """Return at most so many tokens."""
        found: list[int] = self._lookup(np.array(self._ids, np.intc)).tolist()[: max(0, most)]
        self.drafted += len(found)
        return found

    def take(self, token: int) -> None:
        """Go on behind a token."""
        self._ids.append(token)


def copied(engine: Any, prompts: Sequence[Ids], respelt: Sequence[Sequence[Ids]], **wishes: Any) -> dict[str, Any]:
    """Return the answers, the CPU seconds behind the first token, and how many tokens were guessed and held.

    Args:
        engine: has `open`, see inference_engines.Ours.
        prompts: tokens of each prompt.
        respelt: for each prompt the same text in other letters.
        wishes: `drafts` (see above), `known` (answers of training lines), `new` (most tokens of an answer), `stop`.
    """
    table = NgramTable(wishes["known"]) if wishes["drafts"] == "known" else None
    told: dict[str, Any] = {"answers": [], "seconds": 0.0, "steps": 0, "drafted": 0, "held": 0}
    for prompt, others in zip(prompts, respelt, strict=True):
        reader = engine.open(prompt, wishes["new"])
        first = int(reader[0](prompt)[-1].argmax())
        began = time.process_time()
        drafter = _drafter(wishes["drafts"], prompt, others, table)
        answer, steps, held = _written(reader, drafter, first, wishes["new"], wishes["stop"])
        told["seconds"] += time.process_time() - began
        told["answers"].append(answer)
        told["steps"] += steps
        told["held"] += held
        told["drafted"] += drafter.drafted if drafter else 0
    told["tokens"] = sum(map(len, told["answers"]))
    return told


def _drafter(drafts: Drafts, prompt: Ids, others: Sequence[Ids], table: NgramTable | None) -> Any:
    if drafts == "none":
        return None
    return PeerDrafter(prompt) if drafts == "peer" else Drafter([prompt, *others], table)


def _written(reader: Reader, drafter: Any, token: int, most: int, stop: int) -> tuple[list[int], int, int]:
    """Return an answer whose first token is given, without the one that ends it, its steps, and guesses that held."""
    extend, forget = reader
    answer, steps, held, drafted, place = list[int](), 0, 0, list[int](), 0
    while token != stop:
        answer.append(token)
        if drafter:
            drafter.take(token)
        if drafted and drafted[0] == token:
            drafted, place = drafted[1:], place + 1
        elif len(answer) == most:
            break
        else:
            forget(len(drafted))
            drafted, place = drafter.draft(most - len(answer) - 1) if drafter else [], 0
            rows = extend([token, *drafted]).argmax(axis=-1)
            steps += 1
        token = int(rows[place])
        held += bool(drafted) and drafted[0] == token
    return answer, steps, held
