"""The ONNX graph of the encoder, assembled node by node from the trained weights.

Written out instead of exported, because the small form is decided per weight: word vectors stay int8 until
their rows are gathered, and matrices multiply integers with a scale for every token.
"""

import numpy as np
import onnx
from onnx import TensorProto, helper

from encoder import EPSILON, HEADS, Pooling
from graph_builder import MICROSOFT, Graph, Storage

GELU_LOWEST = -0.17


def build(state: dict[str, np.ndarray], pooling: Pooling, temperature: float, storage: Storage) -> onnx.ModelProto:
    """input_ids and attention_mask, int64 [batch, tokens], to probabilities, float32 [batch, 2]."""
    graph = Graph(storage)
    hidden = embed(graph, state)
    key_mask = graph.node("Cast", ["attention_mask"], "mask.int32", to=TensorProto.INT32)
    layers = layers_of(state)
    for index, layer in enumerate(layers):
        # Of the last one, only what feeds the head is needed.
        reads = first_token(graph, hidden) if pooling == "first" and index == len(layers) - 1 else hidden
        hidden = encode_layer(graph, f"layer{index}", layer, hidden, reads, key_mask)
    pooled = only_token(graph, hidden) if pooling == "first" else mean_of_tokens(graph, hidden)
    classify(graph, state, pooled, temperature)
    body = helper.make_graph(
        graph.nodes,
        "sentiment-analyzer",
        [
            helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"])
            for name in ("input_ids", "attention_mask")
        ],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", 2])],
        list(graph.initializers.values()),
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid(MICROSOFT, 1)]
    model = helper.make_model(body, opset_imports=opsets, producer_name="predictql-sentiment-analyzer")
    model.ir_version = 8
    onnx.checker.check_model(model)
    return model


def embed(graph: Graph, state: dict[str, np.ndarray]) -> str:
    words = graph.rows_table("words", state["words.weight"], ("Gather", ["input_ids"]))
    zero, one = (graph.constant(f"number.{n}", np.array([n], np.int64)) for n in (0, 1))
    length = graph.node("Shape", ["input_ids"], "tokens", start=1, end=2)
    positions = graph.rows_table(
        "positions", state["positions.weight"], ("Slice", [zero, length, zero, one])
    )
    return normalise(graph, "embeddings", state["norm.weight"], state["norm.bias"], graph.node("Add", [words, positions], "embeddings.sum"))


def layers_of(state: dict[str, np.ndarray]) -> list[dict[str, np.ndarray]]:
    layers: dict[int, dict[str, np.ndarray]] = {}
    for name, value in state.items():
        if name.startswith("layers."):
            _, index, part = name.split(".", 2)
            layers.setdefault(int(index), {})[part] = value
    return [layers[index] for index in sorted(layers)]


def encode_layer(
    graph: Graph, name: str, layer: dict[str, np.ndarray], hidden: str, reads: str, key_mask: str
) -> str:
    """`reads` are the tokens of `hidden` for which there is an output."""
    sources = {"query": reads, "key": hidden, "value": hidden}
    heads = [graph.matmul(f"{name}.{part}", source, layer[f"{part}.weight"]) for part, source in sources.items()]
    bias = np.concatenate([layer[f"{part}.bias"] for part in ("query", "key", "value")])
    context = graph.node(
        "MultiHeadAttention",
        [*heads, graph.constant(f"{name}.bias", bias), key_mask],
        f"{name}.context",
        MICROSOFT,
        num_heads=HEADS,
    )
    attended = graph.matmul(f"{name}.attention_output", context, layer["attention_output.weight"])
    hidden = skip_normalise(graph, f"{name}.attention", layer, "attention", attended, reads)
    inner = graph.matmul(f"{name}.intermediate", hidden, layer["intermediate.weight"])
    bias_name = graph.constant(f"{name}.intermediate.bias", layer["intermediate.bias"])
    inner = graph.node("BiasGelu", [inner, bias_name], f"{name}.gelu", MICROSOFT)
    outer = graph.matmul(f"{name}.output", inner, layer["output.weight"], lowest=GELU_LOWEST)
    return skip_normalise(graph, f"{name}.output", layer, "output", outer, hidden)


def skip_normalise(graph: Graph, name: str, layer: dict[str, np.ndarray], part: str, branch: str, hidden: str) -> str:
    """LayerNorm(branch + bias + hidden).

    `Sum`, because ONNX Runtime makes a SkipLayerNormalization of `Add`, and its kernel takes five times as long.
    """
    linear = "attention_output" if part == "attention" else "output"
    bias = graph.constant(f"{name}.bias", layer[f"{linear}.bias"])
    total = graph.node("Sum", [branch, bias, hidden], f"{name}.sum")
    return normalise(graph, name, layer[f"{part}_norm.weight"], layer[f"{part}_norm.bias"], total)


def normalise(graph: Graph, name: str, weight: np.ndarray, bias: np.ndarray, source: str) -> str:
    inputs = [source, graph.constant(f"{name}.norm.weight", weight), graph.constant(f"{name}.norm.bias", bias)]
    return graph.node("LayerNormalization", inputs, f"{name}.norm", axis=-1, epsilon=EPSILON)


def first_token(graph: Graph, hidden: str) -> str:
    zero, one = (graph.constant(f"number.{n}", np.array([n], np.int64)) for n in (0, 1))
    return graph.node("Slice", [hidden, zero, one, one], "first")


def only_token(graph: Graph, hidden: str) -> str:
    return graph.node("Squeeze", [hidden, graph.constant("axis.tokens", np.array([1], np.int64))], "only")


def mean_of_tokens(graph: Graph, hidden: str) -> str:
    """Of those that are not masked."""
    last, middle = graph.constant("axis.last", np.array([-1], np.int64)), graph.constant("axis.tokens", np.array([1], np.int64))
    mask = graph.node("Cast", ["attention_mask"], "mask.float", to=TensorProto.FLOAT)
    masked = graph.node("Mul", [hidden, graph.node("Unsqueeze", [mask, last], "mask.column")], "masked")
    total = graph.node("ReduceSum", [masked, middle], "sum", keepdims=0)
    count = graph.node("ReduceSum", [mask, middle], "count", keepdims=1)
    # A row without tokens would divide by zero.
    count = graph.node("Max", [count, graph.constant("one", np.array(1, np.float32))], "count.positive")
    return graph.node("Div", [total, count], "mean")


def classify(graph: Graph, state: dict[str, np.ndarray], pooled: str, temperature: float) -> None:
    """The head, the temperature, softmax."""
    inputs = [pooled, graph.constant("head.weight", state["head.weight"].T), graph.constant("head.bias", state["head.bias"])]
    logits = graph.node("Gemm", inputs, "logits")
    cooled = graph.node("Div", [logits, graph.constant("temperature", np.array(temperature, np.float32))], "logits.calibrated")
    graph.node("Softmax", [cooled], "probabilities", axis=-1)
