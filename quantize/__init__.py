"""A library that turns a causal language model into small ONNX models and measures what was lost."""
