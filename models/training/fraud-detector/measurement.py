"""Measures the detectors on transactions that none was trained on, and chooses their thresholds."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from sklearn.metrics import precision_score, recall_score

from common.calibration import expected_calibration_error
from evaluation import TEST_DAYS, TEST_FIRST_DAY, Figures, figures_of, test_rows
from features import features_of
from simulator import simulate
from transactions import Transactions

FALSE_ALARMS_A_FRAUD = 3
"""The cost that sets `flagged`: a missed fraud costs as much as three wrongly flagged transactions."""
SECOND_LOOKS_A_FRAUD = 30
"""The cost that sets MEDIUM: a second look, such as asking for a code, is ten times cheaper than a wrong flag."""


@dataclass(frozen=True)
class Week:
    """A detector's answers to one test week."""

    name: str
    fraud: np.ndarray
    probability: np.ndarray
    figures: Figures


@dataclass(frozen=True)
class Thresholds:
    flagged: float
    medium: float


@dataclass(frozen=True)
class Measurement:
    """Over several test weeks."""

    weeks: int
    transactions: int
    mean: Figures
    spread: Figures
    """Standard deviation between weeks."""
    calibration_error: float
    calibration_error_from_medium: float
    """Of the transactions that are MEDIUM or HIGH; most others are so clearly genuine that they hide an error."""
    precision: float
    recall: float
    flagged_a_day: float


def simulated_weeks(detectors: dict, seeds: Iterable[int]) -> dict[str, list[Week]]:
    """The week of 8 to 14 August of each simulation, answered by each detector."""
    weeks: dict[str, list[Week]] = {version: [] for version in detectors}
    for seed in seeds:
        for version, week in answer_weeks(f"seed {seed}", detectors, simulate(seed), [TEST_FIRST_DAY]):
            weeks[version].append(week)
    return weeks


def answer_weeks(name: str, detectors: dict, transactions: Transactions, first_days: list[int]):
    """Yields (version, Week) for every detector and every week that starts on one of `first_days`."""
    features = features_of(transactions)
    for first_day in first_days:
        rows = test_rows(transactions, first_day)
        for version, detector in detectors.items():
            probability = detector.probability(features[rows])
            figures = figures_of(transactions, rows, probability)
            print(f"{name}, day {first_day}, version {version}: {figures}", flush=True)
            yield version, Week(name, transactions.fraud[rows], probability, figures)


def choose_thresholds(weeks: list[Week]) -> Thresholds:
    return Thresholds(
        flagged=_cheapest_threshold(weeks, FALSE_ALARMS_A_FRAUD),
        medium=_cheapest_threshold(weeks, SECOND_LOOKS_A_FRAUD),
    )


def measure(weeks: list[Week], thresholds: Thresholds) -> Measurement:
    fraud, probability = _all_rows(weeks)
    flagged, noticed = probability >= thresholds.flagged, probability >= thresholds.medium
    figures = np.array([[w.figures.average_precision, w.figures.auc, w.figures.card_precision] for w in weeks])
    return Measurement(
        weeks=len(weeks),
        transactions=len(fraud),
        mean=Figures(*figures.mean(axis=0).tolist()),
        spread=Figures(*figures.std(axis=0, ddof=1).tolist()),
        calibration_error=expected_calibration_error(probability, fraud),
        calibration_error_from_medium=expected_calibration_error(probability[noticed], fraud[noticed]),
        precision=float(precision_score(fraud, flagged)),
        recall=float(recall_score(fraud, flagged)),
        flagged_a_day=float(flagged.sum() / (len(weeks) * TEST_DAYS)),
    )


def _cheapest_threshold(weeks: list[Week], alarms_a_fraud: float) -> float:
    """The threshold, in hundredths, where missed frauds and alarms without a fraud together cost least."""
    fraud, probability = _all_rows(weeks)

    def cost(threshold: float) -> float:
        alarmed = probability >= threshold
        return alarms_a_fraud * ((fraud == 1) & ~alarmed).sum() + (alarmed & (fraud == 0)).sum()

    return min((hundredths / 100 for hundredths in range(1, 100)), key=cost)


def _all_rows(weeks: list[Week]) -> tuple[np.ndarray, np.ndarray]:
    return np.concatenate([week.fraud for week in weeks]), np.concatenate([week.probability for week in weeks])
