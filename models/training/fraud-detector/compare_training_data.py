"""Why the network learns from several simulations: the same recipe on one simulation's own past, for comparison.

    python models/training/fraud-detector/compare_training_data.py

Trains a network for each of the first five test simulations, on its own transactions until 31 July, and measures it on
the following test week.
"""

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from detectors import NetworkDetector
from evaluation import TEST_FIRST_DAY, figures_of, test_rows, train_rows
from features import features_of
from simulator import simulate
from train import TEST_SEEDS


def main() -> None:
    figures = []
    for seed in TEST_SEEDS[:5]:
        transactions = simulate(seed)
        features = features_of(transactions)
        past, week = train_rows(transactions), test_rows(transactions, TEST_FIRST_DAY)
        detector = NetworkDetector(features[past], transactions.fraud[past])
        measured = figures_of(transactions, week, detector.probability(features[week]))
        figures.append([measured.average_precision, measured.auc, measured.card_precision])
        print(f"simulation {seed}, trained on its own past: {measured}", flush=True)
    names = ("average precision", "AUC", "card precision at 100")
    for name, values in zip(names, np.array(figures).T, strict=True):
        print(f"{name}: mean {values.mean():.4f}, standard deviation {values.std(ddof=1):.4f}")


if __name__ == "__main__":
    main()
