"""Clean records become examples: de-duplicated, split once and for all, and turned into tokens."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from anonymize.records import CleanRecord
from appliance.base_model.chat import TokenRow, chat_row, holds_control_token, prompt_tokens
from appliance.core.errors import InputError, SettingsError
from appliance.core.sections import PrepareSettings
from appliance.training.duplicates import clusters, distinct

DOCTOR_EXAMPLES = 8  # the faults are those of a template, and show in any example


@dataclass(frozen=True, slots=True)
class Example:
    """One thing to learn: what is asked and what is to be answered."""

    id: str
    prompt: str
    completion: str


@dataclass(frozen=True, slots=True)
class Split:
    """The examples to learn from and those that are held out, and how many duplicates were left out."""

    train: tuple[Example, ...]
    test: tuple[Example, ...]
    duplicates: int  # equal prompts
    near_duplicates: int = 0  # of an example that is learnt or held out


@dataclass(frozen=True, slots=True)
class Tokenized:
    """The rows that fit, and the ids of the examples that do not; nothing is cut short in silence."""

    rows: tuple[TokenRow, ...]
    too_long: tuple[str, ...]
    control_tokens: tuple[str, ...]  # their text spells a control token of the model


def from_clean(record: CleanRecord, settings: PrepareSettings) -> Example | None:
    """Return the example of a clean record; None where its prompt or its answer is empty."""
    prompt, completion = (record.columns.get(name, "").strip() for name in (settings.input, settings.output))
    return Example(record.id, prompt, completion) if prompt and completion else None


def split(  # noqa: PLR0913 - all but the first three by keyword
    examples: Iterable[Example],
    test_share: float,
    seed: int,
    *,
    near: float | None = None,
    too_near: float | None = None,
    deduplicate: bool = True,
) -> Split:
    """Return train and test examples; which side an example is on follows from its prompt and the seed alone.

    Of prompts that are equal but for case and white space the first is kept, so that none is on both sides. An
    example stays on its side when others come or go; the share is therefore met on average and not to the letter.

    Args:
        examples: what there is to learn.
        test_share: of the examples, held out.
        seed: of the draw.
        near: similarity (0 to 1) from which prompts are put on the same side; None looks at equal ones only. A chain of
            near prompts follows its first one, or is learnt where it is larger than what is to be held out.
        too_near: similarity from which only the first of several prompts is kept; None keeps all.
        deduplicate: false learns every copy of an equal prompt; of those that are held out one is kept all the same.
    """
    copies: dict[str, list[Example]] = {}
    for example in examples:
        copies.setdefault(_folded(example.prompt), []).append(example)
    keys, equal = list(copies), sum(map(len, copies.values())) - len(copies)
    if too_near is not None:
        keys = [keys[index] for index in distinct(keys, too_near)]
    sides: tuple[list[Example], list[Example]] = ([], [])
    for key, leader in zip(keys, _leaders(keys, near, test_share), strict=True):
        is_held_out = leader is not None and _draw(seed, leader) < test_share
        again = [] if deduplicate or is_held_out else copies[key][1:]
        sides[is_held_out].extend((copies[key][0], *again))
        equal -= len(again)
    return Split(tuple(sides[0]), tuple(sides[1]), equal, len(copies) - len(keys))


def split_as_told(examples: Iterable[tuple[Example, bool]], *, too_near: float | None = None) -> Split:
    """Return train and test examples where the source itself says of each whether it is held out.

    Every held-out prompt is kept once. What is learnt holds no prompt that is equal to a held-out one but for case and
    white space, or as near to one as `too_near`: the score shall not be flattered by lines that were seen.
    """
    sides: tuple[dict[str, Example], dict[str, Example]] = ({}, {})
    total = 0
    for example, is_held_out in examples:
        total += 1
        sides[is_held_out].setdefault(_folded(example.prompt), example)
    learnt = [key for key in sides[0] if key not in sides[1]]
    keys, held = [*sides[1], *learnt], len(sides[1])
    kept = set(range(len(keys)) if too_near is None else distinct(keys, too_near, fixed=held))
    train = tuple(sides[0][key] for place, key in enumerate(learnt, start=held) if place in kept)
    return Split(train, tuple(sides[1].values()), total - len(keys), len(learnt) - len(train))


def _leaders(keys: Sequence[str], near: float | None, test_share: float) -> list[str | None]:
    """Return for each key the one whose draw it follows; None in a chain too large to be held out."""
    if near is None:
        return list(keys)
    chains = clusters(keys, near)
    sizes = Counter(chains)
    return [keys[chain] if sizes[chain] <= max(1, test_share * len(keys)) else None for chain in chains]


def write_examples(examples: Iterable[Example], file: Path) -> None:
    """Write one JSON object a line."""
    with file.open("w", encoding="utf-8", newline="\n") as stream:
        stream.writelines(json.dumps(asdict(example), ensure_ascii=False) + "\n" for example in examples)


def read_examples(file: Path) -> tuple[Example, ...]:
    """Read what `write_examples` wrote.

    Raises:
        InputError: a line is not an example.
    """
    examples = []
    with file.open(encoding="utf-8", newline="\n") as stream:
        for number, line in enumerate(stream, start=1):
            try:
                examples.append(Example(**json.loads(line)))
            except (ValueError, TypeError) as error:
                raise InputError(f"{file.name} line {number}: not an example") from error
    return tuple(examples)


def tokenize(example: Example, tokenizer: Any, instruction: str, max_tokens: int) -> TokenRow | None:
    """Return the tokens of an example; None where they are more than `max_tokens`.

    Raises:
        InputError: the chat template does not fit the tokenizer.
    """
    row = chat_row(tokenizer, instruction, example.id, example.prompt, example.completion)
    return row if len(row.tokens) <= max_tokens else None


def tokenize_all(examples: Iterable[Example], tokenizer: Any, instruction: str, max_tokens: int) -> Tokenized:
    """Return the tokens of all examples that fit, and which ones do not."""
    rows: list[TokenRow] = []
    too_long: list[str] = []
    control: list[str] = []
    for example in examples:
        if holds_control_token(tokenizer, (example.prompt, example.completion)):
            control.append(example.id)
        elif row := tokenize(example, tokenizer, instruction, max_tokens):
            rows.append(row)
        else:
            too_long.append(example.id)
    return Tokenized(tuple(rows), tuple(too_long), tuple(control))


def doctor(tokenizer: Any, examples: Sequence[Example], instruction: str) -> None:
    """Look for the silent faults of a tokenizer and its template in the first examples.

    Raises:
        InputError: the tokenizer has no template or no end token, or a sequence begins twice, or does not end with
            the end token, or the template does not extend its own prompt or drops what it is given.
        SettingsError: there are no examples, or nothing of an example would be learnt.
    """
    if not examples:
        raise SettingsError("there are no examples to train on", hint="check input and output in [prepare]")
    if not getattr(tokenizer, "chat_template", None) or tokenizer.eos_token_id is None:
        raise InputError("the tokenizer has no chat template or no end token", hint="take an instruction-tuned model")
    for example in examples[:DOCTOR_EXAMPLES]:
        if holds_control_token(tokenizer, (example.prompt, example.completion)):
            continue
        row = chat_row(tokenizer, instruction, example.id, example.prompt, example.completion)
        _check_row(tokenizer, row, example)
        if row.tokens[: row.labels_from] != tuple(prompt_tokens(tokenizer, instruction, example.prompt)):
            raise InputError(f"example {example.id}: answering and training see different prompts")


def _check_row(tokenizer: Any, row: TokenRow, example: Example) -> None:
    begin, end = tokenizer.bos_token_id, tokenizer.eos_token_id
    if begin is not None and row.tokens[:2] == (begin, begin):
        raise InputError(f"example {row.id}: the sequence begins with two begin tokens", hint="correct the template")
    labelled = row.tokens[row.labels_from :]
    if labelled[-1:] != (end,):
        raise InputError(f"example {row.id}: the end token is not learnt", hint="correct the template")
    if len(labelled) < 2:
        raise SettingsError(f"example {row.id}: nothing would be learnt but the end", hint="check output in [prepare]")
    given, wanted = tokenizer.decode(row.tokens[: row.labels_from]), tokenizer.decode(labelled[:-1]).strip()
    if example.prompt not in given or wanted != example.completion:
        raise InputError(f"example {row.id}: the template or the tokenizer changes the text", hint="take another model")


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _draw(seed: int, key: str) -> float:
    """Return a number from 0 to below 1 that follows from the seed and the text."""
    digest = hashlib.sha256(f"{seed}:{key}".encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64
