"""NLTK's review corpora (CC BY 4.0): sentences about 14 products by Hu, Ding and Liu, long film reviews by Pang and Lee."""

import random
import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from example import Example

# Kept out of training altogether, so that the products' figures are about products never seen.
HELD_OUT_PRODUCTS = ("Nikon_coolpix_4300", "Diaper_Champ", "Linksys_Router")
MARK = re.compile(r"\[([+-])\d?\]?")
HELD_OUT_FILM_REVIEWS = 0.2
# Of training reviews, for a teacher to label.
FILM_SENTENCES = 30_000
FILM_SENTENCE_WORDS = (5, 40)
# As many as maxTokens lets through, and a last paragraph.
EXCERPT_WORDS, SHORT_EXCERPT_WORDS = 190, 70
# Verdicts stand at the end. A beginning often only tells the plot, and a middle even more so.
TRUST_IN_BEGINNINGS, TRUST_IN_MIDDLES, TRUST_IN_ENDINGS = 0.92, 0.88, 0.97


@dataclass
class ProductReview:
    """Sentences with 1 or -1 where all their marks agree, and None where they differ or there are none."""

    product: str
    sentences: list[tuple[str, int | None]] = field(default_factory=list)


def read_product_reviews(folder: Path) -> list[ProductReview]:
    reviews: list[ProductReview] = []
    for archive in ("product_reviews_1.zip", "product_reviews_2.zip"):
        with zipfile.ZipFile(folder / archive) as packed:
            for name in sorted(packed.namelist()):
                product = Path(name).stem
                if name.endswith(".txt") and product != "README":
                    reviews += parse_product(product, packed.read(name).decode("utf-8", "replace"))
    return reviews


def parse_product(product: str, content: str) -> Iterable[ProductReview]:
    review = ProductReview(product)
    for line in content.splitlines():
        if line.startswith("[t]"):
            if review.sentences:
                yield review
            review = ProductReview(product)
            line = f"##{line[3:]}"
        marks, separator, text = line.partition("##")
        if separator and text.strip():
            signs = set(MARK.findall(marks))
            review.sentences.append((text.strip(), 1 if signs == {"+"} else -1 if signs == {"-"} else None))
    if review.sentences:
        yield review


def product_sentences(reviews: Iterable[ProductReview]) -> list[Example]:
    return [
        Example(text, 1.0 if sign > 0 else 0.0, "product sentences")
        for review in reviews
        for text, sign in review.sentences
        if sign is not None and len(text.split()) > 2
    ]


def whole_product_reviews(reviews: Iterable[ProductReview]) -> list[Example]:
    """Reviews of at least three marked sentences, of which at least four in five agree."""
    examples = []
    for review in reviews:
        signs = [sign for _, sign in review.sentences if sign is not None]
        if len(signs) >= 3 and abs(sum(signs)) >= 0.6 * len(signs):
            text = " ".join(text for text, _ in review.sentences)
            examples.append(Example(text, 1.0 if sum(signs) > 0 else 0.0, "product reviews"))
    return examples


def read_film_reviews(folder: Path, seed: int) -> tuple[list[Example], list[Example]]:
    """Excerpts of four fifths of the reviews for training; of the held-out fifth the whole text."""
    dice = random.Random(seed)
    training_texts, held = split_film_reviews(folder, dice)
    held_out = [Example(" ".join(text.split()), positive, "long film reviews") for positive, text in held]
    training = [
        Example(" ".join(words), trust if positive else 1 - trust, "long film reviews")
        for index, (positive, text) in enumerate(training_texts)
        for words, trust in excerpts(text.split(), index, dice)
    ]
    return training, held_out


def read_film_sentences(folder: Path, seed: int) -> list[str]:
    """Sentences of the training reviews in random order. Nobody has said of a single one whether it praises."""
    dice = random.Random(seed)
    training_texts, _ = split_film_reviews(folder, dice)
    least, most = FILM_SENTENCE_WORDS
    lines = {" ".join(line.split()) for _, text in training_texts for line in text.splitlines()}
    sentences = sorted(line for line in lines if least <= len(line.split()) <= most)
    dice.shuffle(sentences)
    return sentences


def split_film_reviews(folder: Path, dice: random.Random) -> tuple[list[tuple[float, str]], list[tuple[float, str]]]:
    """Probability of POSITIVE and text of the reviews that train, and of those kept aside."""
    with zipfile.ZipFile(folder / "movie_reviews.zip") as packed:
        names = sorted(name for name in packed.namelist() if name.endswith(".txt") and "/cv" in name)
        texts = [(1.0 if "/pos/" in name else 0.0, packed.read(name).decode("utf-8", "replace")) for name in names]
    dice.shuffle(texts)
    held = int(len(texts) * HELD_OUT_FILM_REVIEWS)
    return texts[held:], texts[:held]


def excerpts(words: list[str], index: int, dice: random.Random) -> Iterable[tuple[list[str], float]]:
    """Beginning and ending of every review, of half of them a part of the middle, of the others the last paragraph."""
    yield words[:EXCERPT_WORDS], TRUST_IN_BEGINNINGS
    yield words[-EXCERPT_WORDS:], TRUST_IN_ENDINGS
    if index % 2:
        yield words[-SHORT_EXCERPT_WORDS:], TRUST_IN_ENDINGS
    elif len(words) > 2 * EXCERPT_WORDS:
        start = dice.randint(EXCERPT_WORDS, len(words) - EXCERPT_WORDS)
        yield words[start : start + EXCERPT_WORDS], TRUST_IN_MIDDLES
