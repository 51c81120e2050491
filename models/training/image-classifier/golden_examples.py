"""Golden examples of a version: pictures as files, with what the framework in floats says of them."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
from PIL import Image

from answer import Classifier, top_classes
from common.golden import check_golden, write_golden
from golden_pictures import write_golden_pictures
from network import ByteImageClassifier
from preprocessing import centre_square, decode_rgb, preprocess, resize

TOLERANCE = 0.05
"""What int8 may differ from the framework by, on any processor."""

LEAD = 0.03
"""How far the first label of a golden example must be ahead of the second."""
SPREAD = 0.015
"""What another decoder's pixels may change of a golden example's confidence in int8."""


def make_golden(
    network: ByteImageClassifier, shipped: Classifier, folder: Path, demo_images: Path, codes: list[str]
) -> float:
    """Writes golden.json and its pictures, and gives the largest difference of int8 from the framework."""
    examples = []
    shutil.rmtree(folder / "golden", ignore_errors=True)
    for picture, path in write_golden_pictures(demo_images, folder / "golden"):
        framework = network.probabilities(preprocess(path, shipped.size)[None])[0]
        expected = top_classes(framework, codes)
        if is_stable(expected, shipped, path):
            file = path.relative_to(folder).as_posix()
            examples.append({"note": picture.note, "input": {"imageFile": file}, "outputs": {"top": expected}})
        else:
            print(f"  no golden example: {picture.note}: {expected} in floats, {shipped.top(path)} in int8", flush=True)
            path.unlink()
    write_golden(folder, examples)
    return check_golden(
        examples, lambda i: {"top": shipped.top(folder / i["imageFile"])}, compare="top", tolerance=TOLERANCE
    )


def is_stable(expected: list[dict], shipped: Classifier, path: Path) -> bool:
    """Whether sound servers with other decoders would reproduce the example: no near tie, nothing at an edge."""
    tops = [shipped.top_of(pixels) for pixels in _as_other_decoders_see_it(path, shipped.size)]
    own = tops[0][0]["confidence"]
    return all(
        first["code"] == expected[0]["code"]
        and first["confidence"] - second["confidence"] >= LEAD
        and abs(first["confidence"] - expected[0]["confidence"]) <= TOLERANCE - SPREAD
        and abs(first["confidence"] - own) <= SPREAD
        for first, second, *_ in tops
    )


def _as_other_decoders_see_it(path: Path, size: int) -> list[np.ndarray]:
    """The reference's pixels first, then those of decoders that round elsewhere.

    libvips shrinks rows before columns, Pillow columns before rows: that alone changes a fifth of the pixels by one.
    """
    square = centre_square(decode_rgb(path), size)
    transposed = resize(square.transpose(Image.Transpose.TRANSPOSE), size).swapaxes(0, 1)
    unrounded = np.dstack([resize(channel.convert("F"), size) for channel in square.split()])
    return [resize(square, size), transposed, *((unrounded + shift).round().astype(np.uint8) for shift in (-0.1, 0.0, 0.1))]
