"""Receive a base model: look at it, digest it, convert it to one canonical folder, and say what was found.

The canonical folder holds float32 safetensors, configuration, tokenizer and chat template, whatever was received; all
later steps read only it. Its bytes follow from the received bytes and the library versions alone.
"""

import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from appliance.base_model import gguf_header, risk
from appliance.base_model.chat import prompt_tokens
from appliance.base_model.gguf_header import GgufHeader
from appliance.base_model.loading import load_float, load_tokenizer
from appliance.base_model.locating import PACKAGE, locate
from appliance.core.errors import InputError, IntegrityError
from appliance.core.hashing import file_digest
from appliance.core.sections import IntakeSettings

CANONICAL_DTYPE = torch.float32
PROBE = ("Answer.", "pump 3 leaks / ポンプ3 漏れ")  # instruction and prompt of the portability check
CARD_FIELDS = ("licence", "source", "languages", "training_data", "evaluation", "limitations", "contact")
GGUF_TYPES = {0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 6: "Q5_0", 7: "Q5_1", 8: "Q8_0", 10: "Q2_K", 11: "Q3_K",
              12: "Q4_K", 13: "Q5_K", 14: "Q6_K", 30: "BF16"}  # fmt: skip


def receive(path: str, settings: IntakeSettings, folder: Path, progress: Callable[[str], None]) -> dict[str, Any]:
    """Check, digest and convert a base model into `folder`; return facts that depend on the content alone.

    Args:
        path: a folder, a .gguf file or package:NAME.
        settings: the licence that is accepted, the digest that is expected.
        folder: an empty folder for the canonical model.
        progress: called with a word for what is done next.

    Raises:
        InputError: nothing is there, a file may not be opened, or the model cannot be used.
        IntegrityError: the weights are not those that the settings name.
    """
    received = locate(path)
    progress("inspecting")
    files = risk.inspect(received, from_package=path.startswith(PACKAGE))
    weights = _weights(files)
    progress("digesting")
    digests = {str(file.relative_to(received)) if received.is_dir() else file.name: file_digest(file) for file in files}
    _check_digest(weights, files, settings)
    header = gguf_header.read_header(weights) if weights.suffix == ".gguf" else None
    progress("converting")
    _convert(received, weights, header, folder)
    progress("measuring")
    return {
        "received": digests,
        "licence": _licence(settings, header),
        "source": settings.source,
        "grid": _grid(header, weights),
        "measured": _measure(folder),
        "claims": _claims(header, folder),
        "missing_card_fields": _missing(settings, header),
        "canonical": {file.name: file_digest(file) for file in sorted(folder.iterdir())},
    }


def _weights(files: list[Path]) -> Path:
    """Return the file that holds the weights; of several parts in safetensors the first stands for all."""
    gguf = [file for file in files if file.suffix == ".gguf"]
    found = gguf or [file for file in files if file.suffix == ".safetensors"]
    if not found or len(gguf) > 1:
        raise InputError(
            f"{len(gguf)} GGUF files and no other weights: one model is wanted", hint="name one .gguf file"
        )
    return found[0]


def _check_digest(weights: Path, files: list[Path], settings: IntakeSettings) -> None:
    if settings.sha256 and sum(file.suffix == weights.suffix for file in files) > 1:
        raise InputError(
            f"{weights.name}: the weights are in several files, and one sha256 cannot stand for them",
            hint="leave sha256 out of [intake]; every file's digest is in the intake report",
        )
    if settings.sha256 and settings.sha256.lower() != file_digest(weights):
        raise IntegrityError(
            f"{weights.name}: its SHA-256 is not the one in [intake]", hint="fetch the weights again, or correct sha256"
        )


def _convert(received: Path, weights: Path, header: GgufHeader | None, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    try:
        tokenizer, model = _open_gguf(weights, header, folder.parent) if header else _open_folder(received)
    except (OSError, ValueError, KeyError, RuntimeError, ImportError) as error:
        reason = f"{type(error).__name__} while it was opened"
        raise InputError(f"{weights.name}: not a model that can be adapted: {reason}", hint="see the log") from error
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


def _licence(settings: IntakeSettings, header: GgufHeader | None) -> dict[str, Any]:
    claimed = str(header.metadata.get("general.license", "")) if header else ""
    return {"accepted": settings.licence, "claimed": claimed, "agree": claimed.lower() == settings.licence.lower()}


def _grid(header: GgufHeader | None, weights: Path) -> dict[str, Any]:
    """Say on which grid the weights were received: what a coarse grid has rounded away does not come back."""
    if header is None:
        dtypes = Counter(str(tensor["dtype"]) for tensor in risk.safetensors_header(weights).values())
        return {"tensors": dict(sorted(dtypes.items())), "note": "as received"}
    types = Counter(GGUF_TYPES.get(kind, f"type {kind}") for kind in header.tensor_types.values())
    coarse = sorted(name for name in types if name.startswith("Q"))
    main = types.most_common(1)[0][0]
    note = f"{main}: carries {main[1]}-bit error" if main in coarse else "as received"
    return {"tensors": dict(sorted(types.items())), "note": note}


def _measure(folder: Path) -> dict[str, Any]:
    """Return what the model is; its logits are compared here and not kept: they differ from one CPU to the next."""
    (measures, first), (_, second) = _probe(folder), _probe(folder)
    if not torch.equal(first, second):
        raise InputError("the model gives different logits when it is loaded twice", hint="take another model")
    return {**measures, "portable": True, "same_logits_when_loaded_twice": True}


def _probe(folder: Path) -> tuple[dict[str, Any], torch.Tensor]:
    """Load the canonical model on the CPU and return its measures and the logits behind a fixed prompt."""
    tokenizer, model = load_tokenizer(folder), load_float(folder)
    tokens = torch.tensor([prompt_tokens(tokenizer, *PROBE)])
    with torch.no_grad():
        logits = model(input_ids=tokens, use_cache=False).logits[0, -1]
    if not bool(torch.isfinite(logits).all()):
        raise InputError("the model gives logits that are no finite numbers", hint="take another model")
    measures = {
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "vocabulary": int(model.config.vocab_size),
        "tokenizer_vocabulary": len(tokenizer),
        "context_tokens": int(model.config.max_position_embeddings),
        "layers": int(model.config.num_hidden_layers),
        "architecture": str(model.config.architectures[0]),
        "dtype": str(CANONICAL_DTYPE).removeprefix("torch."),
    }
    return measures, logits


def _claims(header: GgufHeader | None, folder: Path) -> list[dict[str, Any]]:
    """Hold what the metadata claim against what the canonical configuration says."""
    if header is None:
        return []
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    kind = header.metadata["general.architecture"]
    pairs = {
        "context_length": "max_position_embeddings",
        "block_count": "num_hidden_layers",
        "embedding_length": "hidden_size",
        "vocab_size": "vocab_size",
    }
    found = {claim: header.metadata.get(f"{kind}.{claim}") for claim in pairs}
    rows = [(claim, found[claim], config.get(key)) for claim, key in pairs.items() if found[claim] is not None]
    rows.append(("size_label", header.metadata.get("general.size_label"), _size_label(header.parameters)))
    return [
        {"claim": claim, "claimed": claimed, "measured": measured, "agree": claimed == measured}
        for claim, claimed, measured in rows
        if claimed is not None
    ]


def _size_label(parameters: int) -> str:
    return f"{parameters / 1e9:.1f}B" if parameters >= 1e9 else f"{parameters / 1e6:.0f}M"


def _missing(settings: IntakeSettings, header: GgufHeader | None) -> list[str]:
    """Return the fields of a model card (Mitchell et al. 2019) that neither the operator nor the metadata fill."""
    metadata: Mapping[str, Any] = header.metadata if header else {}
    given = {
        "licence": settings.licence or metadata.get("general.license"),
        "source": settings.source or metadata.get("general.source.url"),
        "languages": metadata.get("general.languages"),
        "training_data": metadata.get("general.datasets"),
    }
    return [field for field in CARD_FIELDS if not given.get(field)]
