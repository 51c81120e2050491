"""Makes models/fraud-detector/1 (logistic regression) and /2 (small network).

    python models/training/fraud-detector/train.py [--data DIR] [--out DIR]

Both are trained on simulated transactions until 31 July 2018 and measured on the following test week of other
simulations. With --data, a folder with the Fraud Detection Handbook's transactions_until_2018-07-31.csv.gz, they are
measured on those too, which shows whether what the simulator taught holds beyond it; nothing is trained on them.
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from card import WEAKNESSES, Measured, card_of
from common.golden import check_golden, write_golden
from common.latency import measure_latency, open_session
from common.neighbour_independence import measure_neighbour_independence
from common.version_folder import write_manifest, write_model_json
from detectors import LogisticDetector, NetworkDetector
from evaluation import TEST_DAYS, TRAIN_LAST_DAY, train_rows
from features import ORDER, features_of, features_of_input
from golden_inputs import GOLDEN_INPUTS
from graph import INPUT, OUTPUT
from measurement import answer_weeks, choose_thresholds, measure, simulated_weeks
from simulator import simulate
from transactions import TRANSACTIONS_FILE, read_transactions

TASK = "fraud-score"
MAX_BATCH_SIZE = 128
TOLERANCE = 0.001
CHECKED_ROWS = 10_000

# Seeds of simulations: none serves two purposes.
TRAIN_SEEDS = (101, 102, 103, 104)
THRESHOLD_SEEDS = (201, 202, 203)
TEST_SEEDS = (301, 302, 303, 304, 305, 306, 307, 308, 309, 310)
PUBLISHED_WEEKS = 8


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder of the published transactions")
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parents[2] / "fraud-detector")
    arguments = parser.parse_args()
    started = time.monotonic()

    features, fraud = training_data()
    detectors = {"1": LogisticDetector(features, fraud), "2": NetworkDetector(features, fraud)}
    choosing = simulated_weeks(detectors, THRESHOLD_SEEDS)
    testing = simulated_weeks(detectors, TEST_SEEDS)
    published = published_weeks(detectors, arguments.data) if arguments.data else {}

    write_model_json(arguments.out, task=TASK, description="How likely a card transaction is to be fraudulent.")
    for version, detector in detectors.items():
        folder = arguments.out / version
        detector.save(folder / "model.onnx")
        thresholds = choose_thresholds(choosing[version])
        measured = Measured(
            thresholds=thresholds,
            simulated=measure(testing[version], thresholds),
            published=measure(published[version], thresholds) if published else None,
            latency=check_model(folder, detector, features),
            size_bytes=(folder / "model.onnx").stat().st_size,
            answers={what: answer(detector, given) for what, given in WEAKNESSES.items()},
        )
        write_manifest(
            folder,
            task=TASK,
            preprocessing={"kind": "features", "order": list(ORDER), "usual": usual_values(features[fraud == 0])},
            postprocessing={"threshold": thresholds.flagged, "levels": {"MEDIUM": thresholds.medium}},
            compare="probabilities",
            tolerance=TOLERANCE,
            card=card_of(version, measured),
            max_batch_size=MAX_BATCH_SIZE,
        )
        print(f"version {version}: {measured.simulated.mean}, spread {measured.simulated.spread}")
    print(f"done in {time.monotonic() - started:.0f} s")


def training_data() -> tuple[np.ndarray, np.ndarray]:
    parts = []
    for seed in TRAIN_SEEDS:
        transactions = simulate(seed)
        rows = train_rows(transactions)
        parts.append((features_of(transactions)[rows], transactions.fraud[rows]))
        print(f"simulation {seed} for training: {len(rows):,} transactions", flush=True)
    features, fraud = zip(*parts, strict=True)
    return np.concatenate(features), np.concatenate(fraud)


def published_weeks(detectors: dict, data: Path) -> dict[str, list]:
    """The last whole weeks of the published transactions."""
    first_days = [TRAIN_LAST_DAY + 1 - week * TEST_DAYS for week in range(PUBLISHED_WEEKS, 0, -1)]
    weeks: dict[str, list] = {version: [] for version in detectors}
    for version, week in answer_weeks("published", detectors, read_transactions(data / TRANSACTIONS_FILE), first_days):
        weeks[version].append(week)
    return weeks


def check_model(folder: Path, detector, features: np.ndarray):
    """Holds model.onnx against its framework, writes the golden examples, and returns its latency."""
    session = open_session(folder / "model.onnx")

    def answer_of_file(given: dict) -> dict:
        return {OUTPUT: session.run([OUTPUT], {INPUT: features_of_input(given)[None]})[0][0].tolist()}

    rows = features[np.random.default_rng(0).choice(len(features), CHECKED_ROWS, replace=False)]
    parity = float(np.abs(session.run([OUTPUT], {INPUT: rows})[0][:, 0] - detector.probability(rows)).max())
    if not parity <= 1e-4:
        raise AssertionError(f"{folder.name}/model.onnx differs from its framework by {parity}")
    print(f"version {folder.name}: differs from its framework by at most {parity:.1e} in {CHECKED_ROWS:,} rows")
    print(f"  {measure_neighbour_independence(session, [{INPUT: row} for row in rows]).require_float()}")

    examples = [
        {"note": note, "input": given, "outputs": {OUTPUT: [round(answer(detector, given), 6)]}}
        for note, given in GOLDEN_INPUTS.items()
    ]
    write_golden(folder, examples)
    worst = check_golden(examples, answer_of_file, compare="probabilities", tolerance=TOLERANCE)
    print(f"  {len(examples)} golden examples, differing by at most {worst:.1e}")
    return measure_latency(session, lambda size: {INPUT: rows[:size]}, (1, 8, 32, MAX_BATCH_SIZE))


def answer(detector, given: dict) -> float:
    return float(detector.probability(features_of_input(given)[None])[0])


def usual_values(genuine: np.ndarray) -> list[float]:
    """Medians over genuine transactions: half of them have less, half have more."""
    return [round(float(value), 2) for value in np.median(genuine, axis=0)]


if __name__ == "__main__":
    main()
