"""Which texts train, choose and test each version. Nothing that chooses or tests shares a run of eight words with training."""

import random
import re
from dataclasses import dataclass, replace
from pathlib import Path

import rated_snippets
import reviews
import sst2
from composed import compose
from example import Example, Overlap
from labelled_sentences import read_labelled_sentences

SPLIT_SEED = 1
COMPOSED_SENTENCES = 8000
# Few, but written as people write: each is read so often an epoch.
FEEDBACK_REPEATS = 3
OPINIONATED_RATING = 0.5
# What handwritten sentences aim at: 0.97 or 0.03.
CERTAIN = 0.94


@dataclass(frozen=True)
class Sources:
    """`data` holds sst2/ and reviews/; the others are package archives, None where that part is left out."""

    data: Path
    rated_snippets: Path | None
    labelled_sentences: Path | None


@dataclass(frozen=True)
class Corpora:
    """`held_out` chooses checkpoint and temperature; `tests` are only reported. Both by domain.

    `unlabelled` train where a teacher says what they are.
    """

    training: list[Example]
    held_out: dict[str, list[Example]]
    tests: dict[str, list[Example]]
    unlabelled: list[str]


def read_tests(sources: Sources) -> dict[str, list[Example]]:
    tests = {"SST-2 validation": sst2.read_validation(sources.data / "sst2"), **read_challenge()}
    if sources.labelled_sentences:
        tests |= read_labelled_sentences(sources.labelled_sentences)
    return tests


def read_challenge() -> dict[str, list[Example]]:
    """Sentences written by hand for this purpose, of no corpus and of no template."""
    return {"handwritten challenge": read_handwritten("challenge.tsv")}


def read_handwritten(name: str) -> list[Example]:
    lines = Path(__file__).with_name(name).read_text(encoding="utf-8").splitlines()[1:]
    rows = [line.split("\t") for line in lines]
    return [Example(text, float(label), kind) for label, kind, text in rows]


def film_phrases(sources: Sources) -> Corpora:
    """The first stage: SST-2 without 500 sentences and their phrases."""
    split = split_films(sources)
    return Corpora(split.training, {"films": split.held_out}, read_tests(sources), [])


def split_films(sources: Sources) -> sst2.Split:
    folder = sources.data / "sst2"
    return sst2.split_by_sentence(sst2.read_training(folder), sst2.read_validation(folder), SPLIT_SEED)


def beyond_films(sources: Sources) -> Corpora:
    """The second stage: SST-2 beside reviews of products and films, rated snippets, handwritten and composed sentences."""
    films = split_films(sources)
    tests = read_tests(sources)
    held_out = {"films": films.held_out}
    pools: list[Example] = []

    products = reviews.read_product_reviews(sources.data / "reviews")
    for kind in (reviews.product_sentences, reviews.whole_product_reviews):
        held = kind([review for review in products if review.product in reviews.HELD_OUT_PRODUCTS])
        held_out[held[0].domain] = held
        pools += kind([review for review in products if review.product not in reviews.HELD_OUT_PRODUCTS])

    excerpts, held_out["long film reviews"] = reviews.read_film_reviews(sources.data / "reviews", SPLIT_SEED)
    pools += excerpts

    if sources.rated_snippets:
        snippets = rated_snippets.read_rated_snippets(sources.rated_snippets)
        kept, held = rated_snippets.split_by_group(snippets, SPLIT_SEED)
        for domain in rated_snippets.SOURCES:
            held_out[domain] = [s.verdict() for s in held if s.domain == domain and s.is_clear()]
        # Most editorial sentences only report; the undecided ones of the other sources are enough to learn that from.
        pools += [s.example() for s in kept if s.domain != "editorials" or abs(s.rating) >= OPINIONATED_RATING]
        unclear = [snippet.text for snippet in held if not snippet.is_clear()]
    else:
        unclear = []

    pools += compose(COMPOSED_SENTENCES, SPLIT_SEED)
    pools += [replace(e, positive=CERTAIN * e.positive + (1 - CERTAIN) / 2) for e in read_handwritten("feedback.tsv")] * FEEDBACK_REPEATS
    barred = Overlap([*(e.text for examples in (*held_out.values(), *tests.values()) for e in examples), *unclear])
    clean = [example for example in pools if example.text not in barred]
    print(f"{len(pools) - len(clean)} of {len(pools)} texts left out because they overlap with held-out ones", flush=True)
    sentences = reviews.read_film_sentences(sources.data / "reviews", SPLIT_SEED)
    unlabelled = [text for text in sentences if text not in barred][: reviews.FILM_SENTENCES]

    dice = random.Random(SPLIT_SEED)
    training = [replace(example, text=as_people_write(example.text, dice)) for example in films.training]
    training += [replace(example, text=vary(example.text, dice)) for example in clean]
    return Corpora(training, held_out, tests, unlabelled)


def as_people_write(text: str, dice: random.Random) -> str:
    """Half of SST-2 with its tokens joined again: "does n't ," becomes "doesn't,", which the tokenizer reads differently."""
    if dice.random() < 0.5:
        return text
    text = text.replace("-lrb-", "(").replace("-rrb-", ")").replace("``", '"').replace("''", '"')
    text = re.sub(r"\b(ca|wo|do|does|did|is|are|was|were|has|have|had|could|would|should) n't\b", r"\1n't", text)
    text = re.sub(r" ('s|'re|'ve|'ll|'d|'m)\b", r"\1", text)
    text = re.sub(r" ([.,!?;:)])", r"\1", text).replace("( ", "(")
    return vary(text, dice)


def vary(text: str, dice: random.Random) -> str:
    """Now and then a curly apostrophe, or none, as phones and hurried people write."""
    chance = dice.random()
    if chance < 0.08:
        return text.replace("'", "’")
    return re.sub(r"n't\b", "nt", text) if chance < 0.14 else text
