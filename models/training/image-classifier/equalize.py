"""Evens out the channels of a network before it is rounded to int8, without changing what it computes.

An int8 tensor has one scale for all channels, so a quiet channel next to a loud one keeps few of its 256 steps. Where
a layer is linear in a channel, the channel can be multiplied by any factor that the next layer divides out again
(Nagel et al. 2019, https://arxiv.org/abs/1906.04721). Depthwise and producing convolutions absorb factors in their
scales per channel at no cost; only a 1x1 convolution that divides them out pays, in the spread of its own weights.
"""

from __future__ import annotations

import numpy as np
import torch

from folded import FoldedBlock, FoldedConvolution, FoldedNetwork

LARGEST_FACTOR = 16.0
RELU6_CEILING = 6.0
HEADROOM = 1.3
"""How far above all it did on the pictures a channel may rise before ReLU6 clips it."""
# Full use of the range where the depthwise convolution divides the factor out for nothing, half of it (in the
# logarithm) where a 1x1 convolution would pay, after the geometric mean of the paper.
BEFORE_DEPTHWISE, BEFORE_PROJECTION, RESIDUAL_STREAM = 1.0, 0.5, 0.5


@torch.no_grad()
def equalize(network: FoldedNetwork, pictures: np.ndarray) -> None:
    """Ranges are those over `pictures`; ReLU6 then clips where a channel rises far above all it did on them."""
    reach = _channel_reach(network, pictures)
    blocks = list(network.blocks)
    _move(_ceiling_factor(reach[network.stem], BEFORE_DEPTHWISE), [network.stem], [blocks[0].depthwise])
    for block in blocks:
        if len(block.convolutions) == 3:
            expansion = block.convolutions[0]
            _move(_ceiling_factor(reach[expansion], BEFORE_DEPTHWISE), [expansion], [block.depthwise])
        _move(_ceiling_factor(reach[block.depthwise], BEFORE_PROJECTION), [block.depthwise], [block.projection])
    for stream in _residual_streams(blocks):
        following = blocks.index(stream[-1]) + 1
        reader = blocks[following].convolutions[0] if following < len(blocks) else network.head
        loudest = torch.stack([reach[part] for block in stream for part in _writers(block)]).amax(0)
        factor = (loudest.max() / loudest.clamp_min(1e-6)).clamp(1, LARGEST_FACTOR) ** RESIDUAL_STREAM
        _move(factor, [b.projection for b in stream], [*(b.convolutions[0] for b in stream[1:]), reader])


def _residual_streams(blocks: list[FoldedBlock]) -> list[list[FoldedBlock]]:
    """Blocks whose outputs are added to each other, and so must share their factors."""
    streams: list[list[FoldedBlock]] = []
    for block in blocks:
        if block.residual:
            streams[-1].append(block)
        else:
            streams.append([block])
    return streams


def _writers(block: FoldedBlock) -> list[torch.nn.Module]:
    return [block.projection, block] if block.residual else [block.projection]


def _ceiling_factor(reach: torch.Tensor, power: float) -> torch.Tensor:
    """Lifts a channel's maximum to where ReLU6 clips; a silent channel stays as it is."""
    factor = (RELU6_CEILING / (HEADROOM * reach).clamp_min(1e-6)).clamp(1, LARGEST_FACTOR) ** power
    return torch.where(reach > 1e-6, factor, torch.ones_like(factor))


def _move(factor: torch.Tensor, producers: list[FoldedConvolution], consumers: list[FoldedConvolution]) -> None:
    for producer in producers:
        producer.weight *= factor[:, None, None, None]
        producer.bias *= factor
    for consumer in consumers:
        consumer.weight /= factor[:, None, None, None] if consumer.depthwise else factor[None, :, None, None]


def _channel_reach(network: FoldedNetwork, pictures: np.ndarray) -> dict[torch.nn.Module, torch.Tensor]:
    """The largest magnitude of every channel of every convolution's and block's output."""
    reach: dict[torch.nn.Module, torch.Tensor] = {}

    def note(module: torch.nn.Module, _: tuple, output: torch.Tensor) -> None:
        loudest = output.abs().amax((0, 2, 3))
        reach[module] = torch.maximum(reach[module], loudest) if module in reach else loudest

    hooks = [m.register_forward_hook(note) for m in network.modules() if isinstance(m, (FoldedConvolution, FoldedBlock))]
    for start in range(0, len(pictures), 10):
        network(torch.from_numpy(pictures[start : start + 10]))
    for hook in hooks:
        hook.remove()
    return reach
