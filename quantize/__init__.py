"""A library that turns a causal language model into small ONNX models and measures what was lost."""

import os

# onnxruntime 1.31 for Linux reports to its maker: loading a model writes a device id into ~/.cache and asks the network
# for mobile.events.data.microsoft.com. It reads this variable while it is imported, so it stands before every import.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
