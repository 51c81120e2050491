"""Accuracy, speed and independence of the forms in which the weights can be stored: why the shipped one was chosen.

`python compare_storage.py --data DIR --weights .work/films/epoch-3.pt`
"""

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np  # noqa: E402
import onnx  # noqa: E402
import torch  # noqa: E402
from common.latency import median_ms, open_session  # noqa: E402
from common.neighbour_independence import measure_neighbour_independence  # noqa: E402
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static  # noqa: E402

import sst2  # noqa: E402
from answers import MAX_TOKENS, answer_all, labels_of, probabilities_of, quality  # noqa: E402
from corpora import SPLIT_SEED  # noqa: E402
from encoder import encoder_with  # noqa: E402
from graph import build  # noqa: E402
from publish import collate, typical_batch  # noqa: E402
from tokens import encode, load_tokenizer  # noqa: E402
from train import packaged_encoder  # noqa: E402

CALIBRATION_ROWS = 512
NEIGHBOUR_ROWS = 2000


class Batches(CalibrationDataReader):
    """Calibration texts one by one, so that padding does not widen the ranges."""

    def __init__(self, rows: list[list[int]]) -> None:
        self._inputs = iter([collate([{"input_ids": np.array(row)}]) for row in rows])

    def get_next(self) -> dict[str, np.ndarray] | None:
        return next(self._inputs, None)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--weights", type=Path, required=True, help="an epoch of train.py, in its --work folder")
    parser.add_argument("--pooling", choices=["mean", "first"], default="first", help="mean for version 1")
    arguments = parser.parse_args()
    encoder = encoder_with(torch.load(arguments.weights, weights_only=True), arguments.pooling)
    weights = {name: value.numpy() for name, value in encoder.state_dict().items()}
    tokenizer = load_tokenizer(packaged_encoder() / "tokenizer.json")
    validation = sst2.read_validation(arguments.data / "sst2")
    split = sst2.split_by_sentence(sst2.read_training(arguments.data / "sst2"), validation, SPLIT_SEED)
    rows = encode(tokenizer, [example.text for example in split.held_out], MAX_TOKENS)
    labels = labels_of(split.held_out)
    others = encode(tokenizer, [example.text for example in split.training[:NEIGHBOUR_ROWS]], MAX_TOKENS)
    calibration = encode(tokenizer, [example.text for example in split.training[-CALIBRATION_ROWS:]], MAX_TOKENS)

    with tempfile.TemporaryDirectory() as folder:
        reference = None
        for form in ("float", "static", "blocks-int8", "tokens-int8"):
            path = Path(folder) / f"{form}.onnx"
            if form == "static":
                quantize_static(
                    Path(folder) / "float.onnx",
                    path,
                    Batches(calibration),
                    quant_format=QuantFormat.QDQ,
                    op_types_to_quantize=["MatMul", "Gather"],
                    per_channel=True,
                    activation_type=QuantType.QUInt8,
                    weight_type=QuantType.QInt8,
                    reduce_range=True,
                )
            else:
                onnx.save(build(weights, arguments.pooling, 1.0, form), path)
            session = open_session(path)
            answers = answer_all(probabilities_of(session), rows)
            reference = answers if reference is None else reference
            neighbours = measure_neighbour_independence(session, [{"input_ids": np.array(row)} for row in others], collate)
            one, eight, many = (median_ms(session, typical_batch(size), seconds=1.0) for size in (1, 8, 32))
            print(
                f"{form}: {path.stat().st_size / 1e6:.1f} MB, accuracy {quality(answers, labels).accuracy:.4f}, "
                f"largest and mean change against float {np.abs(answers - reference).max():.4f} {np.abs(answers - reference).mean():.5f}, "
                f"ms at batch 1, 8, 32: {one:.1f} {eight:.1f} {many:.1f}, "
                f"neighbours {neighbours.largest_difference:.6f} ({neighbours.notable_share:.4%} over 0.01)",
                flush=True,
            )


if __name__ == "__main__":
    main()
