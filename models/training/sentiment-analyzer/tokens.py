"""Texts to token ids, and token ids to padded batches of like length."""

import random
from collections.abc import Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor

PAD = 0
SEP = 102
# Texts of a pool are sorted by length; a pool of this many batches keeps the order random enough.
POOL_TEXTS = 4096


def load_tokenizer(path: Path) -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def encode(tokenizer: Tokenizer, texts: Sequence[str], max_tokens: int) -> list[list[int]]:
    """Ids with [CLS] in front and [SEP] at the end, the beginning kept where a text is longer."""
    rows = []
    for encoding in tokenizer.encode_batch(list(texts)):
        ids = encoding.ids
        rows.append(ids if len(ids) <= max_tokens else [*ids[: max_tokens - 1], SEP])
    return rows


def pad(rows: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """input_ids and attention_mask, int64 [batch, tokens of the longest row]."""
    width = max(len(row) for row in rows)
    ids = torch.full((len(rows), width), PAD, dtype=torch.long)
    mask = torch.zeros((len(rows), width), dtype=torch.long)
    for index, row in enumerate(rows):
        ids[index, : len(row)] = torch.tensor(row)
        mask[index, : len(row)] = 1
    return ids, mask


def batches_of_like_length(
    lengths: Sequence[int], order: random.Random, max_rows: int, max_tokens: int
) -> list[list[int]]:
    """Indices of all rows in batches of at most `max_rows` rows and `max_tokens` padded tokens, in random order."""
    shuffled = list(range(len(lengths)))
    order.shuffle(shuffled)
    batches: list[list[int]] = []
    for start in range(0, len(shuffled), POOL_TEXTS):
        pool = sorted(shuffled[start : start + POOL_TEXTS], key=lambda index: lengths[index])
        batch: list[int] = []
        for index in pool:
            if batch and (len(batch) == max_rows or (len(batch) + 1) * lengths[index] > max_tokens):
                batches.append(batch)
                batch = []
            batch.append(index)
        batches.append(batch)
    order.shuffle(batches)
    return batches
