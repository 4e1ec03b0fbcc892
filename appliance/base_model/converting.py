"""Turn a received model into one canonical folder: float32 safetensors, configuration, tokenizer and chat template.

The bytes follow from the received bytes and the library versions alone; nothing of the folder's own code is run.
"""

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from appliance.base_model import gguf_header
from appliance.base_model.gguf_header import GgufHeader
from appliance.base_model.loading import load_float, load_tokenizer
from appliance.core.errors import InputError

CANONICAL_DTYPE = torch.float32
PLAIN_TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}{{ message['content'] }}"
    "{% if message['role'] == 'assistant' %}{{ eos_token }}{% else %}{{ '\n' }}{% endif %}{% endfor %}"
)


def convert(received: Path, weights: Path, header: GgufHeader | None, folder: Path, *, plain_template: bool) -> None:
    """Write the canonical model into `folder`; one without a chat template gets plain turns where that is wished.

    Raises:
        InputError: the libraries cannot open it, or it has no chat template.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        tokenizer, model = _open_gguf(weights, header, folder.parent) if header else _open_folder(received)
    except (OSError, ValueError, KeyError, RuntimeError, ImportError) as error:
        reason = f"{type(error).__name__} while it was opened"
        raise InputError(f"{weights.name}: not a model that can be adapted: {reason}", hint="see the log") from error
    if plain_template and not getattr(tokenizer, "chat_template", None):
        tokenizer.chat_template = PLAIN_TEMPLATE
    if not getattr(tokenizer, "chat_template", None):
        raise InputError(f"{weights.name}: no chat template", hint="take an instruction-tuned model")
    model.save_pretrained(folder, max_shard_size="1000GB")
    tokenizer.save_pretrained(folder)
    (folder / "model.safetensors").chmod(0o644)  # the library writes it 0600
    _strip(folder / "config.json", ("_name_or_path", "_model_name_or_path"))
    _strip(folder / "tokenizer_config.json", ("is_local", "local_files_only", "name_or_path"))


def _open_gguf(file: Path, header: GgufHeader, place: Path) -> tuple[Any, Any]:
    """Open the one file alone, in folders of its own: the library would also read whatever lies beside it."""
    with (
        tempfile.TemporaryDirectory(dir=place, prefix=".words-") as words,
        tempfile.TemporaryDirectory(dir=place, prefix=".weights-") as scratch,
    ):
        shutil.copyfile(file, Path(words) / file.name)
        tokenizer = AutoTokenizer.from_pretrained(
            words, gguf_file=file.name, local_files_only=True, trust_remote_code=False
        )
        target = Path(scratch) / "weights.gguf"
        if f"{header.metadata['general.architecture']}.vocab_size" in header.metadata:
            gguf_header.without_vocabulary(file, header, target)
        else:  # the size of the vocabulary is known from its list only
            shutil.copyfile(file, target)
        model = AutoModelForCausalLM.from_pretrained(
            scratch, gguf_file=target.name, dtype=CANONICAL_DTYPE, local_files_only=True, trust_remote_code=False
        )
    # a model that came from GGUF refuses to be saved as long as it believes to be quantised
    model.hf_quantizer = None
    model.is_quantized = False
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    return tokenizer, model


def _open_folder(folder: Path) -> tuple[Any, Any]:
    return load_tokenizer(folder), load_float(folder, CANONICAL_DTYPE)


def _strip(file: Path, keys: tuple[str, ...]) -> None:
    """Remove what names this machine or the attempt, and sort the rest."""
    content = json.loads(file.read_text(encoding="utf-8"))
    for key in keys:
        content.pop(key, None)
    file.write_text(json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True) + "\n", encoding="utf-8")
