"""Tweets, product sentences and editorials that 20 people rated from -4 to 4 (Hutto and Gilbert 2014, MIT).

They lie in the source distribution of the PyPI package vaderSentiment 3.3.2. Its film snippets are left alone:
they are Pang and Lee's, from which SST's validation sentences were taken.
"""

import io
import html
import math
import random
import re
import tarfile
from dataclasses import dataclass
from pathlib import Path

from example import Example

INNER = "additional_resources/hutto_ICWSM_2014.tar.gz"
SOURCES = {
    "tweets": "tweets_GroundTruth.txt",
    "rated product sentences": "amazonReviewSnippets_GroundTruth.txt",
    "editorials": "nytEditorialSnippets_GroundTruth.txt",
}
# A mean rating of 1 becomes a probability of 0.9, one of 0 stays undecided.
STEEPNESS = 2.2
# Held-out figures count texts on whose side most raters agree.
CLEAR_RATING = 1.0
HELD_OUT_SHARE = 0.2


@dataclass(frozen=True)
class RatedSnippet:
    """`group` is the text that the snippet was cut from; `rating` the mean of the raters, -4 to 4."""

    group: str
    rating: float
    text: str
    domain: str

    def example(self) -> Example:
        return Example(self.text, 1 / (1 + math.exp(-STEEPNESS * self.rating)), self.domain)

    def verdict(self) -> Example:
        return Example(self.text, 1.0 if self.rating > 0 else 0.0, self.domain)

    def is_clear(self) -> bool:
        return abs(self.rating) >= CLEAR_RATING


def read_rated_snippets(distribution: Path) -> list[RatedSnippet]:
    with tarfile.open(distribution) as outer:
        inner_name = next(name for name in outer.getnames() if name.endswith(INNER))
        inner = outer.extractfile(inner_name).read()
    snippets = []
    with tarfile.open(fileobj=io.BytesIO(inner)) as packed:
        for domain, file in SOURCES.items():
            member = next(name for name in packed.getnames() if name.endswith(f"/{file}"))
            for line in packed.extractfile(member).read().decode("utf-8", "replace").splitlines():
                identity, rating, text = line.split("\t", 2)
                snippets.append(RatedSnippet(f"{domain} {identity.split('_')[0]}", float(rating), clean(text), domain))
    return [snippet for snippet in snippets if len(snippet.text.split()) > 1]


def clean(text: str) -> str:
    """Without the names and addresses that the authors had replaced by markers."""
    text = re.sub(r"@anonymous|https?://url_removed", " ", html.unescape(text))
    return " ".join(text.split())


def split_by_group(
    snippets: list[RatedSnippet], seed: int
) -> tuple[list[RatedSnippet], list[RatedSnippet]]:
    """Training and held-out snippets that come from different articles, reviews or tweets."""
    groups = sorted({snippet.group for snippet in snippets})
    held_out = set(random.Random(seed).sample(groups, int(len(groups) * HELD_OUT_SHARE)))
    return (
        [snippet for snippet in snippets if snippet.group not in held_out],
        [snippet for snippet in snippets if snippet.group in held_out],
    )
