"""The 1,300 ILSVRC2012 validation pictures the recipe calibrates and measures on; none of them is shipped."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime as ort
from PIL import Image

from common.calibration import expected_calibration_error
from preprocessing import resize

CALIBRATION_STRIDE = 5
"""Every fifth picture serves calibration; the other 1,040 are touched by nothing but the measurement."""


@dataclass(frozen=True)
class Validation:
    files: list[Path]
    labels: np.ndarray
    """Class index of each picture."""
    real_labels: list[list[int]]
    """All classes that people saw in each picture (ReaL, Beyer et al. 2020); empty where they agreed on none."""

    @property
    def calibration(self) -> np.ndarray:
        return np.arange(0, len(self.files), CALIBRATION_STRIDE)

    @property
    def untouched(self) -> np.ndarray:
        return np.setdiff1d(np.arange(len(self.files)), self.calibration)

    def pictures(self, size: int) -> np.ndarray:
        """uint8 [pictures, size, size, 3]; not cropped, since they come squashed to a square already."""
        return np.stack([resize(Image.open(file).convert("RGB"), size) for file in self.files])


@dataclass(frozen=True)
class Accuracy:
    """Shares from 0 to 1."""

    top_1: float
    top_5: float
    real: float
    """Share of pictures whose first label is among those people saw, of the pictures that have any."""
    calibration_error: float
    """Expected calibration error of the first label over 15 equal bins."""
    mean_confidence: float


def load_validation(imagenet: Path) -> Validation:
    folder = imagenet / "val-1300-227px"
    rows = [line.rsplit(",", 1) for line in (folder / "dataset.txt").read_text().splitlines() if line.strip()]
    files = [folder / name.strip() for name, _ in rows]
    real = json.loads((imagenet / "real-labels.json").read_text())
    # ILSVRC2012_val_00000347.JPEG is the 347th of the 50,000.
    numbers = [int(file.stem.rsplit("_", 1)[1]) for file in files]
    return Validation(files, np.array([int(label) for _, label in rows]), [real[n - 1] for n in numbers])


def answers(session: ort.InferenceSession, pictures: np.ndarray) -> np.ndarray:
    """Probabilities [pictures, 1000], one picture a call as a lone request meets it."""
    return np.concatenate([session.run(None, {"image": picture[None]})[0] for picture in pictures])


def measure_accuracy(probabilities: np.ndarray, validation: Validation, among: np.ndarray | None = None) -> Accuracy:
    """`among` are indices of pictures; all of them if left out."""
    chosen = np.arange(len(validation.files)) if among is None else among
    ranked = np.argsort(-probabilities[chosen], axis=1, kind="stable")[:, :5]
    hits = ranked == validation.labels[chosen][:, None]
    seen = [ranked[row, 0] in validation.real_labels[i] for row, i in enumerate(chosen) if validation.real_labels[i]]
    confidence = probabilities[chosen].max(axis=1)
    first = hits[:, 0].astype(float)
    return Accuracy(
        top_1=float(first.mean()),
        top_5=float(hits.any(axis=1).mean()),
        real=float(np.mean(seen)),
        calibration_error=expected_calibration_error(confidence, first),
        mean_confidence=float(confidence.mean()),
    )


def agreement(one: np.ndarray, other: np.ndarray) -> float:
    """Share of rows with the same first label."""
    return float((one.argmax(axis=1) == other.argmax(axis=1)).mean())
