"""From a picture's file to the bytes a version of image-classifier reads. The server must match this, not the reverse.

In this order:
1. the first frame of an animation,
2. the EXIF orientation applied,
3. 16-bit channels to 8 bits by their high byte,
4. CMYK to RGB as (255 - c)(255 - k) / 255, colour profiles ignored,
5. grey to RGB by repetition,
6. transparency flattened onto white,
7. the centre square of side int(cropFraction x min(width, height)), at least 1, left and top rounded down,
8. bilinear with antialiasing to size x size (PIL's BILINEAR without reducing_gap).
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")


def crop_fraction(size: int) -> float:
    """Share of the shorter side that the classifier sees; EfficientNet's evaluation cuts the border away."""
    return size / (size + 32)


def decode_rgb(source: Path | bytes) -> Image.Image:
    """Steps 1 to 6. Raises OSError where the source is no whole picture of an accepted format."""
    with Image.open(BytesIO(source) if isinstance(source, bytes) else source, formats=FORMATS) as image:
        image.load()
        return _to_rgb(ImageOps.exif_transpose(image))


def centre_square(image: Image.Image, size: int) -> Image.Image:
    """Step 7."""
    side = max(1, int(crop_fraction(size) * min(image.width, image.height)))
    left, top = (image.width - side) // 2, (image.height - side) // 2
    return image.crop((left, top, left + side, top + side))


def resize(image: Image.Image, size: int) -> np.ndarray:
    """Step 8: uint8 [size, size, 3]."""
    return np.asarray(image.resize((size, size), Image.Resampling.BILINEAR))


def preprocess(source: Path | bytes, size: int) -> np.ndarray:
    """All steps: uint8 [size, size, 3], RGB."""
    return resize(centre_square(decode_rgb(source), size), size)


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):
        # PIL would clip 16-bit grey at 255 instead of scaling it.
        image = Image.fromarray((np.asarray(image).astype(np.uint16) >> 8).astype(np.uint8))
    if image.has_transparency_data:
        layered = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", layered.size, "white"), layered)
    return image.convert("RGB")
