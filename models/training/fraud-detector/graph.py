"""Assembles the ONNX files: raw features in, probability of fraud out, the scaler and the logarithms inside."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from features import ORDER

INPUT, OUTPUT = "features", "probability"
# onnxruntime versions of the last three years read these.
OPSET, IR_VERSION = 17, 8


def write_graph(path: Path, *, name: str, logarithms: bool, mean: np.ndarray, deviation: np.ndarray, layers) -> None:
    """`layers` are (weights [in, out], bias [out]); ReLU stands between them and a sigmoid at the end.

    With `logarithms` the first layer sees log(1 + feature) of every feature beside the feature itself.
    """
    nodes, constants = [], []

    def constant(name: str, value: np.ndarray) -> str:
        constants.append(numpy_helper.from_array(value.astype(np.float32), name))
        return name

    def node(kind: str, inputs: list[str], output: str, **attributes) -> str:
        nodes.append(helper.make_node(kind, inputs, [output], name=f"{kind}_{output}", **attributes))
        return output

    values = INPUT
    if logarithms:
        one_more = node("Add", [values, constant("one", np.array(1))], "one_more")
        logarithm = node("Log", [one_more], "logarithm")
        values = node("Concat", [INPUT, logarithm], "features_and_logarithms", axis=1)
    centred = node("Sub", [values, constant("mean", mean)], "centred")
    values = node("Div", [centred, constant("deviation", deviation)], "scaled")
    for number, (weights, bias) in enumerate(layers, start=1):
        if number > 1:
            values = node("Relu", [values], f"hidden_{number - 1}")
        parameters = [constant(f"weights_{number}", weights), constant(f"bias_{number}", bias)]
        values = node("Gemm", [values, *parameters], f"layer_{number}")
    node("Sigmoid", [values], OUTPUT)

    graph = helper.make_graph(
        nodes,
        name,
        [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, ["batch", len(ORDER)])],
        [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["batch", 1])],
        constants,
    )
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION, producer_name="predictql"
    )
    onnx.checker.check_model(model, full_check=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(model, path)
