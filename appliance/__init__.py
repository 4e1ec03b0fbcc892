"""The adaptation appliance: company text in, an adapted, signed model out that answers offline."""

import os

# onnxruntime 1.31 for Linux reports to its maker: loading a model writes a device id into ~/.cache and asks the network
# for mobile.events.data.microsoft.com. It reads this variable while it is imported, so it stands before every import.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
