"""labels.tsv of a version: one row a class, in the order of the network's outputs."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ImageClass:
    code: str
    """WordNet id; names repeat ("crane" is a bird and a machine), codes do not."""
    name: str
    """The first of the synset's lemmas."""
    definition: str


def read_classes(imagenet_labels: Path) -> list[ImageClass]:
    with imagenet_labels.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [ImageClass(row["wnid"], row["lemmas(timm)"].split(",")[0].strip(), row["definition"].strip()) for row in rows]


def write_labels(classes: list[ImageClass], path: Path) -> None:
    lines = ["code\tname\tdefinition", *(f"{c.code}\t{c.name}\t{c.definition}" for c in classes)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def read_codes(labels: Path) -> list[str]:
    """The codes of a version's labels.tsv, in the order of its outputs."""
    return [line.split("\t")[0] for line in labels.read_text(encoding="utf-8").splitlines()[1:]]
