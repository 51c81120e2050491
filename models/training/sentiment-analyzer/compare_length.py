"""Accuracy and time of long film reviews by the number of tokens that are read: why maxTokens is what it is.

`python compare_length.py --data DIR --version ../../sentiment-analyzer/2`
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np  # noqa: E402
from common.latency import median_ms, open_session  # noqa: E402

from answers import answer_all, labels_of, probabilities_of, quality  # noqa: E402
from corpora import SPLIT_SEED  # noqa: E402
from reviews import read_film_reviews  # noqa: E402
from tokens import encode, load_tokenizer  # noqa: E402

LENGTHS = (64, 128, 256, 512)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--version", type=Path, required=True, help="folder with model.onnx and tokenizer.json")
    arguments = parser.parse_args()
    session = open_session(arguments.version / "model.onnx")
    tokenizer = load_tokenizer(arguments.version / "tokenizer.json")
    _, held_out = read_film_reviews(arguments.data / "reviews", SPLIT_SEED)
    texts, labels = [example.text for example in held_out], labels_of(held_out)
    for length in LENGTHS:
        answers = answer_all(probabilities_of(session), encode(tokenizer, texts, length), batch_rows=8)
        full = np.full((1, length), 2204)
        milliseconds = median_ms(session, {"input_ids": full, "attention_mask": np.ones_like(full)}, seconds=1.0)
        print(
            f"{length} tokens: accuracy {quality(answers, labels).accuracy:.4f} of {len(texts)} long film reviews, "
            f"{milliseconds:.1f} ms a text on one thread",
            flush=True,
        )


if __name__ == "__main__":
    main()
