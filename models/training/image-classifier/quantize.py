"""int8 for the processor: weights per channel in 7 bits, activations in 8, scales fixed by calibration."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
from onnx import helper, numpy_helper
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)

from rounding import LARGEST

# Softmax stays in floats: 256 steps of probability would be far too coarse.
QUANTIZED_OPERATORS = ["Conv", "Clip", "Add", "GlobalAveragePool", "Reshape", "Gemm"]


def quantize_int8(
    float_model: Path, pictures: np.ndarray, int8_model: Path, weight_scales: dict[str, np.ndarray]
) -> None:
    """Writes `float_model` in int8 (QDQ), scales of activations taken from `pictures` (uint8 [pictures, S, S, 3]).

    `weight_scales` are those its weights are rounded to already, per output channel, by the weight's name.
    """
    folded = int8_model.with_suffix(".folded.onnx")
    _fold(float_model, folded)
    quantize_static(
        folded,
        int8_model,
        _Pictures(pictures),
        quant_format=QuantFormat.QDQ,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        per_channel=True,
        # Without VNNI, sums of two 8-bit products saturate at 16 bits, and such processors would answer differently.
        reduce_range=True,
        calibrate_method=CalibrationMethod.MinMax,
        op_types_to_quantize=QUANTIZED_OPERATORS,
        # Logits in 8 bits would tie near classes; the last product leaves its accumulator as floats.
        extra_options={
            "OpTypesToExcludeOutputQuantization": ["Gemm"],
            "TensorQuantOverrides": {name: _ranges(scales) for name, scales in weight_scales.items()},
        },
    )
    folded.unlink()
    model = onnx.load(int8_model)
    _require_fused(model)
    _read_bytes_as_quantized(model)
    _drop_unused(model)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, int8_model)


def _ranges(scales: np.ndarray) -> list[dict]:
    """Ranges for which the quantizer arrives at these very scales, so that rounded weights stay as they are."""
    ends = [np.float32(LARGEST * scale) for scale in scales]
    return [{"axis": 0, "quant_type": QuantType.QInt8, "symmetric": True, "reduce_range": True, "rmin": -end, "rmax": end} for end in ends]


class _Pictures(CalibrationDataReader):
    def __init__(self, pictures: np.ndarray) -> None:
        self._rows = iter(pictures)

    def get_next(self) -> dict[str, np.ndarray] | None:
        picture = next(self._rows, None)
        return None if picture is None else {"image": picture[None]}


def _fold(model: Path, folded: Path) -> None:
    """Folds constants and paddings, so that the quantizer sees bare convolutions."""
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(folded)
    ort.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


def _require_fused(model: onnx.ModelProto) -> None:
    left = [node.op_type for node in model.graph.node if node.op_type in ("Pad", "BatchNormalization")]
    if left:
        raise AssertionError(f"not fused into convolutions: {left}")


def _read_bytes_as_quantized(model: onnx.ModelProto) -> None:
    """(p - 127) / 128 is itself a quantisation with scale 1/128 and zero point 127.

    The picture's bytes therefore are the first convolution's int8 input: nothing is cast, scaled or rounded.
    """
    graph = model.graph
    stem = next(node for node in graph.node if node.op_type == "Conv")
    producers = {output: node for node in graph.node for output in node.output}
    before: list[onnx.NodeProto] = []
    upstream = [stem.input[0]]
    while upstream:
        node = producers.get(upstream.pop())
        if node is not None and node not in before:
            before.append(node)
            upstream.extend(node.input)
    for node in before:
        graph.node.remove(node)
    graph.initializer.extend(
        [
            numpy_helper.from_array(np.float32(1 / 128), "image_scale"),
            numpy_helper.from_array(np.uint8(127), "image_zero_point"),
        ]
    )
    graph.node.insert(0, helper.make_node("Transpose", ["image"], ["image_nchw"], perm=[0, 3, 1, 2]))
    graph.node.insert(
        1,
        helper.make_node("DequantizeLinear", ["image_nchw", "image_scale", "image_zero_point"], ["image_scaled"]),
    )
    stem.input[0] = "image_scaled"


def _drop_unused(model: onnx.ModelProto) -> None:
    graph = model.graph
    used = {name for node in graph.node for name in node.input}
    for initializer in [i for i in graph.initializer if i.name not in used]:
        graph.initializer.remove(initializer)
    del graph.value_info[:]
    # The optimizer lists every operator set it knows; loaders of other runtimes refuse unknown ones.
    domains = {node.domain for node in graph.node}
    for opset in [o for o in model.opset_import if o.domain not in domains]:
        model.opset_import.remove(opset)
