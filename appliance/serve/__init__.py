"""Offline answers from an installed bundle: onnxruntime and a tokenizer, no training stack."""
