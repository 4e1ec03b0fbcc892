"""A tiny model with the chat format of a real one, exported, bundled, signed and installed."""

from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from appliance.release.building import build
from appliance.release.installing import install
from appliance.release.manifest import BaseModelFacts, BundleFacts, Generation, Prompt
from appliance.release.signing import generate_key, load_private_key
from quantize.export import export_float, export_quantized
from quantize.variants import NF4, Scheme, Variant

SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
PROMPT = Prompt(prefix="<|im_start|>user\n", suffix="<|im_end|>\n<|im_start|>assistant\n", stop_ids=(2,))


@dataclass(frozen=True, slots=True)
class Tiny:
    """Where the parts of the tiny model are."""

    model: Path
    variants: dict[str, Variant]
    home: Path


def write_tokenizer(folder: Path) -> int:
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {piece: number for number, piece in enumerate([*SPECIAL, *alphabet])}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token in SPECIAL])
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token="<|im_end|>", pad_token="<|im_end|>", chat_template=TEMPLATE
    ).save_pretrained(folder)
    return len(vocabulary)


def write_model(folder: Path) -> None:
    torch.manual_seed(7)
    config = LlamaConfig(
        vocab_size=write_tokenizer(folder),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        max_position_embeddings=512,
        tie_word_embeddings=True,
        bos_token_id=1,
        eos_token_id=2,
        initializer_range=0.2,
    )
    LlamaForCausalLM(config).save_pretrained(folder)


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    root = tmp_path_factory.mktemp("served")
    (root / "model").mkdir()
    (root / "bundle").mkdir()
    write_model(root / "model")
    variant = export_float(root / "model", root / "float")
    small = export_quantized(variant, root / "int4", Scheme(bits=4), (NF4,))
    keys = generate_key(root / "keys")
    facts = BundleFacts(
        name="tiny",
        version="1",
        variant="int4",
        licence="Apache-2.0",
        base_model=BaseModelFacts(name="tiny", sha256="ab" * 32, licence="Apache-2.0"),
        prompt=PROMPT,
        generation=Generation(max_new_tokens=8, max_prompt_tokens=200),
    )
    parts = {name: small.folder / name for name in ("model.onnx", "model.onnx.data")}
    parts["tokenizer.json"] = root / "model" / "tokenizer.json"
    build(root / "bundle", parts, facts, load_private_key(keys.private))
    install(root / "bundle", keys.public, root / "home")
    return Tiny(root / "model", {"float": variant, "int4": small}, root / "home")
