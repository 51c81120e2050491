"""Inference latency on one thread, as the server runs a session, in processor time."""

import platform
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime as ort


@dataclass(frozen=True)
class Latency:
    batch_1_ms: float
    """Median of one call with one row."""
    best_batch: int
    """The batch size with the least time a row."""
    best_batch_ms_per_row: float


def processor_name() -> str:
    """What the latencies of a card were measured on."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def open_session(model_path, threads: int = 1) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    return ort.InferenceSession(str(model_path), options, providers=["CPUExecutionProvider"])


def measure_latency(
    session: ort.InferenceSession,
    make_batch: Callable[[int], dict[str, np.ndarray]],
    batch_sizes: tuple[int, ...] = (1, 2, 4, 8, 16, 32),
    seconds_each: float = 2.0,
) -> Latency:
    """`make_batch(n)` gives typical inputs of n rows; say in the card what is typical (tokens, picture size)."""
    medians = {size: median_ms(session, make_batch(size), seconds_each) for size in batch_sizes}
    best = min(batch_sizes, key=lambda size: medians[size] / size)
    return Latency(medians[1], best, medians[best] / best)


def median_ms(session: ort.InferenceSession, inputs: dict[str, np.ndarray], seconds: float) -> float:
    for _ in range(3):
        session.run(None, inputs)
    times: list[float] = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(times) < 10:
        # Processor time: of a session with one thread it is the latency, less what other processes took meanwhile.
        start = time.process_time()
        session.run(None, inputs)
        times.append((time.process_time() - start) * 1000)
    return float(np.median(times))
