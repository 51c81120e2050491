"""Writes one version: ONNX file, tokenizer, golden examples, measurements, card and manifest."""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import torch
from common.calibration import softmax
from common.golden import check_golden, write_golden
from common.latency import Latency, measure_latency, open_session
from common.neighbour_independence import NeighbourReport, measure_neighbour_independence
from common.version_folder import write_manifest
from tokenizers import Tokenizer

from answers import MAX_TOKENS, Quality, answer_all, labels_of, logits_of, probabilities_of, quality
from card import write_card
from corpora import Corpora
from encoder import SentimentEncoder
from graph import build
from samples import GOLDEN
from tokens import encode, load_tokenizer, pad

LABELS = ["NEGATIVE", "POSITIVE"]
GOLDEN_TOLERANCE = 0.05
NEIGHBOUR_ROWS = 10_000
NEIGHBOUR_TOKENS = 96
# A text of about twenty words, as users send them.
TYPICAL_TOKENS = 24


@dataclass(frozen=True)
class Trained:
    """What training leaves behind; `texts` are what the version learnt from, for the neighbour check."""

    version: str
    encoder: SentimentEncoder
    temperature: float
    corpora: Corpora


@dataclass(frozen=True)
class Measured:
    """`float` and `shipped` by set of texts; `uncalibrated` is the float file at temperature 1."""

    float: dict[str, Quality]
    shipped: dict[str, Quality]
    uncalibrated: dict[str, Quality]
    float_neighbours: NeighbourReport
    shipped_neighbours: NeighbourReport
    latency: Latency
    float_bytes: int
    shipped_bytes: int
    parity: float


def publish(trained: Trained, encoder_folder: Path, model_folder: Path, work: Path) -> None:
    folder = model_folder / trained.version
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tokenizer.json").write_text(plain_tokenizer(encoder_folder), encoding="utf-8")
    tokenizer = load_tokenizer(folder / "tokenizer.json")
    weights = {name: value.numpy() for name, value in trained.encoder.state_dict().items()}
    for storage, path in (("float", work / "float.onnx"), ("tokens-int8", folder / "model.onnx")):
        onnx.save(build(weights, trained.encoder.pooling, trained.temperature, storage), path)

    measured = measure(trained, tokenizer, work / "float.onnx", folder / "model.onnx")
    shipped = probabilities_of(open_session(folder / "model.onnx"))
    examples = golden_examples(trained, tokenizer)
    worst = check_golden(
        examples,
        lambda given: {"probabilities": answer_texts(shipped, tokenizer, [given["text"]])[0].tolist()},
        compare="probabilities",
        tolerance=GOLDEN_TOLERANCE,
    )
    print(f"golden examples: {len(examples)}, largest difference {worst:.4f}", flush=True)
    write_golden(folder, examples)
    write_manifest(
        folder,
        task="sentiment",
        preprocessing={"kind": "text", "tokenizer": "tokenizer.json", "maxTokens": MAX_TOKENS},
        postprocessing={"labels": LABELS},
        compare="probabilities",
        tolerance=GOLDEN_TOLERANCE,
        card=write_card(trained.version, measured, lambda texts: answer_texts(shipped, tokenizer, texts)),
    )


def plain_tokenizer(encoder_folder: Path) -> str:
    """The package's tokenizer without truncation and padding, which the server does itself."""
    tokenizer = json.loads((encoder_folder / "tokenizer.json").read_text(encoding="utf-8"))
    tokenizer |= {"truncation": None, "padding": None}
    return json.dumps(tokenizer, ensure_ascii=False, separators=(",", ":"))


def measure(trained: Trained, tokenizer: Tokenizer, float_path: Path, shipped_path: Path) -> Measured:
    sets = {**{f"{name}, held out": texts for name, texts in trained.corpora.held_out.items()}, **trained.corpora.tests}
    in_float, in_shipped = open_session(float_path), open_session(shipped_path)
    qualities: dict[str, dict[str, Quality]] = {"float": {}, "shipped": {}, "uncalibrated": {}}
    parity = 0.0
    for name, examples in sets.items():
        rows, labels = encode(tokenizer, [example.text for example in examples], MAX_TOKENS), labels_of(examples)
        logits = answer_all(logits_of(trained.encoder), rows)
        from_framework = softmax(logits / trained.temperature)
        parity = max(parity, float(np.abs(answer_all(probabilities_of(in_float), rows) - from_framework).max()))
        qualities["float"][name] = quality(from_framework, labels)
        qualities["uncalibrated"][name] = quality(softmax(logits), labels)
        qualities["shipped"][name] = quality(answer_all(probabilities_of(in_shipped), rows), labels)
        print(f"  {name}: float {qualities['float'][name]}, shipped {qualities['shipped'][name]}", flush=True)
    assert parity < 1e-4, f"the float ONNX file differs from PyTorch by {parity}"

    mixed = rows_of_mixed_length(trained, tokenizer)
    return Measured(
        **qualities,
        float_neighbours=measure_neighbour_independence(in_float, mixed, collate).require_float(),
        shipped_neighbours=measure_neighbour_independence(in_shipped, mixed, collate).require_small(),
        latency=measure_latency(in_shipped, typical_batch),
        float_bytes=float_path.stat().st_size,
        shipped_bytes=shipped_path.stat().st_size,
        parity=parity,
    )


def rows_of_mixed_length(trained: Trained, tokenizer: Tokenizer) -> list[dict[str, np.ndarray]]:
    """10,000 rows of 3 to 96 tokens; every tenth joins up to six texts, so that the others meet much padding."""
    dice = random.Random(1)
    pool = [example.text for example in trained.corpora.training]
    texts = [
        " ".join(dice.choices(pool, k=dice.randint(2, 6) if index % 10 == 0 else 1)) for index in range(NEIGHBOUR_ROWS)
    ]
    return [{"input_ids": np.array(row, np.int64)} for row in encode(tokenizer, texts, NEIGHBOUR_TOKENS)]


def collate(rows: list[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    ids, mask = pad([row["input_ids"].tolist() for row in rows])
    return {"input_ids": ids.numpy(), "attention_mask": mask.numpy()}


def typical_batch(size: int) -> dict[str, np.ndarray]:
    ids = np.random.default_rng(1).integers(1000, 29000, (size, TYPICAL_TOKENS))
    return {"input_ids": ids, "attention_mask": np.ones_like(ids)}


def answer_texts(run: Callable[[torch.Tensor, torch.Tensor], np.ndarray], tokenizer: Tokenizer, texts: list[str]) -> np.ndarray:
    """Each text alone, as the golden gate and a single request run it."""
    return answer_all(run, encode(tokenizer, texts, MAX_TOKENS), batch_rows=1)


def golden_examples(trained: Trained, tokenizer: Tokenizer) -> list[dict]:
    logits = answer_texts(logits_of(trained.encoder), tokenizer, [text for _, text in GOLDEN])
    return [
        {"note": note, "input": {"text": text}, "outputs": {"probabilities": [round(float(p), 6) for p in answer]}}
        for (note, text), answer in zip(GOLDEN, softmax(logits / trained.temperature), strict=True)
    ]
