"""Answers of an encoder or of an ONNX file for many texts, and what they are worth."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import onnxruntime as ort
import torch
from common.calibration import expected_calibration_error

from encoder import SentimentEncoder
from example import Example
from tokens import pad

MAX_TOKENS = 256
Run = Callable[[torch.Tensor, torch.Tensor], np.ndarray]


@dataclass(frozen=True)
class Quality:
    """`accuracy` and `calibration_error` as shares, 0 to 1."""

    rows: int
    accuracy: float
    calibration_error: float


def answer_all(run: Run, rows: list[list[int]], batch_rows: int = 32) -> np.ndarray:
    """float32 [rows, 2] in the order of `rows`; runs in batches of like length."""
    order = sorted(range(len(rows)), key=lambda index: len(rows[index]))
    answers = np.zeros((len(rows), 2), np.float32)
    for start in range(0, len(order), batch_rows):
        batch = order[start : start + batch_rows]
        answers[batch] = run(*pad([rows[index] for index in batch]))
    return answers


def logits_of(encoder: SentimentEncoder) -> Run:
    encoder.eval()

    @torch.inference_mode()
    def run(ids: torch.Tensor, mask: torch.Tensor) -> np.ndarray:
        return encoder(ids, mask).float().numpy()

    return run


def probabilities_of(session: ort.InferenceSession) -> Run:
    def run(ids: torch.Tensor, mask: torch.Tensor) -> np.ndarray:
        return session.run(["probabilities"], {"input_ids": ids.numpy(), "attention_mask": mask.numpy()})[0]

    return run


def labels_of(examples: list[Example]) -> np.ndarray:
    return np.array([int(example.positive > 0.5) for example in examples])


def quality(probabilities: np.ndarray, labels: np.ndarray) -> Quality:
    correct = probabilities.argmax(1) == labels
    return Quality(
        len(labels), float(correct.mean()), expected_calibration_error(probabilities.max(1), correct.astype(float))
    )
