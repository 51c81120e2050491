"""Everything that was measured on one version as it ships."""

from __future__ import annotations

from dataclasses import dataclass

from common.latency import Latency
from common.neighbour_independence import NeighbourReport
from validation import Accuracy


@dataclass(frozen=True)
class Measurements:
    temperature: float
    """Divisor of the logits, folded into the last layer."""
    every: Accuracy
    """The shipped file on all 1,300 pictures."""
    untouched: Accuracy
    """The shipped file on the 1,040 pictures that no calibration saw."""
    float_every: Accuracy
    """The same network in floats on all 1,300."""
    agreement: float
    """Share of the 1,300 with the same first label in int8 and floats."""
    agreement_untouched: float
    uncalibrated_error: float
    """Expected calibration error of the network in floats as published, on the 1,040."""
    golden_difference: float
    neighbours: NeighbourReport
    latency: Latency
    model_bytes: int
