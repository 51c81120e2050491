"""From published weights to an int8 file: calibrate, export, even out, round, quantise."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from common.calibration import fit_temperature
from common.latency import open_session
from equalize import equalize
from folded import FoldedNetwork
from network import SIZES, ByteImageClassifier, export_onnx, load_network
from quantize import quantize_int8
from rounding import round_weights
from validation import Validation, answers


@dataclass(frozen=True)
class Built:
    size: int
    """Side of the pictures in pixels."""
    network: ByteImageClassifier
    """The framework's network in floats, calibrated: the reference of both files."""
    temperature: float
    """Divisor of the logits, folded into the last layer of all three."""
    float_model: Path
    int8_model: Path
    pictures: np.ndarray
    """The validation pictures, uint8 [1300, size, size, 3]."""


def build(lite: int, validation: Validation, scratch: Path) -> Built:
    """Makes both files of EfficientNet-Lite number `lite` in `scratch`; an int8 file that lies there is kept."""
    size = SIZES[lite]
    pictures = validation.pictures(size)
    calibration = pictures[validation.calibration]
    network = load_network(lite)
    temperature = _calibrate(network, calibration, validation.labels[validation.calibration])
    folded = FoldedNetwork(network.backbone).eval()
    float_model, int8_model = scratch / f"lite{lite}.onnx", scratch / f"lite{lite}-int8.onnx"
    export_onnx(folded, size, float_model)
    _require_parity(network, float_model, pictures[:32])
    if not int8_model.exists():
        _make_int8(folded, size, calibration, int8_model)
    return Built(size, network, temperature, float_model, int8_model, pictures)


def _calibrate(network: ByteImageClassifier, pictures: np.ndarray, labels: np.ndarray) -> float:
    """Fits the temperature on the calibration pictures and folds it into the last layer, so it costs nothing."""
    # log-probabilities are logits but for a constant a picture, which softmax ignores.
    temperature = fit_temperature(np.log(network.probabilities(pictures) + 1e-30), labels)
    network.divide_logits(temperature)
    return temperature


def _require_parity(network: ByteImageClassifier, float_model: Path, pictures: np.ndarray) -> None:
    difference = np.abs(answers(open_session(float_model), pictures) - network.probabilities(pictures)).max()
    print(f"  largest difference of ONNX in floats from PyTorch: {difference:.1e}", flush=True)
    if difference > 1e-4:
        raise AssertionError(f"ONNX differs from PyTorch by {difference}")


def _make_int8(folded: FoldedNetwork, size: int, calibration: np.ndarray, int8_model: Path) -> None:
    """Evens out channels, rounds weights layer by layer, fixes the scales of activations."""
    equalize(folded, calibration)
    rounded = copy.deepcopy(folded)
    scales = round_weights(rounded, folded, calibration)
    rounded_model, unfinished = int8_model.with_suffix(".rounded.onnx"), int8_model.with_suffix(".unfinished.onnx")
    export_onnx(rounded, size, rounded_model)
    quantize_int8(rounded_model, calibration, unfinished, scales)
    # Renamed last, so that a file of this name is always a whole one.
    unfinished.rename(int8_model)
