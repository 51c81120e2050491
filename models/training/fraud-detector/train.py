"""Makes models/fraud-detector/1 (logistic regression) and /2 (small network).

    python models/training/fraud-detector/train.py [--data DIR]

Both are trained on simulated transactions until 31 July and measured on the test weeks of other simulations.
With --data, the folder of the Handbook's published transactions, they are measured on those as well.
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from card import card_of
from common.golden import check_golden, write_golden
from common.latency import measure_latency, open_session
from common.neighbour_independence import measure_neighbour_independence
from common.version_folder import write_manifest, write_model_json
from detectors import LogisticDetector, NetworkDetector
from evaluation import train_rows
from features import ORDER, features_of, features_of_input
from golden_inputs import GOLDEN_INPUTS
from graph import INPUT, OUTPUT
from measurement import measure
from simulator import simulate

TASK = "fraud-score"
TRAIN_SEEDS = (101, 102, 103, 104)
THRESHOLD_SEEDS = (201, 202)
TEST_SEEDS = (1, 2, 3, 4, 5, 6, 7, 8)
TOLERANCE = 0.001
NEIGHBOUR_ROWS = 10_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parents[2] / "fraud-detector")
    out = parser.parse_args().out
    started = time.monotonic()

    features, fraud = training_data()
    write_model_json(out, task=TASK, description="How likely a card transaction is to be fraudulent.")
    detectors = {"1": LogisticDetector(features, fraud), "2": NetworkDetector(features, fraud)}
    measurements = measure(detectors, threshold_seeds=THRESHOLD_SEEDS, test_seeds=TEST_SEEDS)
    for version, detector in detectors.items():
        write_version(out / version, detector, features, fraud, measurements[version])
    print(f"done in {time.monotonic() - started:.0f} s")


def training_data() -> tuple[np.ndarray, np.ndarray]:
    parts = []
    for seed in TRAIN_SEEDS:
        transactions = simulate(seed)
        rows = train_rows(transactions)
        parts.append((features_of(transactions)[rows], transactions.fraud[rows]))
        print(f"simulation {seed} for training: {len(rows):,} transactions", flush=True)
    features, fraud = (np.concatenate(column) for column in zip(*parts))
    return features, fraud


def write_version(folder: Path, detector, features: np.ndarray, fraud: np.ndarray, measurement) -> None:
    model = folder / "model.onnx"
    detector.save(model)
    session = open_session(model)

    rows = features[np.random.default_rng(0).choice(len(features), NEIGHBOUR_ROWS, replace=False)]
    answers = session.run([OUTPUT], {INPUT: rows})[0][:, 0]
    parity = float(np.abs(answers - detector.probability(rows)).max())
    if parity > 1e-4:
        raise AssertionError(f"the ONNX file differs from its framework by {parity}")
    neighbours = measure_neighbour_independence(session, [{INPUT: row} for row in rows]).require_float()
    latency = measure_latency(session, lambda size: {INPUT: rows[:size]})

    examples = [golden_example(detector, note, given) for note, given in GOLDEN_INPUTS.items()]
    write_golden(folder, examples)
    answer = lambda given: {OUTPUT: session.run([OUTPUT], {INPUT: features_of_input(given)[None]})[0][0].tolist()}
    worst = check_golden(examples, answer, compare="probabilities", tolerance=TOLERANCE)
    print(f"version {folder.name}: ONNX differs by {parity:.1e}, golden by {worst:.1e}; {neighbours}; {latency}")

    write_manifest(
        folder,
        task=TASK,
        preprocessing={"kind": "features", "order": list(ORDER), "usual": usual_values(features[fraud == 0])},
        postprocessing={"threshold": measurement.threshold, "levels": {"MEDIUM": measurement.medium}},
        compare="probabilities",
        tolerance=TOLERANCE,
        card=card_of(folder.name, measurement, latency, model.stat().st_size),
        max_batch_size=32,
    )


def golden_example(detector, note: str, given: dict) -> dict:
    probability = float(detector.probability(features_of_input(given)[None])[0])
    return {"note": note, "input": given, "outputs": {OUTPUT: [round(probability, 6)]}}


def usual_values(genuine: np.ndarray) -> list[float]:
    """Medians over genuine transactions: half of them have less, half have more."""
    return [round(float(value), 2) for value in np.median(genuine, axis=0)]


if __name__ == "__main__":
    main()
