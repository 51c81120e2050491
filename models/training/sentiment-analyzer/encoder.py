"""BERT with layers of 384 and a head of two classes, in plain PyTorch."""

from pathlib import Path
from typing import Literal

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional as F

VOCABULARY = 30522
POSITIONS = 512
WIDTH = 384
HEADS = 12
LAYERS = 6
LABELS = 2
Pooling = Literal["mean", "first"]
EPSILON = 1e-12


class Dropout(nn.Module):
    """As PyTorch's, with eight random bits an element: on a processor that one's generator takes an eighth of a step."""

    def __init__(self, share: float) -> None:
        super().__init__()
        self._dropped = round(share * 256)

    def forward(self, values: Tensor) -> Tensor:
        if not self.training or self._dropped == 0:
            return values
        bits = torch.empty(-(-values.numel() // 8), dtype=torch.long).random_(-(2**63), None).view(torch.uint8)
        kept = (bits[: values.numel()] >= self._dropped).view(values.shape)
        return values * (kept.to(values.dtype) * (256 / (256 - self._dropped)))


class Layer(nn.Module):
    """One post-norm transformer block as in BERT."""

    def __init__(self, dropout: float) -> None:
        super().__init__()
        self.query = nn.Linear(WIDTH, WIDTH)
        self.key = nn.Linear(WIDTH, WIDTH)
        self.value = nn.Linear(WIDTH, WIDTH)
        self.attention_output = nn.Linear(WIDTH, WIDTH)
        self.attention_norm = nn.LayerNorm(WIDTH, EPSILON)
        self.intermediate = nn.Linear(WIDTH, 4 * WIDTH)
        self.output = nn.Linear(4 * WIDTH, WIDTH)
        self.output_norm = nn.LayerNorm(WIDTH, EPSILON)
        self.dropout = Dropout(dropout)

    def forward(self, hidden: Tensor, bias: Tensor) -> Tensor:
        batch, tokens, _ = hidden.shape

        def split(projected: Tensor) -> Tensor:
            return projected.view(batch, tokens, HEADS, WIDTH // HEADS).transpose(1, 2)

        query, key, value = (split(part(hidden)) for part in (self.query, self.key, self.value))
        scores = query @ key.transpose(2, 3) * (WIDTH // HEADS) ** -0.5 + bias
        context = scores.softmax(-1) @ value
        context = context.transpose(1, 2).reshape(batch, tokens, WIDTH)
        hidden = self.attention_norm(hidden + self.dropout(self.attention_output(context)))
        inner = F.gelu(self.intermediate(hidden))
        return self.output_norm(hidden + self.dropout(self.output(inner)))


class SentimentEncoder(nn.Module):
    """Token ids to two logits (NEGATIVE, POSITIVE).

    What feeds the head is as in pretraining: the mean over the unmasked tokens, or what stands at the first one.
    """

    def __init__(self, dropout: float = 0.1, layers: int = LAYERS, pooling: Pooling = "mean") -> None:
        super().__init__()
        self.pooling = pooling
        self.words = nn.Embedding(VOCABULARY, WIDTH)
        # Segment 0 is the only one in use, so its vector is folded into the positions.
        self.positions = nn.Embedding(POSITIONS, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, EPSILON)
        self.dropout = Dropout(dropout)
        self.layers = nn.ModuleList(Layer(dropout) for _ in range(layers))
        self.head = nn.Linear(WIDTH, LABELS)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        positions = torch.arange(input_ids.shape[1], device=input_ids.device)
        hidden = self.dropout(self.norm(self.words(input_ids) + self.positions(positions)))
        mask = attention_mask.to(hidden.dtype)
        if torch.is_autocast_enabled("cpu"):
            # Once, instead of before every matrix.
            hidden = hidden.to(torch.get_autocast_dtype("cpu"))
        # A finite number: with -inf a row without tokens would turn into NaN.
        bias = ((1.0 - mask)[:, None, None, :] * -10000.0).to(hidden.dtype)
        for layer in self.layers:
            hidden = layer(hidden, bias)
        return self.head(self.dropout(self.pool(hidden.float(), mask)))

    def pool(self, hidden: Tensor, mask: Tensor) -> Tensor:
        if self.pooling == "first":
            return hidden[:, 0]
        return (hidden * mask[:, :, None]).sum(1) / mask.sum(1, keepdim=True).clamp(min=1.0)


# Names in BERT's own files of what is in a layer here.
LAYER_PARTS = {
    "query": "attention.self.query",
    "key": "attention.self.key",
    "value": "attention.self.value",
    "attention_output": "attention.output.dense",
    "attention_norm": "attention.output.LayerNorm",
    "intermediate": "intermediate.dense",
    "output": "output.dense",
    "output_norm": "output.LayerNorm",
}


def load_pretrained(folder: Path, dropout: float = 0.1) -> SentimentEncoder:
    """The encoder with the sentence embedder's weights from `folder`, and a fresh head."""
    stored = load_file(folder / "model.safetensors")
    encoder = SentimentEncoder(dropout)
    state = {
        "words.weight": stored["embeddings.word_embeddings.weight"],
        "positions.weight": stored["embeddings.position_embeddings.weight"]
        + stored["embeddings.token_type_embeddings.weight"][0],
        "norm.weight": stored["embeddings.LayerNorm.weight"],
        "norm.bias": stored["embeddings.LayerNorm.bias"],
    }
    for index in range(LAYERS):
        for ours, theirs in LAYER_PARTS.items():
            for kind in ("weight", "bias"):
                state[f"layers.{index}.{ours}.{kind}"] = stored[f"encoder.layer.{index}.{theirs}.{kind}"]
    nn.init.normal_(encoder.head.weight, std=0.02)
    nn.init.zeros_(encoder.head.bias)
    missing, unexpected = encoder.load_state_dict(state, strict=False)
    assert set(missing) == {"head.weight", "head.bias"} and not unexpected, (missing, unexpected)
    return encoder


def encoder_with(weights: dict[str, Tensor], pooling: Pooling) -> SentimentEncoder:
    """For answers: of as many layers as there are weights for."""
    layers = 1 + max(int(name.split(".")[1]) for name in weights if name.startswith("layers."))
    encoder = SentimentEncoder(layers=layers, pooling=pooling)
    encoder.load_state_dict(weights)
    return encoder.eval()
