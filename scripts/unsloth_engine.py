"""Train with Unsloth's published method, for bench_training.py: an environment of its own, which pins older libraries.

    PYTHON scripts/unsloth_engine.py BASE STEPS.json DEVICE SAID.json

PYTHON is an interpreter with `pip install unsloth` and nothing of this project. STEPS.json holds the rows of every step
and the settings; losses, tokens a second and the peak of memory go to SAID.json. The adapter begins with Unsloth's own
values, so losses are told and not compared.
"""

import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

os.environ["HF_HUB_OFFLINE"] = "1"  # before Unsloth asks a hub for statistics
LINEAR = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def loaded(base: str, told: dict[str, Any]) -> tuple[Any, Any]:
    """Return Unsloth's 4-bit model with a fresh adapter, and its tokenizer."""
    from unsloth import FastLanguageModel  # noqa: PLC0415 - patches the others, so it comes first

    longest = max(len(row["tokens"]) for rows in told["steps"] for row in rows)
    model, tokenizer = FastLanguageModel.from_pretrained(
        model_name=base, max_seq_length=longest, dtype=None, load_in_4bit=True, local_files_only=True
    )
    model = FastLanguageModel.get_peft_model(
        model,
        r=told["rank"],
        lora_alpha=told["alpha"],
        lora_dropout=0,
        bias="none",
        target_modules=LINEAR,
        use_gradient_checkpointing="unsloth" if told["gradient_checkpointing"] else False,
        random_state=told["seed"],
    )
    return model, tokenizer


def train(base: str, told: dict[str, Any], device: str, scratch: Path) -> tuple[list[float], list[tuple[float, float]]]:
    """Return the losses, and after each step the clock and the processor's time."""
    model, tokenizer = loaded(base, told)
    import torch  # noqa: PLC0415
    from datasets import Dataset  # noqa: PLC0415
    from transformers import TrainerCallback  # noqa: PLC0415
    from trl import SFTConfig, SFTTrainer  # noqa: PLC0415

    moments: list[tuple[float, float]] = []

    class Clock(TrainerCallback):
        """Notes the time after every step."""

        def on_step_end(self, *_: object, **__: object) -> None:
            moments.append((time.perf_counter(), time.process_time()))

    rows = [row for step in told["steps"] for row in step]
    masked = [[-100] * row["labels_from"] + row["tokens"][row["labels_from"] :] for row in rows]
    dataset = Dataset.from_dict({"input_ids": [row["tokens"] for row in rows], "labels": masked})
    arguments = SFTConfig(
        output_dir=str(scratch),
        per_device_train_batch_size=len(told["steps"][0]),
        max_steps=len(told["steps"]),
        learning_rate=told["learning_rate"],
        max_grad_norm=told["clip_norm"],
        bf16=device == "cuda",
        use_cpu=device == "cpu",
        gradient_checkpointing=told["gradient_checkpointing"],
        dataset_kwargs={"skip_prepare_dataset": True},
        logging_steps=1,
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
        seed=told["seed"],
    )
    if device == "cuda":
        torch.cuda.reset_peak_memory_stats()
    trainer = SFTTrainer(
        model=model, processing_class=tokenizer, train_dataset=dataset, args=arguments, callbacks=[Clock()]
    )
    trainer.train()
    return [entry["loss"] for entry in trainer.state.log_history if "loss" in entry], moments


def main(base: str, file: str, device: str, said: str) -> int:
    """Train and write what was measured."""
    told = json.loads(Path(file).read_text(encoding="utf-8"))
    losses, moments = train(base, told, device, Path(said).parent / "unsloth")
    import torch  # noqa: PLC0415

    on_host = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    peak = torch.cuda.max_memory_reserved() if device == "cuda" else on_host
    tokens = sum(len(row["tokens"]) for rows in told["steps"][1:] for row in rows)
    wall, cpu = (last - first for first, last in zip(moments[0], moments[-1], strict=True))
    speeds = {"tokens_per_second": tokens / wall, "tokens_per_cpu_second": tokens / cpu}
    measured = {"losses": losses, "peak_bytes": peak, **speeds}
    Path(said).write_text(json.dumps(measured), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
