"""Does an answer depend on the rows that share its batch? Each row is run alone and among 31 others."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import onnxruntime as ort

NOTABLE_DIFFERENCE = 0.01


@dataclass(frozen=True)
class NeighbourReport:
    rows: int
    largest_difference: float
    """Largest change of any output value."""
    notable_share: float
    """Share of rows (0 to 1) in which some output value changes by more than 0.01."""

    def require_float(self) -> "NeighbourReport":
        return self._require(self.largest_difference <= 1e-4)

    def require_small(self) -> "NeighbourReport":
        """For int8 and other shortened weights, whose kernels may round differently per batch size."""
        return self._require(self.notable_share <= 0.001)

    def _require(self, holds: bool) -> "NeighbourReport":
        if not holds:
            raise AssertionError(f"answers depend on their neighbours: {self}")
        return self


def stack(rows: list[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Collates rows of equal shape. Texts of mixed lengths need their own, with padding."""
    return {name: np.stack([row[name] for row in rows]) for name in rows[0]}


def measure_neighbour_independence(
    session: ort.InferenceSession,
    rows: list[dict[str, np.ndarray]],
    collate: Callable[[list[dict[str, np.ndarray]]], dict[str, np.ndarray]] = stack,
    batch_size: int = 32,
    report_every: int = 2_000,
) -> NeighbourReport:
    """`rows` are inputs without the batch dimension, in the order in which they shall meet (mix lengths before)."""
    output = session.get_outputs()[0].name
    differences: list[float] = []
    for start in range(0, len(rows), batch_size):
        batch = rows[start : start + batch_size]
        together = session.run([output], collate(batch))[0]
        for row, answer in zip(batch, together, strict=True):
            alone = session.run([output], collate([row]))[0][0]
            differences.append(float(np.max(np.abs(alone - answer))))
        if start // report_every != (start + batch_size) // report_every:
            print(f"  neighbours: {start + len(batch):,} of {len(rows):,} rows", flush=True)
    changes = np.array(differences)
    return NeighbourReport(len(rows), float(changes.max()), float((changes > NOTABLE_DIFFERENCE).mean()))
