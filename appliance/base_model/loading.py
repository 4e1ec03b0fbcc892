"""Load a canonical model folder: tokenizer, float weights, or a frozen 4-bit base for QLoRA.

The one file that imports bitsandbytes. Nothing here asks a hub and nothing runs code of the folder.
"""

from pathlib import Path
from typing import Any, Literal

import torch
from bitsandbytes import functional as quantisation
from bitsandbytes.nn import Linear4bit
from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig
from transformers.utils import logging as library_logging

from appliance.core.errors import ResourceError


def load_tokenizer(folder: Path) -> Any:
    """Return the tokenizer of a canonical folder."""
    return AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)


def load_float(folder: Path, dtype: torch.dtype = torch.float32) -> Any:
    """Return the causal language model of a canonical folder in one floating dtype, in eval mode, on the CPU."""
    library_logging.disable_progress_bar()
    return AutoModelForCausalLM.from_pretrained(
        folder, dtype=dtype, local_files_only=True, trust_remote_code=False, use_safetensors=True
    )


def load_nf4(folder: Path, device: str = "cpu") -> Any:
    """Return the model with NF4 linear layers and double quantisation (Dettmers et al. 2023, arXiv 2305.14314).

    Embeddings, norms and the output head stay in the compute dtype: float32 on a CPU, bfloat16 on a GPU that has it.

    Raises:
        ResourceError: the device is a GPU that is not there.
    """
    library_logging.disable_progress_bar()
    dtype = compute_dtype(device)
    config = BitsAndBytesConfig(
        load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True, bnb_4bit_compute_dtype=dtype
    )
    model = AutoModelForCausalLM.from_pretrained(
        folder,
        dtype=dtype,
        quantization_config=config,
        device_map={"": device},
        local_files_only=True,
        trust_remote_code=False,
        use_safetensors=True,
    )
    forbid_packing(model)
    return model


def pick_device(wish: Literal["auto", "cpu", "cuda"]) -> str:
    """Return the device to train on: the one wished for, or with "auto" a GPU when there is one."""
    if wish == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    return wish


def compute_dtype(device: str) -> torch.dtype:
    """Return the floating dtype to compute in on a device.

    Raises:
        ResourceError: the device is a GPU that is not there.
    """
    if not device.startswith("cuda"):
        return torch.float32
    if (torch.device(device).index or 0) >= torch.cuda.device_count():
        raise ResourceError(f"no GPU answers as {device}", hint='set device = "cpu" in [train], or check the driver')
    return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float32


def largest_rounding(device: str) -> float:
    """Return the largest error of NF4 over weights of -1 to 1 on a device: a broken kernel shows at once."""
    weights = torch.linspace(-1, 1, 64 * 64, device=device).reshape(64, 64)
    packed, state = quantisation.quantize_4bit(weights, quant_type="nf4")
    return float((quantisation.dequantize_4bit(packed, state) - weights).abs().max())


def forbid_packing(model: Any) -> int:
    """Keep bitsandbytes from repacking 4-bit weights for inference on a CPU; return the number of layers guarded.

    On a CPU with AVX512-BF16 the first forward pass in eval mode repacks each layer in place, drops the double
    quantisation, and never undoes it. The packed kernel has no gradient, so training that goes on afterwards gets
    silently wrong gradients (measured cosine 0.18 in the first layer), and layers whose rows are no multiple of 32
    fail an assertion.
    """
    layers = [module for module in model.modules() if isinstance(module, Linear4bit)]
    for layer in layers:
        layer.support_avx512bf16_for_cpu = False
    return len(layers)


def dequantised(model: Any) -> Any:
    """Replace every NF4 layer, in place, by a float layer with the same effective weights; return the model.

    The same function up to rounding, without unpacking 4 bits in every pass. An adapter was trained against these
    weights, so an export merges it into these and into no others.
    """
    for name, layer in [(name, module) for name, module in model.named_modules() if isinstance(module, Linear4bit)]:
        parent, _, attribute = name.rpartition(".")
        setattr(model.get_submodule(parent), attribute, _as_float(layer))
    for mark in ("hf_quantizer", "quantization_method", "is_loaded_in_4bit", "is_4bit_serializable"):
        model.__dict__.pop(mark, None)
    model.is_quantized = False
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    return model


def load_dequantised(folder: Path, dtype: torch.dtype = torch.float32) -> Any:
    """Return the model with the weights that NF4 leaves of it, as plain float layers on the CPU."""
    return dequantised(load_nf4(folder, "cpu")).to(dtype)


def _as_float(layer: Any) -> torch.nn.Linear:
    weight = quantisation.dequantize_4bit(layer.weight.data, layer.weight.quant_state)
    plain = torch.nn.Linear(layer.in_features, layer.out_features, bias=layer.bias is not None, device="meta")
    plain.weight = torch.nn.Parameter(weight, requires_grad=False)
    if layer.bias is not None:
        plain.bias = torch.nn.Parameter(layer.bias.data, requires_grad=False)
    return plain.train(layer.training)
