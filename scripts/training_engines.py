"""The engines that bench_training.py measures, each in a process of its own, and the rows that it measures them on."""

import json
import os
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from anonymize_suites.table import Row

from appliance.base_model import risk
from appliance.base_model.chat import TokenRow
from appliance.base_model.converting import convert
from appliance.base_model.loading import load_dequantised, load_float, load_nf4, load_tokenizer
from appliance.base_model.received import digested, place_of
from appliance.core.sections import IntakeSettings
from appliance.evaluation.dictionary import learn
from appliance.evaluation.scores import matches, paired_gain
from appliance.training.adapter import add_adapter, trainable
from appliance.training.duplicates import clusters, near_pairs
from appliance.training.examples import Example, split, tokenize_all
from appliance.training.hardware import peak_bytes, reset_peak
from appliance.training.plan import TrainPlan, TrainPoint
from appliance.training.planning import forecast
from appliance.training.qlora import train

ENGINES = ("ours", "trl", "plain")  # the third: TRL's LoRA on weights that are not quantised
# TRL rounds the adapter of a 4-bit base to bfloat16 (QLoRA's paper did); this one does not, as ours does not
EQUAL = "trl-float32"
INSTRUCTION, MAX_TOKENS = "Normalise.", 128
NEAR = 0.5  # of short lines: one word of seven differs
SHAPE_8B = {  # of Llama 3.1 8B
    "hidden_size": 4096,
    "intermediate_size": 14336,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "vocab_size": 128_256,
    "max_position_embeddings": 8192,
    "tie_word_embeddings": False,
}


def convert_smollm2(folder: Path) -> Path:
    """Write the base model that is installed as a package into a canonical folder."""
    settings = IntakeSettings()
    folder.mkdir(parents=True)
    with place_of(settings) as place:
        files, _ = risk.look(place, from_package=True)
        received = digested(settings, place, files)
        convert(received.place, received.weights, received.header, folder, plain_template=False)
    return folder


def random_llama(folder: Path) -> Path:
    """Write a Llama of the shape of an 8B model with random weights; speed and memory do not depend on them."""
    from transformers import LlamaConfig, LlamaForCausalLM  # noqa: PLC0415

    if not folder.exists():
        torch.set_default_dtype(torch.bfloat16)
        with torch.device("cuda"):
            model = LlamaForCausalLM(LlamaConfig(**SHAPE_8B))
        torch.set_default_dtype(torch.float32)
        model.to(torch.bfloat16).save_pretrained(folder)
        del model
        torch.cuda.empty_cache()
    return folder


def work_orders(data: Path, base: Path) -> tuple[TokenRow, ...]:
    """Return the rows of the work orders' training lines."""
    return tokenize_all(_examples(data, "train*.jsonl"), load_tokenizer(base), INSTRUCTION, MAX_TOKENS).rows


def long_rows(count: int, length: int) -> tuple[TokenRow, ...]:
    """Return rows of random tokens, half of which are labelled."""
    chance = torch.Generator().manual_seed(length)
    drawn = torch.randint(10, 40_000, (count, length), generator=chance).tolist()
    return tuple(TokenRow(f"{length}-{number}", tuple(row), length // 2) for number, row in enumerate(drawn))


def unsloths_plan(plan: TrainPlan) -> str:
    """Return what `unsloth_engine.py` needs of a plan, as JSON: it runs where this project is not installed."""
    steps = [[{"tokens": row.tokens, "labels_from": row.labels_from} for row in rows] for rows in plan.batches()]
    settings = plan.settings.model_dump(include={"rank", "alpha", "learning_rate", "clip_norm"})
    recomputing = plan.execution.gradient_checkpointing
    return json.dumps({"steps": steps, "seed": plan.seed, "gradient_checkpointing": recomputing, **settings})


def run_engine(name: str, base: Path, plan: TrainPlan, device: str, scratch: Path) -> dict[str, Any]:
    """Train and return losses, tokens a second without the first step, CPU seconds and the peak of memory."""
    told: dict[str, Any] = {}
    if name in {"ours", "forecast"}:
        model = load_nf4(base, "cuda") if device == "cuda" else load_dequantised(base)
        if name == "forecast":
            limited = forecast(model, plan, scratch, memory_limit=1)
            free = forecast(model, plan, scratch)
            told["line_bytes"] = limited.memory_bytes
            told["forecast"] = {"peak_bytes": free.memory_bytes, **asdict(free.duration)}
    elif name in {"trl", EQUAL}:
        model = load_nf4(base, device)
    else:
        model = load_float(base, torch.bfloat16 if device == "cuda" else torch.float32).to(device)
    times: list[tuple[float, float]] = []
    left: list[float] = []  # what the run says after each step

    def note(*given: object) -> None:
        times.append((time.perf_counter(), time.process_time()))
        left.extend(point.seconds_left for point in given if isinstance(point, TrainPoint))

    reset_peak(device)
    began = time.perf_counter(), time.process_time()
    if name in {"ours", "forecast"}:
        losses = [point.loss for point in train(model, plan, scratch / "run", note, lambda: False).curve]
    else:
        losses = _stock(model, plan, device, scratch, note, is_kept=name == EQUAL)
    tokens = sum(len(row.tokens) for step in range(1, plan.steps) for row in plan.batch(step))
    wall, cpu = (times[-1][clock] - times[0][clock] for clock in (0, 1))
    speed = {"tokens_per_second": tokens / wall, "tokens_per_cpu_second": tokens / cpu}
    speed |= {"seconds": time.perf_counter() - began[0], "work": time.process_time() - began[1]}
    if left:
        third = plan.steps // 3
        speed["later"] = left[third - 1] / (times[-1][0] - times[third - 1][0])
    return told | speed | {"losses": losses, "peak_bytes": peak_bytes(device)}


def _stock(  # noqa: PLR0913
    model: Any, plan: TrainPlan, device: str, scratch: Path, note: Any, *, is_kept: bool
) -> list[float]:
    """Train with TRL's SFTTrainer on the same tokens, batches, rates and start of the adapter.

    With `is_kept` the adapter of a 4-bit base keeps the bits and the floats that it was made with.
    """
    os.environ["HF_DATASETS_CACHE"] = str(scratch / "datasets")
    from datasets import Dataset  # noqa: PLC0415
    from transformers import TrainerCallback  # noqa: PLC0415
    from trl import SFTConfig, SFTTrainer  # noqa: PLC0415

    class InOrder(SFTTrainer):
        """The stock trainer, with the rows in the order in which they are given."""

        def _get_train_sampler(self, *_: object) -> Any:
            return torch.utils.data.SequentialSampler(self.train_dataset)

    class Clock(TrainerCallback):
        """Notes the time after every step."""

        def on_step_end(self, *_: object, **__: object) -> None:
            note()

    settings = plan.settings
    rows = [row for step in range(plan.steps) for row in plan.batch(step)]
    masked = [[-100] * row.labels_from + list(row.tokens[row.labels_from :]) for row in rows]
    dataset = Dataset.from_dict({"input_ids": [list(row.tokens) for row in rows], "labels": masked})
    adapted = add_adapter(model, settings, plan.seed)
    start = {name: value.detach().clone() for name, value in trainable(adapted).items()}
    optimizer = torch.optim.AdamW(
        list(trainable(adapted).values()), lr=settings.learning_rate, weight_decay=0.0, fused=True
    )
    rates = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: plan.learning_rate(step) / settings.learning_rate)
    arguments = SFTConfig(
        output_dir=str(scratch / "stock"),
        per_device_train_batch_size=settings.batch_size,
        max_steps=plan.steps,
        max_length=None,
        max_grad_norm=settings.clip_norm,
        bf16=device == "cuda",
        gradient_checkpointing=plan.execution.gradient_checkpointing,
        gradient_checkpointing_kwargs={"use_reentrant": False},
        dataset_kwargs={"skip_prepare_dataset": True},
        use_cpu=device == "cpu",
        logging_steps=1,
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
        seed=plan.seed,
    )
    tokenizer = _any_tokenizer()
    trainer = InOrder(
        model=adapted,
        args=arguments,
        train_dataset=dataset,
        processing_class=tokenizer,
        optimizers=(optimizer, rates),
        callbacks=[Clock()],
    )
    if is_kept:
        for name, value in trainable(adapted).items():
            value.data = start[name]
    trainer.train()
    return [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]


def _any_tokenizer() -> Any:
    """Return a tokenizer for the padding token alone: the rows are tokens already."""
    from tokenizers import Tokenizer, models  # noqa: PLC0415
    from transformers import PreTrainedTokenizerFast  # noqa: PLC0415

    only = "<pad>"
    inner = Tokenizer(models.WordLevel({only: 0}, unk_token=only))
    return PreTrainedTokenizerFast(tokenizer_object=inner, pad_token=only, eos_token=only)


def near_duplicates(data: Path) -> Iterator[Row]:
    """Yield the share of lines with a near-duplicate, and what those across the split do to the dictionary's score."""
    sides = split(_examples(data, "*.jsonl"), 0.2, 7)
    prompts = [example.prompt for example in (*sides.train, *sides.test)]
    for threshold in (0.5, 0.7, 0.9):
        sizes = Counter(clusters(prompts, threshold))
        share = sum(size for size in sizes.values() if size > 1) / len(prompts)
        note = f"largest cluster {max(sizes.values())}"
        yield Row(
            "duplicates", f"lines with a near line (>= {threshold})", share, share, share, len(prompts), note=note
        )
    count = len(sides.train)
    across = {one for one, other in near_pairs(prompts, NEAR) if one < count <= other}
    far = [example for number, example in enumerate(sides.train) if number not in across]
    # the dictionary with as few lines, but whichever: less to learn from costs too
    fewer = sorted(sides.train, key=lambda example: hash_of(example.id))[: len(far)]
    scores = {name: _hits(lines, sides.test) for name, lines in (("all", sides.train), ("far", far), ("fewer", fewer))}
    for name, hits in scores.items():
        yield _share(f"dictionary, exact match, learnt from {name} lines", hits)
    gain = paired_gain(scores["fewer"], scores["far"], 7)
    told = f"{len(across)} training lines are near a test line"
    yield Row(
        "duplicates",
        "held-out gain by near lines in training",
        gain.value,
        gain.low,
        gain.high,
        gain.samples,
        note=told,
    )


def hash_of(text: str) -> str:
    """Return a fixed order of names that says nothing about them."""
    import hashlib  # noqa: PLC0415

    return hashlib.sha256(text.encode()).hexdigest()


def _share(measure: str, hits: list[int]) -> Row:
    from anonymize_suites.table import share  # noqa: PLC0415

    return share("duplicates", measure, sum(hits), len(hits))


def _hits(lines: Any, test: tuple[Example, ...]) -> list[int]:
    dictionary = learn((example.prompt, example.completion) for example in lines)
    return matches([dictionary.predict(example.prompt) for example in test], [example.completion for example in test])


def _examples(data: Path, pattern: str) -> list[Example]:
    lines = [line for file in sorted((data / "maintnorm").glob(pattern)) for line in file.open(encoding="utf-8")]
    told = [json.loads(line) for line in lines]
    return [Example(each["id"], each["input"], each["target"]) for each in told]
