"""Inputs the classifier is known to fail on, made from the demo pictures or drawn; the card quotes its answers."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from answer import Classifier
from labels import ImageClass

SIDE = 400


def describe_weaknesses(classifier: Classifier, classes: list[ImageClass], demo_images: Path) -> str:
    """One sentence a weakness: what it was shown, what it said, how sure it was."""
    names = {c.code: c.name for c in classes}
    sentences = []
    for weakness, shown, image in _weak_inputs(demo_images):
        first = classifier.top(_png(image), 1)[0]
        answer = f'{shown} is "{names[first["code"]]}" ({first["confidence"]:.2f})'
        if weakness:
            sentences.append(f"{weakness}: {answer}")
        else:
            sentences[-1] += f", {answer}"
    return " ".join(f"{sentence}." for sentence in sentences)


def _weak_inputs(demo_images: Path) -> Iterator[tuple[str, str, Image.Image]]:
    """Kind of weakness (empty: the one before), what is shown (in words that a reader can make the picture from), and the picture."""
    names = ("chelsea.png", "coffee.png", "astronaut.png", "motorcycle_left.png", "rocket.jpg")
    cat, cup, portrait, motorcycle, rocket = (_open(demo_images / name) for name in names)
    yield "People have no class", "an astronaut's portrait (astronaut.png)", portrait
    yield "What they wear has", "the face cut out of it", portrait.crop((150, 0, 320, 180))
    yield "Uncommon kinds become common ones", "the space helmet cut out of it", portrait.crop((300, 250, 512, 512))
    yield "Near classes are mixed up", "a tabby (chelsea.png)", cat
    yield "Of several things it names one", "the tabby beside a cup of espresso (coffee.png)", _side_by_side(cat, cup)
    yield "Small things are missed", "a motorcycle as a fifth of a green picture's width", _small(motorcycle)
    yield "It expects things upright", "a rocket (rocket.jpg) turned by 90 degrees", rocket.transpose(Image.Transpose.ROTATE_90)
    yield "Outlines and drawings mislead it", "the tabby's outlines in grey", _outlines(cat)
    yield "", "a drawn smiling face", _smiling_face()
    yield "Text is not read", "a page that says CAT", _page("CAT")
    yield "It names something whatever it sees", "random noise", _noise()


def _open(path: Path) -> Image.Image:
    with Image.open(path) as image:
        return image.convert("RGB")


def _png(image: Image.Image) -> bytes:
    content = BytesIO()
    image.save(content, "PNG")
    return content.getvalue()


def _smiling_face() -> Image.Image:
    image = Image.new("RGB", (SIDE, SIDE), "white")
    draw = ImageDraw.Draw(image)
    draw.ellipse((60, 60, 340, 340), fill="yellow", outline="black", width=6)
    draw.ellipse((140, 140, 165, 180), fill="black")
    draw.ellipse((235, 140, 260, 180), fill="black")
    draw.arc((120, 120, 280, 290), 20, 160, fill="black", width=8)
    return image


def _side_by_side(left: Image.Image, right: Image.Image) -> Image.Image:
    """Each its centre square, so that the classifier's own crop keeps most of both."""
    image = Image.new("RGB", (2 * SIDE, SIDE))
    for column, part in enumerate((left, right)):
        side = min(part.size)
        x, y = (part.width - side) // 2, (part.height - side) // 2
        image.paste(part.crop((x, y, x + side, y + side)).resize((SIDE, SIDE)), (column * SIDE, 0))
    # Square again, as the classifier would otherwise see the seam alone.
    return image.resize((SIDE, SIDE))


def _small(part: Image.Image) -> Image.Image:
    image = Image.new("RGB", (600, 600), (120, 140, 120))
    shrunk = part.resize((120, 120 * part.height // part.width))
    image.paste(shrunk, ((600 - shrunk.width) // 2, (600 - shrunk.height) // 2))
    return image


def _outlines(image: Image.Image) -> Image.Image:
    return image.convert("L").filter(ImageFilter.FIND_EDGES).convert("RGB")


def _noise() -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (300, 300, 3), dtype=np.uint8))


def _page(text: str) -> Image.Image:
    image = Image.new("RGB", (SIDE, SIDE), "white")
    draw = ImageDraw.Draw(image)
    # PIL's built-in font has one size everywhere only when a size is asked for.
    draw.text((SIDE / 2, SIDE / 2), text, fill="black", font_size=120, anchor="mm")
    return image
