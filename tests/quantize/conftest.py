"""A tiny model with real parts: a tokenizer that knows the chat format, and a Llama with random weights."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from quantize.export import export_float, export_quantized
from quantize.variants import NF4, Scheme, Variant

SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")


def write_model(folder: Path, *, tied: bool = True) -> LlamaForCausalLM:
    """Save a tiny model and its tokenizer in a folder; return the model."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {piece: number for number, piece in enumerate([*SPECIAL, *alphabet])}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token in SPECIAL])
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<|im_start|>", eos_token="<|im_end|>", pad_token="<|im_end|>"
    ).save_pretrained(folder)
    torch.manual_seed(7)
    config = LlamaConfig(
        vocab_size=len(vocabulary),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=32,
        max_position_embeddings=256,
        tie_word_embeddings=tied,
        bos_token_id=1,
        eos_token_id=2,
        initializer_range=0.2,
    )
    model = LlamaForCausalLM(config).eval()
    model.save_pretrained(folder)
    return model


@pytest.fixture(scope="session")
def make_model() -> Callable[..., LlamaForCausalLM]:
    return write_model


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tiny-model")
    write_model(folder)
    return folder


@pytest.fixture(scope="session")
def float_variant(model_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Variant:
    return export_float(model_folder, tmp_path_factory.mktemp("variants") / "float")


@pytest.fixture(scope="session")
def int8_variant(float_variant: Variant) -> Variant:
    return export_quantized(float_variant, float_variant.folder.parent / "int8", Scheme(bits=8), (NF4,))


@pytest.fixture(scope="session")
def int4_variant(float_variant: Variant) -> Variant:
    return export_quantized(float_variant, float_variant.folder.parent / "int4", Scheme(bits=4), (NF4,))


@pytest.fixture(scope="session")
def torch_model(model_folder: Path) -> LlamaForCausalLM:
    return LlamaForCausalLM.from_pretrained(model_folder, trust_remote_code=False).eval()
