"""What the recipes of all models share: the files of a version, its checks and its measurements."""

import os

# ONNX Runtime 1.30 reports models and machine to its maker over the network unless it is told not to.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
