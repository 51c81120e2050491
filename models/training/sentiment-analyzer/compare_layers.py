"""Which layers of a fine-tuned encoder it can best spare, nothing being trained anew: one after the other is taken away."""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np  # noqa: E402
import torch  # noqa: E402
from common.calibration import fit_temperature, softmax  # noqa: E402

from answers import answer_all, logits_of  # noqa: E402
from corpora import Sources, beyond_films  # noqa: E402
from encoder import SentimentEncoder, encoder_with  # noqa: E402
from teacher import keep_layers  # noqa: E402
from train import encode_held_out, packaged_encoder  # noqa: E402

DOMAINS = ("films", "product sentences", "rated product sentences")
ROWS = 200
FEWEST = 6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--rated-snippets", type=Path, required=True)
    parser.add_argument("--weights", type=Path, required=True, help="an epoch of the stage teacher")
    arguments = parser.parse_args()
    weights = torch.load(arguments.weights, weights_only=True)
    held_out = encode_held_out(beyond_films(Sources(arguments.data, arguments.rated_snippets, None)), packaged_encoder())
    sets = [(rows[:ROWS], labels[:ROWS]) for rows, labels in (held_out[domain] for domain in DOMAINS)]

    def judge(kept: list[int]) -> tuple[float, float]:
        """Log loss after calibration and accuracy, means over the domains."""
        found = [judge_set(keep_layers(encoder_with(weights, "first"), tuple(kept)), *each) for each in sets]
        return tuple(np.mean(found, axis=0))

    kept = list(range(len(encoder_with(weights, "first").layers)))
    print(f"{len(kept)} layers: log loss and accuracy {judge(kept)}", flush=True)
    while len(kept) > FEWEST:
        worth, spared = min((judge([each for each in kept if each != index]), index) for index in kept)
        kept.remove(spared)
        print(f"{len(kept)} layers, without {spared}: log loss and accuracy {worth}", flush=True)


def judge_set(encoder: SentimentEncoder, rows: list[list[int]], labels: np.ndarray) -> tuple[float, float]:
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logits = answer_all(logits_of(encoder), rows)
    probabilities = softmax(logits / fit_temperature(logits, labels))
    log_loss = -np.log(probabilities[np.arange(len(labels)), labels]).mean()
    return float(log_loss), float((logits.argmax(1) == labels).mean())


if __name__ == "__main__":
    main()
