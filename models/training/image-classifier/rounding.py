"""Rounds weights to 7 bits so that what a layer computes changes least, rather than each weight by itself.

GPTQ (Frantar et al. 2022, https://arxiv.org/abs/2210.17323): weights are rounded one input after the other, and the
inputs still to come make up for the error so far, by the second moments of what the layer really reads. Layers are
rounded in the order of the data: each first moves to the weights that suit its already int8 inputs best, and its bias
keeps the mean of its output. Nothing is trained and no label is read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from folded import FoldedBlock, FoldedConvolution, FoldedNetwork, scale_pixels

LARGEST = 64
"""Weights are whole numbers from -64 to 64 times their channel's scale: 7 bits, onnxruntime's reduced range."""

DAMPING = 0.01
RIDGE = 0.05
"""How firmly the refitted weights are held to the trained ones, as a share of the inputs' mean variance."""

CHUNK = 20
MOST_POSITIONS = 60_000
"""Of a layer's inputs as many, spread over all pictures; its moments change little beyond."""
MOST_DEPTHWISE_POSITIONS = 15_000
"""Fewer suffice where an output reads 9 or 25 inputs instead of up to 1,152."""


@torch.no_grad()
def round_weights(network: FoldedNetwork, reference: FoldedNetwork, pictures: np.ndarray) -> dict[str, np.ndarray]:
    """Rounds `network` in place, towards `reference` (equal, and left in floats).

    Gives each layer's scales per output channel by the name of its weight.
    """
    _fix_activations(network, pictures)
    scales: dict[nn.Module, torch.Tensor] = {}
    pixels = [scale_pixels(torch.from_numpy(pictures[i : i + CHUNK])) for i in range(0, len(pictures), CHUNK)]
    float_path, int8_path = pixels, pixels

    def advance(here: FoldedConvolution, there: FoldedConvolution, read: list, read_int8: list) -> tuple[list, list]:
        scales[here] = _round_convolution(here, there, read, read_int8)
        return [there(x) for x in read], [here(x) for x in read_int8]

    float_path, int8_path = advance(network.stem, reference.stem, float_path, int8_path)
    for number, (block, original) in enumerate(zip(network.blocks, reference.blocks, strict=True), 1):
        inputs, int8_inputs = float_path, int8_path
        for here, there in zip(block.convolutions, original.convolutions, strict=True):
            float_path, int8_path = advance(here, there, float_path, int8_path)
        if block.residual:
            float_path = [x + y for x, y in zip(inputs, float_path, strict=True)]
            int8_path = [block.activation(x + y) for x, y in zip(int8_inputs, int8_path, strict=True)]
        print(f"  rounded block {number} of {len(network.blocks)}, error {_error(float_path, int8_path):.2%}", flush=True)
    float_path, int8_path = advance(network.head, reference.head, float_path, int8_path)
    pooled = torch.cat([reference.pool(x) for x in float_path]), torch.cat([network.pool(x) for x in int8_path])
    # 260 rows cannot tell 1,280 inputs apart: the last layer is rounded as it is, and only its bias follows.
    rounded, scale = _nearest(network.weight)
    network.bias += reference.weight @ pooled[0].mean(0) - rounded @ pooled[1].mean(0)
    network.weight.copy_(rounded)
    scales[network] = scale
    _free_activations(network)
    names = {module: name for name, module in network.named_modules()}
    return {f"{names[m]}.weight".lstrip("."): s.numpy() for m, s in scales.items()}


class FakeInt8(nn.Module):
    """Rounds a tensor to the 256 steps between the ends of its range, 0 among them."""

    def __init__(self, low: float, high: float) -> None:
        super().__init__()
        self.scale = max((max(high, 0.0) - min(low, 0.0)) / 255, 1e-12)
        self.zero_point = round(-min(low, 0.0) / self.scale)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.fake_quantize_per_tensor_affine(x, self.scale, self.zero_point, 0, 255)


@dataclass
class Moments:
    """Means and covariances per group of what a layer reads: in int8, and between floats and int8."""

    mean_float: torch.Tensor  # [groups, inputs]
    mean_int8: torch.Tensor
    int8: torch.Tensor  # [groups, inputs, inputs]
    cross: torch.Tensor


def _fix_activations(network: FoldedNetwork, pictures: np.ndarray) -> None:
    """Puts a FakeInt8 behind every tensor that the int8 file keeps in 8 bits, ranges taken from floats."""
    ranges: dict[nn.Module, tuple[float, float]] = {}

    def note(module: nn.Module, _: tuple, output: torch.Tensor) -> None:
        low, high = ranges.get(module, (0.0, 0.0))
        ranges[module] = min(low, float(output.min())), max(high, float(output.max()))

    owners = [m for m in network.modules() if isinstance(m, (FoldedConvolution, FoldedBlock))]
    owners = [m for m in owners if not isinstance(m, FoldedBlock) or m.residual]
    hooks = [owner.activation.register_forward_hook(note) for owner in owners] + [network.pooled.register_forward_hook(note)]
    for start in range(0, len(pictures), CHUNK):
        network(torch.from_numpy(pictures[start : start + CHUNK]))
    for hook in hooks:
        hook.remove()
    for owner in owners:
        owner.activation = FakeInt8(*ranges[owner.activation])
    network.pooled = FakeInt8(*ranges[network.pooled])


def _free_activations(network: FoldedNetwork) -> None:
    """Back to floats: the rounded network is exported without them, and the int8 file has its own."""
    for module in network.modules():
        if isinstance(module, (FoldedConvolution, FoldedBlock)):
            module.activation = nn.Identity()
    network.pooled = nn.Identity()


def _round_convolution(
    here: FoldedConvolution, there: FoldedConvolution, read: list[torch.Tensor], read_int8: list[torch.Tensor]
) -> torch.Tensor:
    """Rounds `here` for the inputs `read_int8`, towards what `there` makes of `read`. Gives its scales."""
    rows_of = _depthwise_rows if here.depthwise else _pointwise_rows if here.weight.shape[-1] == 1 else _window_rows
    moments = _moments(rows_of, here, read, read_int8)
    outputs = here.weight.shape[0]
    # A depthwise convolution is one group of one output a channel, any other one group of all outputs.
    groups = outputs if here.depthwise else 1
    trained = there.weight.double().reshape(groups, outputs // groups, -1)
    fitted = _refit(trained, moments)
    whole, scale = _gptq(fitted, moments.int8)
    rounded = whole * scale
    means = (trained @ moments.mean_float[..., None] - rounded @ moments.mean_int8[..., None]).reshape(outputs)
    here.bias.copy_(there.bias.double() + means)
    here.weight.copy_(rounded.reshape(here.weight.shape))
    return scale.reshape(outputs).float()


def _refit(trained: torch.Tensor, moments: Moments) -> torch.Tensor:
    """The weights whose outputs on int8 inputs are nearest to the trained ones' on float inputs."""
    ridge = RIDGE * moments.int8.diagonal(dim1=1, dim2=2).mean(1).clamp_min(1e-12)[:, None, None]
    identity = torch.eye(trained.shape[2], dtype=trained.dtype)
    target = trained @ moments.cross + ridge * trained
    return torch.linalg.solve(moments.int8 + ridge * identity, target.transpose(1, 2)).transpose(1, 2)


def _gptq(weights: torch.Tensor, covariance: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Weights [groups, outputs, inputs] → whole numbers of that shape and scales [groups, outputs, 1]."""
    scale = weights.abs().amax(2, keepdim=True) / LARGEST
    # Some channels died in training: their weights are zeros, at whatever scale.
    scale = scale.clamp_min(1e-4 * float(scale.max()))
    inputs = weights.shape[2]
    mean = covariance.diagonal(dim1=1, dim2=2).mean(1).clamp_min(1e-12)
    damped = covariance + DAMPING * mean[:, None, None] * torch.eye(inputs, dtype=covariance.dtype)
    # Loud inputs first: their error is the dearest, and most others are then left to make up for it.
    order = damped.diagonal(dim1=1, dim2=2).argsort(dim=1, descending=True)
    damped = damped.gather(1, order[..., None].expand_as(damped)).gather(2, order[:, None].expand_as(damped))
    inverse = torch.cholesky_inverse(torch.linalg.cholesky(damped))
    upper = torch.linalg.cholesky(inverse, upper=True)
    remaining = weights.gather(2, order[:, None].expand_as(weights)).clone()
    whole = torch.zeros_like(remaining)
    for i in range(inputs):
        whole[..., i] = (remaining[..., i] / scale[..., 0]).round().clamp(-LARGEST, LARGEST)
        error = (remaining[..., i] - whole[..., i] * scale[..., 0]) / upper[:, i, i][:, None]
        remaining[..., i + 1 :] -= error[..., None] * upper[:, i, i + 1 :][:, None]
    return torch.zeros_like(whole).scatter(2, order[:, None].expand_as(whole), whole), scale


def _nearest(weight: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    scale = weight.abs().amax(1, keepdim=True) / LARGEST
    return (weight / scale).round() * scale, scale[:, 0]


def _moments(
    rows_of: Callable[[FoldedConvolution, torch.Tensor, int], torch.Tensor],
    layer: FoldedConvolution,
    read: list[torch.Tensor],
    read_int8: list[torch.Tensor],
) -> Moments:
    positions = sum(x.shape[0] * x.shape[2] * x.shape[3] for x in read) / layer.stride[0] ** 2
    most = MOST_DEPTHWISE_POSITIONS if layer.depthwise else MOST_POSITIONS
    step = max(1, round((positions / most) ** 0.5))
    rows, totals = 0, [torch.zeros(1, dtype=torch.float64)] * 4
    for x, x_int8 in zip(read, read_int8, strict=True):
        a, b = rows_of(layer, x, step), rows_of(layer, x_int8, step)  # [groups, rows, inputs]
        parts = a.sum(1), b.sum(1), b.transpose(1, 2) @ b, a.transpose(1, 2) @ b
        totals = [total + part for total, part in zip(totals, parts, strict=True)]
        rows += b.shape[1]
    mean_float, mean_int8, int8, cross = (total / rows for total in totals)
    return Moments(
        mean_float,
        mean_int8,
        int8 - mean_int8[:, :, None] * mean_int8[:, None],
        cross - mean_float[:, :, None] * mean_int8[:, None],
    )


def _pointwise_rows(_: FoldedConvolution, x: torch.Tensor, step: int) -> torch.Tensor:
    return x[:, :, ::step, ::step].permute(0, 2, 3, 1).reshape(1, -1, x.shape[1])


def _window_rows(layer: FoldedConvolution, x: torch.Tensor, step: int) -> torch.Tensor:
    return _windows(layer, x, step).permute(0, 2, 3, 1, 4, 5).reshape(1, -1, layer.weight[0].numel())


def _depthwise_rows(layer: FoldedConvolution, x: torch.Tensor, step: int) -> torch.Tensor:
    return _windows(layer, x, step).permute(1, 0, 2, 3, 4, 5).reshape(x.shape[1], -1, layer.weight[0].numel())


def _windows(layer: FoldedConvolution, x: torch.Tensor, step: int) -> torch.Tensor:
    """What each output position reads: [batch, channels, rows, columns, kernel, kernel]."""
    size, stride = layer.weight.shape[-1], layer.stride[0]
    windows = layer.pad(x).unfold(2, size, stride).unfold(3, size, stride)
    return windows[:, :, ::step, ::step]


def _error(wanted: list[torch.Tensor], got: list[torch.Tensor]) -> float:
    difference = sum(float(((a - b) ** 2).sum()) for a, b in zip(wanted, got, strict=True))
    return difference / sum(float((a**2).sum()) for a in wanted)
