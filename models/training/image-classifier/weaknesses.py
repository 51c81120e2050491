"""Inputs the classifier is known to fail on, made from the demo pictures or drawn; the card quotes its answers."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw

from answer import Classifier
from labels import ImageClass

SIDE = 400


def describe_weaknesses(classifier: Classifier, classes: list[ImageClass], demo_images: Path) -> str:
    """One sentence a weakness: what it was shown, what it said, how sure it was."""
    names = {c.code: c.name for c in classes}
    sentences = []
    for weakness, shown, image in _weak_inputs(demo_images):
        first = classifier.top(_png(image), 1)[0]
        sentences.append(f'{weakness}: {shown} is "{names[first["code"]]}" ({first["confidence"]:.2f}).')
    return " ".join(sentences)


def _weak_inputs(demo_images: Path) -> Iterator[tuple[str, str, Image.Image]]:
    """Kind of weakness, what is shown (in words that a reader can find the picture by), and the picture."""
    cat, cup, portrait = (_open(demo_images / f"{name}.png") for name in ("chelsea", "coffee", "astronaut"))
    yield "People have no class", "the portrait of an astronaut (astronaut.png)", portrait
    yield "Drawings are taken for things", "a drawn smiling face", _smiling_face()
    yield "Of several objects it names one", "a cat on the left beside a cup of coffee on the right", _side_by_side(cat, cup)
    yield "Near classes are mixed up", "a tabby cat (chelsea.png)", cat
    yield "It expects things upright", "the cup of espresso (coffee.png) turned by 90 degrees without EXIF", cup.transpose(
        Image.Transpose.ROTATE_90
    )
    yield "Only the centre is seen", "the same cup at the left edge of a grey panorama", _at_the_edge(cup)
    yield "It always names something", "an even grey", Image.new("RGB", (SIDE, SIDE), (128, 128, 128))
    yield "Text is not read", "a page that says CAT", _page("CAT")


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


def _at_the_edge(part: Image.Image) -> Image.Image:
    image = Image.new("RGB", (3 * SIDE, SIDE), (128, 128, 128))
    image.paste(part.resize((SIDE, SIDE)), (0, 0))
    return image


def _page(text: str) -> Image.Image:
    image = Image.new("RGB", (SIDE, SIDE), "white")
    draw = ImageDraw.Draw(image)
    # PIL's built-in font has one size everywhere only when a size is asked for.
    draw.text((SIDE / 2, SIDE / 2), text, fill="black", font_size=120, anchor="mm")
    return image
