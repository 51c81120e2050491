"""SST-2: 67,349 labelled phrases of film reviews, and GLUE's 872 validation sentences."""

import random
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from example import Example, words_of

HELD_OUT_SENTENCES = 500
# The held-out ones are the last of so many drawn, the same that earlier forms of the recipe kept aside.
DRAWN_SENTENCES = 1500
# Shorter phrases ("a good film") belong to many sentences and give none of them away.
TELLTALE_WORDS = 4


@dataclass(frozen=True)
class Split:
    """`held_out` are whole sentences; `training` shares no phrase of four words or more with them."""

    training: list[Example]
    held_out: list[Example]


def read_tsv(path: Path) -> list[Example]:
    """Rows of `sentence<TAB>label`; a header line is skipped."""
    examples = []
    for line in path.read_text(encoding="utf-8").splitlines():
        text, label = line.rsplit("\t", 1)
        if label.strip() in ("0", "1"):
            examples.append(Example(text.strip(), float(label), "films"))
    return examples


def read_training(folder: Path) -> list[Example]:
    return read_tsv(folder / "train.tsv") + read_tsv(folder / "train-part2.tsv")


def read_validation(folder: Path) -> list[Example]:
    return read_tsv(folder / "validation-872.tsv")


def split_by_sentence(examples: list[Example], validation: Iterable[Example], seed: int) -> Split:
    """Holds out 500 sentences.

    The training file holds sentences beside their own sub-phrases, so a split by row would put parts
    of a held-out sentence into training. Texts that stand in GLUE's validation set leave both parts.
    """
    forbidden = {words_of(example.text) for example in validation}
    rows = [(words_of(example.text), example) for example in examples]
    rows = [(words, example) for words, example in rows if words and words not in forbidden]
    inner = {part for words, _ in rows for part in parts_of(words) if part != words}
    whole = sorted({words for words, _ in rows if words not in inner and len(words) > TELLTALE_WORDS})
    return hold_out(rows, random.Random(seed).sample(whole, DRAWN_SENTENCES)[-HELD_OUT_SENTENCES:])


def hold_out(rows: list[tuple[tuple[str, ...], Example]], sentences: list[tuple[str, ...]]) -> Split:
    telltale = {part for words in sentences for part in parts_of(words) if len(part) >= TELLTALE_WORDS}
    held_out = set(sentences)
    return Split(
        [example for words, example in rows if words not in telltale],
        [example for words, example in rows if words in held_out],
    )


def parts_of(words: tuple[str, ...]) -> Iterable[tuple[str, ...]]:
    """Every run of neighbouring words."""
    for start in range(len(words)):
        for end in range(start + 1, len(words) + 1):
            yield words[start:end]
