"""Nodes and weights of an ONNX graph in the making, and the forms in which a matrix can be stored."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

# `tokens-int8` ships; compare_storage.py says what the others would cost.
Storage = Literal["float", "blocks-int8", "tokens-int8"]
# One scale for so many weights of a column, where scales are by block.
BLOCK = 64
# Weights keep to 7 bits: processors without VNNI add two products in 16 bits, and 255 x 63 x 2 still fits.
LARGEST_WEIGHT = 63
ZERO_POINT = 128
MICROSOFT = "com.microsoft"


@dataclass
class Graph:
    """Each method appends nodes and initialisers and returns the name of their output."""

    storage: Storage
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    initializers: dict[str, onnx.TensorProto] = field(default_factory=dict)
    tokens: dict[str, tuple[str, str]] = field(default_factory=dict)

    def constant(self, name: str, value: np.ndarray) -> str:
        self.initializers.setdefault(name, numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def number(self, value: float, kind: type = np.float32) -> str:
        return self.constant(f"{kind.__name__}.{value:g}", np.array(value, kind))

    def node(self, kind: str, inputs: list[str], output: str, domain: str = "", **attributes: object) -> str:
        self.nodes.append(helper.make_node(kind, inputs, [output], name=output, domain=domain, **attributes))
        return output

    def rows_table(self, name: str, table: np.ndarray, pick: "tuple[str, list[str]]") -> str:
        """Rows of an embedding table, chosen by the operator `pick`, dequantised only after they are chosen."""
        kind, arguments = pick
        if self.storage == "float":
            return self.node(kind, [self.constant(name, table), *arguments], f"{name}.rows")
        scale = np.maximum(np.abs(table).max(1, keepdims=True), 1e-8) / 127
        quantised = np.rint(table / scale).astype(np.int8)
        rows = self.node(kind, [self.constant(name, quantised), *arguments], f"{name}.int8")
        scales = self.node(
            kind, [self.constant(f"{name}.scale", scale.astype(np.float32)), *arguments], f"{name}.scales"
        )
        return self.node("Mul", [self.node("Cast", [rows], f"{name}.cast", to=TensorProto.FLOAT), scales], f"{name}.rows")

    def matmul(self, name: str, source: str, weight: np.ndarray, lowest: float | None = None) -> str:
        """`source` times the transpose of PyTorch's `weight` [out, in], without the bias.

        `lowest` is a bound that no value of `source` goes below, where all its integers can lie above that.
        """
        if self.storage == "float":
            return self.node("MatMul", [source, self.constant(f"{name}.weight", weight.T)], f"{name}.product")
        if self.storage == "blocks-int8":
            return self.block_matmul(name, source, weight)
        return self.integer_matmul(name, source, weight, lowest)

    def block_matmul(self, name: str, source: str, weight: np.ndarray) -> str:
        rows, columns = weight.shape
        blocks = weight.reshape(rows, columns // BLOCK, BLOCK)
        scale = np.maximum(np.abs(blocks).max(2), 1e-8) / 127
        # MatMulNBits stores unsigned bytes around 128.
        quantised = (np.rint(blocks / scale[:, :, None]) + 128).astype(np.uint8)
        inputs = [
            source,
            self.constant(f"{name}.weight", quantised),
            self.constant(f"{name}.scale", scale.astype(np.float32).reshape(-1)),
        ]
        sizes = {"K": columns, "N": rows, "bits": 8, "block_size": BLOCK}
        # 4: the activations of each token become int8, with scales of their own.
        return self.node("MatMulNBits", inputs, f"{name}.product", MICROSOFT, **sizes, accuracy_level=4)

    def integer_matmul(self, name: str, source: str, weight: np.ndarray, lowest: float | None) -> str:
        """Integers times integers: one scale for every output of `weight`, and one for every token of `source`.

        DynamicQuantizeLinear would take one scale from the whole batch, so that answers depended on their neighbours.
        """
        scale = np.maximum(np.abs(weight).max(1), 1e-8) / LARGEST_WEIGHT
        quantised = np.rint(weight / scale[:, None]).astype(np.int8)
        values, scales = self.around_zero(source) if lowest is None else self.above(source, lowest)
        inputs = [
            values,
            self.constant(f"{name}.weight", quantised.T),
            self.number(1),
            self.constant(f"{name}.scale", scale.astype(np.float32)),
            self.number(ZERO_POINT if lowest is None else 0, np.uint8),
        ]
        product = self.node("MatMulIntegerToFloat", inputs, f"{name}.unscaled", MICROSOFT)
        product = self.node("Mul", [product, scales], f"{name}.product")
        if lowest is None:
            return product
        surplus = -lowest * scale * quantised.sum(1)
        return self.node("Sub", [product, self.constant(f"{name}.surplus", surplus.astype(np.float32))], f"{name}.exact")

    def around_zero(self, source: str) -> tuple[str, str]:
        """`source` as integers around 128 and the scale of every token, made once for all matrices that read it."""
        if source not in self.tokens:
            largest = self.node("ReduceMax", [self.node("Abs", [source], f"{source}.abs")], f"{source}.max", axes=[-1])
            largest = self.node("Max", [largest, self.number(1e-8)], f"{source}.max.positive")
            self.tokens[source] = self.integers(source, largest, ZERO_POINT)
        return self.tokens[source]

    def above(self, source: str, lowest: float) -> tuple[str, str]:
        raised = self.node("Sub", [source, self.number(lowest)], f"{source}.raised")
        return self.integers(raised, self.node("ReduceMax", [raised], f"{source}.max", axes=[-1]), 0)

    def integers(self, source: str, largest: str, zero_point: int) -> tuple[str, str]:
        top = 255 - zero_point
        scales = self.node("Mul", [largest, self.number(1 / top)], f"{source}.scales")
        factors = self.node("Div", [self.number(top), largest], f"{source}.factors")
        steps = self.node("Mul", [source, factors], f"{source}.steps")
        # The cast cuts off what follows the point, so half a step more rounds to the nearest.
        steps = self.node("Add", [steps, self.number(zero_point + 0.5)], f"{source}.unsigned")
        return self.node("Cast", [steps], f"{source}.uint8", to=TensorProto.UINT8), scales
