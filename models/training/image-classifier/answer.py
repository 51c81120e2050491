"""A picture's file → what a version says of it, as the server would."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime as ort

from preprocessing import preprocess


class Classifier:
    """One ONNX file with its size and class codes."""

    def __init__(self, session: ort.InferenceSession, size: int, codes: list[str]) -> None:
        self._session = session
        self.size = size
        self._codes = codes

    def probabilities(self, source: Path | bytes) -> np.ndarray:
        return self._session.run(None, {"image": preprocess(source, self.size)[None]})[0][0]

    def top(self, source: Path | bytes, count: int = 3) -> list[dict]:
        """The likeliest classes first: [{"code", "confidence"}]."""
        return top_classes(self.probabilities(source), self._codes, count)


def top_classes(probabilities: np.ndarray, codes: list[str], count: int = 3) -> list[dict]:
    order = np.argsort(-probabilities, kind="stable")[:count]
    return [{"code": codes[i], "confidence": round(float(probabilities[i]), 4)} for i in order]
