"""Answers of the shipped files for texts that a server might read differently: a fixture for the server's tests."""

import json
from pathlib import Path

from common.latency import open_session

from answers import MAX_TOKENS, answer_all, probabilities_of
from samples import SERVER_TEXTS
from tokens import encode, load_tokenizer


def write_server_answers(model_folder: Path, fixture: Path) -> None:
    """`tokens` counts [CLS] and [SEP] and is at most maxTokens; answers are by version, each text run alone."""
    texts = [{"text": text} for text in SERVER_TEXTS]
    for version in sorted(path.parent.name for path in model_folder.glob("*/model.onnx")):
        tokenizer = load_tokenizer(model_folder / version / "tokenizer.json")
        rows = encode(tokenizer, SERVER_TEXTS, MAX_TOKENS)
        answers = answer_all(probabilities_of(open_session(model_folder / version / "model.onnx")), rows, batch_rows=1)
        for entry, row, answer in zip(texts, rows, answers, strict=True):
            entry["tokens"] = len(row)
            entry.setdefault("probabilities", {})[version] = [round(float(p), 6) for p in answer]
    fixture.parent.mkdir(parents=True, exist_ok=True)
    fixture.write_text(json.dumps({"texts": texts}, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
