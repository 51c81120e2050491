"""Which EfficientNet-Lite is worth its time? `python compare_sizes.py --data DIR --scratch DIR` prints the table.

Measures Lite0, Lite1 and Lite2 in floats and in int8, on one thread, sizes and forms taking turns so that a busy
moment of the machine hits all of them alike.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from build import build  # noqa: E402
from cards import PUBLISHED_TOP_1  # noqa: E402
from common.latency import median_ms, open_session  # noqa: E402
from validation import agreement, answers, load_validation, measure_accuracy  # noqa: E402

COLUMNS = (
    *("Lite", "form", "top-1", "top-5", "top-1 of 1,040", "top-5 of 1,040", "ReaL", "ECE of 1,040", "as in floats"),
    *("ms", "MB", "published top-1"),
)
ROUNDS = 7
SECONDS = 1.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with imagenet/")
    parser.add_argument("--scratch", type=Path, required=True, help="keeps the files made, for train.py too")
    arguments = parser.parse_args()
    arguments.scratch.mkdir(parents=True, exist_ok=True)
    validation = load_validation(arguments.data / "imagenet")
    rows, sessions = [], {}
    for lite in (0, 1, 2):
        built = build(lite, validation, arguments.scratch)
        reference = answers(open_session(built.float_model), built.pictures)
        for form, path in (("float", built.float_model), ("int8", built.int8_model)):
            session = open_session(path)
            said = reference if form == "float" else answers(session, built.pictures)
            sessions[lite, form] = session, {"image": built.pictures[:1]}
            rows.append((lite, form, said, agreement(reference, said), path.stat().st_size))
    latency = _take_turns(sessions)
    print(f"| {' | '.join(COLUMNS)} |")
    print("|---" * len(COLUMNS) + "|")
    for lite, form, said, agreeing, size in rows:
        every, untouched = measure_accuracy(said, validation), measure_accuracy(said, validation, validation.untouched)
        shares = (every.top_1, every.top_5, untouched.top_1, untouched.top_5, every.real, untouched.calibration_error, agreeing)
        figures = " | ".join(f"{100 * share:.1f}" for share in shares)
        published = 100 * PUBLISHED_TOP_1[lite][form == "int8"]
        print(f"| {lite} | {form} | {figures} | {latency[lite, form]:.1f} | {size / 1e6:.1f} | {published:.1f} |")


def _take_turns(sessions: dict) -> dict:
    """Median over rounds of the median time of one picture, in milliseconds."""
    times: dict = {key: [] for key in sessions}
    for _ in range(ROUNDS):
        for key, (session, inputs) in sessions.items():
            times[key].append(median_ms(session, inputs, SECONDS))
    return {key: float(np.median(each)) for key, each in times.items()}


if __name__ == "__main__":
    main()
