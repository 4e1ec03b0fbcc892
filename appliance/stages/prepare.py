"""Turns clean records into examples: de-duplicated, split, and looked at by the tokenizer's doctor. Clean."""

from collections.abc import Mapping
from typing import Any

from anonymize.records import clean_record_from_json
from appliance.base_model.loading import load_tokenizer
from appliance.base_model.locating import model_folder
from appliance.core.errors import InputError
from appliance.core.reporting import Facts, Reporter
from appliance.core.sections import PrepareSettings
from appliance.core.store import Artifact, Draft
from appliance.stages.anonymize import CLEAN
from appliance.training.answers import check_answers, misfits
from appliance.training.canaries import Canary, check_fitting, check_reserved, draw_canaries, write_canaries
from appliance.training.describing import describe
from appliance.training.examples import (
    Example,
    Split,
    doctor,
    from_clean,
    split,
    split_as_told,
    tokenize_all,
    write_examples,
)
from appliance.training.task import CANARIES, TASK, TEST, TRAIN

DATA = "data.json"  # counts and distributions, without any text


def run(inputs: Mapping[str, Artifact], settings: PrepareSettings, draft: Draft, reporter: Reporter) -> Facts:
    """Write the examples to train on, those that are held out, and the task.

    Raises:
        InputError: too few examples are left, or they are no such task, or the tokenizer would train nonsense, or a
            canary does not fit.
    """
    sides = _split(inputs["anonymize"], settings)
    tokenizer = load_tokenizer(model_folder(inputs["intake"]))
    doctor(tokenizer, sides.train, settings.instruction)
    rows = tokenize_all((*sides.train, *sides.test), tokenizer, settings.instruction, settings.max_tokens)
    both = (*sides.train, *sides.test)
    misfit = {both[place].id for place in misfits(settings.kind, [example.completion for example in both])}
    left_out = {*rows.too_long, *rows.control_tokens, *misfit}
    if left_out:
        reporter.note(
            f"{len(rows.too_long)} examples are longer than {settings.max_tokens} tokens, "
            f"{len(rows.control_tokens)} spell a control token, {len(misfit)} have no answer of the kind "
            f"{settings.kind}; they are left out",
            "warning",
        )
    train, test = (
        tuple(example for example in side if example.id not in left_out) for side in (sides.train, sides.test)
    )
    if len(train) < 2 or not test:
        raise InputError(
            f"{len(train)} examples to train on and {len(test)} held out are too few",
            hint="give more records, another test_share or test_value, or more max_tokens",
        )
    check_answers(settings.kind, *([example.completion for example in side] for side in (train, test)))
    write_examples(train, draft.folder / TRAIN)
    write_examples(test, draft.folder / TEST)
    canaries = _plant(draft, (*train, *test), tokenizer, settings)
    asked = {"instruction": settings.instruction, "max_tokens": settings.max_tokens, "kind": settings.kind}
    draft.write_json(TASK, asked)
    counts = {
        "train": len(train),
        "test": len(test),
        "duplicates": sides.duplicates,
        "near_duplicates": sides.near_duplicates,
        "left_out": len(left_out),
        "canaries": sum(canary.trained for canary in canaries),
        "tokens": sum(len(row.tokens) for row in rows.rows),
    }
    draft.write_json(DATA, {**counts, **describe((*train, *test))})
    return counts


def _split(anonymized: Artifact, settings: PrepareSettings) -> Split:
    records = (clean_record_from_json(line) for line in anonymized.read_lines(CLEAN))
    pairs = ((from_clean(record, settings), record.columns.get(settings.test_column, "")) for record in records)
    examples = ((example, label == settings.test_value) for example, label in pairs if example)
    if settings.test_column:
        return split_as_told(examples, too_near=settings.too_near)
    drawn = (example for example, _ in examples)
    return split(
        drawn,
        settings.test_share,
        settings.seed,
        near=settings.near,
        too_near=settings.too_near,
        deduplicate=settings.deduplicate,
    )


def _plant(
    draft: Draft, examples: tuple[Example, ...], tokenizer: Any, settings: PrepareSettings
) -> tuple[Canary, ...]:
    repeats, each = settings.canary_repeats, settings.canaries
    canaries = draw_canaries(each, repeats, settings.seed, deduplicate=settings.deduplicate)
    if canaries:
        check_reserved(examples)
        check_fitting(canaries, tokenizer, settings.instruction, settings.max_tokens)
    write_canaries(canaries, draft.folder / CANARIES)
    return canaries
