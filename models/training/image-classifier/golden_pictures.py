"""Golden pictures: small files of many kinds, derived with PIL from CC0 and public-domain demo pictures.

Every one has at least 280 pixels on its shorter side, more than any version reads, and at most 60 KB. These are
candidates: a version keeps those it answers stably (golden_examples.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageEnhance, ImageFilter

MAX_BYTES = 60_000
SHORTER_SIDE = 280
ORIENTATION = 0x0112  # EXIF tag


@dataclass(frozen=True)
class GoldenPicture:
    file: str
    note: str
    source: str
    """Name of the demo picture it comes from."""
    save: Callable[[Image.Image, Path], None]


def write_golden_pictures(demo_images: Path, folder: Path) -> list[tuple[GoldenPicture, Path]]:
    """Writes all of them into `folder` and gives each with its path."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for picture in GOLDEN_PICTURES:
        path = folder / picture.file
        with Image.open(demo_images / picture.source) as source:
            picture.save(_shrink(source.convert("RGB")), path)
        with Image.open(path) as check:
            if min(check.size) < SHORTER_SIDE or path.stat().st_size > MAX_BYTES:
                raise ValueError(f"{path.name} is {check.size} and {path.stat().st_size} bytes")
        written.append((picture, path))
    return written


def _shrink(image: Image.Image, shorter: int = 300) -> Image.Image:
    scale = shorter / min(image.size)
    return image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.LANCZOS)


def _crop(image: Image.Image, left: float, top: float, right: float, bottom: float) -> Image.Image:
    """Cuts out a part, given as shares of width and height, and enlarges it to the shorter side needed."""
    box = (left * image.width, top * image.height, right * image.width, bottom * image.height)
    part = image.crop(tuple(round(edge) for edge in box))
    return _shrink(part, SHORTER_SIDE) if min(part.size) < SHORTER_SIDE else part


def _save_rotated(image: Image.Image, path: Path) -> None:
    """Lies on its side, and the EXIF orientation 6 tells to turn it upright."""
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    image.transpose(Image.Transpose.ROTATE_90).save(path, quality=85, exif=exif)


def _save_mirrored(image: Image.Image, path: Path) -> None:
    """Mirrored, and the EXIF orientation 2 tells to mirror it back."""
    exif = Image.Exif()
    exif[ORIENTATION] = 2
    image.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(path, quality=70, exif=exif)


def _save_cut_out(image: Image.Image, path: Path) -> None:
    """Transparent outside a disc, on black that must not shine through."""
    disc = Image.new("L", image.size, 0)
    radius = min(image.size) // 2
    centre_x, centre_y = image.width // 2, image.height // 2
    disc.paste(255, (centre_x - radius, centre_y - radius, centre_x + radius, centre_y + radius), mask=_disc(2 * radius))
    layered = image.copy()
    layered.putalpha(disc)
    layered.save(path, quality=80, exact=True)


def _disc(diameter: int) -> Image.Image:
    radial = Image.radial_gradient("L").resize((diameter, diameter))
    # The gradient reaches 181 at the rim of the inscribed circle.
    return radial.point(lambda distance: 255 if distance < 181 else 0)


def _darken(image: Image.Image) -> Image.Image:
    return ImageEnhance.Brightness(image).enhance(0.35)


CAT, CUP, MOTORCYCLE, ROCKET = "chelsea.png", "coffee.png", "motorcycle_left.png", "rocket.jpg"
# Parts as shares of width and height: left, top, right, bottom.
LEFT, RIGHT, UPPER, CLOSE = (0, 0, 0.8, 1), (0.2, 0, 1, 1), (0.1, 0, 0.9, 0.8), (0.2, 0.1, 0.75, 0.8)

GOLDEN_PICTURES = (
    GoldenPicture("cat.jpg", "a tabby", CAT, lambda i, p: i.save(p, quality=80)),
    GoldenPicture("cat-progressive.jpg", "the tabby off centre, progressive JPEG", CAT,
                  lambda i, p: _crop(i, *LEFT).save(p, quality=85, progressive=True)),
    GoldenPicture("cat-grey.jpg", "the tabby in grey", CAT, lambda i, p: _crop(i, *LEFT).convert("L").save(p, quality=80)),
    GoldenPicture("cat-cut-out.webp", "the tabby cut out, transparent around it", CAT,
                  lambda i, p: _save_cut_out(_crop(i, *LEFT), p)),
    GoldenPicture("coffee.jpg", "a cup of espresso, progressive JPEG", CUP,
                  lambda i, p: _crop(i, *LEFT).save(p, quality=85, progressive=True)),
    GoldenPicture("coffee.gif", "the cup, GIF of 16 colours", CUP,
                  lambda i, p: _crop(i, *LEFT).quantize(16, dither=Image.Dither.NONE).save(p)),
    GoldenPicture("coffee.png", "the cup, palette PNG of 16 colours", CUP,
                  lambda i, p: _crop(i, *LEFT).quantize(16, dither=Image.Dither.NONE).save(p, optimize=True)),
    GoldenPicture("coffee.webp", "the cup, WebP", CUP, lambda i, p: _crop(i, *LEFT).save(p, quality=80)),
    GoldenPicture("coffee-sideways.jpg", "the cup on its side, turned upright by EXIF", CUP,
                  lambda i, p: _save_rotated(_crop(i, *RIGHT), p)),
    GoldenPicture("motorcycle.jpg", "a motorcycle in a garage", MOTORCYCLE, lambda i, p: _crop(i, *LEFT).save(p, quality=80)),
    GoldenPicture("motorcycle.gif", "the motorcycle cut off at its edges, GIF of 24 colours", MOTORCYCLE,
                  lambda i, p: _crop(i, *CLOSE).quantize(24, dither=Image.Dither.NONE).save(p)),
    GoldenPicture("motorcycle-cmyk.jpg", "the motorcycle cut off at its edges, CMYK", MOTORCYCLE,
                  lambda i, p: _crop(i, *CLOSE).convert("CMYK").save(p, quality=60)),
    GoldenPicture("motorcycle-mirrored.jpg", "the motorcycle mirrored, mirrored back by EXIF", MOTORCYCLE,
                  lambda i, p: _save_mirrored(_crop(i, *CLOSE), p)),
    GoldenPicture("motorcycle-dark.jpg", "the motorcycle in the dark", MOTORCYCLE,
                  lambda i, p: _darken(_crop(i, *UPPER)).save(p, quality=85)),
    GoldenPicture("motorcycle-blurred.jpg", "the motorcycle out of focus", MOTORCYCLE,
                  lambda i, p: i.filter(ImageFilter.GaussianBlur(2)).save(p, quality=80)),
    GoldenPicture("rocket.webp", "a rocket taking off, WebP", ROCKET, lambda i, p: _crop(i, *LEFT).save(p, quality=80)),
    GoldenPicture("rocket-cmyk.jpg", "the rocket in CMYK", ROCKET,
                  lambda i, p: _crop(i, *LEFT).convert("CMYK").save(p, quality=60)),
    GoldenPicture("rocket-grey.jpg", "the rocket in grey", ROCKET,
                  lambda i, p: _crop(i, *RIGHT).convert("L").save(p, quality=80)),
    GoldenPicture("rocket-close.jpg", "the rocket's flame and tower", ROCKET, lambda i, p: _crop(i, *CLOSE).save(p, quality=80)),
)
