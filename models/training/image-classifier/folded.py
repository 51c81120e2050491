"""EfficientNet-Lite with its batch norms folded away: convolutions, ReLU6, residual sums, one matrix.

What is left is what int8 has to represent, so equalisation and rounding work on this form and it is this form that
is exported.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
import torch.nn.functional as functional
from efficientnet_lite_pytorch import EfficientNet
from torch import nn


class FoldedConvolution(nn.Module):
    """Convolution with bias, then ReLU6 where `relu6`, then `activation`, which stands for the int8 of its output."""

    def __init__(self, convolution: nn.Conv2d, norm: nn.BatchNorm2d, *, relu6: bool) -> None:
        super().__init__()
        gain = (norm.weight / torch.sqrt(norm.running_var + norm.eps)).detach()
        self.register_buffer("weight", convolution.weight.detach() * gain[:, None, None, None])
        self.register_buffer("bias", norm.bias.detach() - norm.running_mean * gain)
        self.stride, self.groups, self.relu6 = convolution.stride, convolution.groups, relu6
        padding = getattr(convolution, "static_padding", None)
        # TensorFlow's SAME padding is uneven where the stride is 2: left, right, top, bottom.
        self.padding = tuple(padding.padding) if isinstance(padding, nn.ZeroPad2d) else (0, 0, 0, 0)
        self.activation: nn.Module = nn.Identity()

    @property
    def depthwise(self) -> bool:
        return self.groups > 1

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = functional.conv2d(self.pad(x), self.weight, self.bias, self.stride, groups=self.groups)
        return self.activation(functional.relu6(x) if self.relu6 else x)

    def pad(self, x: torch.Tensor) -> torch.Tensor:
        # Without the value said, the exporter writes a Pad that onnxruntime does not fuse into the convolution.
        return functional.pad(x, self.padding, value=0.0) if any(self.padding) else x


class FoldedBlock(nn.Module):
    """Inverted residual: expansion (left out in the first block), depthwise convolution, linear projection."""

    def __init__(self, block: nn.Module) -> None:
        super().__init__()
        arguments = block._block_args
        convolutions = []
        if arguments.expand_ratio != 1:
            convolutions.append(FoldedConvolution(block._expand_conv, block._bn0, relu6=True))
        convolutions.append(FoldedConvolution(block._depthwise_conv, block._bn1, relu6=True))
        convolutions.append(FoldedConvolution(block._project_conv, block._bn2, relu6=False))
        self.convolutions = nn.ModuleList(convolutions)
        stride = arguments.stride[0] if isinstance(arguments.stride, (list, tuple)) else arguments.stride
        self.residual = arguments.id_skip and stride == 1 and arguments.input_filters == arguments.output_filters
        self.activation: nn.Module = nn.Identity()

    @property
    def depthwise(self) -> FoldedConvolution:
        return self.convolutions[-2]

    @property
    def projection(self) -> FoldedConvolution:
        return self.convolutions[-1]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x
        for convolution in self.convolutions:
            y = convolution(y)
        return self.activation(x + y) if self.residual else y


class FoldedNetwork(nn.Module):
    """uint8 pixels `[batch, S, S, 3]`, RGB → float32 probabilities `[batch, 1000]`."""

    def __init__(self, backbone: EfficientNet) -> None:
        super().__init__()
        self.stem = FoldedConvolution(backbone._conv_stem, backbone._bn0, relu6=True)
        self.blocks = nn.ModuleList(FoldedBlock(block) for block in backbone._blocks)
        self.head = FoldedConvolution(backbone._conv_head, backbone._bn1, relu6=True)
        self.pooled: nn.Module = nn.Identity()
        self.register_buffer("weight", backbone._fc.weight.detach().clone())
        self.register_buffer("bias", backbone._fc.bias.detach().clone())

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        x = self.stem(scale_pixels(image))
        for block in self.blocks:
            x = block(x)
        return torch.softmax(functional.linear(self.pool(self.head(x)), self.weight, self.bias), dim=1)

    def pool(self, x: torch.Tensor) -> torch.Tensor:
        return self.pooled(functional.adaptive_avg_pool2d(x, 1).flatten(1))

    def convolutions(self) -> Iterator[FoldedConvolution]:
        return (module for module in self.modules() if isinstance(module, FoldedConvolution))


def scale_pixels(image: torch.Tensor) -> torch.Tensor:
    """Lite was trained on (p - 127) / 128; the mean and deviation in the package's README are another network's."""
    return ((image.to(torch.float32) - 127.0) * (1.0 / 128.0)).permute(0, 3, 1, 2)
