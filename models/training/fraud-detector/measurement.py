"""Measures the detectors on simulations that none was trained on, and chooses their thresholds."""

from dataclasses import dataclass

import numpy as np
from sklearn.metrics import precision_score, recall_score

from common.calibration import expected_calibration_error
from evaluation import TEST_DAYS, Figures, figures_of, test_rows
from features import features_of
from simulator import simulate

FALSE_ALARMS_A_FRAUD = 3
"""The cost that sets `flagged`: a missed fraud costs as much as three wrongly flagged transactions."""
SECOND_LOOKS_A_FRAUD = 30
"""The cost that sets MEDIUM: a second look, such as asking for a code, is ten times cheaper than a wrong flag."""


@dataclass(frozen=True)
class Measurement:
    """Of one version, over the test weeks of several simulations."""

    seeds: int
    mean: Figures
    spread: Figures
    """Standard deviation between seeds."""
    transactions: int
    threshold: float
    medium: float
    precision: float
    recall: float
    alerts_a_day: float
    """Flagged transactions a day of 5,000 cards."""
    calibration_error: float


def measure(detectors: dict, *, threshold_seeds: tuple[int, ...], test_seeds: tuple[int, ...]) -> dict:
    """A Measurement of each detector. Thresholds are chosen on seeds of their own."""
    choosing = {version: [] for version in detectors}
    testing = {version: [] for version in detectors}
    for seed in (*threshold_seeds, *test_seeds):
        transactions = simulate(seed)
        rows = test_rows(transactions)
        features, fraud = features_of(transactions)[rows], transactions.fraud[rows]
        for version, detector in detectors.items():
            probability = detector.probability(features)
            if seed in threshold_seeds:
                choosing[version].append((fraud, probability))
            else:
                figures = figures_of(transactions, rows, probability)
                testing[version].append((fraud, probability, figures))
                print(f"simulation {seed}, version {version}: {figures}", flush=True)
    return {version: _summary(choosing[version], testing[version]) for version in detectors}


def cheapest_threshold(fraud: np.ndarray, probability: np.ndarray, alarms_a_fraud: float) -> float:
    """The threshold, in hundredths, where missed frauds and false alarms together cost least."""
    candidates = np.arange(1, 100) / 100

    def cost(threshold: float) -> float:
        flagged = probability >= threshold
        return alarms_a_fraud * ((fraud == 1) & ~flagged).sum() + (flagged & (fraud == 0)).sum()

    return float(min(candidates, key=cost))


def _summary(choosing: list, testing: list) -> Measurement:
    fraud, probability = (np.concatenate(column) for column in zip(*choosing))
    threshold = cheapest_threshold(fraud, probability, FALSE_ALARMS_A_FRAUD)
    medium = cheapest_threshold(fraud, probability, SECOND_LOOKS_A_FRAUD)

    fraud, probability, figures = zip(*testing)
    table = np.array([[f.average_precision, f.auc, f.card_precision] for f in figures])
    fraud, probability = np.concatenate(fraud), np.concatenate(probability)
    flagged = probability >= threshold
    return Measurement(
        seeds=len(figures),
        mean=Figures(*table.mean(axis=0).tolist()),
        spread=Figures(*table.std(axis=0, ddof=1).tolist()),
        transactions=len(fraud),
        threshold=threshold,
        medium=medium,
        precision=float(precision_score(fraud, flagged)),
        recall=float(recall_score(fraud, flagged)),
        alerts_a_day=float(flagged.sum() / (len(figures) * TEST_DAYS)),
        calibration_error=expected_calibration_error(probability, fraud),
    )
