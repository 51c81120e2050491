"""How far stated probabilities are from observed frequencies, and the temperature that brings them closer."""

import numpy as np


def expected_calibration_error(confidence: np.ndarray, correct: np.ndarray, bins: int = 15) -> float:
    """Mean of |share correct - mean confidence| over equally wide bins of confidence, weighted by their rows.

    `confidence` is the probability of the predicted label and `correct` 0 or 1 (Guo et al. 2017); for a detector
    hand in the probability of the event and whether it happened.
    """
    bin_of = np.minimum((confidence * bins).astype(int), bins - 1)
    error = 0.0
    for b in range(bins):
        inside = bin_of == b
        if inside.any():
            error += inside.mean() * abs(correct[inside].mean() - confidence[inside].mean())
    return float(error)


def softmax(logits: np.ndarray) -> np.ndarray:
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)


def fit_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """The divisor of the logits [rows, classes] with the least log loss; fit it on rows kept out of training."""

    def log_loss(log_temperature: float) -> float:
        probabilities = softmax(logits.astype(np.float64) / np.exp(log_temperature))
        return float(-np.log(probabilities[np.arange(len(labels)), labels] + 1e-12).mean())

    low, high = np.log(0.1), np.log(10.0)
    # The loss has one minimum in the inverse temperature, so a ternary search finds it.
    while high - low > 1e-4:
        left, right = low + (high - low) / 3, high - (high - low) / 3
        low, high = (low, right) if log_loss(left) < log_loss(right) else (left, high)
    return float(np.exp((low + high) / 2))
