"""One labelled text, and the normal form by which texts are compared."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

# Two texts that share so many neighbouring words come from one source.
SHARED_RUN_WORDS = 8


@dataclass(frozen=True)
class Example:
    """`positive` is the probability of POSITIVE to aim at: 0 or 1, or between them for a lukewarm or noisy text.

    `domain` names the kind of text in reports: films, products, tweets, editorials, ….
    """

    text: str
    positive: float
    domain: str


def words_of(text: str) -> tuple[str, ...]:
    """The words in lower case without punctuation: equal for texts that differ only in spacing and marks."""
    return tuple(re.findall(r"[a-z0-9]+", text.lower()))


class Overlap:
    """Finds texts that repeat one of `texts`: the same words, or a run of eight words in common."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._whole: set[tuple[str, ...]] = set()
        self._runs: set[tuple[str, ...]] = set()
        for text in texts:
            words = words_of(text)
            self._whole.add(words)
            self._runs.update(runs_of(words))

    def __contains__(self, text: str) -> bool:
        words = words_of(text)
        return words in self._whole or any(run in self._runs for run in runs_of(words))


def runs_of(words: tuple[str, ...]) -> Iterable[tuple[str, ...]]:
    for start in range(len(words) - SHARED_RUN_WORDS + 1):
        yield words[start : start + SHARED_RUN_WORDS]
