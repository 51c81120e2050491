"""Golden pictures: small files of many kinds, derived with PIL from the five CC0 or public-domain demo pictures.

Every one has at least 280 pixels on its shorter side, more than any version reads, and at most 60 KB.
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


GOLDEN_PICTURES = (
    GoldenPicture("cat.jpg", "a tabby, off centre", "chelsea.png", lambda i, p: i.save(p, quality=85)),
    GoldenPicture("cat-grey.jpg", "the tabby in grey", "chelsea.png", lambda i, p: i.convert("L").save(p, quality=85)),
    GoldenPicture("cat-sideways.jpg", "the tabby on its side, turned upright by EXIF", "chelsea.png", _save_rotated),
    GoldenPicture("cat-close.jpg", "the tabby's face alone, progressive JPEG", "chelsea.png",
                  lambda i, p: _crop(i, 0.2, 0.0, 0.75, 0.8).save(p, quality=85, progressive=True)),
    GoldenPicture("coffee.webp", "a cup of espresso, WebP", "coffee.png", lambda i, p: i.save(p, quality=85)),
    GoldenPicture("coffee.cmyk.jpg", "the cup in CMYK", "coffee.png", lambda i, p: i.convert("CMYK").save(p, quality=65)),
    GoldenPicture("coffee-cut-out.webp", "the cup cut out, transparent around it", "coffee.png", _save_cut_out),
    GoldenPicture("coffee-dark.jpg", "the cup in the dark", "coffee.png",
                  lambda i, p: ImageEnhance.Brightness(i).enhance(0.2).save(p, quality=85)),
    GoldenPicture("motorcycle.gif", "a motorcycle in a garage, 16 colours", "motorcycle_left.png",
                  lambda i, p: i.quantize(16, dither=Image.Dither.NONE).save(p)),
    GoldenPicture("motorcycle-mirrored.jpg", "the motorcycle mirrored, mirrored back by EXIF", "motorcycle_left.png",
                  _save_mirrored),
    GoldenPicture("rocket.jpg", "a rocket taking off", "rocket.jpg", lambda i, p: i.save(p, quality=80)),
    GoldenPicture("rocket-blurred.jpg", "the rocket out of focus", "rocket.jpg",
                  lambda i, p: i.filter(ImageFilter.GaussianBlur(3)).save(p, quality=80)),
    GoldenPicture("astronaut.jpg", "an astronaut's portrait: no class fits a person", "astronaut.png",
                  lambda i, p: i.save(p, quality=85)),
    GoldenPicture("astronaut-shuttle.png", "the model of a shuttle beside the astronaut, palette PNG", "astronaut.png",
                  lambda i, p: _crop(i, 0.5, 0.0, 1.0, 0.5).quantize(64, dither=Image.Dither.NONE).save(p, optimize=True)),
)
