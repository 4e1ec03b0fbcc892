"""Writes a Llama-shaped transformers folder as GGUF: llama.cpp then runs the very weights that are measured beside it.

Names and the order of the rotary pairs follow llama.cpp's own converter; the two quantised files are made by
llama.cpp's own quantiser with its defaults.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
from gguf import GGUFWriter, TokenType
from safetensors.numpy import load_file

LAYER = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
}
WHOLE = {"model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output"}
PRE_TOKENIZER = "smollm"  # llama.cpp knows how a text is split by the name of a model


def write_gguf(folder: Path, file: Path) -> Path:
    """Write a folder (config.json, model.safetensors, tokenizer.json with byte-level BPE) as 32-bit floats."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    file.parent.mkdir(parents=True, exist_ok=True)
    writer = GGUFWriter(file, "llama")
    heads, kv_heads = config["num_attention_heads"], config["num_key_value_heads"]
    size = config.get("head_dim") or config["hidden_size"] // heads
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(heads)
    writer.add_head_count_kv(kv_heads)
    writer.add_rope_dimension_count(size)
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_rope_freq_base(config.get("rope_theta") or config["rope_parameters"]["rope_theta"])
    writer.add_vocab_size(config["vocab_size"])
    _write_tokenizer(writer, folder, config)
    for name, tensor in load_file(folder / "model.safetensors").items():
        target = _named(name)
        values = tensor.astype(np.float32)
        if ".attn_q." in target or ".attn_k." in target:
            values = _interleaved(values, heads if ".attn_q." in target else kv_heads)
        writer.add_tensor(target, values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return file


def quantized_gguf(source: Path, file: Path, kind: str) -> Path:
    """Quantise with llama.cpp itself; `kind` is "Q4_0" or "Q8_0"."""
    import llama_cpp  # noqa: PLC0415 a peer that is built where it is measured

    quiet = llama_cpp.llama_log_callback(lambda *_: None)  # a line a tensor otherwise
    llama_cpp.llama_log_set(quiet, None)
    wishes = llama_cpp.llama_model_quantize_default_params()
    wishes.ftype = {"Q4_0": llama_cpp.LLAMA_FTYPE_MOSTLY_Q4_0, "Q8_0": llama_cpp.LLAMA_FTYPE_MOSTLY_Q8_0}[kind]
    if llama_cpp.llama_model_quantize(bytes(source), bytes(file), wishes):
        raise RuntimeError(f"llama.cpp could not make {kind}")
    return file


def _named(name: str) -> str:
    stem = name.removesuffix(".weight")
    if stem in WHOLE:
        return f"{WHOLE[stem]}.weight"
    number, part = stem.removeprefix("model.layers.").split(".", 1)
    return f"blk.{number}.{LAYER[part]}.weight"


def _interleaved(matrix: Any, heads: int) -> Any:
    """Turn the halves of transformers' rotary embedding into the pairs of llama.cpp's."""
    rows, columns = matrix.shape
    return matrix.reshape(heads, 2, rows // heads // 2, columns).swapaxes(1, 2).reshape(rows, columns)


def _write_tokenizer(writer: GGUFWriter, folder: Path, config: dict[str, Any]) -> None:
    tokenizer = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    tokens = [f"[unused{number}]" for number in range(config["vocab_size"])]
    types = [TokenType.UNUSED] * len(tokens)
    for token, number in tokenizer["model"]["vocab"].items():
        tokens[number], types[number] = token, TokenType.NORMAL
    for added in tokenizer["added_tokens"]:
        tokens[added["id"]] = added["content"]
        types[added["id"]] = TokenType.CONTROL if added["special"] else TokenType.USER_DEFINED
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(PRE_TOKENIZER)
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    merges = tokenizer["model"]["merges"]
    writer.add_token_merges([merge if isinstance(merge, str) else " ".join(merge) for merge in merges])
    writer.add_bos_token_id(config["bos_token_id"])
    writer.add_eos_token_id(config["eos_token_id"])
    writer.add_add_bos_token(False)
