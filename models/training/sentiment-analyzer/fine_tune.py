"""The training loop: AdamW with warm-up and linear decay, averaged weights, checkpoints to resume from."""

import copy
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch.nn import functional as F

from encoder import SentimentEncoder
from tokens import batches_of_like_length, pad


SHORT_TOKENS = 9


@dataclass(frozen=True)
class Schedule:
    """One run. `seed` fixes order and dropout; `batch_tokens` bounds the padded tokens of a step.

    Later epochs than the first `epochs_with_short` read only the longer texts, which have more to teach.
    With `keep_words` word vectors stay as they came: words that training never shows keep their place beside the others.
    Each layer learns at `layer_decay` times the rate of the one above it: what is general changes least.
    """

    epochs: int
    epochs_with_short: int
    keep_words: bool
    learning_rate: float
    seed: int
    batch_rows: int = 64
    batch_tokens: int = 4096
    warm_up: float = 0.06
    weight_decay: float = 0.01
    layer_decay: float = 0.9
    average: float = 0.998
    checkpoint_steps: int = 300


def fine_tune(
    encoder: SentimentEncoder,
    rows: list[list[int]],
    targets: torch.Tensor,
    schedule: Schedule,
    checkpoint: Path,
    at_epoch_end: Callable[[int, SentimentEncoder], None],
) -> None:
    """Trains in place and hands the averaged encoder to `at_epoch_end` after every epoch.

    `targets` are probabilities of POSITIVE. A run that was stopped goes on from `checkpoint`.
    """
    encoder.words.requires_grad_(not schedule.keep_words)
    plans = [plan_epoch(rows, schedule, epoch) for epoch in range(schedule.epochs)]
    total = sum(len(plan) for plan in plans)
    optimizer = torch.optim.AdamW(groups(encoder, schedule), lr=schedule.learning_rate, fused=True)
    averaged = copy.deepcopy(encoder).eval()
    step = 0
    torch.manual_seed(schedule.seed)
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        encoder.load_state_dict(state["encoder"])
        averaged.load_state_dict(state["averaged"])
        optimizer.load_state_dict(state["optimizer"])
        torch.set_rng_state(state["rng"])
        step = state["step"]
        print(f"resumed at step {step} of {total}", flush=True)

    encoder.train()
    started, first, losses = time.monotonic(), step, []
    position = 0
    for epoch, plan in enumerate(plans):
        for batch in plan:
            position += 1
            if position <= step:
                continue
            rate = schedule.learning_rate * decay(position / total, schedule.warm_up)
            for group in optimizer.param_groups:
                group["lr"] = rate * group["share"]
            ids, mask = pad([rows[index] for index in batch])
            wanted = targets[batch]
            with torch.autocast("cpu", dtype=torch.bfloat16):
                logits = encoder(ids, mask)
            loss = F.cross_entropy(logits.float(), torch.stack([1 - wanted, wanted], 1))
            loss.backward()
            torch.nn.utils.clip_grad_norm_(encoder.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            step = position
            update_average(averaged, encoder, min(schedule.average, step / (step + 10)))
            losses.append(loss.item())
            if step % 50 == 0:
                pace = (step - first) / (time.monotonic() - started)
                print(
                    f"epoch {epoch + 1} step {step}/{total} loss {sum(losses) / len(losses):.4f} "
                    f"{pace:.2f} steps/s, {(total - step) / pace / 60:.1f} min left",
                    flush=True,
                )
                losses = []
            if step % schedule.checkpoint_steps == 0:
                save(checkpoint, encoder, averaged, optimizer, step)
        if step == position:
            at_epoch_end(epoch, averaged)
            encoder.train()
    encoder.load_state_dict(averaged.state_dict())
    encoder.eval()


def plan_epoch(rows: list[list[int]], schedule: Schedule, epoch: int) -> list[list[int]]:
    """Batches of row numbers."""
    order = random.Random(schedule.seed * 1000 + epoch)
    shortest = 0 if epoch < schedule.epochs_with_short else SHORT_TOKENS
    read = [number for number, row in enumerate(rows) if len(row) > shortest]
    batches = batches_of_like_length([len(rows[n]) for n in read], order, schedule.batch_rows, schedule.batch_tokens)
    return [[read[position] for position in batch] for batch in batches]


def groups(encoder: SentimentEncoder, schedule: Schedule) -> list[dict]:
    """Parameters by layer and kind, with their share of the rate; weight decay for matrices only, as BERT was trained."""
    groups: dict[tuple[int, bool], list[torch.nn.Parameter]] = {}
    for name, parameter in encoder.named_parameters():
        if parameter.requires_grad:
            groups.setdefault((depth(name, len(encoder.layers)), parameter.ndim > 1), []).append(parameter)
    return [
        {
            "params": parameters,
            "share": schedule.layer_decay**below_head,
            "weight_decay": schedule.weight_decay if matrices else 0.0,
        }
        for (below_head, matrices), parameters in groups.items()
    ]


def depth(name: str, layers: int) -> int:
    """How many layers lie above a parameter: 0 for the head and the last layer."""
    if name.startswith("head."):
        return 0
    return layers - 1 - int(name.split(".")[1]) if name.startswith("layers.") else layers


def decay(progress: float, warm_up: float) -> float:
    return progress / warm_up if progress < warm_up else max(0.0, (1 - progress) / (1 - warm_up))


@torch.no_grad()
def update_average(averaged: SentimentEncoder, encoder: SentimentEncoder, keep: float) -> None:
    pairs = [pair for pair in zip(averaged.parameters(), encoder.parameters(), strict=True) if pair[1].requires_grad]
    torch._foreach_lerp_([mean for mean, _ in pairs], [now for _, now in pairs], 1 - keep)


def save(path: Path, encoder, averaged, optimizer, step: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    torch.save(
        {
            "encoder": encoder.state_dict(),
            "averaged": averaged.state_dict(),
            "optimizer": optimizer.state_dict(),
            "rng": torch.get_rng_state(),
            "step": step,
        },
        partial,
    )
    # A rename is atomic, so a stop in the middle of writing leaves the last good checkpoint.
    partial.replace(path)
