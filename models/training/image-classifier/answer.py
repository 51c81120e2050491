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

    def top(self, source: Path | bytes, count: int = 3) -> list[dict]:
        """The likeliest classes of a picture's file, most likely first: [{"code", "confidence"}]."""
        return self.top_of(preprocess(source, self.size), count)

    def top_of(self, pixels: np.ndarray, count: int = 3) -> list[dict]:
        """The same of uint8 [size, size, 3]."""
        probabilities = self._session.run(None, {"image": pixels[None]})[0][0]
        return top_classes(probabilities, self._codes, count)


def top_classes(probabilities: np.ndarray, codes: list[str], count: int = 3) -> list[dict]:
    order = np.argsort(-probabilities, kind="stable")[:count]
    return [{"code": codes[i], "confidence": round(float(probabilities[i]), 4)} for i in order]
