"""Golden examples: raw inputs with the outputs of the training framework, held against the shipped ONNX file."""

from collections.abc import Callable
from pathlib import Path

from .version_folder import write_json

MINIMUM_EXAMPLES = 8


def write_golden(version_folder: Path, examples: list[dict]) -> None:
    """Each example is {"note", "input", "outputs"}; outputs come from the float framework, never from the ONNX file."""
    if len(examples) < MINIMUM_EXAMPLES:
        raise ValueError(f"{len(examples)} golden examples, expected at least {MINIMUM_EXAMPLES}")
    write_json(version_folder / "golden.json", {"examples": examples})


def check_golden(
    examples: list[dict], answer: Callable[[dict], dict], *, compare: str, tolerance: float
) -> float:
    """The largest difference between the examples and `answer(input)`, which runs the shipped file on one raw input.

    Compares as the server does at load, and fails as it would, so that no recipe writes a version that cannot load.
    """
    worst = 0.0
    for example in examples:
        difference = _difference(example["outputs"], answer(example["input"]), compare)
        if not difference <= tolerance:
            raise AssertionError(
                f'golden example "{example["note"]}" differs by {difference:.4f}, allowed are {tolerance}'
            )
        worst = max(worst, difference)
    return worst


def _difference(expected: dict, actual: dict, compare: str) -> float:
    if compare == "probabilities":
        pairs = [pair for name in expected for pair in zip(expected[name], actual[name], strict=True)]
        return max(abs(e - a) for e, a in pairs)
    if compare == "top":
        first, answered = expected["top"][0], actual["top"][0]
        if first["code"] != answered["code"]:
            return float("inf")
        return abs(first["confidence"] - answered["confidence"])
    raise ValueError(f'compare is "{compare}", expected "probabilities" or "top"')
